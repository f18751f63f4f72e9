// What becomes of a sum, or of four, once the bias is added. No thread begins here.

//each _ VECTOR
alias result = vec4<f32>;
//end
//each _ 1 - VECTOR
alias result = f32;
//end

fn ended(sum: result) -> result {
    var made = sum;
    //each _ SILU
    made = made / (1.0 + exp(-made));
    //end
    //each _ RELU
    made = max(made, result());
    //end
    return made;
}
