//! A hole whose fills are known: every sampler can be compared with the exact solution of the equation that it solves.
//!
//! A picture of one colour is modelled as a membrane under heat: what is in the hole has a normal distribution around the
//! membrane that the border holds, and the further apart two places are, the less they have to do with each other (power
//! falls with the square of the frequency, as it does in photographs). The eigenvectors of the discrete Laplacian in a square
//! hole are sines, so all is diagonal in their basis and is computed there: samplers treat all numbers alike, and white noise
//! is white in any orthonormal basis.
//!
//! Besides, something may stand in the hole: a second component, raised and livelier. With its condition the network thinks
//! that unlikely; without, it is as likely as not. That is what guidance leads away from.

use std::f64::consts::PI;

use brushaway::models::{GuidedInterval, NoiseSchedule, Sampler, SamplerOptions, StepMemory};

/// Cells along each side of the hole.
const SIDE: usize = 24;
/// Deviation of a cell from the membrane.
const DEVIATION: f64 = 0.5;
/// How high what may stand in the hole rises in its middle, in the same unit.
const RISE: f64 = 1.2;
/// How much livelier it is, as a factor of the variance.
const LIVELIER: f64 = 3.0;
/// How likely it is that something stands there, with and without condition.
const LIKELY: [f64; 2] = [0.1, 0.5];
/// Steps of the exact solution.
const EXACT_STEPS: usize = 1_000;
/// The noise at which the exact solution ends, with a last straight step to none.
const LEAST_NOISE: f64 = 1e-3;

/// The problem. Vectors are coefficients of sines, one for each cell of the hole.
#[derive(Debug)]
pub(crate) struct KnownField {
    /// The membrane: what a network knows best with nothing in the hole, and the draft.
    pub(crate) membrane: Vec<f64>,
    rise: Vec<f64>,
    variances: Vec<f64>,
    /// Twice the square of each sine's frequency, so to speak: eigenvalues of the Laplacian, in `(0, 8)`.
    eigenvalues: Vec<f64>,
}

/// How a network is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    /// Guidance scale.
    pub(crate) guidance: f64,
    /// When guidance is given.
    pub(crate) guided: GuidedInterval,
    /// Whether it is certain that nothing stands in the hole: then there is one component, and an answer in closed form.
    pub(crate) is_certain: bool,
}

impl KnownField {
    /// The hole, in a border with slopes and a step.
    pub(crate) fn new() -> Self {
        let (mut load, mut eigenvalues) = (vec![0.0; SIDE * SIDE], vec![0.0; SIDE * SIDE]);
        let place = |i: usize| i as f64 / SIDE as f64;
        for i in 0..SIDE {
            let edges =
                [(2.0 * PI * place(i)).sin(), if i < SIDE / 3 { 1.0 } else { -0.5 }, place(i), -place(i).powi(2)];
            let cells = [i, (SIDE - 1) * SIDE + i, i * SIDE, i * SIDE + SIDE - 1];
            for (edge, cell) in edges.into_iter().zip(cells) {
                load[cell] += edge;
            }
            for j in 0..SIDE {
                let eigenvalue = |i: usize| 2.0 - 2.0 * (PI * (i + 1) as f64 / (SIDE + 1) as f64).cos();
                eigenvalues[i * SIDE + j] = eigenvalue(i) + eigenvalue(j);
            }
        }
        let solve = |load: Vec<f64>| -> Vec<f64> {
            in_sines(&load).iter().zip(&eigenvalues).map(|(load, eigenvalue)| load / eigenvalue).collect()
        };
        let membrane = solve(load);
        let dome = solve(vec![1.0; SIDE * SIDE]);
        let height = in_sines(&dome).into_iter().fold(0.0, f64::max);
        let rise = dome.into_iter().map(|value| value * RISE / height).collect();
        let power: f64 = eigenvalues.iter().map(|eigenvalue| 1.0 / eigenvalue).sum();
        let unit = DEVIATION.powi(2) * (SIDE * SIDE) as f64 / power;
        let variances = eigenvalues.iter().map(|eigenvalue| unit / eigenvalue).collect();
        Self { membrane, rise, variances, eigenvalues }
    }

    /// How many numbers there are.
    pub(crate) fn len(&self) -> usize {
        self.membrane.len()
    }

    /// The noise in `sample` at a noise level (relative to the signal) if something stands there with this likelihood.
    fn noise(&self, sample: &[f64], sigma: f64, likely: f64) -> Vec<f64> {
        let alpha = (sigma * sigma + 1.0).sqrt().recip();
        let (signal, noisy) = (alpha * alpha, alpha * sigma);
        let component = |raised: f64, livelier: f64| -> (Vec<f64>, f64) {
            let mut log_density = 0.0;
            let seen = (0..self.len()).map(|i| {
                let variance = signal * livelier * self.variances[i] + noisy * noisy;
                let off = sample[i] - alpha * (self.membrane[i] + raised * self.rise[i]);
                log_density -= 0.5 * (off * off / variance + variance.ln());
                noisy * off / variance
            });
            (seen.collect(), log_density)
        };
        let (nothing, nothing_density) = component(0.0, 1.0);
        if likely <= 0.0 {
            return nothing;
        }
        let (something, something_density) = component(1.0, LIVELIER);
        let odds = something_density - nothing_density + (likely / (1.0 - likely)).ln();
        let share = 1.0 / (1.0 + (-odds).exp());
        nothing.iter().zip(&something).map(|(nothing, something)| nothing + share * (something - nothing)).collect()
    }

    /// The same with guidance, and how many rows of a network that would have been.
    fn guided(&self, sample: &[f64], sigma: f64, asking: Asking, is_guided: bool) -> (Vec<f64>, usize) {
        if asking.is_certain {
            return (self.noise(sample, sigma, 0.0), 1);
        }
        let with = self.noise(sample, sigma, LIKELY[0]);
        if !is_guided || asking.guidance <= 1.0 {
            return (with, 1);
        }
        let without = self.noise(sample, sigma, LIKELY[1]);
        let guide = |(without, with): (&f64, &f64)| without + asking.guidance * (with - without);
        (without.iter().zip(&with).map(guide).collect(), 2)
    }

    /// What a sampler makes of this noise, begun from the membrane, and the rows that it took.
    pub(crate) fn sampled(
        &self,
        options: SamplerOptions,
        schedule: &NoiseSchedule,
        noise: &[f32],
        asking: Asking,
    ) -> (Vec<f64>, usize) {
        let sigmas = schedule.sigmas();
        let mut sampler = Sampler::new(options, schedule);
        let draft: Vec<f32> = self.membrane.iter().map(|value| *value as f32).collect();
        let mut sample = sampler.add_noise(&draft, noise);
        let (mut memory, mut rows) = (StepMemory::new(sample.len()), 0);
        while let Some(&timestep) = sampler.timesteps().first() {
            let seen: Vec<f64> = sample.iter().map(|value| f64::from(*value)).collect();
            let is_guided = asking.guided.contains(timestep);
            let (seen, more) = self.guided(&seen, sigmas[timestep as usize], asking, is_guided);
            rows += more;
            let seen: Vec<f32> = seen.into_iter().map(|value| value as f32).collect();
            let Some(step) = sampler.next_step() else { break };
            step.apply(&mut sample, &seen, &mut memory);
        }
        (sample.into_iter().map(f64::from).collect(), rows)
    }

    /// Where the same noise leads from a timestep on if the steps are as good as infinitely small (Heun's method).
    pub(crate) fn solution(&self, timestep: u32, schedule: &NoiseSchedule, noise: &[f32], asking: Asking) -> Vec<f64> {
        let sigmas = schedule.sigmas();
        let bound = |timestep: u32| sigmas.get(timestep as usize).copied();
        // In noise levels: below the first timestep's there are none of its own.
        let least = if asking.guided.from == 0 { 0.0 } else { bound(asking.guided.from).unwrap_or(f64::MAX) };
        let most = bound(asking.guided.to).unwrap_or(f64::MAX);
        // In units where the signal keeps its strength, the noise seen is the slope.
        let slope = |scaled: &[f64], sigma: f64| {
            let alpha = (sigma * sigma + 1.0).sqrt().recip();
            let sample: Vec<f64> = scaled.iter().map(|value| value * alpha).collect();
            self.guided(&sample, sigma, asking, (least..=most).contains(&sigma)).0
        };
        let start = sigmas[timestep as usize];
        let ratio = (LEAST_NOISE / start).powf(1.0 / EXACT_STEPS as f64);
        let mut at: Vec<f64> =
            self.membrane.iter().zip(noise).map(|(m, noise)| m + start * f64::from(*noise)).collect();
        let mut sigma = start;
        for _ in 0..EXACT_STEPS {
            let next = sigma * ratio;
            let here = slope(&at, sigma);
            let ahead: Vec<f64> = at.iter().zip(&here).map(|(x, here)| x + (next - sigma) * here).collect();
            let there = slope(&ahead, next);
            for ((x, here), there) in at.iter_mut().zip(&here).zip(&there) {
                *x += (next - sigma) * 0.5 * (here + there);
            }
            sigma = next;
        }
        let here = slope(&at, sigma);
        at.iter().zip(&here).map(|(x, here)| x - sigma * here).collect()
    }

    /// The solution in closed form where nothing can stand in the hole.
    pub(crate) fn closed_form(&self, sigma: f64, noise: &[f32]) -> Vec<f64> {
        let part = |variance: f64| (variance / (variance + sigma * sigma)).sqrt();
        let at = |i: usize| self.membrane[i] + part(self.variances[i]) * sigma * f64::from(noise[i]);
        (0..self.len()).map(at).collect()
    }

    /// Distance of two fills, in deviations of a cell.
    pub(crate) fn distance(&self, a: &[f64], b: &[f64]) -> f64 {
        let square: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
        (square / self.len() as f64).sqrt() / DEVIATION
    }

    /// The power of the finer half of what is in a fill: what makes it look sharp.
    pub(crate) fn grain(&self, fill: &[f64]) -> f64 {
        let fine = (0..self.len()).filter(|&i| self.eigenvalues[i] > 4.0);
        fine.map(|i| (fill[i] - self.membrane[i]).powi(2)).sum()
    }
}

/// The coefficients of sines of values by cells, or the other way round: the basis is orthonormal and symmetric.
fn in_sines(values: &[f64]) -> Vec<f64> {
    let scale = (2.0 / (SIDE + 1) as f64).sqrt();
    let sine = |i: usize, j: usize| scale * (PI * ((i + 1) * (j + 1)) as f64 / (SIDE + 1) as f64).sin();
    let along = |from: &[f64]| -> Vec<f64> {
        // One side after the other, turned over each time.
        let at = |j: usize, k: usize| (0..SIDE).map(|i| sine(i, j) * from[k * SIDE + i]).sum::<f64>();
        (0..SIDE * SIDE).map(|place| at(place / SIDE, place % SIDE)).collect()
    };
    along(&along(values))
}
