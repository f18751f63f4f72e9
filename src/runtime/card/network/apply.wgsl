// Each thread normalises an element, or four of one channel, with what was found for its row.

@group(0) @binding(1) var<storage, read_write> output: array<value>;
@group(0) @binding(2) var<storage, read> input: array<value>;
@group(0) @binding(3) var<storage, read> rows: array<vec2<f32>>;

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let index = (group.y * groups.x + group.x) * 256u + thread;
    let width = shape.length / $(1 + 3 * VECTOR)u;
    if index >= shape.rows * width {
        return;
    }
    let row = index / width;
    let at = (index - row * width) * $(1 + 3 * VECTOR)u;
    output[index] = finished((input[index] - rows[row].x) * rows[row].y, row, at);
}
