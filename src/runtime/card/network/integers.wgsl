// Each thread makes a float of a whole number of 64 bits, of which those above the lower 32 only tell the sign.

@group(0) @binding(0) var<uniform> count: vec4<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> input: array<vec2<i32>>;

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let index = (group.y * groups.x + group.x) * 256u + thread;
    if index < count.x {
        output[index] = f32(input[index].x);
    }
}
