//! Random numbers that are the same everywhere.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore as _, SeedableRng as _},
};

/// `count` numbers of the standard normal distribution. The same seed gives the same numbers natively and in wasm.
///
/// Box and Muller's method ("A Note on the Generation of Random Normal Deviates", 1958), with the logarithm and cosine of
/// a library in Rust: those of the platform differ in their last bit, and a picture with them.
pub fn standard_normal(seed: u64, count: usize) -> Vec<f32> {
    let mut bits = ChaCha8Rng::seed_from_u64(seed);
    // In (0, 1]: the logarithm of 0 has no end.
    let mut uniform = || (f64::from(bits.next_u32()) + 1.0) / (f64::from(u32::MAX) + 1.0);
    let mut numbers = Vec::with_capacity(count + 1);
    while numbers.len() < count {
        let radius = (-2.0 * libm::log(uniform())).sqrt();
        let angle = std::f64::consts::TAU * uniform();
        numbers.extend([radius * libm::cos(angle), radius * libm::sin(angle)].map(|number| number as f32));
    }
    numbers.truncate(count);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_normal() {
        let numbers = standard_normal(7, 100_000);
        let moment = |power: i32| numbers.iter().map(|x| f64::from(*x).powi(power)).sum::<f64>() / 1e5;
        for (power, expected) in [(1, 0.0), (2, 1.0), (3, 0.0), (4, 3.0)] {
            assert!((moment(power) - expected).abs() < 0.05, "{power}: {}", moment(power));
        }
    }

    /// A picture that somebody liked must come back with its seed, in each version and on each machine.
    #[test]
    fn a_seed_always_gives_the_same_numbers() {
        let bits: Vec<u32> = standard_normal(42, 4).into_iter().map(f32::to_bits).collect();
        expect_test::expect!["[bf37bd0b, bfc96d40, 3feec75d, bf1a4136]"].assert_eq(&format!("{bits:x?}"));
        assert_ne!(standard_normal(42, 8), standard_normal(43, 8));
        assert_eq!(standard_normal(42, 7)[..], standard_normal(42, 8)[..7]);
    }
}
