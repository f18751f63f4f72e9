// Each thread sums $(ROWS) output channels by $(COLUMNS) pixels in registers; a workgroup's threads share what they read,
// in two buffers of workgroup memory: one is being summed while the next is on its way.
//
// Needs from the file that it is joined with: `place`, `fetch_input` and what a `Place` is.

// Both operands, widened once when they are staged, so that all sums have 32 bits.
var<workgroup> weight_tile: array<array<array<vec4<f32>, $(WEIGHT_QUADS)>, $(DEPTH)>, 2>;
var<workgroup> input_tile: array<array<array<vec4<f32>, $(INPUT_QUADS)>, $(DEPTH)>, 2>;

fn fetch_weight(tap: u32, channel: u32, quad: u32) -> vec4<real> {
    let quads = shape.outputs / 4u;
    if channel < shape.channels && quad < quads {
        return weights[(tap * shape.channels + channel) * quads + quad];
    }
    return vec4<real>();
}

@compute @workgroup_size($(THREADS))
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    // 32 neighbours cover 4 quads of channels by 8 of pixels: nearly square, so they read few different values.
    let lane = thread % 32u;
    let block = thread / 32u;
    let column = lane % 8u + 8u * (block % $(ACROSS / 8)u);
    let row = lane / 8u + 4u * (block / $(ACROSS / 8)u);

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
    weight_tile[0][weight_depth + $(s * DEPTH / WEIGHT_LOADS)u][weight_quad] = vec4<f32>(weight_$(s));
    //end
    //each s INPUT_LOADS
    var input_$(s) = fetch_input(input_at, tap, input_depth + $(s * DEPTH / INPUT_LOADS)u);
    input_tile[0][input_depth + $(s * DEPTH / INPUT_LOADS)u][input_quad] = vec4<f32>(input_$(s));
    //end
    //each r ROWS
    //each c COLUMNS / 4
    var sum_$(r)_$(c) = vec4<f32>();
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
        //each d DEPTH
        {
            //each r ROWS / 4
            let w_$(r) = weight_tile[buffer][$(d)][row + $(r * DOWN)u];
            //end
            //each c COLUMNS / 4
            let x_$(c) = input_tile[buffer][$(d)][column + $(c * ACROSS)u];
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
            weight_tile[buffer][weight_depth + $(s * DEPTH / WEIGHT_LOADS)u][weight_quad] = vec4<f32>(weight_$(s));
            //end
            //each s INPUT_LOADS
            input_tile[buffer][input_depth + $(s * DEPTH / INPUT_LOADS)u][input_quad] = vec4<f32>(input_$(s));
            //end
        }
        workgroupBarrier();
    }

    let first_row = group.y * $(WEIGHT_QUADS)u + row;
    let first_quad = group.x * $(INPUT_QUADS)u + column;
    //each r ROWS
    //each c COLUMNS / 4
    store(group.z, (first_row + $(r / 4 * DOWN)u) * 4u + $(r % 4)u, first_quad + $(c * ACROSS)u, sum_$(r)_$(c));
    //end
    //end
}
