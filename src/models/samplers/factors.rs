//! Steps as sums of products, so that they can be taken wherever a latent is.

/// One step of a sampler. Each value of a latent goes its own way: it is multiplied by these factors together with the noise
/// in it and with what earlier steps left.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepFactors {
    /// Of the sample and of its noise. Their sum is the clean latent, as the network sees it in the sample.
    pub clean: [f32; 2],
    /// Of the sample, of the clean latent, and of what [`StepMemory`] has, in its order. Their sum is the sample corrected.
    pub corrected: [f32; 5],
    /// Of the sample corrected, of the clean latent, and of that of the step before. Their sum is the next sample.
    pub next: [f32; 3],
}

/// What a step leaves for later ones: as many values as a latent has, each; all zero at first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepMemory {
    /// The clean latent at the last step.
    pub clean: Vec<f32>,
    /// The clean latent at the step before that.
    pub older: Vec<f32>,
    /// The sample that the last step went from, corrected.
    pub from: Vec<f32>,
}

impl StepMemory {
    /// Of a latent with so many values.
    pub fn new(len: usize) -> Self {
        Self { clean: vec![0.0; len], older: vec![0.0; len], from: vec![0.0; len] }
    }
}

impl StepFactors {
    /// Takes the step, in place. The specification of the kernel that does the same on a graphics card.
    pub fn apply(&self, sample: &mut [f32], noise: &[f32], memory: &mut StepMemory) {
        let StepMemory { clean: before, older, from } = memory;
        let past = before.iter_mut().zip(older).zip(from);
        for ((x, noise), ((before, older), from)) in sample.iter_mut().zip(noise).zip(past) {
            let clean = sum(self.clean, [*x, *noise]);
            let corrected = sum(self.corrected, [*x, clean, *before, *older, *from]);
            *x = sum(self.next, [corrected, clean, *before]);
            (*older, *before, *from) = (*before, clean, corrected);
        }
    }
}

fn sum<const N: usize>(factors: [f32; N], values: [f32; N]) -> f32 {
    factors.into_iter().zip(values).fold(0.0, |sum, (factor, value)| sum + factor * value)
}
