// 16 threads normalise a row whose elements lie far apart, and 16 neighbouring rows share a workgroup, so that neighbours are read
// together.

@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;

var<workgroup> sums: array<f32, 256>;

// What the threads of a row have, added up.
fn together(own: f32, thread: u32) -> f32 {
    sums[thread] = own;
    workgroupBarrier();
    for (var half = 128u; half >= 16u; half /= 2u) {
        if thread < half {
            sums[thread] += sums[thread + half];
        }
        workgroupBarrier();
    }
    let all = sums[thread % 16u];
    // Before anyone writes again.
    workgroupBarrier();
    return all;
}

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let row = (group.y * groups.x + group.x) * 16u + thread % 16u;
    // All threads stay, because they wait for each other; those of rows that are not there write nothing.
    let is_there = row < shape.rows;
    let own_row = select(0u, row, is_there);
    let first = own_row / shape.apart * shape.apart * shape.length + own_row % shape.apart;
    var own = 0.0;
    for (var at = thread / 16u; at < shape.length; at += 16u) {
        own += input[first + at * shape.apart];
    }
    let mean = together(own, thread) / f32(shape.length);
    own = 0.0;
    for (var at = thread / 16u; at < shape.length; at += 16u) {
        let difference = input[first + at * shape.apart] - mean;
        own = fma(difference, difference, own);
    }
    let factor = inverseSqrt(together(own, thread) / f32(shape.length) + shape.epsilon);
    if is_there {
        for (var at = thread / 16u; at < shape.length; at += 16u) {
            let place = first + at * shape.apart;
            output[place] = finished((input[place] - mean) * factor, row, at);
        }
    }
}
