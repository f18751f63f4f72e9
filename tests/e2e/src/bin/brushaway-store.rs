//! Takes the pictures that the stores show of the extension, at the one size that they take.

#![expect(clippy::print_stdout, reason = "what it prints is for the person who started it")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch},
    editor::Editor,
    gallery::{Photo, photos},
    mouse::Menu,
    page::{Page, Scheme},
    site::Site,
    wait::SOON,
};
use serde_json::json;

/// Width and height that the Chrome Web Store takes, in pixels.
const SIZE: (u32, u32) = (1280, 800);

/// What is done in the editor before the picture is taken.
type Act = fn(&Editor, &Photo) -> anyhow::Result<()>;

/// One picture.
struct Scene {
    /// The file's name.
    name: &'static str,
    /// Which photograph of the gallery.
    case: &'static str,
    scheme: Scheme,
    /// Jobs begin by themselves, as they do unless somebody sets it otherwise.
    runs_on_lift: bool,
    act: Act,
}

const SCENES: [Scene; 5] = [
    Scene { name: "1-painted", case: "dandelions", scheme: Scheme::Light, runs_on_lift: false, act: mark },
    Scene { name: "2-gone", case: "dandelions", scheme: Scheme::Light, runs_on_lift: true, act: erase },
    Scene { name: "3-compared", case: "rocket", scheme: Scheme::Light, runs_on_lift: true, act: compare },
    Scene { name: "4-saved", case: "coffee", scheme: Scheme::Light, runs_on_lift: true, act: save },
    Scene { name: "5-at-night", case: "summit", scheme: Scheme::Dark, runs_on_lift: true, act: erase },
];

fn main() -> anyhow::Result<()> {
    let dir = PathBuf::from(env::args_os().nth(1).context("where do the pictures go?")?);
    fs::create_dir_all(&dir)?;
    let (photos, site) = (photos()?, Site::serve()?);
    let chrome = Chrome::launch(&Launch::default())?;
    for scene in SCENES {
        let found = photos.iter().enumerate().find(|(_, photo)| photo.file.starts_with(scene.case));
        let (number, photo) = found.with_context(|| format!("no photograph {}", scene.case))?;
        let settings = json!({ "version": 1, "run_on_lift": scene.runs_on_lift }).to_string();
        let settings = json!({ "settings": settings });
        chrome.service_worker()?.eval(&format!("chrome.storage.local.set({settings})"))?;
        let page = chrome.open(&site.url("gallery/index.html"))?;
        page.resize(SIZE)?;
        page.prefer(scene.scheme)?;
        page.inpaint(&format!("figure:nth-of-type({}) img", number + 1), Menu::Picture)?;
        let editor = Editor::over_page(&chrome)?;
        editor.page().prefer(scene.scheme)?;
        editor.ready()?;
        (scene.act)(&editor, photo)?;
        shoot(&page, &editor, &dir.join(format!("{}.png", scene.name)))?;
        page.close()?;
    }
    println!("{} pictures of {} x {} are in {}", SCENES.len(), SIZE.0, SIZE.1, dir.display());
    Ok(())
}

fn shoot(page: &Page, editor: &Editor, file: &Path) -> anyhow::Result<()> {
    editor.page().still()?;
    let picture = page.pixels()?;
    ensure!(picture.dimensions() == SIZE, "{:?} instead of {SIZE:?}", picture.dimensions());
    picture.save(file).with_context(|| file.display().to_string())
}

fn mark(editor: &Editor, photo: &Photo) -> anyhow::Result<()> {
    paint(editor, photo)?;
    editor.wait_for("marks", SOON, |state| state.stroke_count() == photo.strokes.len()).map(drop)
}

fn erase(editor: &Editor, photo: &Photo) -> anyhow::Result<()> {
    paint(editor, photo)?;
    editor.finished().map(drop)
}

fn compare(editor: &Editor, photo: &Photo) -> anyhow::Result<()> {
    erase(editor, photo)?;
    editor.press("look-split")?;
    editor.wait_for("the comparison", SOON, |state| state.look == "split").map(drop)
}

fn save(editor: &Editor, photo: &Photo) -> anyhow::Result<()> {
    erase(editor, photo)?;
    editor.draft("jpg").map(drop)
}

fn paint(editor: &Editor, photo: &Photo) -> anyhow::Result<()> {
    for stroke in &photo.strokes {
        editor.set_brush_size(stroke.radius * 2.0)?;
        editor.paint(&stroke.points())?;
    }
    Ok(())
}
