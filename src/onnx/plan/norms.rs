//! Operators that bring rows to a common size.

use super::{
    Affine, Each, Map, Normalisation, Operand, Softmax, Step, View, joined,
    planner::{Entry, Planner, Reason},
};
use crate::onnx::{infer::axis, proto::Node};

/// What is added to variances.
fn epsilon_of(node: &Node) -> f32 {
    node.find("epsilon").and_then(|epsilon| epsilon.f).unwrap_or(1e-5)
}

impl Planner<'_> {
    pub(super) fn softmax(&mut self, node: &Node) -> Result<Entry, Reason> {
        let view = self.read(node, 0)?.view;
        let rank = view.shape.len();
        let along = axis(node.int("axis", -1), rank).ok_or("an axis that is none")?;
        // The axis comes last, and goes back to its place afterwards.
        let mut order: Vec<usize> = (0..rank).filter(|&axis| axis != along).collect();
        order.push(along);
        let turned = view.permuted(&order).ok_or("an axis that is none")?;
        let (shape, length) = (turned.shape.clone(), view.shape[along]);
        let (rows, input) = (view.len() / length, self.packed(turned));
        let output = self.value(view.len());
        self.step(Step::Softmax(Softmax { input, rows, length, output }));
        let back = (0..rank).map(|axis| order.iter().position(|&other| other == axis)).collect::<Option<Vec<_>>>();
        let view =
            back.and_then(|back| Self::made(output, &shape).view.permuted(&back)).ok_or("an axis that is none")?;
        Ok(Entry { view, is_sole: true })
    }

    pub(super) fn instance_normalisation(&mut self, node: &Node) -> Result<Entry, Reason> {
        let view = self.read(node, 0)?.view;
        let (&[batch, groups, ref rest @ ..], shape) = (view.shape.as_slice(), view.shape.clone()) else {
            return Err("no channels");
        };
        let length: usize = rest.iter().product();
        let all = |at: usize, wanted: f32| {
            let values = node.input(at).and_then(|name| self.known.floats(name));
            values.is_some_and(|values| values.iter().all(|value| (value - wanted).abs() < f32::EPSILON))
        };
        let affine = if all(1, 1.0) && all(2, 0.0) {
            None
        } else {
            let (scale, shift) = (self.read(node, 1)?.view, self.read(node, 2)?.view);
            let (scale, shift) = (self.packed(scale), self.packed(shift));
            Some(Affine { scale, shift: Some(shift), span: length })
        };
        let epsilon = epsilon_of(node);
        let (input, output) = (self.packed(view), self.value(batch * groups * length));
        let rows = batch * groups;
        let (apart, silu) = (1, false);
        self.step(Step::Normalisation(Normalisation {
            input,
            rows,
            length,
            apart,
            groups,
            epsilon,
            affine,
            silu,
            output,
        }));
        Ok(Self::made(output, &shape))
    }

    pub(super) fn layer_normalisation(&mut self, node: &Node) -> Result<Entry, Reason> {
        let view = self.read(node, 0)?.view;
        let first = axis(node.int("axis", -1), view.shape.len()).ok_or("an axis that is none")?;
        if node.output.len() > 1 {
            return Err("more than one output");
        }
        let (shape, length) = (view.shape.clone(), view.shape[first..].iter().product::<usize>());
        let rows = view.len() / length;
        let scale = self.read(node, 1)?.view;
        let shift = match node.input(2) {
            Some(_) => Some(self.read(node, 2)?.view),
            None => None,
        };
        if scale.len() != length || shift.as_ref().is_some_and(|shift| shift.len() != length) {
            return Err("a factor that is not one for each element");
        }
        let scale = self.packed(scale);
        let shift = shift.map(|shift| self.packed(shift));
        let epsilon = epsilon_of(node);
        let affine = Some(Affine { scale, shift, span: 1 });
        let output = self.value(rows * length);
        let (input, apart, entry) = match self.between(&view, first) {
            // Channels of pixels stay where they are.
            Some((apart, made)) => {
                (view.operand, apart, Entry { view: View { operand: Operand::Value(output), ..made }, is_sole: true })
            }
            None => (self.packed(view), 1, Self::made(output, &shape)),
        };
        let (groups, silu) = (1, false);
        self.step(Step::Normalisation(Normalisation {
            input,
            rows,
            length,
            apart,
            groups,
            epsilon,
            affine,
            silu,
            output,
        }));
        Ok(entry)
    }

    /// How far apart the elements of the last axis are, if rows lie between each other and nothing else does.
    fn between(&self, view: &View, first: usize) -> Option<(usize, View)> {
        let Operand::Value(value) = view.operand else { return None };
        if first + 1 != view.shape.len() || !view.is_all(self.plan.values[value]) {
            return None;
        }
        let apart = *view.strides.last()?;
        let length = *view.shape.last()?;
        // All rows of a picture come after one another, then the next picture's.
        let (extents, strides) = joined(&view.shape, &[view]);
        let fits = match (extents.as_slice(), strides.first()?.as_slice()) {
            (&[pixels, _], &[1, _]) => pixels == apart,
            (&[_, pixels, _], &[outer, 1, _]) => pixels == apart && outer == apart * length,
            _ => false,
        };
        (apart > 1 && fits).then(|| (apart, view.clone()))
    }

    /// With what was learned of each channel: a factor and a summand.
    pub(super) fn batch_normalisation(&mut self, node: &Node) -> Result<Entry, Reason> {
        let entry = self.read(node, 0)?;
        let unknown = "what it learned is not in the graph";
        let learned = |at: usize| node.input(at).and_then(|name| self.floats(name)).ok_or(unknown);
        let [scale, shift, mean, variance] = [learned(1)?, learned(2)?, learned(3)?, learned(4)?];
        let epsilon = epsilon_of(node);
        let factors: Vec<f32> =
            scale.iter().zip(&variance).map(|(scale, variance)| scale / (variance + epsilon).sqrt()).collect();
        let summands: Vec<f32> =
            shift.iter().zip(mean.iter().zip(&factors)).map(|(shift, (mean, factor))| shift - mean * factor).collect();
        let shape = entry.view.shape.clone();
        let channels = factors.len();
        if shape.get(1) != Some(&channels) || summands.len() != channels || node.int("training_mode", 0) != 0 {
            return Err("another number of channels");
        }
        let mut of_channels = vec![1; shape.len() - 1];
        of_channels[0] = channels;
        let step = |planner: &mut Self, each: Each, view: View, values: Vec<f32>| {
            let other = View::whole(planner.inside(values), &of_channels);
            let other = other.broadcast(&shape).ok_or("another number of channels")?;
            let output = View::whole(Operand::Value(planner.value(view.len())), &shape);
            let inputs = vec![view, other];
            planner.step(Step::Map(Map { each, shape: shape.clone(), inputs, output: output.clone() }));
            Ok(output)
        };
        let scaled = step(self, Each::Mul, entry.view, factors)?;
        let view = step(self, Each::Add, scaled, summands)?;
        Ok(Entry { view, is_sole: true })
    }
}
