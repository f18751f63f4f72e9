//! A host with stand-ins for a model's graphs, and an extension whose catalogue names them.

use std::{
    fs,
    path::{Path, PathBuf},
};

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
    chrome::{Chrome, Launch, extension_dir, workspace},
    editor::Editor,
    lab::Lab,
    mouse::Menu,
    page::Page,
    scene,
    shelf::Shelf,
    wait::JOB,
};
use brushaway_hub::{Content, Hub};
use image::{GrayImage, ImageFormat, RgbaImage};
use tempfile::TempDir;
use toml::{Table, Value};

/// The model of the test's catalogue, beside the built-in one.
pub(crate) const MODEL: &str = "moebius";

/// Where its files are.
pub(crate) const REPOSITORY: &str = "stand-in/model";

/// Its files.
pub(crate) const FILES: [&str; 3] = ["encoder.onnx", "denoiser.onnx", "decoder.onnx"];

/// Left, top, right and bottom of what is to go, in the picture of 640 x 480.
pub(crate) const fn hole() -> (u32, u32, u32, u32) {
    (280, 200, 390, 290)
}

/// All that a case needs.
pub(crate) struct Bench {
    /// The host.
    pub(crate) hub: Hub,
    /// The picture on the page.
    pub(crate) picture: RgbaImage,
    folder: TempDir,
    steps: i64,
}

impl Bench {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Self::with_steps(20)
    }

    /// With so many sampling steps.
    pub(crate) fn with_steps(steps: i64) -> anyhow::Result<Self> {
        let (hub, folder) = (Hub::start()?, TempDir::new()?);
        for file in FILES {
            hub.put(REPOSITORY, file, Content::Bytes(fs::read(graph(file))?));
        }
        let bench =
            Self { hub, picture: image::DynamicImage::from(scene::scene(640, 480)).into_rgba8(), folder, steps };
        copy(&extension_dir()?, &bench.extension())?;
        fs::write(bench.extension().join("models/catalog.toml"), toml::to_string(&bench.catalog()?)?)?;
        let (left, top, right, bottom) = hole();
        let inside = |x: u32, y: u32| (left..right).contains(&x) && (top..bottom).contains(&y);
        let mask = GrayImage::from_fn(640, 480, |x, y| image::Luma([u8::from(inside(x, y)) * 255]));
        mask.save_with_format(bench.folder.path().join("mask.png"), ImageFormat::Png)?;
        Ok(bench)
    }

    fn extension(&self) -> PathBuf {
        self.folder.path().join("extension")
    }

    /// A file of the model on this computer.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        graph(name)
    }

    /// A file as long as one of the model's, with a wrong bit.
    pub(crate) fn damaged_file(&self) -> anyhow::Result<PathBuf> {
        let mut bytes = fs::read(graph("denoiser.onnx"))?;
        bytes[5000] ^= 4;
        let path = self.folder.path().join("damaged.onnx");
        fs::write(&path, bytes)?;
        Ok(path)
    }

    /// The shipped catalogue, but for where the files are, what they are, and how patient one is.
    fn catalog(&self) -> anyhow::Result<Table> {
        let shipped = fs::read_to_string(workspace().join("src/models/catalog.toml"))?;
        let mut catalog: Table = toml::from_str(&shipped)?;
        let fetch = "part_bytes = 1024\nretries = 2\nstall_millis = 1500\npause_millis = 50";
        catalog.insert("fetch".to_owned(), Value::Table(toml::from_str(fetch)?));
        let models = catalog.get_mut("model").and_then(Value::as_array_mut).context("no models")?;
        models.retain(|model| ["lite", MODEL].contains(&model["id"].as_str().unwrap_or_default()));
        let network = models[1]["network"].as_table_mut().context("no network")?;
        for (role, path) in ["encoder", "denoiser", "decoder"].into_iter().zip(FILES) {
            let content = Content::Bytes(fs::read(graph(path))?);
            let file = format!(
                "hub = {{ host = 'https://models.invalid', repository = '{REPOSITORY}', revision = 'main' }}\n\
                 path = '{path}'\nlen_bytes = {}\nsha256 = '{}'",
                content.len_bytes(),
                content.sha256()
            );
            network.insert(role.to_owned(), Value::Table(toml::from_str(&file)?));
        }
        network["contract"]["defaults"]["sampler"]["steps"] = Value::Integer(self.steps);
        Ok(catalog)
    }

    /// A browser that goes on with the profile of the one before.
    pub(crate) fn chrome(&self) -> anyhow::Result<Chrome> {
        let (extension, profile) = (Some(self.extension()), Some(self.folder.path().join("browser")));
        Chrome::launch(&Launch { extension, profile, ..Launch::default() })
    }

    /// The editor over the picture, with a mask and the built-in model's result.
    pub(crate) fn painted(&self, lab: &Lab, chrome: &Chrome) -> anyhow::Result<(Page, Editor)> {
        let page = chrome.open(&lab.site.url("pages/plain.html"))?;
        page.inpaint("#photo", Menu::Picture)?;
        let editor = Editor::over_page(chrome)?;
        editor.ready()?;
        editor.give_file("mask", &self.folder.path().join("mask.png"))?;
        editor.finished()?;
        Ok((page, editor))
    }

    /// As [`Bench::painted`], with the model on this computer.
    pub(crate) fn installed(&self, lab: &Lab, chrome: &Chrome) -> anyhow::Result<(Page, Editor)> {
        let (page, editor) = self.painted(lab, chrome)?;
        editor.press("models")?;
        let shelf = Shelf::on(editor.page().clone());
        shelf.set_mirror(MODEL, &self.hub.url())?;
        shelf.press(MODEL, "get")?;
        shelf.wait_for(MODEL, JOB, |card| card.state == "installed")?;
        editor.press("close-models")?;
        Ok((page, editor))
    }

    /// What the same code makes of the same picture natively.
    pub(crate) fn expected(&self, seed: u64) -> anyhow::Result<RgbaImage> {
        let catalog = Catalog::parse(&toml::to_string(&self.catalog()?)?)?;
        let session = |bytes: Vec<u8>| OrtSession::load(&runtime(), &bytes, 2).context("no native session");
        let (file, contract) = catalog.built_in().and_then(|model| model.single_pass()).context("no built-in model")?;
        let lite = fs::read(workspace().join("extension").join(&file.path))?;
        let mut draft = SinglePass::new(session(lite)?, contract.clone());
        let Some(Network::LatentDiffusion { contract, .. }) = catalog.find(MODEL).map(|model| &model.network) else {
            anyhow::bail!("the model does not sample");
        };
        let [encoder, denoiser, decoder] = FILES.map(|file| session(fs::read(graph(file))?));
        let graphs = Graphs { encoder: encoder?, denoiser: denoiser?, decoder: decoder? };
        let mut main = LatentDiffusion::new(graphs, (**contract).clone());
        let mut model = Drafted { draft: &mut draft, main: &mut main };
        let size = Size::new(self.picture.width(), self.picture.height())?;
        let mut source = Image::from_rgba(size, self.picture.as_raw().clone())?;
        let (left, top, right, bottom) = hole();
        let mask = Mask::from_fn(size, |x, y| (left..right).contains(&x) && (top..bottom).contains(&y));
        let (run, options) = (Seeded(seed), JobOptions::default());
        let outcome = pollster::block_on(erase(&source, &mask, &mut model, &options, &run, &mut |_| {}))?;
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

/// The largest difference of any value.
pub(crate) fn largest_difference(a: &RgbaImage, b: &RgbaImage) -> u8 {
    a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default()
}

fn graph(file: &str) -> PathBuf {
    workspace().join("tests/models").join(file)
}

/// ONNX Runtime of the same version as the extension's.
fn runtime() -> PathBuf {
    let packaged = ".cache/npm/node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime.so.1";
    std::env::var_os("BRUSHAWAY_ORT_LIB").map_or_else(|| workspace().join(packaged), PathBuf::from)
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        if path.is_dir() {
            copy(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}
