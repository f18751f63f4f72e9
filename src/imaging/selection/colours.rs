//! Which colours an object has, and which its surroundings.

use super::level::LEVELS;

/// Shares of colours: a histogram, blurred so that a colour says something about those beside it.
pub(super) struct Colours {
    shares: Vec<f32>,
    total: f32,
}

/// Below this a share is a matter of chance: as if this much of all colours were spread evenly.
const CHANCE: f32 = 0.02;

impl Colours {
    /// Nothing known.
    pub(super) fn none() -> Self {
        Self { shares: vec![0.0; LEVELS * LEVELS * LEVELS], total: 0.0 }
    }

    /// Counts a pixel.
    pub(super) fn add(&mut self, bin: u16, weight: f32) {
        self.shares[usize::from(bin)] += weight;
        self.total += weight;
    }

    /// Blurs the counts along each channel, by a standard deviation of one level.
    pub(super) fn smooth(&mut self) {
        for stride in [1, LEVELS, LEVELS * LEVELS] {
            self.smooth_along(stride);
        }
    }

    fn smooth_along(&mut self, stride: usize) {
        let mut line = [0.0; LEVELS + 4];
        let lines = (0..self.shares.len()).step_by(stride * LEVELS);
        for start in lines.flat_map(|block| block..block + stride) {
            for n in 0..LEVELS {
                line[n + 2] = self.shares[start + n * stride];
            }
            // Most colours occur nowhere.
            if line.iter().all(|&share| share <= 0.0) {
                continue;
            }
            for n in 0..LEVELS {
                let (far, near) = (line[n] + line[n + 4], line[n + 1] + line[n + 3]);
                self.shares[start + n * stride] = (far + 4.0 * near + 6.0 * line[n + 2]) / 16.0;
            }
        }
    }

    /// The share of a colour, never 0.
    fn share(&self, bin: usize) -> f32 {
        let even = 1.0 / self.shares.len() as f32;
        (1.0 - CHANCE) * self.shares[bin] / self.total.max(f32::MIN_POSITIVE) + CHANCE * even
    }

    /// For each colour: how much likelier it is here than in `other`, as a logarithm cut at `limit` to either side.
    pub(super) fn against(&self, other: &Self, limit: f32) -> Vec<f32> {
        if self.total <= 0.0 || other.total <= 0.0 {
            return vec![0.0; self.shares.len()];
        }
        (0..self.shares.len())
            .map(|bin| {
                // Most colours occur nowhere.
                if self.shares[bin] == 0.0 && other.shares[bin] == 0.0 {
                    return 0.0;
                }
                libm::logf(self.share(bin) / other.share(bin)).clamp(-limit, limit)
            })
            .collect()
    }
}
