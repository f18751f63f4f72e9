use naga::{
    front::wgsl,
    valid::{Capabilities, ValidationFlags, Validator},
};

use super::*;

#[test]
fn kernels_are_valid_and_bind_what_the_host_gives() {
    for (name, source, bindings, threads) in
        [("membrane", MEMBRANE, 3, [256, 1, 1]), ("search", SEARCH, 4, [256, 1, 1]), ("lay", LAY, 8, [16, 16, 1])]
    {
        let module = wgsl::parse_str(source).unwrap_or_else(|e| panic!("{name}\n{}", e.emit_to_string(source)));
        // Nothing beyond what every WebGPU has.
        let found = Validator::new(ValidationFlags::all(), Capabilities::empty()).validate(&module);
        found.unwrap_or_else(|e| panic!("{name}\n{}", e.emit_to_string(source)));
        let bound = module.global_variables.iter().filter(|(_, variable)| variable.binding.is_some()).count();
        assert_eq!(bound, bindings, "{name}");
        let [entry] = module.entry_points.as_slice() else { panic!("{name} has not one entry point") };
        assert_eq!((entry.name.as_str(), entry.workgroup_size), ("main", threads), "{name}");
    }
}

#[test]
fn a_pyramid_ends_in_one_cell() {
    let (pyramid, cells) = pyramid(64, 3);
    assert_eq!(pyramid[0][0], 7);
    assert_eq!([pyramid[1], pyramid[2], pyramid[7]], [[64, 3, 0, 0], [32, 2, 192, 0], [1, 1, 286, 0]]);
    assert_eq!(cells, 287);
}

#[test]
fn numbers_are_taken_by_fours() {
    let looks = |first: f32| -> Looks { std::array::from_fn(|d| first + d as f32) };
    let fours = by_fours(&[looks(0.0), looks(100.0)]);
    assert_eq!((fours.len(), fours[1], fours[2]), (16, [100.0, 101.0, 102.0, 103.0], [4.0, 5.0, 6.0, 7.0]));
}

#[test]
fn only_much_grain_is_worth_the_way() {
    assert!(is_worthwhile(Work::Grain { pixels: 800_000 }));
    for work in [Work::Tone, Work::Search, Work::Grain { pixels: 50_000 }] {
        assert!(!is_worthwhile(work), "{work:?}");
    }
}
