//! The extension with a catalogue that names stand-ins for a model's graphs, and a host that has them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use brushaway_hub::{Content, Hub};
use tempfile::TempDir;
use toml::{Table, Value};

use crate::{
    chrome::{Chrome, Launch, extension_dir, workspace},
    editor::Editor,
    shelf::Shelf,
    wait::JOB,
};

/// The model whose graphs are replaced.
pub const MODEL: &str = "moebius";

/// Where its files are, on the host.
pub const REPOSITORY: &str = "stand-in/model";

/// What is put in the place of a model.
#[derive(Debug, Clone)]
pub struct Graphs {
    /// The folder that has them.
    pub folder: PathBuf,
    /// Encoder, denoiser and decoder.
    pub files: [&'static str; 3],
    /// Sampling steps.
    pub steps: i64,
    /// The catalogue's table `fetch`, as TOML.
    pub fetch: &'static str,
    /// Whether the catalogue says how long files are and what they hash to; else the host must be asked.
    pub has_digests: bool,
}

impl Default for Graphs {
    /// A few kilobytes with a known answer, fetched in parts of one.
    fn default() -> Self {
        Self {
            folder: workspace().join("tests/models"),
            files: ["encoder.onnx", "denoiser.onnx", "decoder.onnx"],
            steps: 20,
            fetch: "part_bytes = 1024\nretries = 2\nstall_millis = 1500\npause_millis = 50",
            has_digests: true,
        }
    }
}

/// The host, the extension, and a browser's profile.
#[derive(Debug)]
pub struct StandIn {
    /// The host.
    pub hub: Hub,
    /// As the extension has it.
    pub catalog: String,
    graphs: Graphs,
    folder: TempDir,
}

impl StandIn {
    /// Copies the extension that was built, and changes its catalogue.
    ///
    /// # Errors
    /// If it was not built, or a graph is missing.
    pub fn new(graphs: Graphs) -> anyhow::Result<Self> {
        let (hub, folder) = (Hub::start()?, TempDir::new()?);
        for file in graphs.files {
            hub.put(REPOSITORY, file, Content::Bytes(fs::read(graphs.folder.join(file))?));
        }
        let catalog = catalog(&graphs)?;
        let extension = folder.path().join("extension");
        copy(&extension_dir()?, &extension)?;
        fs::write(extension.join("models/catalog.toml"), &catalog)?;
        Ok(Self { hub, catalog, graphs, folder })
    }

    /// Where the caller may put files of its own.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The names of its graphs: encoder, denoiser and decoder.
    pub const fn files(&self) -> [&'static str; 3] {
        self.graphs.files
    }

    /// A graph on this computer.
    pub fn graph(&self, name: &str) -> PathBuf {
        self.graphs.folder.join(name)
    }

    /// A browser that goes on with the profile of the one before.
    ///
    /// # Errors
    /// If it does not start.
    pub fn chrome(&self) -> anyhow::Result<Chrome> {
        let (extension, profile) = (Some(self.folder().join("extension")), Some(self.folder().join("browser")));
        Chrome::launch(&Launch { extension, profile, ..Launch::default() })
    }

    /// Fetches the model through the editor's panel.
    ///
    /// # Errors
    /// If it does not come.
    pub fn install(&self, editor: &Editor) -> anyhow::Result<()> {
        editor.press("models")?;
        let models = Shelf::on(editor.page().clone());
        models.set_mirror(MODEL, &self.hub.url())?;
        models.press(MODEL, "get")?;
        models.wait_for(MODEL, JOB, |card| card.state == "installed")?;
        editor.press("close-models")
    }
}

/// The shipped catalogue, but for where the model's files are, what they are, and how patient one is.
fn catalog(graphs: &Graphs) -> anyhow::Result<String> {
    let shipped = fs::read_to_string(workspace().join("src/models/catalog.toml"))?;
    let mut catalog: Table = toml::from_str(&shipped)?;
    catalog.insert("fetch".to_owned(), Value::Table(toml::from_str(graphs.fetch)?));
    let models = catalog.get_mut("model").and_then(Value::as_array_mut).context("no models")?;
    models.retain(|model| ["lite", MODEL].contains(&model["id"].as_str().unwrap_or_default()));
    let model = models.iter_mut().find(|model| model["id"].as_str() == Some(MODEL)).context("no such model")?;
    let files = model["network"]["files"].as_table_mut().context("no files")?;
    for (role, path) in ["encoder", "denoiser", "decoder"].into_iter().zip(graphs.files) {
        let content = Content::Bytes(fs::read(graphs.folder.join(path))?);
        let known = if graphs.has_digests {
            format!("len_bytes = {}\nsha256 = '{}'", content.len_bytes(), content.sha256())
        } else {
            "about_bytes = 5000".to_owned()
        };
        let file = format!(
            "hub = {{ host = 'https://models.invalid', repository = '{REPOSITORY}', revision = 'main' }}\n\
             path = '{path}'\n{known}"
        );
        files.insert(role.to_owned(), Value::Table(toml::from_str(&file)?));
    }
    model["network"]["contract"]["defaults"]["sampler"]["steps"] = Value::Integer(graphs.steps);
    Ok(toml::to_string(&catalog)?)
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
