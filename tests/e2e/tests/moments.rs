//! Bad moments: each ends with a sentence and a way on, and nothing that was painted is lost.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch, extension_dir},
    editor::{Editor, State},
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    page::Page,
    scene::{self, Object},
    wait::{self, JOB, SOON},
};

const CASES: &[(&str, Case)] = &[
    ("the picture vanishes while the editor opens", picture_vanishes),
    ("the picture's file vanishes while the page still shows it", file_vanishes),
    ("the tab closes while a job runs", tab_closes),
    ("the page is left while a job runs", page_is_left),
    ("a second picture while a job runs", second_picture),
    ("a second right click on the same page", same_page_again),
    ("the service worker stops while one paints", service_worker_stops),
    ("the engine is closed while a job runs", engine_is_closed),
    ("the engine is closed before anything is painted", engine_is_closed_early),
    ("the engine is closed after the job", engine_is_closed_late),
    ("the model's file is damaged", damaged_model),
    ("the file is no picture", no_picture),
    ("the picture's file is damaged", damaged_picture),
    ("a picture that is too large", too_large),
];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

fn paint(editor: &Editor) -> anyhow::Result<()> {
    let object = Object::in_scene(640, 480);
    editor.set_brush_size(object.radius * 2.2)?;
    editor.paint(&object.stroke()).map(drop)
}

fn running(editor: &Editor) -> anyhow::Result<()> {
    editor.wait_for("a running job", SOON, |state| state.job == "running").map(drop)
}

/// A job that runs to its end as if nothing had happened.
fn works(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint(&editor)?;
    editor.finished()?;
    page.close()
}

fn picture_vanishes(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/vanishing.html")?;
    lab.site.remove("fleeting/640x480.png");
    page.inpaint("#photo", Menu::Picture)?;
    let told = || {
        let Ok(editor) = Editor::over_page(&lab.chrome) else { return Ok(None) };
        let state = editor.state()?;
        Ok((state.phase != "opening").then_some((editor, state)))
    };
    let (editor, state) = wait::until("a sentence", SOON, told)?;
    lab.picture("vanished", &page, Some(&editor))?;
    ensure!(state.phase == "failed" && !state.alert.is_empty(), "{state:?}");
    editor.press("dismiss")?;
    wait::until("the editor to go", SOON, || Ok((!Editor::is_over_page(&lab.chrome)?).then_some(())))
}

/// The pixels are still there, so one can go on.
fn file_vanishes(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/outlived.html")?;
    lab.site.remove("fleeting/960x720.png");
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    let state = editor.state()?;
    ensure!(state.width == "960" && state.note.iter().any(|note| note.contains("no longer")), "{state:?}");
    paint(&editor)?;
    editor.finished()?;
    page.close()
}

fn tab_closes(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint(&editor)?;
    running(&editor)?;
    page.close()?;
    works(lab)
}

fn page_is_left(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint(&editor)?;
    running(&editor)?;
    page.goto(&lab.site.url("pages/words.html"))?;
    works(lab)
}

fn second_picture(lab: &Lab) -> anyhow::Result<()> {
    let (first_page, first) = lab.over_plain_page()?;
    paint(&first)?;
    running(&first)?;
    let page = lab.open("pages/several.html")?;
    page.inpaint("#first", Menu::Picture)?;
    let second = Editor::over_other_page(&lab.chrome, &[&first])?;
    second.ready()?;
    second.set_brush_size(50.0)?;
    second.paint(&[at(240.0, 180.0), at(290.0, 180.0)])?;
    second.finished()?;
    first_page.activate()?;
    let state = first.finished()?;
    ensure!(state.stroke_count() == 1 && state.width == "640", "{state:?}");
    Ok(())
}

fn same_page_again(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint(&editor)?;
    running(&editor)?;
    // The editor is over the page: the menu of its own picture is its own affair, the edge of the screen is the page's.
    let picker = "chrome.tabs.query({ active: true, lastFocusedWindow: true }).then(([tab]) =>
        chrome.tabs.sendMessage(tab.id, { brushaway: 'open', token: 'another', url: null }))";
    lab.chrome.service_worker()?.eval(picker)?;
    let state = editor.finished()?;
    ensure!(state.stroke_count() == 1, "{state:?}");
    let url = lab.chrome.extension_url("overlay/");
    let frames = lab.chrome.cdp().targets()?.into_iter().filter(|target| target.url.starts_with(&url)).count();
    ensure!(frames == 1, "{frames} editors over one page");
    page.close()
}

fn service_worker_stops(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    lab.chrome.stop_service_worker()?;
    paint(&editor)?;
    editor.finished()?;
    lab.chrome.stop_service_worker().or_else(|_| anyhow::Ok(()))?;
    let file = editor.save(&lab.chrome, Some("png"))?;
    ensure!(image::open(file)?.width() == 640, "another picture");
    editor.press("close")?;
    wait::until("the editor to go", SOON, || Ok((!Editor::is_over_page(&lab.chrome)?).then_some(())))?;
    works(lab)
}

/// A sentence and the button to try again; the paint is still there.
fn is_told(state: &State) -> bool {
    state.job == "failed" && !state.alert.is_empty() && state.offers("retry") && state.stroke_count() == 1
}

fn engine_is_closed(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint(&editor)?;
    running(&editor)?;
    lab.chrome.close_offscreen()?;
    editor.wait_for("a sentence and a button", SOON, is_told)?;
    lab.picture("engine-lost", &page, Some(&editor))?;
    editor.press("retry")?;
    let state = editor.finished()?;
    ensure!(state.stroke_count() == 1, "{state:?}");
    Ok(())
}

fn engine_is_closed_early(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    lab.chrome.offscreen()?;
    lab.chrome.close_offscreen()?;
    // Nothing was lost, so nothing need be pressed.
    paint(&editor)?;
    let state = editor.wait_for("a result or a button", JOB, |state| state.textured() || state.offers("retry"))?;
    if !state.textured() {
        editor.press("retry")?;
        editor.finished()?;
    }
    Ok(())
}

/// What is saved is what is on the screen, although whoever made it is gone.
fn engine_is_closed_late(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    paint(&editor)?;
    editor.finished()?;
    let before = image::open(editor.save(&lab.chrome, Some("png"))?)?;
    lab.chrome.forget_downloads()?;
    lab.chrome.close_offscreen()?;
    if !editor.state()?.offers("save") {
        editor.press("retry")?;
        editor.finished()?;
    }
    let after = image::open(editor.save(&lab.chrome, Some("png"))?)?;
    ensure!(before == after, "what is saved is not what was on the screen");
    ensure!(editor.state()?.stroke_count() == 1, "the paint is gone");
    Ok(())
}

fn damaged_model(lab: &Lab) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    copy_folder(&extension_dir()?, folder.path())?;
    let model = find_model(folder.path())?.context("no model in the extension")?;
    let bytes = fs::read(&model)?;
    fs::write(&model, &bytes[..bytes.len() / 2])?;
    let chrome = Chrome::launch(&Launch { extension: Some(folder.path().to_owned()), ..Launch::default() })?;
    let page = chrome.open(&lab.site.url("pages/plain.html"))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::over_page(&chrome)?;
    editor.ready()?;
    paint(&editor)?;
    let state = editor.wait_for("a sentence", JOB, |state| state.job == "failed")?;
    lab.picture("model-failed", &page, Some(&editor))?;
    ensure!(!state.alert.is_empty() && state.stroke_count() == 1, "{state:?}");
    ensure!(state.offers("save") && state.offers("close"), "no way on: {state:?}");
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn find_model(folder: &Path) -> anyhow::Result<Option<PathBuf>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            if let Some(found) = find_model(&path)? {
                return Ok(Some(found));
            }
        } else if path.extension().is_some_and(|ending| ending == "onnx") {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Opens an editor in a tab, gives it a file, and waits until it has said something about it.
fn opened(lab: &Lab, bytes: &[u8], said: fn(&State) -> bool) -> anyhow::Result<(Page, State)> {
    let page = lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(&lab.chrome)?;
    editor.wait_for("an empty editor", SOON, |state| state.phase == "empty")?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("scene.png");
    fs::write(&file, bytes)?;
    editor.give_files("open", &[&file])?;
    let state = editor.wait_for("a sentence", SOON, said)?;
    Ok((page, state))
}

fn no_picture(lab: &Lab) -> anyhow::Result<()> {
    let (page, state) = opened(lab, b"<p>A page that calls itself a picture</p>", |state| !state.alert.is_empty())?;
    lab.picture("not-a-picture", &page, None)?;
    ensure!(state.phase == "failed" && state.alert.iter().any(|alert| alert.contains("not a picture")), "{state:?}");
    Ok(())
}

/// What can be seen of it may be worked on, but the person is told.
fn damaged_picture(lab: &Lab) -> anyhow::Result<()> {
    let mut bytes = scene::file("640x480.png").context("no scene")?;
    bytes.truncate(bytes.len() / 3);
    let told = |state: &State| [&state.alert, &state.note].into_iter().flatten().any(|said| said.contains("damaged"));
    let (page, _) = opened(lab, &bytes, told)?;
    lab.picture("damaged-picture", &page, None)
}

/// A file of few bytes that claims a hundred megapixels.
fn too_large(lab: &Lab) -> anyhow::Result<()> {
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    let gray = image::GrayImage::new(10_001, 10_000);
    gray.write_with_encoder(encoder)?;
    let told = |state: &State| state.alert.iter().any(|alert| alert.contains("too large"));
    let (page, _) = opened(lab, &bytes, told)?;
    lab.picture("too-large", &page, None)
}
