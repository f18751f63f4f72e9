// What is fetched for a tile, as it lies in memory. It is widened only when it is put into the tile: widening it where it is fetched
// would wait for memory before there is anything to compute. No thread begins here.

//each _ WEIGHT_HALVES
alias FetchedWeight = vec2<u32>;

fn widened_weight(found: FetchedWeight) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(found.x), unpack2x16float(found.y));
}
//end
//each _ 1 - WEIGHT_HALVES
alias FetchedWeight = vec4<f32>;

fn widened_weight(found: FetchedWeight) -> vec4<f32> {
    return found;
}
//end
//each _ INPUT_HALVES
alias FetchedInput = vec2<u32>;

fn widened_input(found: FetchedInput) -> vec4<f32> {
    return vec4<f32>(unpack2x16float(found.x), unpack2x16float(found.y));
}
//end
//each _ 1 - INPUT_HALVES
alias FetchedInput = vec4<f32>;

fn widened_input(found: FetchedInput) -> vec4<f32> {
    return found;
}
//end
