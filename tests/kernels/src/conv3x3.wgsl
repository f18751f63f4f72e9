// A 3x3 convolution is nine products of matrices, one for each tap, with the pixels shifted and zeros outside the picture.
// Threads: see the tile that this is joined with.

// [batch, channels, height, width]: single values, because three of nine shifts begin inside a quad.
@group(0) @binding(3) var<storage, read> input: array<real>;

struct Place {
    // Of the first channel of this row of the batch.
    plane: u32,
    // The leftmost of four pixels.
    x: u32,
    y: u32,
    inside: bool,
}

fn place(batch: u32, quad: u32) -> Place {
    let across = shape.width / 4u;
    let y = quad / across;
    return Place(batch * shape.channels * shape.width * shape.height, (quad - y * across) * 4u, y, y < shape.height);
}

fn fetch_input(place: Place, tap: u32, channel: u32) -> vec4<real> {
    // One too high, so that nothing is below zero.
    let x = place.x + tap % 3u;
    let y = place.y + tap / 3u;
    var values = vec4<real>();
    if place.inside && channel < shape.channels && y >= 1u && y <= shape.height {
        let row = place.plane + (channel * shape.height + y - 1u) * shape.width;
        if x >= 1u {
            values.x = input[row + x - 1u];
        }
        values.y = input[row + x];
        values.z = input[row + x + 1u];
        if x + 2u < shape.width {
            values.w = input[row + x + 2u];
        }
    }
    return values;
}
