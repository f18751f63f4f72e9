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

fn elements() -> u32 {
    return shape.elements;
}

fn element(index: u32) {
    let after = index % shape.after;
    let line = index / shape.after;
    let number = i32(round(numbers[line % shape.count]));
    let row = clamp(select(number, number + i32(shape.rows), number < 0), 0, i32(shape.rows) - 1);
    output[index] = table[(line / shape.count * shape.rows + u32(row)) * shape.after + after];
}
