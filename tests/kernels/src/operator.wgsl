// What all kernels have in common: their buffers, and what is done to a sum before it is stored. No thread begins here.

struct Shape {
    width: u32,
    height: u32,
    batch: u32,
    channels: u32,
    outputs: u32,
    // Weights of each pair of channels: 1, 9 or 225.
    taps: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
// [taps, channels, outputs / 4]
@group(0) @binding(1) var<storage, read> weights: array<vec4<real>>;
// [outputs]
@group(0) @binding(2) var<storage, read> biases: array<f32>;
// As `output`, or anything if nothing is added.
@group(0) @binding(4) var<storage, read> residual: array<vec4<real>>;
// [batch, outputs, height * width / 4]
@group(0) @binding(5) var<storage, read_write> output: array<vec4<real>>;

// Four neighbouring output channels of one tap and input channel; zeros beyond the last.
fn fetch_weight(tap: u32, channel: u32, quad: u32) -> vec4<real> {
    let quads = shape.outputs / 4u;
    if channel < shape.channels && quad < quads {
        return weights[(tap * shape.channels + channel) * quads + quad];
    }
    return vec4<real>();
}

// Finishes four neighbouring pixels of one output channel; `quad` counts pixels by four.
fn store(batch: u32, channel: u32, quad: u32, sum: vec4<f32>) {
    let quads = shape.width * shape.height / 4u;
    if channel >= shape.outputs || quad >= quads {
        return;
    }
    let at = (batch * shape.outputs + channel) * quads + quad;
    var value = sum + vec4<f32>(biases[channel]);
    //each _ SILU
    value = value / (1.0 + exp(-value));
    //end
    //each _ RESIDUAL
    value += vec4<f32>(residual[at]);
    //end
    output[at] = vec4<real>(value);
}
