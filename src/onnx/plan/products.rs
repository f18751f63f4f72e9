//! Products of matrices, under whichever name, and sums.

use super::{
    Contraction, Ending, Layout, MOST_AXES, Product, Step, View,
    planner::{Entry, Planner, Reason},
};
use crate::onnx::{infer, proto::Node};

/// Axes of a batch that kernels know.
const MOST_BATCHES: usize = 3;

/// An equation's letters by where they are: in both factors or only one of them, and in what comes out.
#[derive(Debug, Default)]
struct Letters {
    batch: Vec<char>,
    rows: Vec<char>,
    columns: Vec<char>,
    depth: Vec<char>,
}

impl Planner<'_> {
    pub(super) fn matrix_product(&mut self, node: &Node) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let (left, right) = (self.read(node, 0)?.view, self.read(node, 1)?.view);
        let ([.., rows, depth], [.., _, columns]) = (left.shape.as_slice(), right.shape.as_slice()) else {
            return Err("not two axes");
        };
        let (rows, depth, columns) = (*rows, *depth, *columns);
        let batch = shape.split_last_chunk::<2>().ok_or("not two axes")?.0.to_vec();
        if batch.len() > MOST_BATCHES || right.shape[right.shape.len() - 2] != depth {
            return Err("a shape that it does not fit");
        }
        let of = |view: &View, matrix: [usize; 2]| view.broadcast(&[batch.as_slice(), &matrix].concat());
        let fits = "a shape that it does not fit";
        let (left, right) = (of(&left, [rows, depth]).ok_or(fits)?, of(&right, [depth, columns]).ok_or(fits)?);
        // One matrix for all: its rows are those of all.
        let is_one =
            batch.iter().product::<usize>() > 1 && right.strides[..batch.len()].iter().all(|&stride| stride == 0);
        let flat = if is_one { left.reshaped(&[rows * batch.iter().product::<usize>(), depth]) } else { None };
        let (rows, batch, left, right) = match flat {
            Some(left) => {
                let strides = right.strides[batch.len()..].to_vec();
                (left.shape[0], Vec::new(), left, View { shape: vec![depth, columns], strides, ..right })
            }
            None => (rows, batch, left, right),
        };
        let output = self.value(shape.iter().product());
        let (bias, ending) = (None, Ending::Plain);
        self.step(Step::Product(Product { batch, rows, columns, depth, left, right, bias, ending, output }));
        Ok(Self::made(output, &shape))
    }

    pub(super) fn gemm(&mut self, node: &Node) -> Result<Entry, Reason> {
        let is_one = |name: &str| {
            node.find(name).and_then(|value| value.f).is_none_or(|value| (value - 1.0).abs() < f32::EPSILON)
        };
        if !is_one("alpha") || !is_one("beta") {
            return Err("a factor");
        }
        let shape = self.made_shape(node)?;
        let turned = |view: View, is_turned: bool| if is_turned { view.permuted(&[1, 0]) } else { Some(view) };
        let left = turned(self.read(node, 0)?.view, node.int("transA", 0) != 0).ok_or("not two axes")?;
        let right = turned(self.read(node, 1)?.view, node.int("transB", 0) != 0).ok_or("not two axes")?;
        let (&[rows, depth], &[other_depth, columns]) = (left.shape.as_slice(), right.shape.as_slice()) else {
            return Err("not two axes");
        };
        if depth != other_depth {
            return Err("a shape that it does not fit");
        }
        let bias = match node.input(2) {
            Some(name) => {
                let is_row = self.shape(name).is_some_and(|shape| shape.iter().product::<usize>() == columns);
                let bias = if is_row { self.weight(name, Layout::Plain) } else { None };
                Some(bias.ok_or("a bias that is not one for each column")?)
            }
            None => None,
        };
        let output = self.value(shape.iter().product());
        let (batch, ending) = (Vec::new(), Ending::Plain);
        self.step(Step::Product(Product { batch, rows, columns, depth, left, right, bias, ending, output }));
        Ok(Self::made(output, &shape))
    }

    pub(super) fn einsum(&mut self, node: &Node) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let equation: String = node.text("equation").split_whitespace().collect();
        let (given, made) = equation.split_once("->").ok_or("an equation that leaves open what comes out")?;
        let (one, other) = given.split_once(',').ok_or("not two factors")?;
        if equation.contains('.') || other.contains(',') {
            return Err("not two factors");
        }
        let letters = Letters::of(one, other, made).ok_or("a letter twice, or summed in one factor alone")?;
        let (left, right) = (self.read(node, 0)?.view, self.read(node, 1)?.view);
        let odd = "an equation that is no product of matrices";
        if made.chars().last().is_some_and(|last| letters.batch.contains(&last)) && letters.depth.len() == 1 {
            return self.contraction([(left, one), (right, other)], made, &shape, letters.depth[0]).ok_or(odd);
        }
        if letters.batch.len() > MOST_BATCHES {
            return Err(odd);
        }
        let left = gathered(&left, one, [&letters.batch, &letters.rows, &letters.depth]).ok_or(odd)?;
        let right = gathered(&right, other, [&letters.batch, &letters.depth, &letters.columns]).ok_or(odd)?;
        let (left, [rows, depth]) = self.two_axes(left, letters.batch.len(), [letters.rows.len(), letters.depth.len()]);
        let (right, [_, columns]) =
            self.two_axes(right, letters.batch.len(), [letters.depth.len(), letters.columns.len()]);
        let batch = left.shape[..letters.batch.len()].to_vec();
        let output = self.value(shape.iter().product());
        let (bias, ending) = (None, Ending::Plain);
        self.step(Step::Product(Product { batch, rows, columns, depth, left, right, bias, ending, output }));
        // As it was computed, then seen as it was asked for.
        let computed: Vec<char> = [letters.batch, letters.rows, letters.columns].concat();
        let extent =
            |letter: &char| made.chars().position(|other| other == *letter).and_then(|at| shape.get(at).copied());
        let extents = computed.iter().map(extent).collect::<Option<Vec<_>>>().ok_or(odd)?;
        let order = made.chars().map(|letter| computed.iter().position(|&other| other == letter));
        let order = order.collect::<Option<Vec<_>>>().ok_or(odd)?;
        let view = Self::made(output, &extents).view.permuted(&order).ok_or(odd)?;
        Ok(Entry { view, is_sole: true })
    }

    /// The sum along some axes, or the mean: what is left of a product with what is the same everywhere.
    pub(super) fn reduce(&mut self, node: &Node, is_mean: bool) -> Result<Entry, Reason> {
        let shape = self.made_shape(node)?;
        let entry = self.read(node, 0)?;
        let (view, rank) = (&entry.view, entry.view.shape.len());
        let facts: Vec<_> = node.input.iter().map(|name| self.known.fact(name)).collect();
        let summed = infer::summed(node, &facts, rank).ok_or("axes that are none, or not known")?;
        let (last, first): (Vec<usize>, Vec<usize>) = (0..rank).partition(|axis| summed.contains(axis));
        let turned = view.permuted(&[first.as_slice(), &last].concat()).ok_or("axes that are none")?;
        let depth: usize = last.iter().map(|&axis| view.shape[axis]).product();
        let kept: Vec<usize> = first.iter().map(|&axis| view.shape[axis]).collect();
        let extents = [kept.as_slice(), &[depth]].concat();
        if extents.len() > MOST_AXES {
            return Err("too many axes");
        }
        let left = self.reshaped(Entry { view: turned, ..entry }, &extents).view;
        let factor = self.inside(vec![if is_mean { (depth as f32).recip() } else { 1.0 }]);
        let right = View { operand: factor, offset: 0, strides: vec![0; extents.len()], shape: extents };
        let output = self.value(kept.iter().product());
        self.step(Step::Contraction(Contraction { shape: kept, depth, left, right, output }));
        Ok(Self::made(output, &shape))
    }

    /// Elements side by side, where matrices would lie across what comes out.
    fn contraction(&mut self, factors: [(View, &str); 2], made: &str, shape: &[usize], summed: char) -> Option<Entry> {
        let mut depth = 0;
        let views = factors.map(|(view, letters)| {
            let at = |letter: char| letters.chars().position(|other| other == letter);
            depth = at(summed).and_then(|at| view.shape.get(at).copied())?;
            let stride = |letter: char| at(letter).and_then(|at| view.strides.get(at).copied()).unwrap_or_default();
            let strides = made.chars().chain([summed]).map(stride).collect();
            Some(View { shape: [shape, &[depth]].concat(), strides, ..view })
        });
        let [Some(left), Some(right)] = views else { return None };
        let output = self.value(shape.iter().product());
        self.step(Step::Contraction(Contraction { shape: shape.to_vec(), depth, left, right, output }));
        Some(Self::made(output, shape))
    }

    /// A factor's letters after those of the batch become two axes.
    fn two_axes(&mut self, view: View, batch: usize, [first, second]: [usize; 2]) -> (View, [usize; 2]) {
        let product = |of: &[usize]| of.iter().product::<usize>();
        let extents = [product(&view.shape[batch..batch + first]), product(&view.shape[batch + first..])];
        let shape = [&view.shape[..batch], extents.as_slice()].concat();
        if first == 1 && second == 1 {
            return (view, extents);
        }
        (self.reshaped(Entry { view, is_sole: false }, &shape).view, extents)
    }
}

impl Letters {
    fn of(one: &str, other: &str, made: &str) -> Option<Self> {
        let is_twice = |text: &str| {
            text.chars().enumerate().any(|(at, letter)| text.chars().take(at).any(|other| other == letter))
        };
        if [one, other, made].into_iter().any(is_twice) {
            return None;
        }
        let mut letters = Self::default();
        // In the order of what comes out, so that little has to be moved.
        for letter in made.chars() {
            match (one.contains(letter), other.contains(letter)) {
                (true, true) => letters.batch.push(letter),
                (true, false) => letters.rows.push(letter),
                (false, true) => letters.columns.push(letter),
                (false, false) => return None,
            }
        }
        for letter in one.chars().filter(|&letter| !made.contains(letter)) {
            if !other.contains(letter) {
                return None;
            }
            letters.depth.push(letter);
        }
        let is_known = other.chars().all(|letter| made.contains(letter) || one.contains(letter));
        is_known.then_some(letters)
    }
}

/// A factor with its axes in the order of these letters.
fn gathered(view: &View, given: &str, parts: [&[char]; 3]) -> Option<View> {
    let place = |letter: &char| given.chars().position(|other| other == *letter);
    let order = parts.into_iter().flatten().map(place).collect::<Option<Vec<_>>>()?;
    (order.len() == view.shape.len()).then(|| view.permuted(&order))?
}
