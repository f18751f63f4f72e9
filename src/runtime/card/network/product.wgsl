// Large products of matrices, tile by tile. Threads: see the tile that this is joined with.

const TAPS = 1u;

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
@group(0) @binding(3) var<storage, read> right: array<FetchedInput>;
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

struct WeightPlace {
    at: u32,
    row: u32,
}

fn weight_place(batch: u32, quad: u32) -> WeightPlace {
    return WeightPlace(left_at(batch, quad * 4u), quad * 4u);
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
    return Place(right_at(batch, quad * 4u), quad * 4u);
}

// Four neighbouring columns.
fn fetch_input(place: Place, tap: u32, channel: u32) -> FetchedInput {
    var values = FetchedInput();
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
    value = ended(value);
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
