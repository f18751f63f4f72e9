// Products of matrices whose elements may lie anywhere, for each of a batch: where elements are. No thread begins here.

struct Shape {
    rows: u32,
    columns: u32,
    depth: u32,
    // The second and third extents of the batch.
    batch_1: u32,
    batch_2: u32,
    // Where factors begin, and how far apart their neighbours are along each axis.
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
    // Of all of the batch that comes out.
    elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;

fn batch_places(batch: u32) -> vec3<u32> {
    let outer = batch / shape.batch_2;
    return vec3<u32>(outer / shape.batch_1, outer % shape.batch_1, batch % shape.batch_2);
}

// The first element of a row.
fn left_at(batch: u32, row: u32) -> u32 {
    let places = batch_places(batch);
    return shape.left + places.x * shape.left_batch_0 + places.y * shape.left_batch_1 + places.z * shape.left_batch_2
        + row * shape.left_row;
}

// The first element of a column.
fn right_at(batch: u32, column: u32) -> u32 {
    let places = batch_places(batch);
    return shape.right + places.x * shape.right_batch_0 + places.y * shape.right_batch_1 + places.z * shape.right_batch_2
        + column * shape.right_column;
}
