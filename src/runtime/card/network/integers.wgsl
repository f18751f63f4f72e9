// Each thread makes a float of a whole number of 64 bits, of which those above the lower 32 only tell the sign.

@group(0) @binding(0) var<uniform> count: vec4<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<vec2<i32>>;

fn elements() -> u32 {
    return count.x;
}

fn element(index: u32) {
    output[index] = f32(input[index].x);
}
