// Each thread takes one element of the row of a table that a number names.

struct Shape {
    // [before, rows, after] of the table.
    rows: u32,
    after: u32,
    // Numbers, and elements of all that comes out.
    count: u32,
    elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
// [before, count, after]
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<f32>;
// Whole, negative ones counted from the end.
@group(0) @binding(3) var<storage, read> numbers: array<f32>;

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let index = (group.y * groups.x + group.x) * 256u + thread;
    if index >= shape.elements {
        return;
    }
    let after = index % shape.after;
    let line = index / shape.after;
    let number = i32(round(numbers[line % shape.count]));
    let row = clamp(select(number, number + i32(shape.rows), number < 0), 0, i32(shape.rows) - 1);
    output[index] = table[(line / shape.count * shape.rows + u32(row)) * shape.after + after];
}
