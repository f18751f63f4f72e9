//! Where the cases of a test file run: one browser, one site, and what is kept when a case fails.

use std::{
    fs,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context as _;
use image::RgbaImage;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::{
    axe,
    chrome::{Chrome, Launch, workspace},
    editor::Editor,
    mouse::Menu,
    page::{Page, Scheme},
    site::Site,
    wait::{self, SOON},
};

/// A browser with the extension, and a site to use it on.
#[derive(Debug)]
pub struct Lab {
    /// The browser.
    pub chrome: Chrome,
    /// The site.
    pub site: Site,
    case: &'static str,
}

/// One thing that the extension must do.
pub type Case = fn(&Lab) -> anyhow::Result<()>;

/// Runs the cases of one test file over one browser, which starts with the first case that is wanted.
pub fn run(launch: &Launch, cases: &'static [(&'static str, Case)]) -> ExitCode {
    let shared: Arc<Mutex<Option<Lab>>> = Arc::default();
    let trials = cases.iter().map(|(name, case)| {
        let (shared, launch) = (Arc::clone(&shared), launch.clone());
        Trial::test(*name, move || {
            let mut lab = shared.lock().unwrap_or_else(PoisonError::into_inner);
            attempt(&mut lab, &launch, name, *case).map_err(|error| Failed::from(format!("{error:?}")))
        })
    });
    let conclusion = libtest_mimic::run(&Arguments::from_args(), trials.collect());
    shared.lock().unwrap_or_else(PoisonError::into_inner).take(); // ends the browser
    conclusion.exit_code()
}

fn attempt(slot: &mut Option<Lab>, launch: &Launch, name: &'static str, case: Case) -> anyhow::Result<()> {
    if slot.is_none() {
        *slot = Some(Lab { chrome: Chrome::launch(launch)?, site: Site::serve()?, case: name });
    }
    let lab = slot.as_mut().context("a browser")?;
    lab.case = name;
    let result = lab.chrome.tidy().and_then(|()| case(lab));
    if let Err(error) = result {
        let kept = lab.keep_evidence(&error);
        *slot = None; // the next case gets a browser that nothing happened to
        let kept = kept.map_or_else(|failed| format!("no evidence: {failed:#}"), |dir| dir.display().to_string());
        return Err(error.context(kept));
    }
    Ok(())
}

impl Lab {
    /// Opens a page of the site.
    ///
    /// # Errors
    /// If it does not load.
    pub fn open(&self, path: &str) -> anyhow::Result<Page> {
        self.chrome.open(&self.site.url(path))
    }

    /// The editor over the page in front, with a picture in it.
    ///
    /// # Errors
    /// If none opens.
    pub fn editor(&self) -> anyhow::Result<Editor> {
        let editor = Editor::over_page(&self.chrome)?;
        editor.ready()?;
        Ok(editor)
    }

    /// A page with the scene of 640 by 480 pixels as a PNG, and the editor over it.
    ///
    /// # Errors
    /// If either does not open.
    pub fn over_plain_page(&self) -> anyhow::Result<(Page, Editor)> {
        let page = self.open("pages/plain.html")?;
        page.inpaint("#photo", Menu::Picture)?;
        Ok((page, self.editor()?))
    }

    /// Follows a link from a page by mistake, comes back, and opens the editor over the picture again.
    ///
    /// # Errors
    /// If the editor does not go with the page, or does not open.
    pub fn reopened(chrome: &Chrome, page: &Page) -> anyhow::Result<Editor> {
        let address: String = page.session().read("location.href")?;
        page.goto("about:blank")?;
        wait::until("the editor to go", SOON, || Ok((!Editor::is_over_page(chrome)?).then_some(())))?;
        page.goto(&address)?;
        page.inpaint("#photo", Menu::Picture)?;
        let editor = Editor::over_page(chrome)?;
        editor.ready()?;
        Ok(editor)
    }

    /// What the editor saves now, as PNG.
    ///
    /// # Errors
    /// If no file comes.
    pub fn saved(&self, editor: &Editor) -> anyhow::Result<RgbaImage> {
        self.chrome.forget_downloads()?;
        Ok(image::open(editor.save(&self.chrome, Some("png"))?)?.into_rgba8())
    }

    /// Takes pictures of a stage, light and dark, for people to look at, and checks that everyone can use it.
    ///
    /// # Errors
    /// If they cannot be written, or a page of the extension breaks a rule of accessibility.
    pub fn picture(&self, stage: &str, tab: &Page, editor: Option<&Editor>) -> anyhow::Result<()> {
        let dir = workspace().join("dist/screens");
        fs::create_dir_all(&dir)?;
        for scheme in Scheme::ALL {
            for page in [Some(tab), editor.map(Editor::page)].into_iter().flatten() {
                page.prefer(scheme)?;
                page.still()?;
                if page.session().read::<bool>("location.protocol === 'chrome-extension:'")? {
                    axe::check(page.session(), &format!("{stage}, {}", scheme.name()))?;
                }
            }
            tab.screenshot(&dir.join(format!("{stage}-{}.png", scheme.name())))?;
        }
        tab.prefer(Scheme::Light)?;
        editor.map_or(Ok(()), |editor| editor.page().prefer(Scheme::Light))
    }

    /// Writes down all that may tell why a case failed.
    fn keep_evidence(&self, error: &anyhow::Error) -> anyhow::Result<PathBuf> {
        let dir = workspace().join("target/e2e").join(self.case.replace(' ', "-"));
        fs::create_dir_all(&dir)?;
        if let Some(screen) = self.chrome.screen() {
            screen.picture()?.save(dir.join("screen.png"))?;
        }
        let mut notes = vec![format!("{error:?}"), "\ntargets".to_owned()];
        for target in self.chrome.cdp().targets()? {
            notes.push(format!("{} {}", target.kind, target.url));
            // Attaching brings the console's past along.
            if target.url.starts_with(&self.chrome.extension_url(""))
                && let Ok(session) = self.chrome.cdp().attach(&target.target_id)
            {
                notes.push(format!("  {:?}", session.eval("({ ...document.querySelector('.editor')?.dataset })")));
            }
        }
        notes.push("\nconsole".to_owned());
        notes.extend(self.chrome.cdp().console());
        fs::write(dir.join("notes.txt"), notes.join("\n"))?;
        Ok(dir)
    }
}
