// Each thread computes one pixel of one output channel: for convolutions in groups, and those whose rows are not whole quads.

struct Shape {
    channels: u32,
    height: u32,
    width: u32,
    outputs: u32,
    output_height: u32,
    output_width: u32,
    above: u32,
    left: u32,
    // Of a group.
    group_channels: u32,
    group_outputs: u32,
    // Of all that comes out.
    elements: u32,
}

@group(0) @binding(0) var<uniform> shape: Shape;
// [batch, outputs, output_height, output_width]
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
// [outputs, group_channels, taps], or [taps, channels, outputs filled up to quads] for one group
@group(0) @binding(2) var<storage, read> weights: array<f32>;
// [batch, channels, height, width]
@group(0) @binding(3) var<storage, read> input: array<f32>;
//each _ BIAS
@group(0) @binding(4) var<storage, read> biases: array<f32>;
//end
//each _ RESIDUAL
@group(0) @binding(5) var<storage, read> residual: array<f32>;
//end

fn elements() -> u32 {
    return shape.elements;
}

fn element(index: u32) {
    let x = index % shape.output_width;
    let line = index / shape.output_width;
    let y = line % shape.output_height;
    let plane = line / shape.output_height;
    let channel = plane % shape.outputs;
    let batch = plane / shape.outputs;
    let first = channel / shape.group_outputs * shape.group_channels;
    var value = 0.0;
    for (var c = 0u; c < shape.group_channels; c++) {
        let plane_row = (batch * shape.channels + first + c) * shape.height;
        for (var dy = 0u; dy < $(WINDOW_HEIGHT)u; dy++) {
            // Too high by the zeros above, so that nothing is below zero.
            let row = y * $(STRIDE_Y)u + dy;
            if row < shape.above || row >= shape.above + shape.height {
                continue;
            }
            let line = (plane_row + row - shape.above) * shape.width;
            for (var dx = 0u; dx < $(WINDOW_WIDTH)u; dx++) {
                let column = x * $(STRIDE_X)u + dx;
                if column < shape.left || column >= shape.left + shape.width {
                    continue;
                }
                let tap = dy * $(WINDOW_WIDTH)u + dx;
                //each _ GROUPED
                let weight = weights[(channel * shape.group_channels + c) * $(WINDOW_HEIGHT * WINDOW_WIDTH)u + tap];
                //end
                //each _ 1 - GROUPED
                let weight = weights[(tap * shape.channels + c) * ((shape.outputs + 3u) / 4u * 4u) + channel];
                //end
                value = fma(weight, input[line + column - shape.left], value);
            }
        }
    }
    //each _ BIAS
    value += biases[channel];
    //end
    value = ended(value);
    //each _ RESIDUAL
    value += residual[index];
    //end
    output[index] = value;
}
