//! Kernels of our own beside ONNX Runtime: the same graphs, the same numbers.

use brushaway::{
    onnx::{
        plan::{NotPlanned, Plan, Step},
        proto::Attribute,
    },
    runtime::card::network::Weights,
};

use crate::building::{Building, EXACT};

fn pads(pads: &[i64]) -> Attribute {
    Attribute::of_ints("pads", pads)
}

#[test]
fn convolutions_of_all_kinds() {
    let check = |input: [i64; 4], weight: [i64; 4], attributes: Vec<Attribute>| {
        let inputs: [(&str, &[i64]); 1] = [("x", &input)];
        let building = Building::new(&inputs).weight("w", &weight).weight("b", &weight[..1]);
        assert_eq!(building.node("Conv", &["x", "w", "b"], "y", attributes).check().len(), 1);
    };
    check([2, 5, 12, 16], [7, 5, 3, 3], vec![pads(&[1, 1, 1, 1])]);
    check([1, 70, 8, 8], [130, 70, 3, 3], vec![pads(&[1, 1, 1, 1])]);
    check([2, 40, 8, 12], [66, 40, 1, 1], vec![]);
    check([1, 8, 16, 16], [12, 8, 3, 3], vec![pads(&[1, 1, 1, 1]), Attribute::of_ints("strides", &[2, 2])]);
    check([1, 8, 8, 8], [12, 8, 2, 2], vec![pads(&[1, 0, 0, 1])]);
    check([2, 6, 9, 7], [6, 1, 3, 3], vec![pads(&[1, 1, 1, 1]), Attribute::of_int("group", 6)]);
    check([1, 6, 9, 7], [8, 3, 3, 3], vec![pads(&[1, 1, 1, 1]), Attribute::of_int("group", 2)]);
    check([1, 6, 9, 7], [5, 6, 3, 3], vec![pads(&[1, 1, 1, 1])]);
    check([3, 1, 40, 36], [10, 1, 15, 15], vec![pads(&[7, 7, 7, 7])]);
    check([5, 1, 16, 16], [8, 1, 15, 15], vec![pads(&[7, 7, 7, 7])]);
    check([2, 4, 12, 8], [20, 4, 15, 5], vec![pads(&[7, 2, 7, 2])]);
}

#[test]
fn weights_of_16_bits_take_half_the_room_and_change_little() {
    let convolution = || {
        Building::new(&[("x", &[1, 21, 8, 8])]).weight("w", &[34, 21, 3, 3]).node(
            "Conv",
            &["x", "w"],
            "y",
            vec![pads(&[1, 1, 1, 1])],
        )
    };
    let product =
        || Building::new(&[("x", &[2, 20, 70])]).weight("w", &[70, 36]).node("MatMul", &["x", "w"], "y", vec![]);
    // 16 bits of what is filled up to quads.
    for (building, saved) in [(convolution as fn() -> Building, 9 * 21 * 36 * 2), (product, 70 * 36 * 2)] {
        let (_, exact, all) = building().check_with(Weights::Singles);
        let (_, rounded, half) = building().check_with(Weights::Halves);
        // Where there is no card nothing was compared.
        if all > 0 {
            assert!(exact < 1e-5 && rounded > 1e-5, "{exact} {rounded}");
            assert!(all.abs_diff(half + saved) < 64, "{all} {half}");
        }
    }
    // Read in another way as well, few, or with windows that only single threads sum: they stay.
    let shared = |steps: Building| steps.check_with(Weights::Halves).1;
    let twice = Building::new(&[("x", &[2, 20, 36]), ("z", &[36, 36])])
        .weight("w", &[36, 36])
        .node("MatMul", &["x", "w"], "m", vec![])
        .node("Add", &["z", "w"], "a", vec![])
        .node("MatMul", &["m", "a"], "y", vec![]);
    let few = Building::new(&[("x", &[1, 8, 8, 8])]).weight("w", &[8, 8, 3, 3]).node("Conv", &["x", "w"], "y", vec![]);
    let odd =
        Building::new(&[("x", &[1, 32, 9, 7])]).weight("w", &[32, 32, 3, 3]).node("Conv", &["x", "w"], "y", vec![]);
    for graph in [twice, few, odd] {
        assert!(shared(graph) < EXACT);
    }
}

#[test]
fn zeros_around_a_picture_are_part_of_the_convolution() {
    let steps = Building::new(&[("x", &[1, 4, 8, 8])])
        .weight("w", &[8, 4, 3, 3])
        .ints("around", &[0, 0, 0, 0, 0, 0, 1, 1])
        .node("Pad", &["x", "around"], "p", vec![])
        .node("Conv", &["p", "w"], "y", vec![Attribute::of_ints("strides", &[2, 2])])
        .check();
    assert!(matches!(steps.as_slice(), [Step::Convolution(_)]), "{steps:#?}");
    // Otherwise they are put there.
    let steps = Building::new(&[("x", &[1, 4, 8, 8])])
        .ints("around", &[0, 0, 1, 2, 0, 0, 3, 0])
        .node("Pad", &["x", "around"], "p", vec![])
        .node("Exp", &["p"], "y", vec![])
        .check();
    assert_eq!(steps.len(), 3);
}

#[test]
fn what_follows_a_sum_is_done_before_it_is_stored() {
    let block = |last: &str, inputs: &[&str]| {
        Building::new(&[("x", &[2, 8, 8, 8]), ("r", &[2, 8, 8, 8])])
            .weight("w", &[8, 8, 3, 3])
            .weight("b", &[8])
            .node("Conv", &["x", "w", "b"], "c", vec![pads(&[1, 1, 1, 1])])
            .node(last, inputs, "y", if last == "QuickGelu" { vec![Attribute::of_float("alpha", 1.0)] } else { vec![] })
            .check()
    };
    assert_eq!(block("Relu", &["c"]).len(), 1);
    assert_eq!(block("QuickGelu", &["c"]).len(), 1);
    assert_eq!(block("Add", &["c", "r"]).len(), 1);
    assert_eq!(block("Add", &["r", "c"]).len(), 1);
    assert_eq!(block("Mul", &["r", "c"]).len(), 2);
    // Not if someone else needs the sum as it is.
    assert_eq!(block("Add", &["c", "c"]).len(), 2);
}

#[test]
fn a_residual_that_comes_later_is_waited_for() {
    let steps = Building::new(&[("x", &[1, 8, 8, 8])])
        .weight("w", &[8, 8, 3, 3])
        .weight("v", &[8, 8, 1, 1])
        .node("Conv", &["x", "w"], "c", vec![pads(&[1, 1, 1, 1])])
        .node("Conv", &["x", "v"], "d", vec![])
        .node("Tanh", &["d"], "t", vec![])
        .node("Add", &["c", "t"], "y", vec![])
        .check();
    assert_eq!(steps.len(), 3);
    assert!(matches!(steps.last(), Some(Step::Convolution(_))));
}

#[test]
fn normalisation_by_instance_group_layer_and_batch() {
    // [batch, channels, side]: rows of one workgroup, and of several.
    for (channels, side) in [(8, 6), (8, 65), (16, 64)] {
        let pixels = side * side;
        let steps = Building::new(&[("x", &[2, channels, side, side])])
            .floats("one", &[4], &[1.0; 4])
            .floats("zero", &[4], &[0.0; 4])
            .weight("scale", &[channels, 1, 1])
            .weight("shift", &[channels, 1, 1])
            .ints("groups", &[2, 4, channels / 4 * pixels])
            .ints("picture", &[2, channels, side, side])
            .node("Reshape", &["x", "groups"], "g", vec![])
            .node("InstanceNormalization", &["g", "one", "zero"], "n", vec![Attribute::of_float("epsilon", 1e-5)])
            .node("Reshape", &["n", "picture"], "p", vec![])
            .node("Mul", &["p", "scale"], "m", vec![])
            .node("Add", &["m", "shift"], "a", vec![])
            .node("QuickGelu", &["a"], "y", vec![Attribute::of_float("alpha", 1.0)])
            .check();
        assert_eq!(steps.len(), 1, "{steps:#?}");
    }
    let steps = Building::new(&[("x", &[2, 3, 50])])
        .weight("scale", &[3])
        .weight("shift", &[3])
        .node("InstanceNormalization", &["x", "scale", "shift"], "y", vec![])
        .check();
    assert_eq!(steps.len(), 1);
    let steps = Building::new(&[("x", &[2, 40, 24])])
        .weight("scale", &[24])
        .weight("shift", &[24])
        .node("LayerNormalization", &["x", "scale", "shift"], "y", vec![])
        .check();
    assert_eq!(steps.len(), 1);
    let steps = Building::new(&[("x", &[2, 5, 10])])
        .weight("scale", &[5])
        .weight("shift", &[5])
        .weight("mean", &[5])
        .floats("variance", &[5], &[0.5, 1.0, 2.0, 3.0, 4.0])
        .node("BatchNormalization", &["x", "scale", "shift", "mean", "variance"], "y", vec![])
        .check();
    assert_eq!(steps.len(), 2);
}

#[test]
fn channels_of_pixels_stay_where_they_are() {
    // As transformers see a picture: pixels as rows, channels as columns, though in memory they come the other way round.
    let steps = Building::new(&[("x", &[2, 24, 6, 8])])
        .weight("w", &[24, 24, 1, 1])
        .weight("v", &[20, 24, 1, 1])
        .weight("scale", &[24])
        .weight("shift", &[24])
        .ints("rows", &[2, 48, 24])
        .ints("picture", &[2, 6, 8, 24])
        .node("Conv", &["x", "w"], "c", vec![])
        .node("Transpose", &["c"], "t", vec![Attribute::of_ints("perm", &[0, 2, 3, 1])])
        .node("Reshape", &["t", "rows"], "r", vec![])
        .node("LayerNormalization", &["r", "scale", "shift"], "n", vec![])
        .node("Add", &["n", "r"], "s", vec![])
        .node("Reshape", &["s", "picture"], "p", vec![])
        .node("Transpose", &["p"], "b", vec![Attribute::of_ints("perm", &[0, 3, 1, 2])])
        .node("Conv", &["b", "v"], "y", vec![])
        .check();
    // Two convolutions, one normalisation, one sum: nothing is copied.
    assert_eq!(steps.len(), 4, "{steps:#?}");
}

#[test]
fn products_of_all_sizes() {
    for (rows, depth, columns) in [(3, 5, 7), (70, 33, 90), (64, 64, 64), (40, 2000, 40), (130, 16, 33)] {
        Building::new(&[("x", &[2, rows, depth]), ("z", &[2, depth, columns])])
            .node("MatMul", &["x", "z"], "y", vec![])
            .check();
        let steps = Building::new(&[("x", &[2, rows, depth])])
            .weight("w", &[depth, columns])
            .weight("b", &[columns])
            .node("MatMul", &["x", "w"], "m", vec![])
            .node("Add", &["b", "m"], "y", vec![])
            .check();
        assert_eq!(steps.len(), 1, "{steps:#?}");
        let steps = Building::new(&[("x", &[rows, depth])])
            .weight("w", &[columns, depth])
            .weight("b", &[columns])
            .node("Gemm", &["x", "w", "b"], "y", vec![Attribute::of_int("transB", 1)])
            .check();
        assert_eq!(steps.len(), 1, "{steps:#?}");
    }
    // One matrix for several, from either side, and a batch of two axes.
    let turned = vec![Attribute::of_ints("perm", &[0, 1, 3, 2])];
    Building::new(&[("x", &[2, 1, 20, 12]), ("z", &[2, 3, 20, 40])])
        .node("Transpose", &["x"], "t", turned)
        .node("MatMul", &["t", "z"], "y", vec![])
        .check();
}

#[test]
fn sums_after_einstein() {
    let check = |equation: &str, one: &[i64], other: &[i64]| {
        let equation = vec![Attribute::of_text("equation", equation)];
        Building::new(&[("x", one), ("z", other)]).node("Einsum", &["x", "z"], "y", equation).check()
    };
    // Side by side along the last axis of what comes out; eight that share a factor, and three.
    for heads in [8, 3] {
        assert_eq!(check("bhkn,bkvn->bhvn", &[2, heads, 5, 12], &[2, 5, 6, 12]).len(), 1);
        assert_eq!(check("bhkn,nmk->bhmn", &[2, heads, 5, 12], &[12, 10, 5]).len(), 1);
    }
    check("bhkn,bkv->bhvn", &[2, 8, 5, 12], &[2, 5, 6]);
    check("bij,bjk->bik", &[2, 20, 12], &[2, 12, 40]);
    check("ij,kj->ki", &[20, 12], &[40, 12]);
}

#[test]
fn element_by_element_and_from_place_to_place() {
    for operator in ["Sigmoid", "Exp", "Neg", "Sin", "Cos", "Tanh", "Reciprocal", "Relu"] {
        Building::new(&[("x", &[3, 5, 8])]).node(operator, &["x"], "y", vec![]).check();
    }
    for operator in ["Add", "Sub", "Mul", "Div"] {
        Building::new(&[("x", &[2, 3, 4, 5]), ("z", &[3, 1, 5])]).node(operator, &["x", "z"], "y", vec![]).check();
        Building::new(&[("x", &[2, 8]), ("z", &[2, 8])]).node(operator, &["x", "z"], "y", vec![]).check();
    }
    Building::new(&[("x", &[2, 3, 8])])
        .weight("w", &[2, 5, 8])
        .node("Concat", &["x", "w"], "c", vec![Attribute::of_int("axis", 1)])
        .ints("start", &[1])
        .ints("end", &[7])
        .ints("axis", &[1])
        .ints("step", &[2])
        .node("Slice", &["c", "start", "end", "axis", "step"], "s", vec![])
        .node("Sqrt", &["s"], "q", vec![])
        .node("Mul", &["s", "s"], "m", vec![])
        .node("Sqrt", &["m"], "y", vec![])
        .check();
    Building::new(&[("x", &[1, 12, 3, 4])])
        .node("DepthToSpace", &["x"], "y", vec![Attribute::of_int("blocksize", 2)])
        .check();
    let steps = Building::new(&[("x", &[2, 12, 3, 4])])
        .ints("parts", &[7, 5])
        .node("Transpose", &["x"], "t", vec![Attribute::of_ints("perm", &[0, 2, 3, 1])])
        .node("Softmax", &["t"], "y", vec![Attribute::of_int("axis", -1)])
        .check();
    assert_eq!(steps.len(), 2);
    for (length, axis) in [(10, -1), (300, -1), (7, 1)] {
        let axis = vec![Attribute::of_int("axis", axis)];
        Building::new(&[("x", &[2, 6, length])]).node("Softmax", &["x"], "y", axis).check();
    }
    let gated = Building::new(&[("x", &[2, 12, 4])])
        .ints("zero", &[0])
        .ints("half", &[6])
        .ints("all", &[12])
        .ints("axis", &[1])
        .node("Slice", &["x", "zero", "half", "axis"], "a", vec![])
        .node("Slice", &["x", "half", "all", "axis"], "b", vec![])
        .node("QuickGelu", &["b"], "g", vec![Attribute::of_float("alpha", 1.0)])
        .node("Mul", &["a", "g"], "y", vec![])
        .check();
    assert_eq!(gated.len(), 1);
}

#[test]
fn means_sums_and_enlargements() {
    for (window, stride) in [(8, 8), (3, 2)] {
        let sides = |name, side| Attribute::of_ints(name, &[side, side]);
        let attributes = vec![sides("kernel_shape", window), sides("strides", stride)];
        let steps = Building::new(&[("x", &[2, 3, 16, 24])]).node("AveragePool", &["x"], "y", attributes).check();
        assert_eq!(steps.len(), 1);
    }
    for operator in ["ReduceSum", "ReduceMean"] {
        for axes in [&[1][..], &[-1], &[0, 2], &[1, 2, 3]] {
            for keeps in [0, 1] {
                let inputs = [("x", [2, 3, 4, 5].as_slice())];
                let building = Building::new(&inputs).ints("axes", axes);
                // Of opset 18, where axes are an input of both.
                building.node(operator, &["x", "axes"], "y", vec![Attribute::of_int("keepdims", keeps)]).check();
            }
        }
    }
    Building::new(&[("x", &[2, 3, 4])]).node("ReduceSum", &["x"], "y", vec![]).check();
    let way = |rule: [&str; 2]| {
        let names = ["coordinate_transformation_mode", "nearest_mode"];
        let rule = names.iter().zip(rule).map(|(name, value)| Attribute::of_text(name, value));
        rule.chain([Attribute::of_text("mode", "nearest")]).collect::<Vec<_>>()
    };
    for rule in [["asymmetric", "floor"], ["half_pixel", "round_prefer_floor"]] {
        for factors in [[1.0, 1.0, 8.0, 8.0], [1.0, 2.0, 3.0, 2.0]] {
            let steps = Building::new(&[("x", &[2, 3, 4, 5])])
                .floats("factors", &[4], &factors)
                .node("Resize", &["x", "", "factors"], "y", way(rule))
                .check();
            assert_eq!(steps.len(), 1, "{steps:#?}");
        }
    }
}

#[test]
fn rows_of_a_table() {
    Building::new(&[("x", &[4, 6])])
        .ints("numbers", &[3, 0, -1, 2, 2])
        .node("Gather", &["x", "numbers"], "y", vec![Attribute::of_int("axis", 0)])
        .check();
    Building::new(&[("x", &[4, 6, 3])])
        .ints("numbers", &[5, 1])
        .node("Gather", &["x", "numbers"], "y", vec![Attribute::of_int("axis", 1)])
        .check();
}

#[test]
fn what_there_is_no_kernel_for_is_told() {
    let refused = |operator: &str, attributes: Vec<Attribute>| {
        let building = Building::new(&[("x", &[1, 4, 8, 8])]).weight("w", &[4, 4, 3, 3]);
        let inputs: &[&str] = if operator == "Conv" { &["x", "w"] } else { &["x"] };
        Plan::of(&building.node(operator, inputs, "y", attributes).model()).unwrap_err()
    };
    let dilated = vec![pads(&[2, 2, 2, 2]), Attribute::of_ints("dilations", &[2, 2])];
    for error in [refused("Erf", vec![]), refused("Conv", dilated)] {
        assert!(matches!(&error, NotPlanned::Operator { node, .. } if node == "y"), "{error}");
    }
    assert!(matches!(Plan::of(b"<!doctype html>"), Err(NotPlanned::Malformed(_))));
}
