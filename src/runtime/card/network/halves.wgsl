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

fn value(index: u32) -> f32 {
    let place = index % shape.filled;
    let line = index / shape.filled;
    if place >= shape.outputs {
        return 0.0;
    }
    return input[(place * shape.channels + line % shape.channels) * shape.taps + line / shape.channels];
}

fn elements() -> u32 {
    return shape.words;
}

fn element(index: u32) {
    output[index] = pack2x16float(vec2<f32>(value(index * 2u), value(index * 2u + 1u)));
}
