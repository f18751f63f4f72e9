//! The extension's kernel for a sampler's step: that it is valid, and lies in memory as its caller writes it. What it computes
//! is compared with its twin whenever a model is loaded on a graphics card.

use naga::{
    TypeInner,
    front::wgsl::parse_str,
    valid::{Capabilities, ValidationFlags, Validator},
};

const SOURCE: &str = include_str!("../../../extension/browser/src/models/step.wgsl");
const CALLER: &str = include_str!("../../../extension/browser/src/models/stepping.rs");

#[test]
fn the_shader_is_valid_and_its_caller_knows_its_groups() {
    let module = parse_str(SOURCE).unwrap();
    Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module).unwrap();
    let [group, 1, 1] = module.entry_points[0].workgroup_size else { unreachable!("groups lie along one axis") };
    assert!(CALLER.contains(&format!("const GROUP: u32 = {group};")));
    assert!(CALLER.contains(&format!("\"{}\"", module.entry_points[0].name)));
}

#[test]
fn factors_lie_where_the_caller_writes_them() {
    let module = parse_str(SOURCE).unwrap();
    let of_step = module.types.iter().find(|(_, found)| found.name.as_deref() == Some("Step")).unwrap().1;
    let TypeInner::Struct { members, span } = &of_step.inner else { unreachable!("it is a struct") };
    let places: Vec<_> = members.iter().map(|member| (member.name.as_deref().unwrap(), member.offset)).collect();
    let expected = [
        ("clean", 0),
        ("guidance", 8),
        ("is_guided", 12),
        ("corrected", 16),
        ("next", 32),
        ("corrected_from", 44),
        ("latent_len", 48),
        ("row_len", 52),
    ];
    assert_eq!(places, expected);
    assert!(CALLER.contains(&format!("const FACTORS_BYTES: u64 = {span};")));
}
