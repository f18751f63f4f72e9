// A workgroup sums the products of one row and one column: for small matrices with long sums.

struct Shape {
    rows: u32,
    columns: u32,
    depth: u32,
    batch_1: u32,
    batch_2: u32,
    left: u32,
    left_batch_0: u32,
    left_batch_1: u32,
    left_batch_2: u32,
    left_row: u32,
    left_depth: u32,
    right: u32,
    right_batch_0: u32,
    right_batch_1: u32,
    right_batch_2: u32,
    right_depth: u32,
    right_column: u32,
    // Of all of the batch.
    elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
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
    let outer = batch / shape.batch_2;
    let places = vec3<u32>(outer / shape.batch_1, outer % shape.batch_1, batch % shape.batch_2);
    let left_at = shape.left + places.x * shape.left_batch_0 + places.y * shape.left_batch_1
        + places.z * shape.left_batch_2 + row * shape.left_row;
    let right_at = shape.right + places.x * shape.right_batch_0 + places.y * shape.right_batch_1
        + places.z * shape.right_batch_2 + column * shape.right_column;
    var own = 0.0;
    if is_there {
        for (var d = thread; d < shape.depth; d += 256u) {
            own = fma(left[left_at + d * shape.left_depth], right[right_at + d * shape.right_depth], own);
        }
    }
    var value = together(own, thread);
    //each _ BIAS
    value += biases[column];
    //end
    //each _ SILU
    value = value / (1.0 + exp(-value));
    //end
    //each _ RELU
    value = max(value, 0.0);
    //end
    if is_there && thread == 0u {
        output[index] = value;
    }
}
