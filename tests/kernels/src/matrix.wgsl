// Each subgroup of 32 threads sums $(ROWS) by $(COLUMNS) matrices of 16 x 16 with the card's units for products of matrices:
// values have 16 bits, sums 32. A workgroup's subgroups share what they read, in two buffers as in the other tile.
//
// Needs from the file that it is joined with: `place`, `fetch_input` and what a `Place` is.

// Rows are two quads longer than what is in them, so that rows below each other begin in different banks.
var<workgroup> weight_tile: array<array<array<vec4<f16>, $(WEIGHT_QUADS + 2)>, $(DEPTH)>, 2>;
var<workgroup> input_tile: array<array<array<vec4<f16>, $(INPUT_QUADS + 2)>, $(DEPTH)>, 2>;
// Of each subgroup: a row of matrices on its way to memory, because only there their values have places.
var<workgroup> finished: array<array<vec4<f32>, $(16 * COLUMNS * 4)>, $(DOWN * ACROSS)>;

@compute @workgroup_size($(THREADS))
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let lane = thread % 32u;
    let subgroup = thread / 32u;
    let row_quad = subgroup / $(ACROSS)u * $(ROWS * 4)u;
    let column_quad = subgroup % $(ACROSS)u * $(COLUMNS * 4)u;

    let weight_quad = thread % $(WEIGHT_QUADS)u;
    let weight_depth = thread / $(WEIGHT_QUADS)u;
    let input_quad = thread % $(INPUT_QUADS)u;
    let input_depth = thread / $(INPUT_QUADS)u;
    let weight_at = group.y * $(WEIGHT_QUADS)u + weight_quad;
    let input_at = place(group.z, group.x * $(INPUT_QUADS)u + input_quad);

    var tap = 0u;
    var channel = 0u;
    //each s WEIGHT_LOADS
    var weight_$(s) = fetch_weight(tap, weight_depth + $(s * DEPTH / WEIGHT_LOADS)u, weight_at);
    weight_tile[0][weight_depth + $(s * DEPTH / WEIGHT_LOADS)u][weight_quad] = weight_$(s);
    //end
    //each s INPUT_LOADS
    var input_$(s) = fetch_input(input_at, tap, input_depth + $(s * DEPTH / INPUT_LOADS)u);
    input_tile[0][input_depth + $(s * DEPTH / INPUT_LOADS)u][input_quad] = input_$(s);
    //end
    //each r ROWS
    //each c COLUMNS
    var sum_$(r)_$(c) = coop_mat16x16<f32, C>();
    //end
    //end
    workgroupBarrier();

    let steps = shape.taps * ((shape.channels + $(DEPTH - 1)u) / $(DEPTH)u);
    var buffer = 0u;
    for (var step = 1u; step <= steps; step++) {
        channel += $(DEPTH)u;
        if channel >= shape.channels {
            channel = 0u;
            tap += 1u;
        }
        if step < steps {
            //each s WEIGHT_LOADS
            weight_$(s) = fetch_weight(tap, channel + weight_depth + $(s * DEPTH / WEIGHT_LOADS)u, weight_at);
            //end
            //each s INPUT_LOADS
            input_$(s) = fetch_input(input_at, tap, channel + input_depth + $(s * DEPTH / INPUT_LOADS)u);
            //end
        }
        //each d DEPTH / 16
        {
            // Weights lie column by column, pixels row by row.
            //each r ROWS
            let w_$(r) = coopLoad<coop_mat16x16<f16, A>>(
                &weight_tile[buffer][$(16 * d)][row_quad + $(4 * r)u], $(WEIGHT_QUADS + 2)u);
            //end
            //each c COLUMNS
            let x_$(c) = coopLoadT<coop_mat16x16<f16, B>>(
                &input_tile[buffer][$(16 * d)][column_quad + $(4 * c)u], $(INPUT_QUADS + 2)u);
            //end
            //each r ROWS
            //each c COLUMNS
            sum_$(r)_$(c) = coopMultiplyAdd(w_$(r), x_$(c), sum_$(r)_$(c));
            //end
            //end
        }
        //end
        buffer = 1u - buffer;
        if step < steps {
            //each s WEIGHT_LOADS
            weight_tile[buffer][weight_depth + $(s * DEPTH / WEIGHT_LOADS)u][weight_quad] = weight_$(s);
            //end
            //each s INPUT_LOADS
            input_tile[buffer][input_depth + $(s * DEPTH / INPUT_LOADS)u][input_quad] = input_$(s);
            //end
        }
        workgroupBarrier();
    }

    let first_channel = (group.y * $(WEIGHT_QUADS)u + row_quad) * 4u;
    let first_quad = group.x * $(INPUT_QUADS)u + column_quad;
    //each r ROWS
    //each c COLUMNS
    coopStoreT(sum_$(r)_$(c), &finished[subgroup][$(4 * c)], $(COLUMNS * 4)u);
    //end
    workgroupBarrier();
    for (var i = lane; i < $(16 * COLUMNS * 4)u; i += 32u) {
        let row = i / $(COLUMNS * 4)u;
        store(group.z, first_channel + $(16 * r)u + row, first_quad + i % $(COLUMNS * 4)u, finished[subgroup][i]);
    }
    workgroupBarrier();
    //end
}
