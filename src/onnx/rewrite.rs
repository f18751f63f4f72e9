//! All passes over one graph.

use prost::Message as _;

use super::{
    derive::{Derivations, Derived},
    passes,
    proto::{Model, OperatorSet},
};

/// What is known about how a graph will be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RewriteOptions<'a> {
    /// What the graph calls the file that its large weights are in.
    pub location: &'a str,
    /// The length of that file. Weights that are derived come after it.
    pub file_bytes: u64,
    /// How many rows each run has, if always as many. Otherwise the first extent of the inputs stays open.
    pub rows: Option<u32>,
    /// How many pixels high and wide pictures are, if always as many. Otherwise these extents stay open.
    pub side: Option<u32>,
    /// Who will run it.
    pub kernels: Kernels,
}

/// Who runs a graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kernels {
    /// A runtime for ONNX graphs.
    Runtime,
    /// Kernels of our own, by a [`Plan`](super::plan::Plan).
    Own,
}

/// A graph after all passes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// The bytes of an ONNX model.
    pub graph: Vec<u8>,
    /// Weights that are made of those in the file, in the order in which the graph counts on them: after all of
    /// the file.
    pub derived: Vec<Derived>,
    /// How many nodes it had.
    pub nodes_before: usize,
    /// How many nodes it has.
    pub nodes_after: usize,
}

/// Why a graph was not rewritten.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// It cannot be read.
    #[error("the graph cannot be read: {0}")]
    Malformed(#[from] prost::DecodeError),
    /// There is no graph in the model.
    #[error("the model has no graph")]
    NoGraph,
    /// Its operators may mean something else than is known here.
    #[error("the model defines operators of its own")]
    OwnOperators,
}

/// Rewrites a graph whose large weights are in another file.
///
/// # Errors
/// [`RewriteError`]; the graph can then be run as it is.
pub fn rewrite(model: &[u8], options: RewriteOptions<'_>) -> Result<Rewritten, RewriteError> {
    let mut model = Model::decode(model)?;
    if !model.functions.is_empty() {
        return Err(RewriteError::OwnOperators);
    }
    let graph = model.graph.as_mut().ok_or(RewriteError::NoGraph)?;
    let nodes_before = graph.node.len();
    passes::fix_extents::run(graph, options.rows.map(i64::from), options.side.map(i64::from));
    let mut derivations = Derivations::new(options.location, options.file_bytes);
    passes::fold_shapes::run(graph);
    let merged = passes::merge_sigmoid::run(graph);
    passes::attend_to_keys::run(graph);
    passes::summarise_keys::run(graph);
    passes::shrink_upsampling::run(graph, &mut derivations);
    if options.kernels == Kernels::Runtime {
        // It has no kernel for them as they are.
        passes::block_columns::run(graph, &mut derivations);
    }
    // What they added may stand beside what was there.
    passes::fold_shapes::run(graph);
    let nodes_after = graph.node.len();
    if merged > 0 {
        import(&mut model.opset_import, passes::merge_sigmoid::DOMAIN);
    }
    Ok(Rewritten { graph: model.encode_to_vec(), derived: derivations.list, nodes_before, nodes_after })
}

/// Says that operators of a domain are used.
fn import(sets: &mut Vec<OperatorSet>, domain: &str) {
    if sets.iter().all(|set| set.domain() != domain) {
        sets.push(OperatorSet { domain: Some(domain.to_owned()), version: Some(1) });
    }
}
