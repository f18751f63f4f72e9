use serde::Deserialize;

use super::*;

const SCHEDULE: NoiseSchedule = NoiseSchedule { beta_start: 0.00085, beta_end: 0.012, timesteps: 1000 };

/// What the reference library made of a toy network with a closed form: see `make_schedulers.py` beside the file.
#[derive(Deserialize)]
struct Golden {
    alphas_cumprod: std::collections::BTreeMap<usize, f64>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    scheduler: String,
    steps: u32,
    strength: f32,
    timesteps: Vec<u32>,
    start: Vec<f32>,
    trace: Vec<Vec<f32>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../tests/samplers/schedulers.json")).unwrap()
}

fn kind_of(name: &str) -> SamplerKind {
    match name {
        "ddim" => SamplerKind::Ddim,
        "dpmpp_2m" => SamplerKind::DpmSolver,
        "dpmpp_2m_karras" => SamplerKind::DpmSolverKarras,
        "unipc" => SamplerKind::UniPc,
        name => unreachable!("{name}"),
    }
}

/// The furthest that any sample is from the reference's, relative to its size where that is more than 1.
fn furthest(case: &Case, schedule: &NoiseSchedule, options: SamplerOptions) -> f32 {
    let mut sampler = Sampler::new(options, schedule);
    assert_eq!(sampler.timesteps(), case.timesteps, "{} {} {}", case.scheduler, case.steps, case.strength);
    let mut sample = case.start.clone();
    let mut memory = StepMemory::new(sample.len());
    let mut most = 0.0_f32;
    for expected in &case.trace {
        let t = sampler.timesteps()[0] as f32;
        let epsilon: Vec<f32> = sample.iter().map(|x| 0.1 * x + 0.001 * t).collect();
        sampler.next_step().unwrap().apply(&mut sample, &epsilon, &mut memory);
        for (is, expected) in sample.iter().zip(expected) {
            most = most.max((is - expected).abs() / expected.abs().max(1.0));
        }
    }
    assert!(sampler.timesteps().is_empty() && sampler.next_step().is_none());
    most
}

#[test]
fn every_sampler_agrees_with_the_reference_at_every_step() {
    let golden = golden();
    assert_eq!(golden.cases.len(), 32);
    for case in &golden.cases {
        let options = SamplerOptions { kind: kind_of(&case.scheduler), steps: case.steps, strength: case.strength };
        let error = furthest(case, &SCHEDULE, options);
        assert!(error < 1e-5, "{} {} {}: {error}", case.scheduler, case.steps, case.strength);
    }
}

#[test]
fn the_schedule_is_that_of_training() {
    let sigmas = SCHEDULE.sigmas();
    for (t, alpha_bar) in golden().alphas_cumprod {
        let ours = 1.0 / (sigmas[t] * sigmas[t] + 1.0);
        assert!((ours / alpha_bar - 1.0).abs() < 1e-5, "{t}: {ours} instead of {alpha_bar}");
    }
}

#[test]
fn another_schedule_or_another_sampler_is_noticed() {
    let golden = golden();
    let case = golden.cases.iter().find(|case| case.scheduler == "dpmpp_2m" && case.steps == 8).unwrap();
    let options = SamplerOptions { kind: SamplerKind::DpmSolver, steps: 8, strength: case.strength };
    let wrong = NoiseSchedule { beta_end: 0.0121, ..SCHEDULE };
    assert!(furthest(case, &wrong, options) > 1e-4);
    let other = SamplerOptions { kind: SamplerKind::UniPc, ..options };
    assert!(furthest(case, &SCHEDULE, other) > 1e-4);
}

#[test]
fn a_sampler_can_begin_in_the_midst() {
    let options = SamplerOptions { kind: SamplerKind::DpmSolverKarras, steps: 10, strength: 0.5 };
    let whole = Sampler::new(SamplerOptions { strength: 1.0, ..options }, &SCHEDULE);
    let begun = |timestep| Sampler::from_timestep(options, &SCHEDULE, timestep).timesteps().to_vec();
    assert_eq!(begun(999), whole.timesteps());
    assert!(begun(400).len() > 1 && begun(400)[0] <= 400 && whole.timesteps().ends_with(&begun(400)));
    let dpm = SamplerOptions { kind: SamplerKind::DpmSolver, steps: 2, ..options };
    assert_eq!(Sampler::from_timestep(dpm, &SCHEDULE, 100).timesteps(), [500], "one step is left");
}

#[test]
fn a_network_that_is_always_right_is_reached_in_one_step_or_many() {
    let clean: Vec<f32> = (0..32).map(|i| (i as f32 * 0.7).sin()).collect();
    let noise: Vec<f32> = (0..32).map(|i| (i as f32 * 1.3).cos()).collect();
    for kind in [SamplerKind::Ddim, SamplerKind::DpmSolver, SamplerKind::DpmSolverKarras, SamplerKind::UniPc] {
        for (steps, strength) in [(1, 1.0), (2, 0.1), (7, 0.5), (30, 0.99), (1_000, 1.0)] {
            let mut sampler = Sampler::new(SamplerOptions { kind, steps, strength }, &SCHEDULE);
            let mut sample = sampler.add_noise(&clean, &noise);
            let mut memory = StepMemory::new(sample.len());
            while let Some(&timestep) = sampler.timesteps().first() {
                let level = sampler.levels.at(sampler.at);
                assert!(timestep < 1_000 && level.sigma > 0.0);
                let epsilon: Vec<f32> = sample
                    .iter()
                    .zip(&clean)
                    .map(|(x, x0)| {
                        ((f64::from(*x) - level.alpha * f64::from(*x0)) / (level.alpha * level.sigma)) as f32
                    })
                    .collect();
                sampler.next_step().unwrap().apply(&mut sample, &epsilon, &mut memory);
                assert!(furthest_apart(&memory.clean, &clean) < 1e-3, "{kind:?} in {steps} steps at {timestep}");
            }
            let most = furthest_apart(&sample, &clean);
            assert!(most < 1e-4, "{kind:?} in {steps} steps: {most}");
        }
    }
}

/// What is no number is infinitely far.
fn furthest_apart(one: &[f32], other: &[f32]) -> f32 {
    let apart = one.iter().zip(other).map(|(a, b)| (a - b).abs());
    apart.map(|apart| if apart.is_nan() { f32::INFINITY } else { apart }).fold(0.0, f32::max)
}
