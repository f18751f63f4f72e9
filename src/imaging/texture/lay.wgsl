// One thread adds to one pixel of the fill the grain that each patch over it takes from the picture. Twins: lay.rs, enlarged.rs.

struct Shape {
  // Of the fill.
  width: u32,
  height: u32,
  // Of the part of the picture that grain is taken from.
  sharp_width: u32,
  sharp_height: u32,
  // Of its structure.
  low_width: u32,
  low_height: u32,
  // Patches in a row of them.
  across: u32,
}

// A column or row of the picture: the one of the structure before it, and how far it is from there to the next.
struct Line {
  low: u32,
  share: f32,
}

// Which columns, or rows, of patches lie over a column or row of the fill.
struct Span {
  first: u32,
  end: u32,
}

// Corners in the fill and in the picture; no gain says that there is no such patch.
struct Patch {
  to: vec2<u32>,
  source: vec2<u32>,
  gain: f32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
// RGBA, red lowest.
@group(0) @binding(1) var<storage, read_write> fill: array<u32>;
@group(0) @binding(2) var<storage, read> sharp: array<u32>;
@group(0) @binding(3) var<storage, read> low: array<vec4<f32>>;
// Columns, then rows.
@group(0) @binding(4) var<storage, read> lines: array<Line>;
// Columns, then rows.
@group(0) @binding(5) var<storage, read> spans: array<Span>;
@group(0) @binding(6) var<storage, read> patches: array<Patch>;
// How much a patch counts along one axis.
@group(0) @binding(7) var<storage, read> window: array<f32>;

fn colour(pixel: u32) -> vec3<f32> {
  return vec3<f32>((vec3(pixel) >> vec3(0u, 8u, 16u)) & vec3(255u));
}

// What the picture has there beyond its structure.
fn grain_at(x: u32, y: u32) -> vec3<f32> {
  let column = lines[x];
  let row = lines[shape.sharp_width + y];
  let next = min(column.low + 1u, shape.low_width - 1u);
  let above = row.low * shape.low_width;
  let below = min(row.low + 1u, shape.low_height - 1u) * shape.low_width;
  let upper = low[above + column.low] + (low[above + next] - low[above + column.low]) * column.share;
  let lower = low[below + column.low] + (low[below + next] - low[below + column.low]) * column.share;
  return colour(sharp[y * shape.sharp_width + x]) / 255.0 - (upper + (lower - upper) * row.share).xyz;
}

@compute @workgroup_size(16, 16)
fn main(@builtin(global_invocation_id) at: vec3<u32>) {
  if at.x >= shape.width || at.y >= shape.height {
    return;
  }
  let columns = spans[at.x];
  let rows = spans[shape.width + at.y];
  var sum = vec3(0.0);
  var total = 0.0;
  for (var row = rows.first; row < rows.end; row++) {
    for (var column = columns.first; column < columns.end; column++) {
      let patch_over = patches[row * shape.across + column];
      // Both wrap where a patch begins before the fill does.
      let within = at.xy - patch_over.to;
      let source = patch_over.source + within;
      if patch_over.gain > 0.0 && source.x < shape.sharp_width && source.y < shape.sharp_height {
        let weight = window[within.x] * window[within.y];
        total += weight;
        sum += grain_at(source.x, source.y) * (weight * patch_over.gain);
      }
    }
  }
  let grain = select(vec3(0.0), sum / total, total > 1e-6);
  let pixel = fill[at.y * shape.width + at.x];
  // Half up, cut to what there is.
  let levels = vec3<u32>(clamp(colour(pixel) + grain * 255.0 + 0.5, vec3(0.0), vec3(255.0)));
  fill[at.y * shape.width + at.x] = levels.x | (levels.y << 8u) | (levels.z << 16u) | (pixel & 0xff000000u);
}
