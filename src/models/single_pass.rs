//! Models that fill a hole in one run of one graph.

use futures_util::future::LocalBoxFuture;
use serde::Deserialize;

use crate::{
    mask::Mask,
    models::{Backend, InferError, Inpainter, Run, Session, Tensor, TensorData, Tile, TileSpec},
    tensor::{Rgb, Unit},
};

/// What a single-pass graph takes and gives. Pictures are `[1, 3, h, w]`, red first; masks `[1, 1, h, w]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinglePassContract {
    /// The inputs that picture and mask go into.
    pub input: PictureInput,
    /// Numbers of the picture, and of the mask: its highest is that of a white pixel, its lowest 0.
    pub input_values: PixelValues,
    /// What the mask's highest number stands for.
    pub mask_marks: MaskMarks,
    /// What the graph gets to see where the hole is.
    pub hole_pixels: HolePixels,
    /// Name of the output; none if the graph has but one, whatever it is called.
    pub output: Option<String>,
    /// Numbers of the output.
    pub output_values: PixelValues,
    /// Sides of the square tiles it takes, in pixels, ascending.
    pub tile_sides: Vec<u32>,
}

/// The inputs that picture and mask go into.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum PictureInput {
    /// One for each.
    Separate {
        /// Name of the picture's.
        image: String,
        /// Name of the mask's.
        mask: String,
    },
    /// One for both, `[1, 4, h, w]`: the mask is the last channel.
    Joined {
        /// Its name.
        name: String,
    },
}

/// How brightness is written as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PixelValues {
    /// 32-bit floats in `[0, 1]`.
    UnitFloats,
    /// 32-bit floats in `[0, 255]`.
    ByteFloats,
    /// Unsigned bytes.
    Bytes,
}

/// What the highest number of a mask stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskMarks {
    /// A pixel to be filled.
    Hole,
    /// A pixel to be kept.
    Surroundings,
}

/// What a graph gets to see where the hole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolePixels {
    /// Black.
    Zero,
    /// The tile's own pixels.
    AsTheyAre,
}

/// An [`Inpainter`] over one graph that takes image and mask and returns the repainted image.
#[derive(Debug)]
pub struct SinglePass<S> {
    session: S,
    contract: SinglePassContract,
    spec: TileSpec,
}

impl PixelValues {
    /// Brightness in `[0, 1]` as such numbers.
    fn encode(self, brightness: Vec<f32>) -> TensorData {
        match self {
            Self::UnitFloats => TensorData::F32(brightness),
            Self::ByteFloats => TensorData::F32(brightness.into_iter().map(|value| value * 255.0).collect()),
            Self::Bytes => TensorData::U8(brightness.into_iter().map(|value| (value * 255.0).round() as u8).collect()),
        }
    }

    /// Such numbers as brightness, clamped to `[0, 1]`; none if they are of another type.
    fn decode(self, data: TensorData) -> Option<Vec<f32>> {
        let white = if self == Self::UnitFloats { 1.0 } else { 255.0 };
        match (self, data) {
            (Self::UnitFloats | Self::ByteFloats, TensorData::F32(mut values)) => {
                for value in &mut values {
                    *value = (*value / white).clamp(0.0, 1.0);
                }
                Some(values)
            }
            (Self::Bytes, TensorData::U8(values)) => {
                Some(values.into_iter().map(|value| f32::from(value) / white).collect())
            }
            _ => None,
        }
    }
}

impl SinglePassContract {
    fn inputs(&self, tile: &Tile) -> Vec<Tensor> {
        let (width, height) = (tile.size().width() as usize, tile.size().height() as usize);
        let mask = tile.mask.as_bytes();
        let is_hole = |index: usize| mask[index % mask.len()] == Mask::FILL;
        let is_zero = |index| self.hole_pixels == HolePixels::Zero && is_hole(index);
        let seen = |(index, &value): (usize, &f32)| if is_zero(index) { 0.0 } else { value };
        let is_marked = |index| is_hole(index) == (self.mask_marks == MaskMarks::Hole);
        let mut image: Vec<f32> = tile.image.as_slice().iter().enumerate().map(seen).collect();
        let marks = (0..mask.len()).map(|index| f32::from(u8::from(is_marked(index))));
        let tensor = |name: &str, channels, values| Tensor {
            name: name.to_owned(),
            shape: vec![1, channels, height, width],
            data: self.input_values.encode(values),
        };
        match &self.input {
            PictureInput::Separate { image: name, mask } => {
                vec![tensor(name, 3, image), tensor(mask, 1, marks.collect())]
            }
            PictureInput::Joined { name } => {
                image.extend(marks);
                vec![tensor(name, 4, image)]
            }
        }
    }

    fn output(&self, outputs: Vec<Tensor>) -> Result<Vec<f32>, InferError> {
        let is_the_only = outputs.len() == 1;
        let is_meant = |tensor: &Tensor| self.output.as_ref().map_or(is_the_only, |name| tensor.name == *name);
        let found = outputs.into_iter().find(is_meant);
        found.and_then(|tensor| self.output_values.decode(tensor.data)).ok_or_else(|| InferError::MissingOutput {
            name: self.output.clone().unwrap_or_else(|| "single output".to_owned()),
        })
    }
}

impl<S: Session> SinglePass<S> {
    /// Wraps a session whose graph keeps `contract`.
    pub fn new(session: S, contract: SinglePassContract) -> Self {
        let spec = TileSpec { sides: contract.tile_sides.clone() };
        Self { session, contract, spec }
    }
}

impl<S: Session> Inpainter for SinglePass<S> {
    fn spec(&self) -> &TileSpec {
        &self.spec
    }

    fn backend(&self) -> Backend {
        self.session.backend()
    }

    fn fill<'a>(&'a mut self, tile: &'a Tile, run: &'a dyn Run) -> LocalBoxFuture<'a, Result<Rgb<Unit>, InferError>> {
        Box::pin(async move {
            run.step(0, 1)?;
            let inputs = self.contract.inputs(tile);
            let outputs = self.session.run(inputs).await?;
            run.step(1, 1)?;
            Ok(Rgb::from_vec(tile.size(), self.contract.output(outputs)?)?)
        })
    }
}
