// Each thread sums the products of one row and one column: for matrices too small for tiles.

// [batch, rows, columns]
@group(0) @binding(1) var<storage, read_write> output: array<f32>;
@group(0) @binding(2) var<storage, read> left: array<f32>;
@group(0) @binding(3) var<storage, read> right: array<f32>;
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
    let column = index % shape.columns;
    let line = index / shape.columns;
    let row = line % shape.rows;
    let batch = line / shape.rows;
    var left_place = left_at(batch, row);
    var right_place = right_at(batch, column);
    var value = 0.0;
    for (var d = 0u; d < shape.depth; d++) {
        value = fma(left[left_place], right[right_place], value);
        left_place += shape.left_depth;
        right_place += shape.right_depth;
    }
    //each _ BIAS
    value += biases[column];
    //end
    value = ended(value);
    //each _ RESIDUAL
    value += residual[index];
    //end
    output[index] = value;
}
