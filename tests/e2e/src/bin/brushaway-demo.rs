//! Shows the extension at work: to a person on their display, or by pictures where there is none.

#![expect(clippy::print_stdout, reason = "what it prints is for the person who started it")]

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch},
    editor::{Editor, State},
    gallery::photos,
    mouse::Menu,
    page::Page,
    site::Site,
    wait::{JOB, SOON, Stopwatch},
};
use lexopt::{Arg, ValueExt as _};

const HELP: &str = "\
brushaway-demo [--output-dir DIR] [--headless-journey]
brushaway-demo --image FILE --mask FILE --out FILE

Without files: opens a gallery of photographs in a browser with the extension; without a display, or with
--headless-journey, erases something there by itself and leaves pictures of each step in DIR.
With files: erases from the image what is white in the mask, through the real extension.";

#[derive(Debug, Default)]
struct Request {
    output_dir: Option<PathBuf>,
    is_hidden: bool,
    image: Option<PathBuf>,
    mask: Option<PathBuf>,
    out: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let Some(request) = parsed()? else {
        println!("{HELP}");
        return Ok(());
    };
    let has_display = cfg!(not(target_os = "linux")) || env::var_os("DISPLAY").is_some_and(|name| !name.is_empty());
    match (request.image, request.mask, request.out) {
        (Some(image), Some(mask), Some(out)) => erase_file(&image, &mask, &out),
        (None, None, None) if has_display && !request.is_hidden => show(),
        (None, None, None) => perform(&request.output_dir.unwrap_or_else(|| PathBuf::from("demo-output"))),
        _ => bail!("--image, --mask and --out belong together\n\n{HELP}"),
    }
}

fn parsed() -> anyhow::Result<Option<Request>> {
    let mut request = Request::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("output-dir") => request.output_dir = Some(parser.value()?.into()),
            Arg::Long("headless-journey") => request.is_hidden = true,
            Arg::Long("image") => request.image = Some(parser.value()?.parse()?),
            Arg::Long("mask") => request.mask = Some(parser.value()?.parse()?),
            Arg::Long("out") => request.out = Some(parser.value()?.parse()?),
            Arg::Long("help") | Arg::Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some(request))
}

/// Opens the gallery and leaves the rest to the person.
fn show() -> anyhow::Result<()> {
    let site = Site::serve()?;
    let mut chrome = Chrome::launch(&Launch { visible: true, ..Launch::default() })?;
    chrome.open(&site.url("gallery/index.html"))?;
    println!("Right-click a photograph, choose \"Inpaint...\" and paint. Close the browser to end the demo.");
    chrome.closed()
}

/// Erases something from the gallery's first photograph as a person would, and takes pictures on the way.
fn perform(dir: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(dir)?;
    let photos = photos()?;
    let photo = photos.first().context("no photographs")?;
    let site = Site::serve()?;
    let chrome = Chrome::launch(&Launch::default())?;
    let page = chrome.open(&site.url("gallery/index.html"))?;
    let camera = Camera { dir, page: &page };
    camera.shoot("1-gallery")?;
    page.inpaint("main img", Menu::Picture)?;
    let editor = Editor::over_page(&chrome)?;
    editor.ready()?;
    camera.shoot("2-opened")?;
    let before = editor.save(&chrome, Some("png"))?;
    fs::copy(before, dir.join("before.png"))?;
    chrome.forget_downloads()?;
    for stroke in &photo.strokes {
        editor.set_brush_size(stroke.radius * 2.0)?;
        editor.paint(&stroke.points())?;
    }
    camera.shoot("3-painted")?;
    for (stage, name) in [("preview", "4-draft"), ("network", "5-filled")] {
        let reached = |state: &State| state.result == stage || state.job != "running";
        let state = editor.wait_for(stage, JOB, reached)?;
        // A fast machine may be further already.
        if state.result == stage {
            camera.shoot(name)?;
        }
    }
    let state = editor.finished()?;
    camera.shoot("6-done")?;
    fs::copy(editor.save(&chrome, Some("png"))?, dir.join("after.png"))?;
    println!("{}: removed {} in {} s on {}", photo.title, photo.remove, state.seconds, state.backend);
    println!("pictures of each step, before.png and after.png are in {}", dir.canonicalize()?.display());
    Ok(())
}

struct Camera<'a> {
    dir: &'a Path,
    page: &'a Page,
}

impl Camera<'_> {
    fn shoot(&self, name: &str) -> anyhow::Result<()> {
        self.page.still()?;
        self.page.screenshot(&self.dir.join(format!("{name}.png")))
    }
}

/// The same job on a person's own picture, by files alone.
fn erase_file(image: &Path, mask: &Path, out: &Path) -> anyhow::Result<()> {
    let format = match out.extension().and_then(|ending| ending.to_str()) {
        Some("png") | None => "png",
        Some("jpg" | "jpeg") => "jpg",
        Some(other) => other,
    };
    let watch = Stopwatch::start();
    let chrome = Chrome::launch(&Launch::default())?;
    chrome.open(&chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(&chrome)?;
    editor.wait_for("the editor", SOON, |state| state.phase == "empty")?;
    editor.give_files("open", &[image])?;
    editor.ready()?;
    editor.give_files("mask", &[mask])?;
    let state = editor.wait_for("the result", JOB, |state| state.textured() || !state.alert.is_empty())?;
    ensure!(state.textured(), "{}", state.alert.join(" "));
    fs::copy(editor.save(&chrome, Some(format))?, out).with_context(|| out.display().to_string())?;
    println!("{}: {} s on {}, {:.1} s in all", out.display(), state.seconds, state.backend, watch.seconds());
    Ok(())
}
