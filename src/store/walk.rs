//! Where the weights are in an ONNX file, and what to write instead.

use std::ops::Range;

use super::{
    Disk, SplitError, SplitOptions,
    wire::{Field, Value, Window, put_bytes, put_varint},
};

/// Graphs in attributes of nodes in graphs: nobody nests more than a few.
const MAX_DEPTH: usize = 64;

/// Of `TensorProto`: where the data is, and if elsewhere, where exactly.
const DATA_LOCATION: u64 = 14;
const EXTERNAL_DATA: u64 = 13;
const RAW_DATA: u64 = 9;

/// Bytes of the file that are replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit {
    /// Where they are; empty where something is only added.
    pub(super) span: Range<u64>,
    /// What takes their place.
    pub(super) with: Vec<u8>,
}

/// All that is to be changed.
#[derive(Debug, Default)]
pub(super) struct Edits {
    /// In the order of the file, without overlaps.
    pub(super) list: Vec<Edit>,
    /// How many tensors become external.
    pub(super) tensors: usize,
    /// Their bytes.
    pub(super) external_bytes: u64,
}

/// The messages of `onnx.proto` that have weights somewhere in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
}

impl Message {
    /// The message in a field, if there may be weights in it. Left inline: sparse tensors and model-local functions,
    /// where runtimes are less used to external data.
    const fn field(self, number: u64) -> Option<Self> {
        match (self, number) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) => Some(Self::Graph),
            (Self::Graph, 1) => Some(Self::Node),
            (Self::Graph | Self::Attribute, 5) => Some(Self::Tensor),
            (Self::Node, 5) => Some(Self::Attribute),
            _ => None,
        }
    }
}

/// A message that is being walked through.
struct Open {
    message: Message,
    /// Where its length is written and its body begins; empty for the model, whose length is the file's.
    len_span: Range<u64>,
    end: u64,
    /// How many bytes of its body go, and how many come.
    removed: u64,
    added: u64,
    /// In a tensor: the data that goes out.
    weights: Option<Range<u64>>,
}

impl Open {
    const fn new(message: Message, len_span: Range<u64>, end: u64) -> Self {
        Self { message, len_span, end, removed: 0, added: 0, weights: None }
    }
}

/// Finds every large tensor and how the messages around it change. Memory: the list of edits.
pub(super) async fn walk(
    file_bytes: u64,
    options: SplitOptions<'_>,
    window: &mut Window<'_>,
    disk: &dyn Disk,
) -> Result<Edits, SplitError> {
    let mut edits = Edits::default();
    let mut stack = vec![Open::new(Message::Model, 0..0, file_bytes)];
    let (mut at, mut has_graph) = (0, false);
    while let Some(open) = stack.last_mut() {
        if at == open.end {
            close(&mut stack, &mut edits, options.location);
            continue;
        }
        let field = window.field(disk, at, open.end).await?;
        at = field.span.end;
        if let (Some(message), Value::Bytes { len_at, body }) = (open.message.field(field.number), &field.value) {
            has_graph |= open.message == Message::Model;
            if stack.len() == MAX_DEPTH {
                return Err(SplitError::Malformed { at_byte: field.span.start });
            }
            at = body.start;
            stack.push(Open::new(message, *len_at..body.start, body.end));
        } else if open.message == Message::Tensor {
            tensor_field(&field, open, options.inline_bytes, &mut edits)?;
        }
    }
    if !has_graph {
        return Err(SplitError::NoGraph);
    }
    edits.list.sort_by_key(|edit| edit.span.start);
    Ok(edits)
}

fn tensor_field(field: &Field, tensor: &mut Open, inline_bytes: u64, edits: &mut Edits) -> Result<(), SplitError> {
    match (field.number, &field.value) {
        (EXTERNAL_DATA, _) => Err(SplitError::AlreadyExternal { at_byte: field.span.start }),
        (DATA_LOCATION, Value::Number(location)) if *location != 0 => {
            Err(SplitError::AlreadyExternal { at_byte: field.span.start })
        }
        // Legal, the last one counts; but nobody writes that.
        (RAW_DATA, _) if tensor.weights.is_some() => Err(SplitError::Malformed { at_byte: field.span.start }),
        (RAW_DATA, Value::Bytes { body, .. }) if body.end - body.start > inline_bytes => {
            tensor.weights = Some(body.clone());
            tensor.removed += field.span.end - field.span.start;
            edits.list.push(Edit { span: field.span.clone(), with: Vec::new() });
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Leaves a message: writes what its tensor needs at its end, and its new length before it.
fn close(stack: &mut Vec<Open>, edits: &mut Edits, location: &str) {
    let Some(mut open) = stack.pop() else { return };
    if let Some(weights) = open.weights.take() {
        // At the end, because there it outweighs a `data_location` that says "here".
        let with = reference(location, &weights);
        open.added += with.len() as u64;
        edits.list.push(Edit { span: open.end..open.end, with });
        edits.tensors += 1;
        edits.external_bytes += weights.end - weights.start;
    }
    let Some(parent) = stack.last_mut() else { return };
    if open.removed > 0 {
        let mut with = Vec::new();
        put_varint(&mut with, open.end - open.len_span.end - open.removed + open.added);
        parent.removed += open.removed + (open.len_span.end - open.len_span.start);
        parent.added += open.added + with.len() as u64;
        edits.list.push(Edit { span: open.len_span, with });
    }
}

/// The fields that say: the data is there. The order is that of `onnx.save`.
fn reference(location: &str, weights: &Range<u64>) -> Vec<u8> {
    let (offset, length) = (weights.start.to_string(), (weights.end - weights.start).to_string());
    let mut fields = Vec::new();
    for (key, value) in [("location", location), ("offset", &offset), ("length", &length)] {
        let mut entry = Vec::new();
        put_bytes(&mut entry, 1, key.as_bytes());
        put_bytes(&mut entry, 2, value.as_bytes());
        put_bytes(&mut fields, EXTERNAL_DATA, &entry);
    }
    put_varint(&mut fields, DATA_LOCATION << 3);
    put_varint(&mut fields, 1);
    fields
}
