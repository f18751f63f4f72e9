//! Operators that see elements in another order, or move them.

use super::{
    Each, Gather, MOST_AXES, Map, Operand, Step, View,
    planner::{Entry, Planner, Reason},
};
use crate::onnx::{
    infer::{self, axis},
    proto::{Node, Tensor},
};

impl Planner<'_> {
    pub(super) fn same(&mut self, node: &Node) -> Result<Entry, Reason> {
        if node.is("Cast") {
            let from = node.input(0).and_then(|name| self.known.fact(name).element);
            let to = node.find("to").and_then(|to| to.i);
            let is_same = match to {
                Some(to) if to == i64::from(Tensor::FLOAT) => true,
                to => to.is_some() && from.map(i64::from) == to,
            };
            if !is_same {
                return Err("a cast to another kind of numbers");
            }
        }
        self.read(node, 0)
    }

    pub(super) fn reshape(&mut self, node: &Node) -> Result<Entry, Reason> {
        let entry = self.read(node, 0)?;
        let shape = self.made_shape(node)?;
        if shape.iter().product::<usize>() != entry.view.len() {
            return Err("another number of elements");
        }
        Ok(self.reshaped(entry, &shape))
    }

    /// Of another shape with as many elements, moved only if it must be.
    pub(super) fn reshaped(&mut self, entry: Entry, shape: &[usize]) -> Entry {
        if let Some(view) = entry.view.reshaped(shape) {
            return Entry { view, ..entry };
        }
        let copy = self.copied(entry.view);
        Entry { view: View::whole(copy.operand, shape), is_sole: true }
    }

    pub(super) fn transpose(&mut self, node: &Node) -> Result<Entry, Reason> {
        let entry = self.read(node, 0)?;
        let rank = entry.view.shape.len();
        let order: Option<Vec<usize>> = match node.ints("perm") {
            Some(order) => order.iter().map(|&from| axis(from, rank)).collect(),
            None => Some((0..rank).rev().collect()),
        };
        let view = order.and_then(|order| entry.view.permuted(&order)).ok_or("an order that is none")?;
        Ok(Entry { view, ..entry })
    }

    pub(super) fn slice(&mut self, node: &Node) -> Result<Entry, Reason> {
        let entry = self.read(node, 0)?;
        let facts: Vec<_> = node.input.iter().map(|name| self.known.fact(name)).collect();
        let mut view = entry.view;
        for cut in infer::cuts(&facts).ok_or("where it cuts is not known")? {
            let along = axis(cut.axis, view.shape.len()).ok_or("an axis that is none")?;
            let extent = view.shape[along] as i64;
            // A longer step than all of it is as long as all of it.
            let step = usize::try_from(cut.step.min(extent)).ok().filter(|&step| step > 0).ok_or("a step backwards")?;
            let from_front = |at: i64| (if at < 0 { at.saturating_add(extent) } else { at }).clamp(0, extent) as usize;
            let (start, end) = (from_front(cut.start), from_front(cut.end));
            let count = end.saturating_sub(start).div_ceil(step);
            if count == 0 {
                return Err("an output without elements");
            }
            view = view.cut(along, start, step, count);
        }
        Ok(Entry { view, is_sole: false })
    }

    pub(super) fn split(&mut self, node: &Node) -> Result<(), Reason> {
        let entry = self.read(node, 0)?;
        let along = axis(node.int("axis", 0), entry.view.shape.len()).ok_or("an axis that is none")?;
        let mut start = 0;
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            let shape = self.shape(name).ok_or("its shape is not known")?;
            let count = shape.get(along).copied().ok_or("its shape is not known")?;
            let end = start + count;
            if count == 0 || entry.view.shape.get(along).is_none_or(|&extent| end > extent) {
                return Err("parts that do not fit");
            }
            let view = entry.view.cut(along, start, 1, count);
            self.keep(name, Entry { view, is_sole: false });
            start = end;
        }
        Ok(())
    }

    pub(super) fn expand(&mut self, node: &Node) -> Result<Entry, Reason> {
        let entry = self.read(node, 0)?;
        let shape = self.made_shape(node)?;
        let view = entry.view.broadcast(&shape).ok_or("a shape that it does not fit")?;
        Ok(Entry { view, is_sole: false })
    }

    pub(super) fn concat(&mut self, node: &Node) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let along = axis(node.int("axis", 0), shape.len()).ok_or("an axis that is none")?;
        let value = self.value(shape.iter().product());
        let whole = Self::made(value, &shape);
        let mut start = 0;
        for at in 0..node.input.len() {
            let part = self.read(node, at)?.view;
            let count = part.shape.get(along).copied().ok_or("an axis that is none")?;
            if start + count > shape[along] {
                return Err("parts that do not fit");
            }
            let output = whole.view.cut(along, start, 1, count);
            if output.shape != part.shape {
                return Err("parts that do not fit");
            }
            self.step(Step::Map(Map { each: Each::Copy, shape: part.shape.clone(), inputs: vec![part], output }));
            start += count;
        }
        Ok(whole)
    }

    pub(super) fn pad(&mut self, node: &Node) -> Result<Entry, Reason> {
        let input = self.read(node, 0)?.view;
        let shape = self.made_shape(node)?;
        let begins = self.zeros_around(node).ok_or("what it is filled up with is not known, or not zero")?;
        self.remember_padding(node, begins.clone());
        let value = self.value(shape.iter().product());
        let whole = Self::made(value, &shape);
        let fill = Map { each: Each::Fill(0.0), shape: shape.clone(), inputs: Vec::new(), output: whole.view.clone() };
        self.step(Step::Map(fill));
        let mut output = whole.view.clone();
        for (along, (&begin, &count)) in begins.iter().zip(&input.shape).enumerate() {
            if shape.get(along).is_none_or(|&extent| begin + count > extent) {
                return Err("a shape that it does not fit");
            }
            output = output.cut(along, begin, 1, count);
        }
        self.step(Step::Map(Map { each: Each::Copy, shape: input.shape.clone(), inputs: vec![input], output }));
        Ok(whole)
    }

    /// How many zeros a node puts before each axis, if it is zeros and none are taken away.
    pub(super) fn zeros_around(&self, node: &Node) -> Option<Vec<usize>> {
        let pads = self.known.fact(node.input(1)?).plain_ints()?;
        let is_zero = match node.input(2) {
            Some(filling) => self.known.floats(filling).is_some_and(|values| matches!(values, [0.0])),
            None => true,
        };
        if !matches!(node.text("mode"), "" | "constant") || !is_zero || node.input(3).is_some() {
            return None;
        }
        let pads = pads.iter().map(|&pad| usize::try_from(pad).ok()).collect::<Option<Vec<_>>>()?;
        Some(pads.get(..pads.len() / 2)?.to_vec())
    }

    pub(super) fn depth_to_space(&mut self, node: &Node) -> Result<Entry, Reason> {
        let entry = self.read(node, 0)?;
        let side =
            usize::try_from(node.int("blocksize", 1)).ok().filter(|side| (1..=64).contains(side)).ok_or("no size")?;
        let &[rows, channels, height, width] = entry.view.shape.as_slice() else { return Err("not four axes") };
        if !channels.is_multiple_of(side * side) {
            return Err("channels that do not fit");
        }
        let depth = channels / (side * side);
        let (apart, order) = match node.text("mode") {
            "" | "DCR" => ([rows, side, side, depth, height, width], [0, 3, 4, 1, 5, 2]),
            _ => ([rows, depth, side, side, height, width], [0, 1, 4, 2, 5, 3]),
        };
        let apart = self.reshaped(entry, &apart);
        let view = apart.view.permuted(&order).ok_or("an odd shape")?;
        Ok(self.reshaped(Entry { view, ..apart }, &[rows, depth, side * height, side * width]))
    }

    /// Each pixel several times, beside and below itself.
    pub(super) fn enlarge(&mut self, node: &Node) -> Result<Entry, Reason> {
        let view = self.read(node, 0)?.view;
        let shape = self.made_shape(node)?;
        let rule = (node.text("coordinate_transformation_mode"), node.text("nearest_mode"));
        // Two ways to say the same where extents become whole multiples.
        let is_repeated = matches!(rule, ("asymmetric", "floor") | ("" | "half_pixel", "" | "round_prefer_floor"));
        if node.text("mode") != "nearest" || !is_repeated || node.find("axes").is_some() {
            return Err("a way between pixels");
        }
        if shape.len() != view.shape.len() || 2 * shape.len() > MOST_AXES {
            return Err("a shape that it does not fit");
        }
        let (mut extents, mut strides) = (Vec::new(), Vec::new());
        for ((&before, &after), &stride) in view.shape.iter().zip(&shape).zip(&view.strides) {
            if !after.is_multiple_of(before) {
                return Err("not a whole multiple");
            }
            extents.extend([before, after / before]);
            strides.extend([stride, 0]);
        }
        // Elements that are the same are seen several times.
        Ok(self.reshaped(Entry { view: View { shape: extents, strides, ..view }, is_sole: false }, &shape))
    }

    pub(super) fn gather(&mut self, node: &Node) -> Result<Entry, Reason> {
        let (table, numbers) = (self.read(node, 0)?.view, self.read(node, 1)?.view);
        let along = axis(node.int("axis", 0), table.shape.len()).ok_or("an axis that is none")?;
        let (before, after) = (&table.shape[..along], &table.shape[along + 1..]);
        let shape = [before, &numbers.shape, after].concat();
        let extents = [before.iter().product(), table.shape[along], after.iter().product()];
        let count = numbers.len();
        let (table, numbers) = (self.packed(table), self.packed(numbers));
        let output = self.value(shape.iter().product());
        self.step(Step::Gather(Gather { table, numbers, count, extents, output }));
        Ok(Self::made(output, &shape))
    }

    /// Element by element, unless a step before can do it on the way.
    pub(super) fn each(&mut self, node: &Node, each: Each) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let inputs = (0..node.input.len()).map(|at| self.read(node, at)).collect::<Result<Vec<_>, _>>()?;
        if let Some(joined) = self.fused(each, &inputs, &shape) {
            return Ok(joined);
        }
        let views = inputs.iter().map(|entry| entry.view.broadcast(&shape)).collect::<Option<Vec<View>>>();
        let inputs = views.ok_or("a shape that it does not fit")?;
        let operand = Operand::Value(self.value(shape.iter().product()));
        // In the order in which most is read, so that neighbours stay neighbours.
        let like = inputs.iter().find_map(|view| view.alike(operand));
        let output = like.unwrap_or_else(|| View::whole(operand, &shape));
        self.step(Step::Map(Map { each, shape, inputs, output: output.clone() }));
        Ok(Entry { view: output, is_sole: true })
    }
}
