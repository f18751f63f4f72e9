//! The editor as a person sees it: in the frame over a page, or in a tab of its own.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::{
    cdp::{Session, Target},
    chrome::Chrome,
    mouse::{Button, Mouse, Point, at},
    page::{Page, Rect},
    wait::{self, JOB, SOON},
};

/// An open editor.
#[derive(Debug, Clone)]
pub struct Editor {
    page: Page,
}

/// What the editor says of itself.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct State {
    /// `opening`, `empty`, `asking`, `ready` or `failed`.
    pub phase: String,
    /// `idle`, `running`, `done`, `failed` or `cancelled`.
    pub job: String,
    /// `none`, `preview`, `network` or `textured`.
    pub result: String,
    /// What the last job really ran on.
    pub backend: String,
    /// What the last job took.
    pub seconds: String,
    /// Of the picture, in pixels.
    pub width: String,
    /// Of the picture, in pixels.
    pub height: String,
    /// How many strokes are painted.
    pub strokes: String,
    /// How many steps of marking can be taken back.
    pub steps: String,
    /// How often the picture itself was changed.
    pub kept: String,
    /// Differs after every change of what is marked.
    pub revision: String,
    /// The model that made the result, by its name for people.
    pub model: String,
    /// How many results there are to choose from.
    pub candidates: String,
    /// How much larger than it would fit.
    pub zoom: String,
    /// `true` if closing would lose something.
    pub dirty: String,
    /// How picture and result are looked at together: `split`, `beside`, `changes`, or not.
    pub look: String,
    /// How many pixels the result changed, once they are counted.
    pub changed: String,
    /// Whether the page shows the result, if it could.
    pub put: String,
    /// Sentences on the screen that tell what goes on.
    pub status: Vec<String>,
    /// Sentences beside them that a person should know.
    pub note: Vec<String>,
    /// Sentences on the screen that tell what went wrong.
    pub alert: Vec<String>,
    /// Buttons that can be pressed.
    pub actions: Vec<String>,
}

const STATE: &str = r"(() => {
    const seen = (element) => element.getClientRects().length > 0;
    const texts = (selector) => [...document.querySelectorAll(selector)].filter(seen)
        .map((element) => element.innerText.trim()).filter(Boolean);
    const buttons = [...document.querySelectorAll('[data-action]')].filter((b) => seen(b) && !b.disabled);
    return {
        ...document.querySelector('.editor')?.dataset,
        status: texts('[role=status]'),
        note: texts('.note'),
        alert: texts('[role=alert]'),
        actions: buttons.map((button) => button.dataset.action),
    };
})()";

impl State {
    /// A picture is there to paint on.
    pub fn ready(&self) -> bool {
        self.phase == "ready"
    }

    /// The last job has brought its final result.
    pub fn textured(&self) -> bool {
        self.job == "done" && self.result == "textured"
    }

    /// The last job was a bigger model's and is done.
    pub fn improved(&self) -> bool {
        self.job == "done" && self.model != "Lite"
    }

    /// How many strokes are painted.
    pub fn stroke_count(&self) -> usize {
        self.strokes.parse().unwrap_or_default()
    }

    /// Whether a button can be pressed.
    pub fn offers(&self, action: &str) -> bool {
        self.actions.iter().any(|offered| offered == action)
    }
}

impl Editor {
    /// The editor, or what else has its inputs, on a page.
    pub const fn on(page: Page) -> Self {
        Self { page }
    }

    /// The editor that opens over a page.
    ///
    /// # Errors
    /// If none opens.
    pub fn over_page(chrome: &Chrome) -> anyhow::Result<Self> {
        Self::over_other_page(chrome, &[])
    }

    /// The editor over a page that is none of those `known`.
    ///
    /// # Errors
    /// If none opens.
    pub fn over_other_page(chrome: &Chrome, known: &[&Self]) -> anyhow::Result<Self> {
        Self::find(chrome, "the editor's frame", "iframe", "overlay/overlay.html", known)
    }

    /// The editor that opens in a tab of its own.
    ///
    /// # Errors
    /// If none opens.
    pub fn in_tab(chrome: &Chrome) -> anyhow::Result<Self> {
        let editor = Self::find(chrome, "the editor's tab", "page", "overlay/editor.html", &[])?;
        editor.page.activate()?;
        Ok(editor)
    }

    fn find(chrome: &Chrome, what: &str, kind: &str, path: &str, known: &[&Self]) -> anyhow::Result<Self> {
        let url = chrome.extension_url(path);
        let is_known = |target: &Target| known.iter().any(|editor| editor.session().target() == target.target_id);
        let wanted = |target: &Target| target.kind == kind && target.url.starts_with(&url) && !is_known(target);
        let session = chrome.find(what, wanted)?;
        let editor = Self { page: Page::new(session, chrome.mouse()) };
        // The frame is there before its program.
        wait::until(what, SOON, || Ok(editor.state().ok().filter(|state| !state.phase.is_empty())))?;
        Ok(editor)
    }

    /// Whether an editor is open over a page.
    ///
    /// # Errors
    /// If the browser is gone.
    pub fn is_over_page(chrome: &Chrome) -> anyhow::Result<bool> {
        let url = chrome.extension_url("overlay/overlay.html");
        Ok(chrome.cdp().targets()?.iter().any(|target| target.kind == "iframe" && target.url.starts_with(&url)))
    }

    /// The frame or tab.
    pub fn page(&self) -> &Page {
        &self.page
    }

    /// The connection.
    pub fn session(&self) -> &Session {
        self.page.session()
    }

    fn mouse(&self) -> &Mouse {
        self.page.mouse()
    }

    /// What it says of itself now.
    ///
    /// # Errors
    /// If it is gone.
    pub fn state(&self) -> anyhow::Result<State> {
        self.session().read(STATE)
    }

    /// Waits until the state is as wanted.
    ///
    /// # Errors
    /// If it does not become so; tells what it was last.
    pub fn wait_for(&self, what: &str, patience: Duration, wanted: impl Fn(&State) -> bool) -> anyhow::Result<State> {
        let mut last = State::default();
        let seen = wait::until(what, patience, || {
            last = self.state()?;
            Ok(wanted(&last).then(|| last.clone()))
        });
        seen.with_context(|| format!("{last:?}"))
    }

    /// Waits until there is a picture to paint on.
    ///
    /// # Errors
    /// If there is none.
    pub fn ready(&self) -> anyhow::Result<State> {
        let state = self.wait_for("a picture", SOON, |state| state.ready() || state.phase == "failed")?;
        ensure!(state.ready(), "no picture: {state:?}");
        Ok(state)
    }

    /// Waits until the running job has brought its final result.
    ///
    /// # Errors
    /// If it fails or takes for ever.
    pub fn finished(&self) -> anyhow::Result<State> {
        let state = self.wait_for("the result", JOB, |s| s.textured() || s.job == "failed" || s.job == "cancelled")?;
        ensure!(state.textured(), "no result: {state:?}");
        Ok(state)
    }

    /// From now on, writes down each value that a `data-` attribute of the editor takes.
    ///
    /// # Errors
    /// If it is gone.
    pub fn record(&self, name: &str) -> anyhow::Result<()> {
        let script = format!(
            "(() => {{ const editor = document.querySelector('.editor');
                const record = (globalThis.record ??= {{}})[{0}] = [editor.dataset[{0}]];
                new MutationObserver(() => record.push(editor.dataset[{0}]))
                    .observe(editor, {{ attributeFilter: ['data-' + {0}] }}); }})()",
            json!(name)
        );
        self.session().eval(&script).map(drop)
    }

    /// The values that were written down, the one at the start first.
    ///
    /// # Errors
    /// If it is gone.
    pub fn recorded(&self, name: &str) -> anyhow::Result<Vec<String>> {
        self.session().read(&format!("globalThis.record[{}]", json!(name)))
    }

    /// Where a button is on the screen.
    ///
    /// # Errors
    /// If it is not there.
    pub fn button(&self, action: &str) -> anyhow::Result<Point> {
        let rect = self.page.rect(&format!("[data-action='{action}']"))?;
        self.page.on_screen(rect.middle())
    }

    /// Clicks on a button, once it can be pressed.
    ///
    /// # Errors
    /// If it is not there.
    pub fn press(&self, action: &str) -> anyhow::Result<()> {
        self.wait_for(&format!("button {action}"), SOON, |state| state.offers(action))?;
        self.mouse().click(self.button(action)?)
    }

    /// Where a point of the picture, in its own pixels, is on the screen.
    ///
    /// # Errors
    /// If there is no picture.
    pub fn in_picture(&self, point: Point) -> anyhow::Result<Point> {
        let (area, scale) = self.area()?;
        self.page.on_screen(at(area.x + point.x * scale, area.y + point.y * scale))
    }

    /// Where the picture is in the frame, and how many CSS pixels one of its own takes.
    ///
    /// # Errors
    /// If there is no picture.
    pub fn area(&self) -> anyhow::Result<(Rect, f64)> {
        let area: Rect =
            self.session().read("document.querySelector('.picture .brush').getBoundingClientRect().toJSON()")?;
        let width: f64 = self.state()?.width.parse().context("no width")?;
        Ok((area, area.width / width))
    }

    /// Draws through points of the picture with a real mouse.
    ///
    /// # Errors
    /// If there is no picture.
    pub fn stroke(&self, points: &[Point], button: Button) -> anyhow::Result<()> {
        let points: anyhow::Result<Vec<Point>> = points.iter().map(|point| self.in_picture(*point)).collect();
        self.mouse().stroke(&points?, button)
    }

    /// Paints over points of the picture and waits until the stroke is there.
    ///
    /// # Errors
    /// If it does not come.
    pub fn paint(&self, points: &[Point]) -> anyhow::Result<State> {
        let before = self.state()?.stroke_count();
        self.stroke(points, Button::Left)?;
        self.wait_for("the stroke", SOON, |state| state.stroke_count() == before + 1)
    }

    /// The brush's diameter in pixels of the picture.
    ///
    /// # Errors
    /// If there is no brush.
    pub fn brush_size(&self) -> anyhow::Result<f64> {
        self.session().read("2 * Math.exp(document.querySelector('input[name=size]').value)")
    }

    /// Sets the brush's diameter in pixels of the picture, as far as the slider goes; answers with what it took.
    ///
    /// # Errors
    /// If there is no brush.
    pub fn set_brush_size(&self, diameter: f64) -> anyhow::Result<f64> {
        let script = format!(
            "(() => {{ const size = document.querySelector('input[name=size]');
                size.value = Math.log({diameter} / 2);
                size.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); }})()"
        );
        self.session().eval(&script)?;
        self.brush_size()
    }

    /// Presses keys while the editor has the keyboard.
    ///
    /// # Errors
    /// If xdotool fails.
    pub fn keys(&self, names: &str) -> anyhow::Result<()> {
        self.mouse().keys(names)
    }

    /// Clicks on the middle of the first element that matches.
    ///
    /// # Errors
    /// If there is none.
    pub fn click_on(&self, selector: &str) -> anyhow::Result<()> {
        self.mouse().click(self.page.on_screen(self.page.rect(selector)?.middle())?)
    }

    /// Opens the panel for saving, chooses a file format there and waits for the file; answers with its length in bytes.
    ///
    /// # Errors
    /// If the format is not offered.
    pub fn draft(&self, format: &str) -> anyhow::Result<u64> {
        if !self.state()?.offers("close-save") {
            self.press("save-as")?;
        }
        let radio = format!("input[name=format][value={format}]");
        wait::until(&format!("the format {format}"), SOON, || {
            Ok(self.session().read::<bool>(&format!("!!document.querySelector('{radio}')"))?.then_some(()))
        })?;
        let is_chosen = || self.session().read::<bool>(&format!("document.querySelector('{radio}').checked"));
        wait::until("the choice", SOON, || {
            // Until the engine has said what the file is, PNG is the only choice and a click on it chooses nothing.
            self.click_on(&format!("label:has({radio})"))?;
            let length = self.drafted()?;
            Ok(is_chosen()?.then_some(length))
        })
    }

    /// Waits for the file whose size the panel shows; answers with its length in bytes.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn drafted(&self) -> anyhow::Result<u64> {
        self.wait_for("the file", JOB, |state| state.offers("save-draft"))?;
        let shown: String = self.session().read("document.querySelector('[data-bytes]').dataset.bytes")?;
        Ok(shown.parse()?)
    }

    /// Saves, in a format if one is named and else as the button does it; answers with the file.
    ///
    /// # Errors
    /// If the format is not offered or no file comes.
    pub fn save(&self, chrome: &Chrome, format: Option<&str>) -> anyhow::Result<PathBuf> {
        match format {
            Some(format) => {
                self.draft(format)?;
                self.press("save-draft")?;
            }
            None => self.press("save")?,
        }
        let file = chrome.download()?;
        self.wait_for("the panel to go", SOON, |state| !state.offers("close-save"))?;
        Ok(file)
    }

    /// Gives files to the input of this name, as a file dialog would.
    ///
    /// # Errors
    /// If there is no such input.
    pub fn give_files(&self, input: &str, files: &[&std::path::Path]) -> anyhow::Result<()> {
        let expression = json!({ "expression": format!("document.querySelector('input[name={input}]')") });
        let found = self.session().call("Runtime.evaluate", expression)?;
        let object = found["result"]["objectId"].as_str().with_context(|| format!("no input {input}"))?;
        let files: Vec<PathBuf> = files.iter().map(|file| file.canonicalize()).collect::<Result<_, _>>()?;
        self.session().call("DOM.setFileInputFiles", json!({ "files": files, "objectId": object })).map(drop)
    }
}
