//! Element by element on the way: what the step before can do to its values before it stores them.

use super::{
    Affine, Each, Ending, Operand, Step, View,
    planner::{Entry, Planner},
};

/// Whether `x / (1 + exp(-factor * x))` is `x * sigmoid(x)`.
fn is_silu(each: Each) -> bool {
    matches!(each, Each::QuickGelu(factor) if (factor - 1.0).abs() < f32::EPSILON)
}

impl Planner<'_> {
    /// Has the step that makes one of `inputs` do it, and tells what comes out.
    pub(super) fn fused(&mut self, each: Each, inputs: &[Entry], shape: &[usize]) -> Option<Entry> {
        match inputs {
            [one] if is_silu(each) || each == Each::Relu => self.with_activation(each, one),
            [one, other] => {
                let pairs = if each == Each::Add || each == Each::Mul { 2 } else { 0 };
                [(one, other), (other, one)].into_iter().take(pairs).find_map(|(made, other)| {
                    let whole = self.maker(made).filter(|_| made.view.shape == shape)?;
                    self.gated(whole, each, made, other)
                        .or_else(|| self.with_channels(whole, each, made, other))
                        .or_else(|| self.with_bias(whole, each, made, other))
                        .or_else(|| self.with_residual(whole, each, made, other))
                })
            }
            _ => None,
        }
    }

    /// The place of the step that makes all of a value that nobody else sees.
    fn maker(&self, entry: &Entry) -> Option<usize> {
        let Operand::Value(value) = entry.view.operand else { return None };
        if !entry.is_sole || !entry.view.is_all(self.plan.values[value]) {
            return None;
        }
        self.plan.steps.iter().rposition(|step| step.writes() == value)
    }

    fn with_activation(&mut self, each: Each, entry: &Entry) -> Option<Entry> {
        let at = self.maker(entry)?;
        let ending = if each == Each::Relu { Ending::Relu } else { Ending::Silu };
        match self.plan.steps.get_mut(at)? {
            Step::Convolution(step) if step.ending == Ending::Plain => step.ending = ending,
            Step::Product(step) if step.ending == Ending::Plain => step.ending = ending,
            Step::Normalisation(step) if !step.silu && ending == Ending::Silu => step.silu = true,
            _ => return None,
        }
        Some(entry.clone())
    }

    /// One of two factors that a step of its own made from another value.
    fn gated(&mut self, at: usize, each: Each, entry: &Entry, other: &Entry) -> Option<Entry> {
        let Step::Map(step) = self.plan.steps.get(at)? else { return None };
        let Each::QuickGelu(factor) = step.each else { return None };
        if each != Each::Mul || other.view.shape != step.shape || entry.view != step.output {
            return None;
        }
        let Step::Map(mut step) = self.plan.steps.remove(at) else { return None };
        step.each = Each::Gate(factor);
        step.inputs.push(other.view.clone());
        self.step(Step::Map(step));
        Some(entry.clone())
    }

    /// A factor or a summand for each channel of what was normalised.
    fn with_channels(&mut self, at: usize, each: Each, entry: &Entry, other: &Entry) -> Option<Entry> {
        let Step::Normalisation(step) = self.plan.steps.get(at).filter(|_| entry.view.is_packed())? else {
            return None;
        };
        let span = channel_span(&other.view, &entry.view.shape)?;
        let (groups, length, has_channels) = (step.groups, step.length, step.groups * step.length / span);
        let fits = other.view.len() == has_channels && length.is_multiple_of(span) && !step.silu && step.apart == 1;
        if !fits || groups == 0 {
            return None;
        }
        let Operand::Weight(_) = other.view.operand else { return None };
        let operand = self.packed(other.view.clone());
        let Some(Step::Normalisation(step)) = self.plan.steps.get_mut(at) else { return None };
        match (each, &mut step.affine) {
            (Each::Mul, affine @ None) => *affine = Some(Affine { scale: operand, shift: None, span }),
            (Each::Add, Some(Affine { shift: shift @ None, span: known, .. })) if *known == span => {
                *shift = Some(operand);
            }
            _ => return None,
        }
        Some(entry.clone())
    }

    /// A summand for each column of a product.
    fn with_bias(&mut self, at: usize, each: Each, entry: &Entry, other: &Entry) -> Option<Entry> {
        let Step::Product(step) = self.plan.steps.get(at)? else { return None };
        let columns = step.columns;
        let is_free = step.bias.is_none() && step.ending == Ending::Plain && each == Each::Add;
        let is_last = entry.view.is_packed()
            && entry.view.shape.last() == Some(&columns)
            && other.view.shape.last() == Some(&columns)
            && other.view.len() == columns;
        let Operand::Weight(_) = other.view.operand else { return None };
        if !is_free || !is_last {
            return None;
        }
        let bias = self.packed(other.view.clone());
        let Some(Step::Product(step)) = self.plan.steps.get_mut(at) else { return None };
        step.bias = Some(bias);
        Some(entry.clone())
    }

    /// Another value of the same shape, which may be made after the sums: so they are taken when it is there.
    fn with_residual(&mut self, at: usize, each: Each, entry: &Entry, other: &Entry) -> Option<Entry> {
        let is_free = match self.plan.steps.get(at)? {
            Step::Convolution(step) => step.ending == Ending::Plain,
            Step::Product(step) => step.ending == Ending::Plain,
            _ => false,
        };
        let Operand::Value(value) = other.view.operand else { return None };
        let is_whole = other.view.is_all(self.plan.values[value])
            && other.view.shape == entry.view.shape
            && entry.view.alike(other.view.operand).as_ref() == other.view.alike(other.view.operand).as_ref();
        if !is_free || !is_whole || each != Each::Add || other.view.operand == entry.view.operand {
            return None;
        }
        let mut step = self.plan.steps.remove(at);
        match &mut step {
            Step::Convolution(step) => step.ending = Ending::Residual(other.view.operand),
            Step::Product(step) => step.ending = Ending::Residual(other.view.operand),
            _ => {}
        }
        self.step(step);
        Some(entry.clone())
    }
}

/// How many neighbouring elements share one of these, if they are one for each channel of a shape: `[1, C, 1, 1]`, `[C, 1, 1]`
/// or, for the last axis, `[C]`.
fn channel_span(channels: &View, shape: &[usize]) -> Option<usize> {
    let mut real = channels.shape.iter().enumerate().filter(|(_, extent)| **extent != 1);
    let (at, &count) = real.next()?;
    if real.next().is_some() || channels.shape.len() > shape.len() {
        return None;
    }
    let axis = shape.len() - channels.shape.len() + at;
    let is_channels = axis == shape.len() - 1 || axis == 1;
    (shape[axis] == count && is_channels).then(|| shape[axis + 1..].iter().product())
}
