// Convolutions of single planes: buffers, and what is done to a sum before it is stored. No thread begins here.

alias real = f32;

struct Shape {
    // Planes that come in.
    batch: u32,
    height: u32,
    width: u32,
    outputs: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
// [planes, outputs, height, width / 4]
@group(0) @binding(1) var<storage, read_write> output: array<vec4<f32>>;
// [225, outputs / 4], filled up with zeros
@group(0) @binding(2) var<storage, read> weights: array<vec4<f32>>;

//each _ BIAS
@group(0) @binding(4) var<storage, read> biases: array<f32>;
//end

// Four neighbouring pixels of one output plane.
fn store(plane: u32, key: u32, quad: u32, sum: vec4<f32>) {
    if key >= shape.outputs {
        return;
    }
    var value = sum;
    //each _ BIAS
    value += vec4<f32>(biases[key]);
    //end
    output[(plane * shape.outputs + key) * (shape.height * shape.width / 4u) + quad] = value;
}
