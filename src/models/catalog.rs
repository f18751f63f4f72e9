//! The models that Brushaway knows, as data.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::models::{BackendKind, Graphs, LatentContract, SinglePassContract};

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
    /// How files are fetched.
    #[serde(default)]
    pub fetch: FetchSpec,
    /// In the order in which they are shown.
    #[serde(rename = "model")]
    pub models: Vec<ModelSpec>,
}

/// How files are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FetchSpec {
    /// Bytes per stored part: the most that an interruption can lose, and about what is held in memory.
    pub part_bytes: u64,
    /// How often a broken download is taken up again before that is a fault.
    pub retries: u32,
    /// After so long without a byte a connection counts as broken.
    pub stall_millis: u32,
    /// Before a broken download is taken up again for the first time; doubles each time.
    pub pause_millis: u32,
}

impl Default for FetchSpec {
    fn default() -> Self {
        Self { part_bytes: 32 << 20, retries: 5, stall_millis: 20_000, pause_millis: 1000 }
    }
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
    /// Where it is not to run, because that takes unreasonably long or fails.
    #[serde(default)]
    pub never_on: Vec<BackendKind>,
    /// How long a picture takes, beside the built-in model; none if nobody has measured it.
    pub relative_time: Option<RelativeTime>,
}

/// How long a hole of one tile takes a model, in runs of the built-in model's largest tile on the same backend.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelativeTime {
    /// On the graphics card.
    pub gpu: Runs,
    /// On the processor.
    pub cpu: Runs,
}

/// Runs of the built-in model that take as long.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Runs {
    /// As all that is done once.
    pub once: f64,
    /// As one sampling step.
    #[serde(default)]
    pub step: f64,
}

impl RelativeTime {
    /// Seconds for a hole of one tile in so many sampling steps, where a run of the built-in model takes `run_seconds`.
    pub fn seconds(&self, kind: BackendKind, run_seconds: f64, steps: u32) -> f64 {
        let runs = match kind {
            BackendKind::Gpu => self.gpu,
            BackendKind::Cpu => self.cpu,
        };
        run_seconds * (runs.once + runs.step * f64::from(steps))
    }
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
        contract: Box<SinglePassContract>,
    },
    /// Noise becomes a latent in many runs of one graph, between an encoder and a decoder.
    LatentDiffusion {
        /// Its graphs.
        files: Box<Graphs<FileSpec>>,
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
    /// Length; none if only its host knows it.
    pub len_bytes: Option<u64>,
    /// About how long it is, where the length is not known.
    pub about_bytes: Option<u64>,
    /// SHA-256 in lower-case hexadecimal; none if only its host knows it.
    pub sha256: Option<String>,
}

/// A repository of models at one state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HubSpec {
    /// The hub's address, without a slash at its end.
    pub host: String,
    /// Owner and name.
    pub repository: String,
    /// Commit, so that what is fetched never changes.
    pub revision: String,
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
    /// What it says of a file cannot be right.
    #[error("catalog.toml: {0}: {1}: {2}")]
    File(ModelId, String, &'static str),
    /// A model may run nowhere.
    #[error("catalog.toml: {0} may run nowhere")]
    Nowhere(ModelId),
    /// There is no model at all.
    #[error("catalog.toml: no model")]
    Empty,
}

impl ModelSpec {
    /// All its files, in the order in which they run.
    pub fn files(&self) -> Vec<&FileSpec> {
        self.network.files()
    }

    /// The host that gives it away, without scheme and port; none if it is in the package.
    pub fn host(&self) -> Option<&str> {
        let hub = self.files().into_iter().find_map(|file| file.hub.as_ref())?;
        let host = hub.host.split("//").last()?;
        host.split(['/', ':']).next()
    }

    /// Whether another seed gives another picture.
    pub const fn has_seeds(&self) -> bool {
        matches!(self.network, Network::LatentDiffusion { .. })
    }

    /// Whether all of it is in the package.
    pub fn is_built_in(&self) -> bool {
        self.files().iter().all(|file| file.hub.is_none())
    }

    /// Graph and contract, if one run of one graph fills a hole.
    pub const fn single_pass(&self) -> Option<(&FileSpec, &SinglePassContract)> {
        match &self.network {
            Network::SinglePass { file, contract } => Some((file, contract)),
            Network::LatentDiffusion { .. } => None,
        }
    }

    /// Whether it is to run there at all.
    pub fn may_run_on(&self, kind: BackendKind) -> bool {
        !self.never_on.contains(&kind)
    }
}

impl Network {
    /// Its graphs, in the order in which they run.
    pub fn files(&self) -> Vec<&FileSpec> {
        match self {
            Self::SinglePass { file, .. } => vec![file],
            Self::LatentDiffusion { files, .. } => vec![&files.encoder, &files.denoiser, &files.decoder],
        }
    }
}

impl FileSpec {
    /// Length to tell people: the exact one if it is known, else about how long the file is.
    pub fn shown_bytes(&self) -> u64 {
        self.len_bytes.or(self.about_bytes).unwrap_or_default()
    }

    /// Tells what is wrong with it.
    fn check(&self) -> Result<(), &'static str> {
        let is_digest =
            |text: &String| text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if self.len_bytes.is_some() == self.about_bytes.is_some() {
            return Err("either its length must be known or about how long it is");
        }
        if !self.sha256.as_ref().is_none_or(is_digest) {
            return Err("its digest must be 64 digits in lower case");
        }
        if self.hub.is_none() && (self.len_bytes.is_none() || self.sha256.is_none()) {
            return Err("of a file in the package length and digest are known");
        }
        Ok(())
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
            for file in model.network.files() {
                file.check().map_err(|reason| CatalogError::File(model.id.clone(), file.path.clone(), reason))?;
            }
            if !BackendKind::ALL.iter().any(|&kind| model.may_run_on(kind)) {
                return Err(CatalogError::Nowhere(model.id.clone()));
            }
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
    use crate::models::Backend;

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

    /// What a change to the first model is refused with.
    fn refused(old: &str, new: &str) -> CatalogError {
        let text = include_str!("catalog.toml");
        assert!(text.contains(old), "{old}");
        Catalog::parse(&text.replacen(old, new, 1)).expect_err(new)
    }

    #[test]
    fn what_cannot_be_right_of_a_file_is_refused() {
        let (length, digest) = ("len_bytes = 7162294", "caef39831a0f2b872512f1dc2e9b1b3f");
        let changes = [
            (length, "about_bytes = 8000000"),
            (length, "len_bytes = 7162294, about_bytes = 8000000"),
            ("len_bytes = 136757093", ""),
            (digest, "218732B4062E64FCF1056E92765281E5"),
            (digest, "caef39831a0f2b87"),
            (", sha256 = \"caef39831a0f2b872512f1dc2e9b1b3f7326ef625166a46bcbeae3371ca7bcb2\"", ""),
        ];
        for (old, new) in changes {
            let error = refused(old, new);
            assert!(matches!(error, CatalogError::File(..)), "{new}: {error}");
        }
    }

    #[test]
    fn words_that_no_contract_knows_are_refused() {
        let changes = [
            ("\"unit_floats\"", "\"halves\""),
            ("mask_marks = \"hole\"", "mask_marks = \"rim\""),
            ("hole_pixels = \"zero\"", "hole_pixels = \"grey\""),
            ("kind = \"separate\", image = \"image\"", "kind = \"joined\", name = \"image\""),
            ("hole_pixels = \"zero\"", ""),
        ];
        for (old, new) in changes {
            let error = refused(old, new);
            assert!(matches!(error, CatalogError::Syntax(_)), "{new}: {error}");
        }
    }

    #[test]
    fn a_model_is_kept_from_where_it_does_not_belong() {
        let catalog = Catalog::shipped().unwrap();
        let model = catalog.find("lama_fp16").unwrap();
        assert!(model.may_run_on(BackendKind::Gpu));
        assert!(!model.may_run_on(Backend::Native.kind()) && !model.may_run_on(Backend::Wasm { threads: 4 }.kind()));
        assert!(catalog.built_in().unwrap().may_run_on(BackendKind::Cpu));
        assert!(matches!(refused("[\"cpu\"]", "[\"cpu\", \"gpu\"]"), CatalogError::Nowhere(_)));
    }

    #[test]
    fn each_file_has_a_length_to_show_and_all_but_one_a_digest() {
        let catalog = Catalog::shipped().unwrap();
        let files: Vec<&FileSpec> = catalog.models.iter().flat_map(|model| model.network.files()).collect();
        assert!(files.iter().all(|file| file.shown_bytes() > 1_000_000));
        // What is fetched unchecked by us. One more must be meant.
        let unknown: Vec<&str> = files.iter().filter(|f| f.sha256.is_none()).map(|f| f.path.as_str()).collect();
        assert_eq!(unknown, ["lama_512_fp16.onnx"]);
    }
}
