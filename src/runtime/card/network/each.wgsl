// A thread for each element of what comes out.
//
// Needs from the files that it is joined with: `elements`, `element`.

@compute @workgroup_size(256)
fn main(
    @builtin(local_invocation_index) thread: u32,
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
) {
    let index = (group.y * groups.x + group.x) * 256u + thread;
    if index < elements() {
        element(index);
    }
}
