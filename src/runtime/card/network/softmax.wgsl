// A workgroup computes a row, or a thread does where rows are short.

struct Shape {
    rows: u32,
    length: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<f32>;

//each _ 1 - SHORT
var<workgroup> shared_values: array<f32, 256>;
//end

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    //each _ SHORT
    let row = (group.y * groups.x + group.x) * 256u + thread;
    if row >= shape.rows {
        return;
    }
    let first = row * shape.length;
    var most = input[first];
    for (var at = 1u; at < shape.length; at++) {
        most = max(most, input[first + at]);
    }
    var sum = 0.0;
    for (var at = 0u; at < shape.length; at++) {
        sum += exp(input[first + at] - most);
    }
    for (var at = 0u; at < shape.length; at++) {
        output[first + at] = exp(input[first + at] - most) / sum;
    }
    //end
    //each _ 1 - SHORT
    let row = group.y * groups.x + group.x;
    // All threads stay, because they wait for each other; those of rows that are not there write nothing.
    let is_there = row < shape.rows;
    let first = select(0u, row, is_there) * shape.length;
    var own = input[first];
    for (var at = thread; at < shape.length; at += 256u) {
        own = max(own, input[first + at]);
    }
    shared_values[thread] = own;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if thread < half {
            shared_values[thread] = max(shared_values[thread], shared_values[thread + half]);
        }
        workgroupBarrier();
    }
    let most = shared_values[0];
    workgroupBarrier();
    own = 0.0;
    for (var at = thread; at < shape.length; at += 256u) {
        own += exp(input[first + at] - most);
    }
    shared_values[thread] = own;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if thread < half {
            shared_values[thread] += shared_values[thread + half];
        }
        workgroupBarrier();
    }
    let sum = shared_values[0];
    if is_there {
        for (var at = thread; at < shape.length; at += 256u) {
            output[first + at] = exp(input[first + at] - most) / sum;
        }
    }
    //end
}
