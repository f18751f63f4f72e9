// Each thread makes two floats of 16 bits of two elements of a weight that are neighbours on the card.

struct Shape {
    outputs: u32,
    // Outputs filled up to quads.
    filled: u32,
    channels: u32,
    taps: u32,
    // Of all that comes out.
    words: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
// [taps, channels, outputs filled up / 2]
@group(0) @binding(1) var<storage, read_write> output: array<u32>;
// [outputs, channels, taps]
@group(0) @binding(2) var<storage, read> input: array<f32>;

fn element(index: u32) -> f32 {
    let place = index % shape.filled;
    let line = index / shape.filled;
    if place >= shape.outputs {
        return 0.0;
    }
    return input[(place * shape.channels + line % shape.channels) * shape.taps + line / shape.channels];
}

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let index = (group.y * groups.x + group.x) * 256u + thread;
    if index < shape.words {
        output[index] = pack2x16float(vec2<f32>(element(index * 2u), element(index * 2u + 1u)));
    }
}
