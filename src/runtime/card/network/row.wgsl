// A workgroup normalises a row. The mean first, then the differences from it: so that a large mean costs no digits.

@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let row = group.y * groups.x + group.x;
    // All threads stay, because they wait for each other; those of rows that are not there write nothing.
    let is_there = row < shape.rows;
    let first = select(0u, row, is_there) * shape.length;
    var own = 0.0;
    for (var at = thread; at < shape.length; at += 256u) {
        own += input[first + at];
    }
    let mean = together(own, thread) / f32(shape.length);
    own = 0.0;
    for (var at = thread; at < shape.length; at += 256u) {
        let apart = input[first + at] - mean;
        own = fma(apart, apart, own);
    }
    let factor = inverseSqrt(together(own, thread) / f32(shape.length) + shape.epsilon);
    if is_there {
        for (var at = thread; at < shape.length; at += 256u) {
            output[first + at] = finished((input[first + at] - mean) * factor, row, at);
        }
    }
}
