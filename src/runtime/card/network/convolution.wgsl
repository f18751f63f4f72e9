// A convolution is a product of matrices for each tap of its window, with the pixels shifted and zeros outside the picture: rows
// are output channels, columns are pixels. Threads: see the tile that this is joined with.

struct Shape {
    channels: u32,
    height: u32,
    width: u32,
    outputs: u32,
    output_height: u32,
    output_width: u32,
    above: u32,
    left: u32,
}

const TAPS = $(WINDOW_HEIGHT * WINDOW_WIDTH)u;

@group(0) @binding(0) var<uniform> shape: Shape;
// [batch, outputs, output_height * output_width / 4]
@group(0) @binding(1) var<storage, read_write> output: array<vec4<f32>>;
// [taps, channels, outputs / 4], filled up with zeros
@group(0) @binding(2) var<storage, read> weights: array<FetchedWeight>;
//each _ POINTWISE
// [batch, channels, height * width / 4]
@group(0) @binding(3) var<storage, read> input: array<vec4<f32>>;
//end
//each _ 1 - POINTWISE
// [batch, channels, height, width]: single values, because shifts begin inside a quad.
@group(0) @binding(3) var<storage, read> input: array<f32>;
//end
//each _ BIAS
@group(0) @binding(4) var<storage, read> biases: array<f32>;
//end
//each _ RESIDUAL
// As `output`.
@group(0) @binding(5) var<storage, read> residual: array<vec4<f32>>;
//end

fn depth() -> u32 {
    return shape.channels;
}

// Four neighbouring output channels.
fn weight_place(batch: u32, quad: u32) -> u32 {
    return quad;
}

fn fetch_weight(quad: u32, tap: u32, channel: u32) -> FetchedWeight {
    let quads = (shape.outputs + 3u) / 4u;
    if channel < shape.channels && quad < quads {
        return weights[(tap * shape.channels + channel) * quads + quad];
    }
    return FetchedWeight();
}

struct Place {
    // Of the first channel of this picture; by fours if the window is one pixel.
    plane: u32,
    // The leftmost of four pixels that come out; all of them counted in one row if the window is one pixel.
    x: u32,
    y: u32,
    inside: bool,
}

fn place(batch: u32, quad: u32) -> Place {
    let pixels = shape.width * shape.height;
    //each _ POINTWISE
    return Place(batch * shape.channels * (pixels / 4u), quad, 0u, quad < pixels / 4u);
    //end
    //each _ 1 - POINTWISE
    let across = shape.output_width / 4u;
    let y = quad / across;
    return Place(batch * shape.channels * pixels, (quad - y * across) * 4u, y, y < shape.output_height);
    //end
}

fn fetch_input(place: Place, tap: u32, channel: u32) -> vec4<f32> {
    var values = vec4<f32>();
    //each _ POINTWISE
    if place.inside && channel < shape.channels {
        values = input[place.plane + channel * (shape.width * shape.height / 4u) + place.x];
    }
    //end
    //each _ 1 - POINTWISE
    // Too high by the zeros around, so that nothing is below zero.
    let x = place.x * $(STRIDE_X)u + tap % $(WINDOW_WIDTH)u;
    let y = place.y * $(STRIDE_Y)u + tap / $(WINDOW_WIDTH)u;
    if place.inside && channel < shape.channels && y >= shape.above && y < shape.above + shape.height {
        let row = place.plane + (channel * shape.height + y - shape.above) * shape.width;
        let end = shape.left + shape.width;
        //each j 4
        if x + $(j * STRIDE_X)u >= shape.left && x + $(j * STRIDE_X)u < end {
            values[$(j)] = input[row + x + $(j * STRIDE_X)u - shape.left];
        }
        //end
    }
    //end
    return values;
}

// Four neighbouring pixels of one output channel; `quad` counts pixels by four.
fn store(batch: u32, channel: u32, quad: u32, sum: vec4<f32>) {
    let quads = shape.output_width * shape.output_height / 4u;
    if channel >= shape.outputs || quad >= quads {
        return;
    }
    let at = (batch * shape.outputs + channel) * quads + quad;
    var value = sum;
    //each _ BIAS
    value += vec4<f32>(biases[channel]);
    //end
    value = ended(value);
    //each _ RESIDUAL
    value += residual[at];
    //end
    output[at] = value;
}
