//! The models that Brushaway knows, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::models::LatentContract;

pub use crate::imaging::texture::TextureStep;

/// A model's short name in the catalogue, in messages and in settings.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ModelId(pub String);

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All known models, the built-in one first.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// In the order in which they are shown.
    #[serde(rename = "model")]
    pub models: Vec<ModelSpec>,
}

/// One model: where it is and how it is spoken to.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Short name.
    pub id: ModelId,
    /// Name for people.
    pub name: String,
    /// SPDX expression.
    pub licence: String,
    /// Its graphs, and how they are spoken to.
    pub network: Network,
    /// The texture step after the network, for models whose fill lacks grain.
    pub texture: Option<TextureStep>,
}

/// The kinds of model that the code can run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Network {
    /// One run of one graph fills the hole.
    SinglePass {
        /// The graph.
        file: FileSpec,
        /// What the graph takes and gives.
        contract: SinglePassContract,
    },
    /// Noise becomes a latent in many runs of one graph, between an encoder and a decoder.
    LatentDiffusion {
        /// From a picture to the moments of its latent.
        encoder: FileSpec,
        /// From a noisy latent to the noise in it.
        denoiser: FileSpec,
        /// From a latent to a picture.
        decoder: FileSpec,
        /// What the graphs take and give.
        contract: Box<LatentContract>,
    },
}

/// A file of the package, or one that a host gives away.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileSpec {
    /// Where it is to be had; none if it is in the package.
    pub hub: Option<HubSpec>,
    /// Relative to the root of the package, or of the repository.
    pub path: String,
    /// Length.
    pub len_bytes: u64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// A repository of models at one state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSpec {
    /// Owner and name.
    pub repository: String,
    /// Commit, so that what is fetched never changes.
    pub revision: String,
}

/// The tensors of a single-pass graph. Floats in `[0, 1]`; in the mask 1 = hole; the hole of the image is zero.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SinglePassContract {
    /// Input `[1, 3, h, w]`, red first.
    pub image: String,
    /// Input `[1, 1, h, w]`.
    pub mask: String,
    /// Output `[1, 3, h, w]`, red first.
    pub output: String,
    /// Sides of the square tiles it takes, in pixels, ascending.
    pub tile_sides: Vec<u32>,
}

/// The catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// Not TOML, or not of this form.
    #[error("catalog.toml: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A model lists no tile sides, or lists them out of order.
    #[error("catalog.toml: the tile sides of {0} must be ascending multiples of 16")]
    TileSides(ModelId),
    /// The numbers of a diffusion model cannot be right.
    #[error("catalog.toml: {0}: {1}")]
    Contract(ModelId, &'static str),
    /// There is no model at all.
    #[error("catalog.toml: no model")]
    Empty,
}

impl ModelSpec {
    /// Graph and contract, if one run of one graph fills a hole.
    pub const fn single_pass(&self) -> Option<(&FileSpec, &SinglePassContract)> {
        match &self.network {
            Network::SinglePass { file, contract } => Some((file, contract)),
            Network::LatentDiffusion { .. } => None,
        }
    }
}

impl Catalog {
    /// The catalogue that was compiled in.
    ///
    /// # Errors
    /// [`CatalogError`]; a test proves that it does not happen for the shipped file.
    pub fn shipped() -> Result<Self, CatalogError> {
        Self::parse(include_str!("catalog.toml"))
    }

    /// Reads and checks a catalogue.
    ///
    /// # Errors
    /// [`CatalogError`] if it is not of the right form.
    pub fn parse(text: &str) -> Result<Self, CatalogError> {
        let catalog: Self = toml::from_str(text)?;
        if catalog.models.is_empty() {
            return Err(CatalogError::Empty);
        }
        for model in &catalog.models {
            match &model.network {
                Network::SinglePass { contract, .. } => {
                    let sides = &contract.tile_sides;
                    let ascending = sides.windows(2).all(|pair| pair[0] < pair[1]);
                    if sides.is_empty() || !ascending || sides.iter().any(|side| *side == 0 || side % 16 != 0) {
                        return Err(CatalogError::TileSides(model.id.clone()));
                    }
                }
                Network::LatentDiffusion { contract, .. } => {
                    contract.check().map_err(|reason| CatalogError::Contract(model.id.clone(), reason))?;
                }
            }
        }
        Ok(catalog)
    }

    /// The model of this name.
    pub fn find(&self, id: &str) -> Option<&ModelSpec> {
        self.models.iter().find(|model| model.id.0 == id)
    }

    /// The model that ships inside the package.
    pub fn built_in(&self) -> Option<&ModelSpec> {
        self.models.first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_valid() {
        let catalog = Catalog::shipped().unwrap();
        assert_eq!(catalog.built_in().unwrap().id.0, "lite");
    }

    #[test]
    fn sides_that_no_network_takes_are_refused() {
        let text = include_str!("catalog.toml");
        for wrong in ["[]", "[512, 256]", "[250]", "[0, 512]"] {
            let text = text.replace("[256, 512]", wrong);
            assert!(matches!(Catalog::parse(&text), Err(CatalogError::TileSides(_))), "{wrong}");
        }
        assert!(matches!(Catalog::parse("model = []"), Err(CatalogError::Empty)));
        assert!(matches!(Catalog::parse("models = 3"), Err(CatalogError::Syntax(_))));
    }
}
