// What is done to an element, or four of one channel, after it was normalised. No thread begins here.

//each _ VECTOR
alias value = vec4<f32>;
//end
//each _ 1 - VECTOR
alias value = f32;
//end

struct Shape {
    rows: u32,
    length: u32,
    // Rows whose channels come one after another, before they begin again.
    groups: u32,
    // Neighbouring elements of one channel.
    span: u32,
    // Elements of a part of a row, and how many parts there are.
    part: u32,
    parts: u32,
    // How far apart neighbours in a row are.
    apart: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
//each _ SCALE
@group(0) @binding(4) var<storage, read> scales: array<f32>;
//end
//each _ SHIFT
@group(0) @binding(5) var<storage, read> shifts: array<f32>;
//end

fn finished(normal: value, row: u32, at: u32) -> value {
    var made = normal;
    let channel = row % shape.groups * (shape.length / shape.span) + at / shape.span;
    //each _ SCALE
    made *= scales[channel];
    //end
    //each _ SHIFT
    made += shifts[channel];
    //end
    //each _ SILU
    made = made / (1.0 + exp(-made));
    //end
    return made;
}
