// A product of matrices whose elements may lie anywhere, for each of a batch. Threads: see the tile that this is joined with.

struct Shape {
    rows: u32,
    columns: u32,
    depth: u32,
    // The second and third extents of the batch.
    batch_1: u32,
    batch_2: u32,
    // Where factors begin, and how far apart their neighbours are along each axis.
    left: u32,
    left_batch_0: u32,
    left_batch_1: u32,
    left_batch_2: u32,
    left_row: u32,
    left_depth: u32,
    right: u32,
    right_batch_0: u32,
    right_batch_1: u32,
    right_batch_2: u32,
    right_depth: u32,
    right_column: u32,
}

const TAPS = 1u;

@group(0) @binding(0) var<uniform> shape: Shape;
//each _ QUADS
// [batch, rows, columns / 4]
@group(0) @binding(1) var<storage, read_write> output: array<vec4<f32>>;
//end
//each _ 1 - QUADS
// [batch, rows, columns]
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
//end
@group(0) @binding(2) var<storage, read> left: array<f32>;
//each _ RIGHT_QUADS
// Neighbouring columns lie side by side.
@group(0) @binding(3) var<storage, read> right: array<vec4<f32>>;
//end
//each _ 1 - RIGHT_QUADS
@group(0) @binding(3) var<storage, read> right: array<f32>;
//end
//each _ BIAS
// [columns]
@group(0) @binding(4) var<storage, read> biases: array<f32>;
//end
//each _ RESIDUAL
// As `output`.
//each _ QUADS
@group(0) @binding(5) var<storage, read> residual: array<vec4<f32>>;
//end
//each _ 1 - QUADS
@group(0) @binding(5) var<storage, read> residual: array<f32>;
//end
//end

fn depth() -> u32 {
    return shape.depth;
}

fn batch_places(batch: u32) -> vec3<u32> {
    let outer = batch / shape.batch_2;
    return vec3<u32>(outer / shape.batch_1, outer % shape.batch_1, batch % shape.batch_2);
}

struct WeightPlace {
    at: u32,
    row: u32,
}

fn weight_place(batch: u32, quad: u32) -> WeightPlace {
    let places = batch_places(batch);
    let at = shape.left + places.x * shape.left_batch_0 + places.y * shape.left_batch_1 + places.z * shape.left_batch_2;
    return WeightPlace(at + quad * 4u * shape.left_row, quad * 4u);
}

// Four neighbouring rows.
fn fetch_weight(place: WeightPlace, tap: u32, channel: u32) -> vec4<f32> {
    var values = vec4<f32>();
    if channel < shape.depth {
        let at = place.at + channel * shape.left_depth;
        //each j 4
        if place.row + $(j)u < shape.rows {
            values[$(j)] = left[at + $(j)u * shape.left_row];
        }
        //end
    }
    return values;
}

struct Place {
    at: u32,
    column: u32,
}

fn place(batch: u32, quad: u32) -> Place {
    let places = batch_places(batch);
    let at = shape.right + places.x * shape.right_batch_0 + places.y * shape.right_batch_1 + places.z * shape.right_batch_2;
    return Place(at + quad * 4u * shape.right_column, quad * 4u);
}

// Four neighbouring columns.
fn fetch_input(place: Place, tap: u32, channel: u32) -> vec4<f32> {
    var values = vec4<f32>();
    if channel < shape.depth {
        let at = place.at + channel * shape.right_depth;
        //each _ RIGHT_QUADS
        if place.column < shape.columns {
            values = right[at / 4u];
        }
        //end
        //each _ 1 - RIGHT_QUADS
        //each j 4
        if place.column + $(j)u < shape.columns {
            values[$(j)] = right[at + $(j)u * shape.right_column];
        }
        //end
        //end
    }
    return values;
}

fn store(batch: u32, row: u32, quad: u32, sum: vec4<f32>) {
    if row >= shape.rows || quad * 4u >= shape.columns {
        return;
    }
    let at = (batch * shape.rows + row) * shape.columns + quad * 4u;
    var value = sum;
    //each j 4
    if quad * 4u + $(j)u < shape.columns {
        //each _ BIAS
        value[$(j)] += biases[quad * 4u + $(j)u];
        //end
        //each _ (1 - QUADS) * RESIDUAL
        value[$(j)] += residual[at + $(j)u];
        //end
    }
    //end
    //each _ SILU
    value = value / (1.0 + exp(-value));
    //end
    //each _ RELU
    value = max(value, vec4<f32>());
    //end
    //each _ QUADS
    //each _ RESIDUAL
    value += residual[at / 4u];
    //end
    output[at / 4u] = value;
    //end
    //each _ 1 - QUADS
    //each j 4
    if quad * 4u + $(j)u < shape.columns {
        output[at + $(j)u] = value[$(j)];
    }
    //end
    //end
}
