//! Samplers on a problem whose solution is known, and what the catalogue's defaults owe to it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod known_field;

use brushaway::models::{
    Catalog, GuidedInterval, LatentContract, Network, NoiseSchedule, SamplerKind, SamplerOptions, standard_normal,
};
use known_field::{Asking, KnownField};

const CERTAIN: Asking = Asking { guidance: 1.0, guided: GuidedInterval { from: 0, to: 999 }, is_certain: true };
const GUIDED: Asking = Asking { guidance: 2.0, is_certain: false, ..CERTAIN };

fn contract() -> LatentContract {
    let catalog = Catalog::shipped().unwrap();
    match &catalog.find("moebius").unwrap().network {
        Network::LatentDiffusion { contract, .. } => (**contract).clone(),
        Network::SinglePass { .. } => unreachable!("Moebius samples"),
    }
}

fn schedule() -> NoiseSchedule {
    contract().schedule
}

/// How far a sampler ends from the solution that begins where it does, root mean square over a few seeds.
fn error(field: &KnownField, options: SamplerOptions, asking: Asking) -> f64 {
    let schedule = schedule();
    let begins = brushaway::models::Sampler::new(options, &schedule).timesteps()[0];
    let squares = (0..4).map(|seed| {
        let noise = standard_normal(seed, field.len());
        let (sampled, _) = field.sampled(options, &schedule, &noise, asking);
        field.distance(&sampled, &field.solution(begins, &schedule, &noise, asking)).powi(2)
    });
    (squares.sum::<f64>() / 4.0).sqrt()
}

fn whole(kind: SamplerKind, steps: u32) -> SamplerOptions {
    SamplerOptions { kind, steps, strength: 1.0 }
}

#[test]
fn small_steps_lead_to_the_closed_form() {
    let (field, schedule) = (KnownField::new(), schedule());
    let noise = standard_normal(1, field.len());
    let closed = field.closed_form(schedule.sigmas()[999], &noise);
    let off = field.distance(&field.solution(999, &schedule, &noise, CERTAIN), &closed);
    assert!(off < 1e-3, "{off}");
    // As a fill is drawn, so its grain is: neither more nor less than what the solution says, and not none.
    assert!((field.grain(&closed) / field.grain(&field.solution(999, &schedule, &noise, CERTAIN)) - 1.0).abs() < 1e-2);
}

#[test]
fn more_steps_are_nearer_and_second_order_nearer_still() {
    let field = KnownField::new();
    for kind in SamplerKind::ALL {
        let [few, more, most] = [6, 12, 48].map(|steps| error(&field, whole(kind, steps), GUIDED));
        assert!(few > more && more > most, "{kind}: {few} {more} {most}");
    }
    let [ddim, karras] =
        [SamplerKind::Ddim, SamplerKind::DpmSolverKarras].map(|kind| error(&field, whole(kind, 20), GUIDED));
    assert!(karras < 0.5 * ddim, "{karras} {ddim}");
}

#[test]
fn the_default_is_no_further_from_the_solution_than_what_was_published() {
    let (field, contract) = (KnownField::new(), contract());
    let published = SamplerOptions { kind: SamplerKind::Ddim, steps: 20, strength: 0.99 };
    let ours = contract.defaults;
    let asking = Asking { guidance: f64::from(ours.guidance), guided: ours.guided, is_certain: false };
    let (ours, published) = (error(&field, ours.sampler, asking), error(&field, published, GUIDED));
    assert!(ours <= published, "{ours} instead of {published}");
}
