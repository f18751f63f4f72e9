// Each thread joins the parts of a row: Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample
// Variances", 1979, equation 2.1.

// [rows]: the mean, and what to multiply with.
@group(0) @binding(1) var<storage, read_write> rows: array<vec2<f32>>;
// [rows, parts]
@group(0) @binding(2) var<storage, read> found: array<vec2<f32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) place: vec3<u32>) {
    let row = place.x;
    if row >= shape.rows {
        return;
    }
    var mean = 0.0;
    var squares = 0.0;
    var count = 0.0;
    for (var part = 0u; part < shape.parts; part++) {
        let other = found[row * shape.parts + part];
        let more = f32(min(shape.part, shape.length - part * shape.part));
        let apart = other.x - mean;
        let all = count + more;
        mean += apart * more / all;
        squares += other.y + apart * apart * count * more / all;
        count = all;
    }
    rows[row] = vec2<f32>(mean, inverseSqrt(squares / f32(shape.length) + shape.epsilon));
}
