//! The number of rows of a batch is fixed.

use crate::onnx::proto::{Dimension, Graph, ValueInfo};

/// Gives the open first extent of each input this value, and all extents of the same name.
pub(crate) fn run(graph: &mut Graph, rows: i64) {
    let mut names = Vec::new();
    for input in &mut graph.input {
        if let Some(first) =
            extents(input).and_then(|extents| extents.first_mut()).filter(|first| first.value.is_none())
        {
            names.extend(first.param.take().filter(|name| !name.is_empty()));
            first.value = Some(rows);
        }
    }
    for info in graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info) {
        for extent in extents(info).into_iter().flatten() {
            if extent.param.as_ref().is_some_and(|name| names.contains(name)) {
                (extent.param, extent.value) = (None, Some(rows));
            }
        }
    }
}

fn extents(info: &mut ValueInfo) -> Option<&mut Vec<Dimension>> {
    Some(&mut info.r#type.as_mut()?.tensor.as_mut()?.shape.as_mut()?.dim)
}
