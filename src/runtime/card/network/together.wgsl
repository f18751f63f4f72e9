// What all 256 threads of a workgroup have, added up. No thread begins here.

var<workgroup> sums: array<f32, 256>;

fn together(own: f32, thread: u32) -> f32 {
    sums[thread] = own;
    workgroupBarrier();
    for (var half = 128u; half > 0u; half /= 2u) {
        if thread < half {
            sums[thread] += sums[thread + half];
        }
        workgroupBarrier();
    }
    let all = sums[0];
    // Before anyone writes again.
    workgroupBarrier();
    return all;
}
