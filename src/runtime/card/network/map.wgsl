// Each thread computes one element, or four that lie side by side.

//each _ VECTOR
alias value = vec4<f32>;
//end
//each _ 1 - VECTOR
alias value = f32;
//end

struct Shape {
    elements: u32,
    // Where the output and the inputs begin.
    output: u32,
    input_0: u32,
    input_1: u32,
    extents: array<vec4<u32>, 2>,
    // How far apart neighbours are along each axis.
    output_strides: array<vec4<u32>, 2>,
    input_strides_0: array<vec4<u32>, 2>,
    input_strides_1: array<vec4<u32>, 2>,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read_write> output: array<value>;
//each i INPUTS
@group(0) @binding($(i + 2)) var<storage, read> input_$(i): array<value>;
//end

// The sine of what is left of `a` without `halves` times pi, which is taken away in two parts: drivers' own may be off by 2^-11,
// and by more beyond pi, where the times of timesteps are. The series to its eleventh power is exact to 6e-8 here.
fn sine_without(a: value, halves: value) -> value {
    let rest = (a - halves * 3.140625) - halves * 9.67653589793e-4;
    let square = rest * rest;
    let series = 1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0 * (1.0 - square / 110.0))));
    return rest * series;
}

// 1 for even numbers, -1 for odd ones.
fn sign_of(number: value) -> value {
    return 1.0 - 2.0 * (number - 2.0 * floor(number / 2.0));
}

fn sine(a: value) -> value {
    let whole = round(a / 3.14159265359);
    return sign_of(whole) * sine_without(a, whole);
}

fn cosine(a: value) -> value {
    let whole = round(a / 3.14159265359 - 0.5);
    return -sign_of(whole) * sine_without(a, whole + 0.5);
}

fn each(a: value, b: value) -> value {
    return EXPRESSION;
}

fn elements() -> u32 {
    return shape.elements;
}

fn element(index: u32) {
    var rest = index;
    var at = vec3<u32>(shape.output, shape.input_0, shape.input_1);
    //each d RANK
    {
        let extent = shape.extents[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)];
        at += rest % extent * vec3<u32>(
            shape.output_strides[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)],
            shape.input_strides_0[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)],
            shape.input_strides_1[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)],
        );
        rest /= extent;
    }
    //end
    var values = array<value, 2>();
    //each i INPUTS
    values[$(i)] = input_$(i)[at[$(i + 1)]];
    //end
    output[at.x] = each(values[0], values[1]);
}
