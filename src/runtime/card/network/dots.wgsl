// A workgroup sums the products of one row and one column: for small matrices with long sums.

// [batch, rows, columns]
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> left: array<f32>;
@group(0) @binding(3) var<storage, read> right: array<f32>;
//each _ BIAS
// [columns]
@group(0) @binding(4) var<storage, read> biases: array<f32>;
//end

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    // All threads stay, because they wait for each other; those of elements that are not there write nothing.
    let index = group.y * groups.x + group.x;
    let is_there = index < shape.elements;
    let column = index % shape.columns;
    let line = index / shape.columns;
    let row = line % shape.rows;
    let batch = line / shape.rows;
    let left_place = left_at(batch, row);
    let right_place = right_at(batch, column);
    var own = 0.0;
    if is_there {
        for (var d = thread; d < shape.depth; d += 256u) {
            own = fma(left[left_place + d * shape.left_depth], right[right_place + d * shape.right_depth], own);
        }
    }
    var value = together(own, thread);
    //each _ BIAS
    value += biases[column];
    //end
    value = ended(value);
    if is_there && thread == 0u {
        output[index] = value;
    }
}
