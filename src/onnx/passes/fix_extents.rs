//! Extents that a caller chooses once and for all are fixed.

use crate::onnx::proto::{Dimension, Graph, ValueInfo};

/// Axes of a picture's height and width in an input of four.
const PICTURE: [usize; 2] = [2, 3];

/// Gives the open first extent of each input the number of `rows`, and the open height and width of each input of four axes
/// the `side`; and so all extents of the same names.
pub(crate) fn run(graph: &mut Graph, rows: Option<i64>, side: Option<i64>) {
    let mut named = Vec::new();
    for input in &mut graph.input {
        let Some(extents) = extents(input) else { continue };
        let is_picture = extents.len() == 4;
        for (axis, extent) in extents.iter_mut().enumerate().filter(|(_, extent)| extent.value.is_none()) {
            let value = if axis == 0 { rows } else { side.filter(|_| is_picture && PICTURE.contains(&axis)) };
            if let Some(value) = value {
                named.extend(extent.param.take().filter(|name| !name.is_empty()).map(|name| (name, value)));
                extent.value = Some(value);
            }
        }
    }
    for info in graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info) {
        for extent in extents(info).into_iter().flatten() {
            let value = named.iter().find(|(name, _)| extent.param.as_ref() == Some(name)).map(|(_, value)| *value);
            if value.is_some() {
                (extent.param, extent.value) = (None, value);
            }
        }
    }
}

fn extents(info: &mut ValueInfo) -> Option<&mut Vec<Dimension>> {
    Some(&mut info.r#type.as_mut()?.tensor.as_mut()?.shape.as_mut()?.dim)
}
