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

    /// The same with a model of one run, whose file is `graph` of `tests/models`.
    ///
    /// # Errors
    /// If there is no such model or graph.
    pub fn with_single_pass(mut self, model: &str, graph: &str) -> anyhow::Result<Self> {
        let bytes = fs::read(workspace().join("tests/models").join(graph))?;
        let content = Content::Bytes(bytes);
        let known = format!("len_bytes = {}\nsha256 = '{}'", content.len_bytes(), content.sha256());
        self.hub.put(REPOSITORY, graph, content);
        let mut shipped = shipped(model)?;
        shipped["network"]["file"] = Value::Table(toml::from_str(&at_hub(graph, &known))?);
        self.change_catalog(|models| models.push(shipped))?;
        Ok(self)
    }

    /// The same with a built-in model that costs next to nothing: `graph` of `tests/models`, with the tensors of `like`.
    ///
    /// # Errors
    /// If there is no such model or graph.
    pub fn with_light_built_in(mut self, like: &str, graph: &str) -> anyhow::Result<Self> {
        let source = workspace().join("tests/models").join(graph);
        let content = Content::Bytes(fs::read(&source)?);
        let path = format!("models/{graph}");
        fs::copy(source, self.folder().join("extension").join(&path))?;
        let mut light = shipped(like)?;
        let known = format!("path = '{path}'\nlen_bytes = {}\nsha256 = '{}'", content.len_bytes(), content.sha256());
        light["network"]["file"] = Value::Table(toml::from_str(&known)?);
        light["id"] = Value::String("light".to_owned());
        self.change_catalog(|models| *models = [vec![light], models.split_off(1)].concat())?;
        Ok(self)
    }

    /// The same, its built-in model with the step for texture of the one that ships.
    ///
    /// # Errors
    /// If that has none.
    pub fn with_texture(mut self) -> anyhow::Result<Self> {
        let texture = shipped("lite")?.get("texture").cloned().context("no step for texture")?;
        self.change_catalog(|models| {
            if let Some(built_in) = models.first_mut().and_then(Value::as_table_mut) {
                built_in.insert("texture".to_owned(), texture);
            }
        })?;
        Ok(self)
    }

    fn change_catalog(&mut self, change: impl FnOnce(&mut Vec<Value>)) -> anyhow::Result<()> {
        let mut catalog: Table = toml::from_str(&self.catalog)?;
        change(catalog.get_mut("model").and_then(Value::as_array_mut).context("no models")?);
        self.catalog = toml::to_string(&catalog)?;
        Ok(fs::write(self.folder().join("extension/models/catalog.toml"), &self.catalog)?)
    }

    /// Takes a file of the extension away.
    ///
    /// # Errors
    /// If there is none.
    pub fn lacks(self, file: &str) -> anyhow::Result<Self> {
        fs::remove_file(self.folder().join("extension").join(file))?;
        Ok(self)
    }

    /// Puts a file of the extension back.
    ///
    /// # Errors
    /// If it was not built.
    pub fn gets_back(&self, file: &str) -> anyhow::Result<()> {
        fs::copy(extension_dir()?.join(file), self.folder().join("extension").join(file)).map(drop)?;
        Ok(())
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
        self.launch(&Launch::default())
    }

    /// As [`StandIn::chrome`], started otherwise.
    ///
    /// # Errors
    /// If it does not start.
    pub fn launch(&self, launch: &Launch) -> anyhow::Result<Chrome> {
        let (extension, profile) = (Some(self.folder().join("extension")), Some(self.folder().join("browser")));
        Chrome::launch(&Launch { extension, profile, ..launch.clone() })
    }

    /// Fetches the model through the editor's panel.
    ///
    /// # Errors
    /// If it does not come.
    pub fn install(&self, editor: &Editor) -> anyhow::Result<()> {
        self.install_model(editor, MODEL)
    }

    /// Fetches any model through the editor's panel.
    ///
    /// # Errors
    /// If it does not come.
    pub fn install_model(&self, editor: &Editor, model: &str) -> anyhow::Result<()> {
        editor.press("models")?;
        let models = Shelf::on(editor.page().clone());
        models.set_mirror(model, &self.hub.url())?;
        models.press(model, "get")?;
        models.wait_for(model, JOB, |card| card.state == "installed")?;
        editor.press("close-models")
    }
}

/// The shipped catalogue, but for where the model's files are, what they are, and how patient one is. Halves are tried.
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
        files.insert(role.to_owned(), Value::Table(toml::from_str(&at_hub(path, &known))?));
    }
    let contract = model["network"]["contract"].as_table_mut().context("no contract")?;
    contract["defaults"]["sampler"]["steps"] = Value::Integer(graphs.steps);
    contract.insert("try_halves".to_owned(), Value::Boolean(true));
    Ok(toml::to_string(&catalog)?)
}

/// A file of the catalogue, on the stand-in host.
fn at_hub(path: &str, known: &str) -> String {
    format!(
        "hub = {{ host = 'https://models.invalid', repository = '{REPOSITORY}', revision = 'main' }}\n\
         path = '{path}'\n{known}"
    )
}

/// A model as it ships.
fn shipped(model: &str) -> anyhow::Result<Value> {
    let text = fs::read_to_string(workspace().join("src/models/catalog.toml"))?;
    let catalog: Table = toml::from_str(&text)?;
    let models = catalog["model"].as_array().context("no models")?;
    models.iter().find(|found| found["id"].as_str() == Some(model)).cloned().with_context(|| format!("no {model}"))
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
