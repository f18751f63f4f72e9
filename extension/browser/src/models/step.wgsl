// One thread, one value of a latent: takes a sampler's step with the noise that the denoiser saw in it, and writes the next
// latent into both rows that the denoiser reads.
struct Step {
    clean: vec2f,
    guidance: f32,
    is_guided: u32,
    // Of the sample, the clean latent, that of the step before, that of the step before it.
    corrected: vec4f,
    next: vec3f,
    // Of the sample that the step before went from.
    corrected_from: f32,
    latent_len: u32,
    row_len: u32,
}

@group(0) @binding(0) var<uniform> step: Step;
// Without the condition, then with it.
@group(0) @binding(1) var<storage, read> noise: array<f32>;
@group(0) @binding(2) var<storage, read_write> rows: array<f32>;
// The last clean latent, the one before, the sample that the last step went from.
@group(0) @binding(3) var<storage, read_write> memory: array<f32>;

@compute @workgroup_size(64)
fn take_step(@builtin(global_invocation_id) id: vec3u) {
    let at = id.x;
    let len = step.latent_len;
    if at >= len { return; }
    let x = rows[at];
    let without = noise[at];
    let with_condition = noise[len + at];
    let guided = without + step.guidance * (with_condition - without);
    let seen = select(with_condition, guided, step.is_guided == 1u);
    let before = memory[at];
    let older = memory[len + at];
    let origin = memory[2u * len + at];
    let clean = dot(step.clean, vec2f(x, seen));
    let corrected = dot(step.corrected, vec4f(x, clean, before, older)) + step.corrected_from * origin;
    let next = dot(step.next, vec3f(corrected, clean, before));
    rows[at] = next;
    rows[step.row_len + at] = next;
    memory[at] = clean;
    memory[len + at] = before;
    memory[2u * len + at] = corrected;
}
