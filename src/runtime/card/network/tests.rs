use naga::{
    front::wgsl,
    valid::{Capabilities, ValidationFlags, Validator},
};

use super::{
    kernels::{Adapter, Launch, Target, launches},
    *,
};
use crate::onnx::plan::{
    Affine, Contraction, Convolution, Each, Ending, Gather, Map, Normalisation, Product, Softmax, Step, View,
};

const BIAS: Operand = Operand::Weight(1);
const OTHER: Operand = Operand::Value(2);

fn convolution(outputs: usize, window: usize, side: usize, groups: usize, ending: Ending) -> Step {
    let channels = if window == 15 { 1 } else { 8 };
    Step::Convolution(Convolution {
        input: Operand::Value(0),
        weight: Operand::Weight(0),
        bias: Some(BIAS),
        ending,
        output: 1,
        batch: 2,
        channels,
        size: [side, side],
        outputs,
        output_size: [side, side],
        window: [window, window],
        strides: [1, 1],
        pads: [window / 2, window / 2],
        groups,
    })
}

fn product(rows: usize, columns: usize, depth: usize, ending: Ending) -> Step {
    let view = |operand, shape: [usize; 3]| View::whole(operand, &shape);
    Step::Product(Product {
        batch: vec![2],
        rows,
        columns,
        depth,
        left: view(Operand::Value(0), [2, rows, depth]),
        right: view(Operand::Weight(0), [2, depth, columns]),
        bias: Some(BIAS),
        ending,
        output: 1,
    })
}

fn normalisation(length: usize, apart: usize, affine: Option<Affine>) -> Step {
    let (rows, groups, epsilon) = (8, 4, 1e-5);
    let input = Operand::Value(0);
    Step::Normalisation(Normalisation { input, rows, length, apart, groups, epsilon, affine, silu: true, output: 1 })
}

/// At least one step for each text and each way to fill it in.
fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for ending in [Ending::Plain, Ending::Silu, Ending::Relu, Ending::Residual(OTHER)] {
        steps.extend(
            [
                (64, 1, 16, 1),
                (3, 3, 16, 1),
                (64, 3, 16, 1),
                (8, 3, 16, 8),
                (8, 3, 7, 1),
                (8, 15, 40, 1),
                (8, 15, 16, 1),
            ]
            .map(|(outputs, window, side, groups)| convolution(outputs, window, side, groups, ending)),
        );
        steps.extend(
            [(64, 64, 64), (16, 33, 64), (3, 5, 7), (4, 4, 512)]
                .map(|(rows, columns, depth)| product(rows, columns, depth, ending)),
        );
    }
    let affine = Affine { scale: Operand::Weight(0), shift: Some(BIAS), span: 4 };
    for affine in [None, Some(affine), Some(Affine { shift: None, ..affine })] {
        steps.extend(
            [(64, 1), (64, 16), (16_384, 1), (16_385, 1)].map(|(length, apart)| normalisation(length, apart, affine)),
        );
    }
    for length in [10, 300] {
        steps.push(Step::Softmax(Softmax { input: Operand::Value(0), rows: 8, length, output: 1 }));
    }
    let (table, numbers) = (Operand::Weight(0), Operand::Value(0));
    steps.push(Step::Gather(Gather { table, numbers, count: 3, extents: [2, 5, 4], output: 1 }));
    for heads in [8, 3] {
        let shape = vec![2, heads, 12];
        let view = |strides: [usize; 4]| View {
            operand: Operand::Value(0),
            offset: 0,
            shape: vec![2, heads, 12, 5],
            strides: strides.to_vec(),
        };
        let (left, right) = (view([60 * heads, 60, 1, 12]), view([60, 0, 1, 12]));
        steps.push(Step::Contraction(Contraction { shape, depth: 5, left, right, output: 1 }));
    }
    for shape in [vec![4, 6], vec![3, 5]] {
        let view = |value| View::whole(Operand::Value(value), &shape);
        let map = |each, inputs| Step::Map(Map { each, shape: shape.clone(), inputs, output: view(1) });
        steps.push(map(Each::Fill(0.0), Vec::new()));
        let one = [Each::Copy, Each::Sigmoid, Each::QuickGelu(1.702), Each::Relu, Each::Exp, Each::Sqrt, Each::Neg];
        let more = [Each::Sin, Each::Cos, Each::Tanh, Each::Reciprocal];
        steps.extend(one.into_iter().chain(more).map(|each| map(each, vec![view(0)])));
        let two = [Each::Add, Each::Sub, Each::Mul, Each::Div, Each::Pow, Each::Gate(1.0)];
        steps.extend(two.map(|each| map(each, vec![view(0), view(2)])));
    }
    steps
}

fn check(launch: &Launch) {
    let source = &launch.source;
    let module = wgsl::parse_str(source).unwrap_or_else(|e| panic!("{}", e.emit_to_string(source)));
    // Nothing beyond what every WebGPU has: packing two floats of 16 bits into a word is of WGSL itself.
    let of_all = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    let found = Validator::new(ValidationFlags::all(), of_all).validate(&module);
    found.unwrap_or_else(|e| panic!("{}", e.emit_to_string(source)));
    let mut bound: Vec<u32> = module
        .global_variables
        .iter()
        .filter_map(|(_, variable)| variable.binding.map(|binding| binding.binding))
        .filter(|&binding| binding > 0)
        .collect();
    bound.sort_unstable();
    let mut given: Vec<u32> = launch.buffers.iter().map(|(binding, _)| *binding).collect();
    given.sort_unstable();
    assert_eq!(bound, given, "{source}");
}

#[test]
fn kernels_are_valid_and_bind_what_they_are_given() {
    let both = [true; 2];
    for (adapter, halved) in
        [(Adapter::Card, [].as_slice()), (Adapter::Card, &both), (Adapter::Software, &[]), (Adapter::Software, &both)]
    {
        let target = Target { adapter, halved };
        steps().iter().flat_map(|step| launches(step, target).unwrap()).for_each(|launch| check(&launch));
    }
    for layout in [Layout::Integers, Layout::Kernel { outputs: 5, channels: 3, taps: 9 }] {
        check(&arranging(layout, 135, false).unwrap().unwrap());
    }
    for layout in [Layout::Plain, Layout::Kernel { outputs: 5, channels: 3, taps: 9 }] {
        check(&arranging(layout, 135, true).unwrap().unwrap());
    }
    assert_eq!(arranging(Layout::Plain, 135, false).unwrap(), None);
}
