// Each thread normalises an element, or four of one channel, with what was found for its row.

@group(0) @binding(1) var<storage, read_write> output: array<value>;
@group(0) @binding(2) var<storage, read> input: array<value>;
@group(0) @binding(3) var<storage, read> rows: array<vec2<f32>>;

fn width() -> u32 {
    return shape.length / $(1 + 3 * VECTOR)u;
}

fn elements() -> u32 {
    return shape.rows * width();
}

fn element(index: u32) {
    let row = index / width();
    let at = (index - row * width()) * $(1 + 3 * VECTOR)u;
    output[index] = finished((input[index] - rows[row].x) * rows[row].y, row, at);
}
