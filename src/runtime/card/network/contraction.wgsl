// Each thread sums products for $(ROWS) elements that share one of the factors.

struct Shape {
    // Of all threads.
    elements: u32,
    depth: u32,
    output_row: u32,
    left: u32,
    left_row: u32,
    left_depth: u32,
    right: u32,
    right_depth: u32,
    extents: array<vec4<u32>, 2>,
    // How far apart neighbours along each axis are.
    output_strides: array<vec4<u32>, 2>,
    left_strides: array<vec4<u32>, 2>,
    right_strides: array<vec4<u32>, 2>,
}

@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> left: array<f32>;
@group(0) @binding(3) var<storage, read> right: array<f32>;

fn elements() -> u32 {
    return shape.elements;
}

fn element(index: u32) {
    var rest = index;
    var at = vec3<u32>(0u, shape.left, shape.right);
    //each d RANK
    {
        let extent = shape.extents[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)];
        at += rest % extent * vec3<u32>(
            shape.output_strides[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)],
            shape.left_strides[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)],
            shape.right_strides[$((RANK - 1 - d) / 4)][$((RANK - 1 - d) % 4)],
        );
        rest /= extent;
    }
    //end
    //each r ROWS
    var sum_$(r) = 0.0;
    //end
    for (var k = 0u; k < shape.depth; k++) {
        let factor = right[at.z];
        //each r ROWS
        sum_$(r) = fma(left[at.y + $(r)u * shape.left_row], factor, sum_$(r));
        //end
        at.y += shape.left_depth;
        at.z += shape.right_depth;
    }
    //each r ROWS
    output[at.x + $(r)u * shape.output_row] = sum_$(r);
    //end
}
