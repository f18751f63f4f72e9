//! A picture, a hole, and what must come out.

use std::{fs, ops::Deref, path::PathBuf};

use anyhow::Context as _;
use brushaway::{
    engine::{JobOptions, erase},
    geometry::Size,
    image::Image,
    mask::Mask,
    models::{Cancelled, Catalog, Drafted, Graphs, LatentDiffusion, Network, Run, SinglePass},
    runtime::ort::OrtSession,
};
use brushaway_e2e::{
    chrome::{Chrome, workspace},
    editor::Editor,
    lab::Lab,
    mouse::Menu,
    page::Page,
    scene,
    shelf::Shelf,
    standin::{self, MODEL, StandIn},
    wait::{self, JOB},
};
use image::{DynamicImage, GrayImage, ImageFormat, Luma, RgbaImage};

/// The model's files.
pub(crate) const FILES: [&str; 3] = ["encoder.onnx", "denoiser.onnx", "decoder.onnx"];

/// The model that wants more memory than there is.
pub(crate) const GREEDY: &str = "lama_int8";

/// The one that takes longest to fetch, and is in the middle of no other.
pub(crate) const DENOISER: &str = "stand-in/model/denoiser.onnx";

/// Left, top, right and bottom of what is to go, in the picture of 640 x 480.
pub(crate) const HOLE: (u32, u32, u32, u32) = (280, 200, 390, 290);

fn is_hole(x: u32, y: u32) -> bool {
    (HOLE.0..HOLE.2).contains(&x) && (HOLE.1..HOLE.3).contains(&y)
}

/// All that a case needs.
pub(crate) struct Bench {
    /// The picture on the page.
    pub(crate) picture: RgbaImage,
    stand_in: StandIn,
}

impl Deref for Bench {
    type Target = StandIn;

    fn deref(&self) -> &StandIn {
        &self.stand_in
    }
}

impl Bench {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Self::of(standin::Graphs::default())
    }

    /// With so many sampling steps.
    pub(crate) fn with_steps(steps: i64) -> anyhow::Result<Self> {
        Self::of(standin::Graphs { steps, ..standin::Graphs::default() })
    }

    pub(crate) fn of(graphs: standin::Graphs) -> anyhow::Result<Self> {
        let stand_in = StandIn::new(graphs)?;
        let mask = GrayImage::from_fn(640, 480, |x, y| Luma([u8::from(is_hole(x, y)) * 255]));
        mask.save_with_format(stand_in.folder().join("mask.png"), ImageFormat::Png)?;
        Ok(Self { picture: DynamicImage::from(scene::scene(640, 480)).into_rgba8(), stand_in })
    }

    /// With another model, one that wants more memory than there is.
    pub(crate) fn with_greedy_model(self) -> anyhow::Result<Self> {
        self.with_single_pass(GREEDY, "greedy.onnx")
    }

    /// With another model, of one run.
    pub(crate) fn with_single_pass(mut self, model: &str, graph: &str) -> anyhow::Result<Self> {
        self.stand_in = self.stand_in.with_single_pass(model, graph)?;
        Ok(self)
    }

    /// With a file of the extension missing.
    pub(crate) fn lacks(mut self, file: &str) -> anyhow::Result<Self> {
        self.stand_in = self.stand_in.lacks(file)?;
        Ok(self)
    }

    /// A file as long as one of the model's, with a wrong bit.
    pub(crate) fn damaged_file(&self) -> anyhow::Result<PathBuf> {
        let mut bytes = fs::read(self.graph("denoiser.onnx"))?;
        bytes[5000] ^= 4;
        let path = self.folder().join("damaged.onnx");
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// The editor over the picture, with a mask and the built-in model's result.
    pub(crate) fn painted(&self, lab: &Lab, chrome: &Chrome) -> anyhow::Result<(Page, Editor)> {
        let page = chrome.open(&lab.site.url("pages/plain.html"))?;
        page.inpaint("#photo", Menu::Picture)?;
        let editor = Editor::over_page(chrome)?;
        editor.ready()?;
        editor.give_files("mask", &[&self.folder().join("mask.png")])?;
        editor.finished()?;
        Ok((page, editor))
    }

    /// As [`Bench::painted`], with the model on this computer.
    pub(crate) fn installed(&self, lab: &Lab, chrome: &Chrome) -> anyhow::Result<(Page, Editor)> {
        let (page, editor) = self.painted(lab, chrome)?;
        self.install(&editor)?;
        Ok((page, editor))
    }

    /// What the same code makes of the same picture natively.
    pub(crate) fn expected(&self, seed: u64) -> anyhow::Result<RgbaImage> {
        let catalog = Catalog::parse(&self.catalog)?;
        let session = |bytes: Vec<u8>| OrtSession::load(&runtime(), &bytes, 2).context("no native session");
        let (file, contract) = catalog.built_in().and_then(|model| model.single_pass()).context("no built-in model")?;
        let lite = fs::read(workspace().join("extension").join(&file.path))?;
        let mut draft = SinglePass::new(session(lite)?, contract.clone());
        let Some(Network::LatentDiffusion { contract, .. }) = catalog.find(MODEL).map(|model| &model.network) else {
            anyhow::bail!("the model does not sample");
        };
        let [encoder, denoiser, decoder] = self.files().map(|file| session(fs::read(self.graph(file))?));
        let graphs = Graphs { encoder: encoder?, denoiser: denoiser?, decoder: decoder? };
        let mut main = LatentDiffusion::new(graphs, (**contract).clone());
        let mut model = Drafted { draft: &mut draft, main: &mut main };
        let size = Size::new(self.picture.width(), self.picture.height())?;
        let mut source = Image::from_rgba(size, self.picture.as_raw().clone())?;
        let mask = Mask::from_fn(size, is_hole);
        let (run, options) = (Seeded(seed), JobOptions::default());
        let outcome = pollster::block_on(erase(&source, &mask, &mut model, None, &options, &run, &mut |_| {}))?;
        outcome.apply(&mut source);
        RgbaImage::from_raw(size.width(), size.height(), source.as_bytes().to_vec()).context("a picture")
    }
}

struct Seeded(u64);

impl Run for Seeded {
    fn step(&self, _done: usize, _total: usize) -> Result<(), Cancelled> {
        Ok(())
    }

    fn seed(&self) -> u64 {
        self.0
    }
}

/// ONNX Runtime of the same version as the extension's.
fn runtime() -> PathBuf {
    let packaged = ".cache/npm/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1";
    std::env::var_os("BRUSHAWAY_ORT_LIB").map_or_else(|| workspace().join(packaged), PathBuf::from)
}

/// The popup with its list, once nothing above the list changes any more.
pub(crate) fn popup(chrome: &Chrome) -> anyhow::Result<Shelf> {
    popup_when(chrome, "absent")
}

/// The popup once the model that samples is in this state.
pub(crate) fn popup_when(chrome: &Chrome, state: &str) -> anyhow::Result<Shelf> {
    let page = chrome.open(&chrome.extension_url("popup/popup.html"))?;
    let is_ready =
        || Ok((page.session().eval("document.querySelector('[data-backend]') !== null")? == true).then_some(()));
    wait::until("the engine", JOB, is_ready)?;
    let popup = Shelf::on(page);
    popup.reaches(MODEL, state)?;
    Ok(popup)
}
