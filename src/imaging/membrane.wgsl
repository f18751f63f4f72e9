// One workgroup stretches a sheet: its threads share the cells of each grid, from fine to coarse and back. Twin: membrane.rs.

const THREADS = 256u;
const HOLD = 4.0;
const HALF_SWEEPS = 12u;
const MOST_LEVELS = 16u;

// A grid, and where its cells begin.
struct Level {
  width: u32,
  height: u32,
  start: u32,
}

struct Pyramid {
  // In x alone.
  count: vec4<u32>,
  // From fine to coarse. A vector, for uniform arrays step by 16 bytes: width, height, start.
  levels: array<vec4<u32>, MOST_LEVELS>,
}

@group(0) @binding(0) var<uniform> pyramid: Pyramid;
// Three values and their weight; the host fills the finest grid.
@group(0) @binding(1) var<storage, read_write> known: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> sheet: array<vec4<f32>>;

fn level_at(index: u32) -> Level {
  let packed = pyramid.levels[index];
  return Level(packed.x, packed.y, packed.z);
}

// Means of four cells each, and their weights together.
fn halve(fine: Level, coarse: Level, thread: u32) {
  for (var i = thread; i < coarse.width * coarse.height; i += THREADS) {
    let corner = 2u * vec2(i % coarse.width, i / coarse.width);
    var sum = vec3(0.0);
    var total = 0.0;
    for (var y = corner.y; y < min(corner.y + 2u, fine.height); y++) {
      for (var x = corner.x; x < min(corner.x + 2u, fine.width); x++) {
        let cell = known[fine.start + y * fine.width + x];
        sum += cell.xyz * cell.w;
        total += cell.w;
      }
    }
    known[coarse.start + i] = vec4(select(vec3(0.0), sum / total, total > 0.0), total);
  }
}

// The coarser cell beside, for a finer one at `at`.
fn beside(at: u32, len: u32) -> u32 {
  if at % 2u == 0u {
    return max(at / 2u, 1u) - 1u;
  }
  return min(at / 2u + 1u, len - 1u);
}

// Begins with what the coarser grid came to, in between.
fn enlarge(coarse: Level, fine: Level, thread: u32) {
  for (var i = thread; i < fine.width * fine.height; i += THREADS) {
    let at = vec2(i % fine.width, i / fine.width);
    let near = at / 2u;
    let far = vec2(beside(at.x, coarse.width), beside(at.y, coarse.height));
    let above = coarse.start + near.y * coarse.width;
    let below = coarse.start + far.y * coarse.width;
    let sides = sheet[above + far.x] + sheet[below + near.x];
    sheet[fine.start + i] = (sheet[above + near.x] * 9.0 + sides * 3.0 + sheet[below + far.x]) / 16.0;
  }
}

// Half a sweep: every second cell to where its neighbours and what is known hold it.
fn relax(level: Level, half_sweep: u32, thread: u32) {
  for (var i = thread; i < level.width * level.height; i += THREADS) {
    let x = i % level.width;
    let y = i / level.width;
    if (x + y + half_sweep) % 2u == 0u {
      let at = level.start + i;
      let cell = known[at];
      var total = HOLD * cell.w;
      var sum = cell.xyz * total;
      if y > 0u {
        sum += sheet[at - level.width].xyz;
        total += 1.0;
      }
      if y + 1u < level.height {
        sum += sheet[at + level.width].xyz;
        total += 1.0;
      }
      if x > 0u {
        sum += sheet[at - 1u].xyz;
        total += 1.0;
      }
      if x + 1u < level.width {
        sum += sheet[at + 1u].xyz;
        total += 1.0;
      }
      sheet[at] = vec4(sum / total, 0.0);
    }
  }
}

@compute @workgroup_size(THREADS)
fn main(@builtin(local_invocation_index) thread: u32) {
  let coarsest = pyramid.count.x - 1u;
  for (var index = 0u; index < coarsest; index++) {
    halve(level_at(index), level_at(index + 1u), thread);
    storageBarrier();
  }
  if thread == 0u {
    // One cell.
    let cell = known[level_at(coarsest).start];
    sheet[level_at(coarsest).start] = select(vec4(0.0), vec4(cell.xyz, 0.0), cell.w > 0.0);
  }
  storageBarrier();
  for (var index = coarsest; index > 0u; index--) {
    let level = level_at(index - 1u);
    enlarge(level_at(index), level, thread);
    storageBarrier();
    for (var half_sweep = 0u; half_sweep < HALF_SWEEPS; half_sweep++) {
      relax(level, half_sweep, thread);
      storageBarrier();
    }
  }
}
