// A convolution of single planes with windows of 15x15, which makes several planes of each. Each thread sums $(COLUMNS)
// neighbouring pixels of $(KEYS) output planes in registers. For each of 15 rows it reads the window
// once and slides it through its registers; a weight that it reads serves all its pixels.

// [planes, height, width / 4]
@group(0) @binding(3) var<storage, read> input: array<vec4<real>>;

var<workgroup> weight_tile: array<array<array<vec4<f32>, $(KEYS / 4)>, 15>, 15>;
// Of each plane: the rows of the tile and 7 more at each side; 8 more columns at each side, so that quads stay whole.
var<workgroup> window_tile: array<array<vec4<f32>, $(WINDOW_QUADS)>, $(PLANES * (DOWN + 14))>;

@compute @workgroup_size($(THREADS))
fn main(@builtin(local_invocation_index) thread: u32, @builtin(workgroup_id) group: vec3<u32>) {
    let key_quads = (shape.outputs + 3u) / 4u;
    let quads_across = shape.width / 4u;
    let tiles_across = (shape.width + $(ACROSS * COLUMNS - 1)u) / $(ACROSS * COLUMNS)u;
    let left_quad = group.x % tiles_across * $(ACROSS * COLUMNS / 4)u;
    let top = group.x / tiles_across * $(DOWN)u;
    let first_plane = group.z * $(PLANES)u;

    for (var i = thread; i < $(225 * KEYS / 4)u; i += $(THREADS)u) {
        let tap = i / $(KEYS / 4)u;
        let key = group.y * $(KEYS / 4)u + i % $(KEYS / 4)u;
        var weight = vec4<real>();
        if key < key_quads {
            weight = weights[tap * key_quads + key];
        }
        weight_tile[tap / 15u][tap % 15u][i % $(KEYS / 4)u] = vec4<f32>(weight);
    }
    for (var i = thread; i < $(PLANES * (DOWN + 14) * WINDOW_QUADS)u; i += $(THREADS)u) {
        let line = i / $(WINDOW_QUADS)u;
        let plane = first_plane + line / $(DOWN + 14)u;
        // Too high by 7 and 2, so that nothing is below zero.
        let y = top + line % $(DOWN + 14)u;
        let quad = left_quad + i % $(WINDOW_QUADS)u;
        var values = vec4<real>();
        if plane < shape.batch && y >= 7u && y < shape.height + 7u && quad >= 2u && quad < quads_across + 2u {
            values = input[(plane * shape.height + y - 7u) * quads_across + quad - 2u];
        }
        window_tile[line][i % $(WINDOW_QUADS)u] = vec4<f32>(values);
    }
    workgroupBarrier();

    let column = thread % $(ACROSS)u;
    let row = thread / $(ACROSS)u % $(DOWN)u;
    let plane = thread / $(ACROSS * DOWN)u;
    let first_line = plane * $(DOWN + 14)u + row;
    //each c COLUMNS
    //each k KEYS / 4
    var sum_$(c)_$(k) = vec4<f32>();
    //end
    //end
    for (var dy = 0u; dy < 15u; dy++) {
        //each q COLUMNS / 4 + 4
        let window_$(q) = window_tile[first_line + dy][column * $(COLUMNS / 4)u + $(q)u];
        //end
        //each dx 15
        {
            //each k KEYS / 4
            let w_$(k) = weight_tile[dy][$(dx)][$(k)];
            //end
            //each c COLUMNS
            //each k KEYS / 4
            sum_$(c)_$(k) = fma(w_$(k), vec4<f32>(window_$((c + dx + 1) / 4)[$((c + dx + 1) % 4)]), sum_$(c)_$(k));
            //end
            //end
        }
        //end
    }

    let x_quad = left_quad + column * $(COLUMNS / 4)u;
    let y = top + row;
    if first_plane + plane >= shape.batch || y >= shape.height {
        return;
    }
    //each q COLUMNS / 4
    if x_quad + $(q)u < quads_across {
        let at = y * quads_across + x_quad + $(q)u;
        let key = group.y * $(KEYS)u;
        //each k KEYS / 4
        //each j 4
        store(
            first_plane + plane,
            key + $(4 * k + j)u,
            at,
            vec4<f32>(sum_$(4 * q)_$(k)[$(j)], sum_$(4 * q + 1)_$(k)[$(j)], sum_$(4 * q + 2)_$(k)[$(j)], sum_$(4 * q + 3)_$(k)[$(j)]),
        );
        //end
        //end
    }
    //end
}
