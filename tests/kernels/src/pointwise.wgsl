// A 1x1 convolution is a product of matrices: weights [outputs, channels] by pixels [channels, height * width].
// Threads: see the tile that this is joined with.

// [batch, channels, height * width / 4]
@group(0) @binding(3) var<storage, read> input: array<vec4<real>>;

struct Place {
    // Of the quad in the first channel.
    at: u32,
    inside: bool,
}

fn place(batch: u32, quad: u32) -> Place {
    let quads = shape.width * shape.height / 4u;
    return Place(batch * shape.channels * quads + quad, quad < quads);
}

fn fetch_input(place: Place, tap: u32, channel: u32) -> vec4<real> {
    if place.inside && channel < shape.channels {
        return input[place.at + channel * (shape.width * shape.height / 4u)];
    }
    return vec4<real>();
}
