//! Weights that come after the end of the file.

use brushaway::onnx::{
    Derived, RewriteOptions,
    proto::{Attribute, Graph, Model, Node, Tensor},
    rewrite,
};
use prost::Message as _;

use crate::build::{alone, assert_equal, graph, model, rows_of, run, weight};

/// Bytes before the weights, so that offsets matter.
const AHEAD: usize = 100;

/// Moves the floats of initialisers into a file.
fn outside(mut graph: Graph) -> (Graph, Vec<u8>) {
    let mut file = vec![7; AHEAD];
    for tensor in
        graph.initializer.iter_mut().filter(|tensor| tensor.data_type() == Tensor::FLOAT && tensor.dims.len() > 1)
    {
        let bytes = tensor.raw_data.take().unwrap();
        let (offset, length) = (file.len() as u64, bytes.len() as u64);
        *tensor = Tensor::of_file(tensor.name(), &tensor.dims, Tensor::FLOAT, "weights", offset, length);
        file.extend(bytes);
    }
    (graph, file)
}

/// Reads the weights of a graph back from the file.
fn inside(graph: &[u8], file: &[u8]) -> Vec<u8> {
    let mut model = Model::decode(graph).unwrap();
    for tensor in &mut model.graph.as_mut().unwrap().initializer {
        if let Some(span) = tensor.span() {
            let bytes = file[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()].to_vec();
            *tensor = Tensor::of_bytes(tensor.name(), &tensor.dims, tensor.data_type(), bytes);
        }
    }
    model.encode_to_vec()
}

/// Both kinds of derived weight; the convolution's is longer than one piece.
fn two_kinds() -> Graph {
    let nodes = vec![
        Node::new("Conv", &["x", "large", "bias"], "c").with(Attribute::of_ints("pads", &[7, 7, 7, 7])),
        Node::new("Resize", &["c", "", "scales"], "r")
            .with(Attribute::of_text("mode", "nearest"))
            .with(Attribute::of_text("coordinate_transformation_mode", "asymmetric"))
            .with(Attribute::of_text("nearest_mode", "floor")),
        Node::new("Conv", &["r", "small"], "y").with(Attribute::of_ints("pads", &[1, 1, 1, 1])),
    ];
    let scales = Tensor::of_floats("scales", &[4], &[1.0, 1.0, 2.0, 2.0]);
    let weights =
        vec![weight("large", &[256, 1, 15, 15], 2), weight("bias", &[256], 3), weight("small", &[600, 256, 3, 3], 4)];
    graph(&rows_of(&[1, 4, 4]), nodes, [vec![scales], weights].concat())
}

#[test]
fn are_computed_piece_by_piece_from_what_is_in_it() {
    let graph = two_kinds();
    let before = model(graph.clone());
    let (graph, mut file) = outside(graph);
    let after = rewrite(&model(graph), beside(&file)).unwrap();
    assert_eq!(after.derived.len(), 2);
    assert!(after.derived.iter().any(|derived| derived.pieces().count() > 1));
    file.extend(computed(&after.derived, &file));
    let after = inside(&after.graph, &file);
    assert_equal(&run(&before, &[1, 1, 4, 4]), &run(&after, &[1, 1, 4, 4]));
}

fn beside(file: &[u8]) -> RewriteOptions<'static> {
    RewriteOptions { file_bytes: file.len() as u64, ..alone(None) }
}

/// All weights that are made of those in a file.
fn computed(derived: &[Derived], published: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    for derived in derived {
        let mut weights: Vec<Vec<u8>> = Vec::new();
        for piece in derived.pieces() {
            assert!(piece.end - piece.start <= 4 << 20);
            let piece = usize::try_from(piece.start).unwrap()..usize::try_from(piece.end).unwrap();
            let made = derived.compute(&published[piece]);
            weights.resize_with(made.len(), Vec::new);
            weights.iter_mut().zip(made).for_each(|(weight, bytes)| weight.extend(bytes));
        }
        assert_eq!(derived.len_bytes(), weights.iter().map(Vec::len).sum::<usize>() as u64);
        file.extend(weights.concat());
    }
    file
}

#[test]
fn the_graph_names_the_file_as_it_is_told() {
    let (graph, file) = outside(two_kinds());
    let options = RewriteOptions { location: "elsewhere", ..beside(&file) };
    let after = Model::decode(rewrite(&model(graph), options).unwrap().graph.as_slice()).unwrap();
    let places = after.graph.unwrap().initializer.into_iter().flat_map(|tensor| tensor.external_data);
    let named: Vec<String> =
        places.filter(|entry| entry.key() == "location").map(|entry| entry.value().to_owned()).collect();
    assert_eq!(named.iter().filter(|name| *name == "elsewhere").count(), 5);
}
