//! A real browser with a fresh profile and the extension in it.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, ensure};
use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    cdp::{Cdp, Session, Target},
    mouse::Mouse,
    netlog::NetLog,
    page::Page,
    wait::{self, SOON},
    xvfb::Xvfb,
};

/// What to start.
#[derive(Debug, Clone, Default)]
pub struct Launch {
    /// The unpacked extension, or [`extension_dir`].
    pub extension: Option<PathBuf>,
    /// Offers `WebGPU` even where only a software adapter is.
    pub webgpu: bool,
    /// The profile of an earlier browser, to go on with; a fresh one otherwise.
    pub profile: Option<PathBuf>,
    /// Shows the browser on this session's own display, instead of one that nobody sees.
    pub visible: bool,
}

/// A running browser. It ends when this value is dropped.
#[derive(Debug)]
pub struct Chrome {
    cdp: Cdp,
    process: Child,
    profile: PathBuf,
    /// Goes with the browser.
    _fresh: Option<TempDir>,
    extension: String,
    display: String,
    pub(crate) screen: Option<Xvfb>,
}

const FLAGS: &[&str] = &[
    "--remote-debugging-pipe",
    "--enable-unsafe-extension-debugging",
    // Otherwise `navigator.webdriver` is true, and libraries that call home keep quiet in tests only.
    "--disable-blink-features=AutomationControlled",
    "--no-first-run",
    "--no-default-browser-check",
    // A browser that was killed would ask whether to open its pages again, and cover the editor's buttons.
    "--hide-crash-restore-bubble",
    "--no-pings",
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-field-trial-config",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--disable-features=MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,Translate",
    // The browser's own errands go nowhere, so that any request at all is one too many.
    "--apps-gallery-update-url=http://127.0.0.1:9/",
    "--component-updater=url-source=http://127.0.0.1:9/",
    "--gaia-url=http://127.0.0.1:9/",
    "--force-device-scale-factor=1",
    "--lang=en-US",
    "--password-store=basic",
    "--window-position=0,0",
    "--window-size=1500,960",
];

/// The unpacked extension that is to be tested.
///
/// # Errors
/// If it was not built.
pub fn extension_dir() -> anyhow::Result<PathBuf> {
    let dir = env::var_os("BRUSHAWAY_EXTENSION").map_or_else(|| workspace().join("dist/extension"), PathBuf::from);
    ensure!(dir.join("manifest.json").is_file(), "no extension in {}: run `cargo xtask dist` first", dir.display());
    Ok(dir.canonicalize()?)
}

/// The root of the repository.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The browser's program.
fn program() -> PathBuf {
    let on_path = |name: &str| {
        let paths = env::var_os("PATH").unwrap_or_default();
        env::split_paths(&paths).map(|dir| dir.join(name)).find(|file| file.is_file())
    };
    env::var_os("BRUSHAWAY_CHROME")
        .map(PathBuf::from)
        .or_else(|| ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path))
        .unwrap_or_else(|| PathBuf::from("chromium"))
}

/// Chrome's sandbox refuses to run for root, which is what a container runs as.
fn as_root() -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
    }
    #[cfg(not(unix))]
    false
}

/// Writes the settings of a new profile: the list of downloads must not open over the buttons that are pressed next.
fn prepare(profile: &Path) -> anyhow::Result<()> {
    let (folder, settings) = (profile.join("profile/Default"), r#"{"download_bubble":{"partial_view_enabled":false}}"#);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join("Preferences"), settings)?)
}

impl Chrome {
    /// Starts the browser and loads the extension.
    ///
    /// # Errors
    /// If a program is missing or the extension does not load.
    pub fn launch(launch: &Launch) -> anyhow::Result<Self> {
        let screen = if launch.visible { None } else { Some(Xvfb::start()?) };
        let own = || env::var("DISPLAY").unwrap_or_default();
        let display = screen.as_ref().map_or_else(own, |screen| screen.display().to_owned());
        let fresh = if launch.profile.is_none() { Some(TempDir::new()?) } else { None };
        let fresh_path = || fresh.as_ref().map(|fresh| fresh.path().to_owned());
        let profile = launch.profile.clone().or_else(fresh_path).context("no profile")?;
        if !profile.join("profile").exists() {
            prepare(&profile)?;
        }
        let (cdp, process) = start(launch, &display, &profile)?;
        let mut chrome = Self { cdp, process, profile, _fresh: fresh, extension: String::new(), display, screen };
        let dir = launch.extension.clone().map_or_else(extension_dir, Ok)?;
        let loaded = chrome.cdp.call("Extensions.loadUnpacked", json!({ "path": dir }))?;
        loaded["id"].as_str().context("no extension id")?.clone_into(&mut chrome.extension);
        fs::create_dir_all(chrome.downloads())?;
        let behavior = json!({ "behavior": "allow", "downloadPath": chrome.downloads() });
        chrome.cdp.call("Browser.setDownloadBehavior", behavior)?;
        chrome.service_worker()?;
        chrome.dismiss_welcome()?;
        Ok(chrome)
    }

    /// Closes the page that opens when the extension is new, before it comes in between.
    fn dismiss_welcome(&self) -> anyhow::Result<()> {
        let url = self.extension_url("popup/welcome.html");
        let opened = || Ok(self.cdp.targets()?.into_iter().find(|target| target.url.starts_with(&url)));
        let target = wait::until("the first page", SOON, opened)?;
        self.cdp.call("Target.closeTarget", json!({ "targetId": target.target_id }))?;
        wait::until("the first page to go", SOON, || Ok(opened()?.is_none().then_some(())))
    }

    /// The connection.
    pub fn cdp(&self) -> &Cdp {
        &self.cdp
    }

    /// The browser's name and version.
    ///
    /// # Errors
    /// If it is gone.
    pub fn version(&self) -> anyhow::Result<String> {
        let version = self.cdp.call("Browser.getVersion", json!({}))?;
        Ok(version["product"].as_str().context("no version")?.to_owned())
    }

    /// The screen, unless a person looks at it.
    pub fn screen(&self) -> Option<&Xvfb> {
        self.screen.as_ref()
    }

    /// The mouse and keys of the screen.
    pub fn mouse(&self) -> Mouse {
        Mouse::new(&self.display)
    }

    /// Where saved files land.
    pub fn downloads(&self) -> PathBuf {
        self.profile.join("downloads")
    }

    /// The address of a file of the extension.
    pub fn extension_url(&self, path: &str) -> String {
        format!("chrome-extension://{}/{path}", self.extension)
    }

    /// Opens an address in a new tab and waits until it has loaded.
    ///
    /// # Errors
    /// If it does not load.
    pub fn open(&self, url: &str) -> anyhow::Result<Page> {
        let made = self.cdp.call("Target.createTarget", json!({ "url": url }))?;
        let target = made["targetId"].as_str().context("no target")?;
        let page = Page::new(self.cdp.attach(target)?, self.mouse());
        page.loaded(url)?;
        page.activate()?;
        Ok(page)
    }

    /// Waits for a target and attaches to it.
    ///
    /// # Errors
    /// If none comes; names those that are there.
    pub fn find(&self, what: &str, wanted: impl Fn(&Target) -> bool) -> anyhow::Result<Session> {
        let found = wait::until(what, SOON, || Ok(self.cdp.targets()?.into_iter().find(|target| wanted(target))));
        let names = || {
            let targets = self.cdp.targets().unwrap_or_default();
            targets.iter().map(|target| format!("{} {}", target.kind, target.url)).collect::<Vec<_>>().join("\n")
        };
        self.cdp.attach(&found.with_context(names)?.target_id)
    }

    /// The extension's service worker, awake.
    ///
    /// # Errors
    /// If it does not start.
    pub fn service_worker(&self) -> anyhow::Result<Session> {
        let prefix = self.extension_url("");
        let worker = self.find("the service worker", |t| t.kind == "service_worker" && t.url.starts_with(&prefix))?;
        // Right after it appears its globals are not there yet.
        let ready = || Ok(worker.eval("typeof chrome.runtime?.id === 'string' || null").ok().filter(Value::is_boolean));
        wait::until("the service worker's globals", SOON, ready)?;
        Ok(worker)
    }

    /// The hidden document with the model.
    ///
    /// # Errors
    /// If it does not come.
    pub fn offscreen(&self) -> anyhow::Result<Session> {
        let url = self.extension_url("offscreen/offscreen.html");
        self.find("the offscreen document", |target| target.url.starts_with(&url))
    }

    /// Sets what the model is to run on: `auto`, `webgpu` or `wasm`. Takes effect when the hidden document starts.
    ///
    /// # Errors
    /// If the extension's storage cannot be written.
    pub fn set_backend(&self, backend: &str) -> anyhow::Result<()> {
        self.service_worker()?.eval(&format!("chrome.storage.local.set({{ backend: '{backend}' }})"))?;
        Ok(())
    }

    /// Stops the service worker, as the browser does when it is idle.
    ///
    /// # Errors
    /// If it goes on running.
    pub fn stop_service_worker(&self) -> anyhow::Result<()> {
        let blank = self.find("a page", |target| target.kind == "page")?;
        blank.call("ServiceWorker.enable", json!({}))?;
        blank.call("ServiceWorker.stopAllWorkers", json!({}))?;
        let prefix = self.extension_url("");
        let stopped = || {
            let targets = self.cdp.targets()?;
            Ok((!targets.iter().any(|t| t.kind == "service_worker" && t.url.starts_with(&prefix))).then_some(()))
        };
        wait::until("the service worker to stop", SOON, stopped)
    }

    /// Closes the hidden document, as the browser may at any time.
    ///
    /// # Errors
    /// If the extension cannot be asked.
    pub fn close_offscreen(&self) -> anyhow::Result<()> {
        self.service_worker()?.eval("chrome.offscreen.closeDocument().catch(() => null)")?;
        let url = self.extension_url("offscreen/offscreen.html");
        wait::until("the offscreen document to go", SOON, || {
            Ok((!self.cdp.targets()?.iter().any(|target| target.url.starts_with(&url))).then_some(()))
        })
    }

    /// Closes all tabs but an empty one, and the hidden document, and forgets downloads.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn tidy(&self) -> anyhow::Result<()> {
        let blank = self.cdp.call("Target.createTarget", json!({ "url": "about:blank" }))?;
        for target in self.cdp.targets()?.iter().filter(|target| target.kind == "page") {
            if json!(target.target_id) != blank["targetId"] {
                self.cdp.call("Target.closeTarget", json!({ "targetId": target.target_id }))?;
            }
        }
        self.close_offscreen()?;
        self.forget_downloads()
    }

    /// Removes the files that were saved.
    ///
    /// # Errors
    /// If one cannot be removed.
    pub fn forget_downloads(&self) -> anyhow::Result<()> {
        fs::remove_dir_all(self.downloads())?;
        Ok(fs::create_dir_all(self.downloads())?)
    }

    /// Waits for a file to be saved completely.
    ///
    /// # Errors
    /// If none comes.
    pub fn download(&self) -> anyhow::Result<PathBuf> {
        let finished = |file: &PathBuf| file.extension().is_none_or(|ending| ending != "crdownload");
        wait::until("a saved file", SOON, || {
            let files: io::Result<Vec<_>> = fs::read_dir(self.downloads())?.map(|file| Ok(file?.path())).collect();
            let files = files?;
            Ok(if files.iter().all(finished) { files.into_iter().next() } else { None })
        })
    }

    /// Waits until a person has closed the browser.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub fn closed(&mut self) -> anyhow::Result<()> {
        Ok(self.process.wait().map(drop)?)
    }

    /// Ends the browser as a crash or a power failure does: it gets no time to put anything in order.
    ///
    /// # Errors
    /// If it cannot be ended.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    /// Ends the browser and reads everything that it asked of the network.
    ///
    /// # Errors
    /// If it left no log.
    pub fn quit(mut self) -> anyhow::Result<NetLog> {
        self.cdp.call("Browser.close", json!({}))?;
        let ended = wait::until("the browser to end", SOON, || Ok(self.process.try_wait()?));
        ended?;
        NetLog::read(&self.profile.join("net.json"))
    }
}

impl Drop for Chrome {
    fn drop(&mut self) {
        // Asked first, so that it takes its children along; then made to.
        let is_over = matches!(self.process.try_wait(), Ok(Some(_)));
        let asked = is_over || self.cdp.call("Browser.close", json!({})).is_ok();
        let ended = || Ok(self.process.try_wait()?);
        if !asked || wait::until("the browser to end", SOON, ended).is_err() {
            self.process.kill().unwrap_or_default();
            self.process.wait().map(drop).unwrap_or_default();
        }
    }
}

fn start(launch: &Launch, display: &str, profile: &Path) -> anyhow::Result<(Cdp, Child)> {
    let program = program();
    let (from_us, to_browser) = io::pipe()?;
    let (from_browser, to_us) = io::pipe()?;
    let mut command = Command::new(&program);
    command
        .args(FLAGS)
        .arg(format!("--user-data-dir={}", profile.join("profile").display()))
        .arg(format!("--log-net-log={}", profile.join("net.json").display()))
        .args(launch.webgpu.then_some("--enable-unsafe-webgpu"))
        .args(as_root().then_some("--no-sandbox"))
        .arg("about:blank")
        .env("DISPLAY", display)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .fd_mappings(vec![
            FdMapping { parent_fd: from_us.into(), child_fd: 3 },
            FdMapping { parent_fd: to_us.into(), child_fd: 4 },
        ])?;
    let process = command.spawn().with_context(|| {
        format!("{} does not start; set BRUSHAWAY_CHROME to a Chromium of version 137 or later", program.display())
    })?;
    drop(command); // it holds the browser's ends of the pipes
    let cdp = Cdp::new(to_browser, from_browser);
    cdp.call("Browser.getVersion", json!({})).context("the browser does not answer")?;
    Ok((cdp, process))
}
