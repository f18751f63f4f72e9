// Each thread sums $(ROWS) rows by $(COLUMNS) columns of the output in registers; a workgroup's threads share what they read,
// in two buffers of workgroup memory: one is being summed while the next is on its way.
//
// Needs from the files that it is joined with: `TAPS`, `depth`, `weight_place`, `fetch_weight`, `widened_weight`, `place`,
// `fetch_input`, `widened_input`, `store`.

// Rows of weights, then columns of the input.
var<workgroup> tile: array<array<array<vec4<f32>, $(WEIGHT_QUADS + INPUT_QUADS)>, $(DEPTH)>, 2>;

@compute @workgroup_size($(THREADS))
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    // 32 neighbours cover 4 quads of rows by 8 of columns: nearly square, so they read few different values.
    let lane = thread % 32u;
    let block = thread / 32u;
    let column = lane % 8u + 8u * (block % $(ACROSS / 8)u);
    let row = lane / 8u + 4u * (block / $(ACROSS / 8)u);

    let weight_quad = thread % $(WEIGHT_QUADS)u;
    let weight_depth = thread / $(WEIGHT_QUADS)u;
    let input_quad = thread % $(INPUT_QUADS)u;
    let input_depth = thread / $(INPUT_QUADS)u;
    let weight_at = weight_place(group.z, group.y * $(WEIGHT_QUADS)u + weight_quad);
    let input_at = place(group.z, group.x * $(INPUT_QUADS)u + input_quad);

    var tap = 0u;
    var channel = 0u;
    //each s WEIGHT_LOADS
    var weight_$(s) = fetch_weight(weight_at, tap, weight_depth + $(s * DEPTH / WEIGHT_LOADS)u);
    tile[0][weight_depth + $(s * DEPTH / WEIGHT_LOADS)u][weight_quad] = widened_weight(weight_$(s));
    //end
    //each s INPUT_LOADS
    var input_$(s) = fetch_input(input_at, tap, input_depth + $(s * DEPTH / INPUT_LOADS)u);
    tile[0][input_depth + $(s * DEPTH / INPUT_LOADS)u][$(WEIGHT_QUADS)u + input_quad] = widened_input(input_$(s));
    //end
    //each r ROWS
    //each c COLUMNS / 4
    var sum_$(r)_$(c) = vec4<f32>();
    //end
    //end
    workgroupBarrier();

    let steps = TAPS * ((depth() + $(DEPTH - 1)u) / $(DEPTH)u);
    var buffer = 0u;
    for (var step = 1u; step <= steps; step++) {
        channel += $(DEPTH)u;
        if channel >= depth() {
            channel = 0u;
            tap += 1u;
        }
        if step < steps {
            //each s WEIGHT_LOADS
            weight_$(s) = fetch_weight(weight_at, tap, channel + weight_depth + $(s * DEPTH / WEIGHT_LOADS)u);
            //end
            //each s INPUT_LOADS
            input_$(s) = fetch_input(input_at, tap, channel + input_depth + $(s * DEPTH / INPUT_LOADS)u);
            //end
        }
        //each d DEPTH
        {
            //each r ROWS / 4
            let w_$(r) = tile[buffer][$(d)][row + $(r * DOWN)u];
            //end
            //each c COLUMNS / 4
            let x_$(c) = tile[buffer][$(d)][$(WEIGHT_QUADS)u + column + $(c * ACROSS)u];
            //end
            //each r ROWS
            //each c COLUMNS / 4
            sum_$(r)_$(c) = fma(vec4<f32>(w_$(r / 4)[$(r % 4)]), x_$(c), sum_$(r)_$(c));
            //end
            //end
        }
        //end
        buffer = 1u - buffer;
        if step < steps {
            //each s WEIGHT_LOADS
            tile[buffer][weight_depth + $(s * DEPTH / WEIGHT_LOADS)u][weight_quad] = widened_weight(weight_$(s));
            //end
            //each s INPUT_LOADS
            tile[buffer][input_depth + $(s * DEPTH / INPUT_LOADS)u][$(WEIGHT_QUADS)u + input_quad] = widened_input(input_$(s));
            //end
        }
        workgroupBarrier();
    }

    let first_row_quad = group.y * $(WEIGHT_QUADS)u + row;
    let first_quad = group.x * $(INPUT_QUADS)u + column;
    //each r ROWS
    //each c COLUMNS / 4
    store(group.z, (first_row_quad + $(r / 4 * DOWN)u) * 4u + $(r % 4)u, first_quad + $(c * ACROSS)u, sum_$(r)_$(c));
    //end
    //end
}
