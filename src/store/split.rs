//! A published `.onnx` file as a small graph whose weights stay where they are: in that file.
//!
//! See `docs/adr/0005-weights-stay-in-the-file-that-came.md`.

use super::{
    Disk, DiskError, StoredFile,
    walk::{Edit, walk},
    wire::Window,
};

/// How a file is split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SplitOptions<'a> {
    /// The name under which the runtime finds the file's own bytes.
    pub location: &'a str,
    /// Weights of at most this length stay in the graph: shapes are among them, which the runtime wants to know early.
    pub inline_bytes: u64,
    /// A graph longer than this is refused: it would be loaded whole.
    pub graph_bytes: u64,
    /// How much of the file is read at once.
    pub window_bytes: u64,
}

impl<'a> SplitOptions<'a> {
    /// What suits all models of the catalogue.
    pub const fn new(location: &'a str) -> Self {
        Self { location, inline_bytes: 1024, graph_bytes: 64 << 20, window_bytes: 64 << 10 }
    }
}

/// A graph without its weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// The bytes of an ONNX model whose large weights are external data in the file it was made from.
    pub graph: Vec<u8>,
    /// How many tensors are external.
    pub tensors: usize,
    /// Their bytes.
    pub external_bytes: u64,
}

/// Why a file was not split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// Not the wire format of protobuf, cut, or nested too deeply.
    #[error("the model is malformed at byte {at_byte}")]
    Malformed {
        /// Where in the file.
        at_byte: u64,
    },
    /// There is no graph in it.
    #[error("the file has no graph")]
    NoGraph,
    /// Its weights are in yet another file.
    #[error("the model keeps weights in another file (byte {at_byte})")]
    AlreadyExternal {
        /// Where in the file that is said.
        at_byte: u64,
    },
    /// Too much of it is not weights as raw bytes.
    #[error("the graph alone would have {graph_bytes} bytes")]
    GraphTooLarge {
        /// Length of the graph.
        graph_bytes: u64,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// Makes a graph whose large weights are external data (`location`, `offset`, `length`) in `file` itself. All else
/// is as in the file, byte for byte. Reads headers and what stays; the weights are jumped over.
///
/// # Errors
/// [`SplitError`].
pub async fn split(file: &StoredFile, options: SplitOptions<'_>, disk: &dyn Disk) -> Result<Split, SplitError> {
    let mut window = Window::new(file, options.window_bytes);
    let edits = walk(file.len_bytes, options, &mut window, disk).await?;
    let removed: u64 = edits.list.iter().map(|edit| edit.span.end - edit.span.start).sum();
    let added: u64 = edits.list.iter().map(|edit| edit.with.len() as u64).sum();
    let graph_bytes = file.len_bytes - removed + added;
    if graph_bytes > options.graph_bytes {
        return Err(SplitError::GraphTooLarge { graph_bytes });
    }
    let mut graph = Vec::with_capacity(graph_bytes as usize);
    let mut at = 0;
    for Edit { span, with } in &edits.list {
        copy(at..span.start, options.window_bytes, &mut window, disk, &mut graph).await?;
        graph.extend_from_slice(with);
        at = span.end;
    }
    copy(at..file.len_bytes, options.window_bytes, &mut window, disk, &mut graph).await?;
    Ok(Split { graph, tensors: edits.tensors, external_bytes: edits.external_bytes })
}

async fn copy(
    span: std::ops::Range<u64>,
    window_bytes: u64,
    window: &mut Window<'_>,
    disk: &dyn Disk,
    out: &mut Vec<u8>,
) -> Result<(), SplitError> {
    let mut at = span.start;
    while at < span.end {
        let bytes = window.peek(disk, at, (span.end - at).min(window_bytes.max(1)) as usize).await?;
        out.extend_from_slice(bytes);
        at += bytes.len() as u64;
        if bytes.is_empty() {
            return Err(SplitError::Malformed { at_byte: at });
        }
    }
    Ok(())
}
