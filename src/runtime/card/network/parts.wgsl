// A workgroup finds the mean of a part of a row, and the sum of the squares of what is apart from it.

// [rows, parts]
@group(0) @binding(1) var<storage, read_write> found: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read> input: array<f32>;

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let start = group.x * shape.part;
    let end = min(start + shape.part, shape.length);
    let first = group.y * shape.length;
    var own = 0.0;
    for (var at = start + thread; at < end; at += 256u) {
        own += input[first + at];
    }
    let mean = together(own, thread) / f32(end - start);
    own = 0.0;
    for (var at = start + thread; at < end; at += 256u) {
        let apart = input[first + at] - mean;
        own = fma(apart, apart, own);
    }
    let squares = together(own, thread);
    if thread == 0u {
        found[group.y * shape.parts + group.x] = vec2<f32>(mean, squares);
    }
}
