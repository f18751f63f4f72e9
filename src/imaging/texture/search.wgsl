// A thread looks, for one patch of the fill, at every 16th known patch; 16 threads together find the one most alike. Twin: search.rs.

const THREADS = 256u;
// Threads that share the search for one patch.
const SLICES = 16u;
const QUERIES = THREADS / SLICES;
// Numbers that describe a patch, by four.
const FOURS = 8u;

struct Counts {
  known: u32,
  queries: u32,
}

@group(0) @binding(0) var<uniform> counts: Counts;
// The first four numbers of all known patches, then the next four: neighbouring threads read neighbouring places.
@group(0) @binding(1) var<storage, read> known: array<vec4<f32>>;
// All numbers of the first patch, then of the next.
@group(0) @binding(2) var<storage, read> queries: array<vec4<f32>>;
// For each patch of the fill, which known one looks most like it: the first of those that are equally near.
@group(0) @binding(3) var<storage, read_write> nearest: array<u32>;

var<workgroup> looks: array<vec4<f32>, THREADS / SLICES * FOURS>;
var<workgroup> distances: array<f32, THREADS>;
var<workgroup> found: array<u32, THREADS>;

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
  let first = group.x * QUERIES;
  if thread < QUERIES * FOURS && first * FOURS + thread < counts.queries * FOURS {
    looks[thread] = queries[first * FOURS + thread];
  }
  workgroupBarrier();
  let query = thread / SLICES;
  let slice = thread % SLICES;
  var best = 3.4e38;
  var best_at = slice;
  for (var i = slice; i < counts.known; i += SLICES) {
    var distance = 0.0;
    for (var four = 0u; four < FOURS; four++) {
      let difference = known[four * counts.known + i] - looks[query * FOURS + four];
      distance += dot(difference, difference);
    }
    if distance < best {
      best = distance;
      best_at = i;
    }
  }
  distances[thread] = best;
  found[thread] = best_at;
  workgroupBarrier();
  for (var half = SLICES / 2u; half > 0u; half /= 2u) {
    if slice < half {
      let other = thread + half;
      let is_nearer = distances[other] < distances[thread];
      let is_earlier = distances[other] == distances[thread] && found[other] < found[thread];
      if is_nearer || is_earlier {
        distances[thread] = distances[other];
        found[thread] = found[other];
      }
    }
    workgroupBarrier();
  }
  if slice == 0u && first + query < counts.queries {
    nearest[first + query] = found[thread];
  }
}
