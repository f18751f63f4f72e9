//! Several pictures in a tab: one after another, and one mask on all of them.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Launch, workspace},
    editor::Editor,
    lab::{Case, Lab, run},
    page::Page,
    pixels::{Painted, margin},
    scene::{Object, scene},
    wait::{self, JOB, SOON},
};
use image::RgbaImage;
use serde_json::json;

const CASES: &[(&str, Case)] = &[
    ("each picture of a tab keeps what was done to it", strip),
    ("one mask on all pictures", batch),
    ("a batch is stopped", stopped),
    ("from 64 to 12000 pixels a side", extremes),
];

const SIZE: (u32, u32) = (640, 480);

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// Files of these sizes, and others, in an editor's tab.
fn open(lab: &Lab, folder: &Path, sizes: &[(u32, u32)], others: &[PathBuf]) -> anyhow::Result<(Page, Editor)> {
    let mut files = Vec::new();
    for (number, (width, height)) in sizes.iter().enumerate() {
        let file = folder.join(format!("{number}.png"));
        let mut picture = scene(*width, *height);
        // No two are the same file.
        picture.get_pixel_mut(0, 0).0[0] = u8::try_from(number)?;
        picture.save(&file)?;
        files.push(file);
    }
    files.extend_from_slice(others);
    let page = lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(&lab.chrome)?;
    editor.wait_for("an empty editor", SOON, |state| state.phase == "empty")?;
    editor.give_files("open", &files.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    editor.ready()?;
    Ok((page, editor))
}

fn erase(editor: &Editor) -> anyhow::Result<()> {
    let object = Object::in_scene(SIZE.0, SIZE.1);
    editor.set_brush_size(object.radius * 2.4)?;
    editor.paint(&object.stroke())?;
    editor.finished().map(drop)
}

fn strip(lab: &Lab) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (page, editor) = open(lab, folder.path(), &[SIZE, SIZE, (320, 240)], &[])?;
    erase(&editor)?;
    editor.press("picture-1")?;
    editor.wait_for("the second picture", SOON, |state| state.ready() && state.strokes == "0")?;
    let mark = "document.querySelector('.strip li').classList.contains('unsaved')";
    ensure!(editor.session().read::<bool>(mark)?, "nothing tells that the first one is not saved");
    let paint = "(() => { const brush = document.querySelector('.brush');
        const { data } = brush.getContext('2d').getImageData(0, 0, brush.width, brush.height);
        return data.some((value) => value > 0); })()";
    ensure!(!editor.session().read::<bool>(paint)?, "the mask of the first picture is on the second");
    editor.keys("period")?;
    editor.wait_for("the third picture", SOON, |state| state.ready() && state.width == "320")?;
    lab.picture("strip", &page, None)?;
    editor.press("picture-0")?;
    editor.wait_for("what was done", SOON, |state| state.strokes == "1" && state.width == "640")?;
    editor.finished()?;

    // A picture that is not wanted goes; the others keep their places.
    editor.page().mouse().move_to(editor.button("picture-2")?)?;
    editor.press("remove-picture")?;
    editor.wait_for("two pictures", SOON, |state| !state.offers("picture-1") || !state.offers("picture-2")).map(drop)
}

/// The files in an archive, by name.
fn unpacked(file: &Path) -> anyhow::Result<Vec<(String, RgbaImage)>> {
    let mut archive = zip::ZipArchive::new(File::open(file)?)?;
    let mut files = Vec::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at)?;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.push((entry.name()?.into_owned(), image::load_from_memory(&bytes)?.into_rgba8()));
    }
    Ok(files)
}

fn batch(lab: &Lab) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    // The last one is of a format that only the browser reads.
    let wide = workspace().join("tests/site/fixtures/display-p3.avif");
    let (page, editor) = open(lab, folder.path(), &[SIZE, SIZE, (320, 240)], &[wide])?;
    ensure!(!editor.state()?.offers("same-on-all"), "nothing is marked yet");
    erase(&editor)?;
    editor.press("same-on-all")?;
    editor.wait_for("the batch", JOB, |state| state.offers("save-batch"))?;
    let left_out: Vec<String> =
        editor.session().read("[...document.querySelectorAll('.left-out li')].map((line) => line.textContent)")?;
    ensure!(left_out.len() == 1 && left_out[0].contains("2.png"), "{left_out:?}");
    lab.picture("batch", &page, None)?;
    lab.chrome.forget_downloads()?;
    editor.press("save-batch")?;
    let files = unpacked(&lab.chrome.download()?)?;
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    ensure!(names == ["0-brushaway.png", "1-brushaway.png", "display-p3-brushaway.png"], "{names:?}");
    let [red, green, blue, _] = files[2].1.get_pixel(0, 0).0;
    let apart = red.abs_diff(60).max(green.abs_diff(110)).max(blue.abs_diff(70));
    ensure!(apart < 8, "the values were converted: {red} {green} {blue}");
    let object = Object::in_scene(SIZE.0, SIZE.1);
    for (number, (name, picture)) in files[..2].iter().enumerate() {
        let [red, green, ..] =
            picture.get_pixel_checked(object.middle.x as u32, object.middle.y as u32).context("size")?.0;
        ensure!(red < 170 || green > 90, "{name}: it is still there");
        ensure!(usize::from(picture.get_pixel(0, 0).0[0]) == number, "{name}: another picture");
        let source = image::DynamicImage::from(scene(SIZE.0, SIZE.1)).into_rgba8();
        ensure!(picture.get_pixel(600, 20) == source.get_pixel(600, 20), "{name}: it changed where nothing was marked");
    }
    // The picture on the screen is as it was.
    let state = editor.finished()?;
    ensure!(state.strokes == "1" && state.dirty == "true", "{state:?}");
    Ok(())
}

fn stopped(lab: &Lab) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let (_, editor) = open(lab, folder.path(), &[SIZE; 4], &[])?;
    erase(&editor)?;
    editor.press("same-on-all")?;
    let said = json!("Picture 2 of 4");
    wait::until("the second of the batch", JOB, || {
        let script = format!("document.querySelector('.batch')?.innerText.includes({said}) ?? false");
        Ok(editor.session().read::<bool>(&script)?.then_some(()))
    })?;
    editor.keys("Escape")?;
    editor.wait_for("the end of the batch", SOON, |state| state.offers("close-batch"))?;
    lab.chrome.forget_downloads()?;
    editor.press("save-batch")?;
    let made = unpacked(&lab.chrome.download()?)?.len();
    ensure!((1..4).contains(&made), "{made} of four");
    Ok(())
}

fn extremes(lab: &Lab) -> anyhow::Result<()> {
    for (width, height) in [(64, 48), (12_000, 900), (600, 12_000)] {
        let folder = tempfile::tempdir()?;
        let (page, editor) = open(lab, folder.path(), &[(width, height)], &[])?;
        let object = Object::in_scene(width, height);
        let diameter = editor.set_brush_size(object.radius * 2.4)?;
        let painted = Painted::default().with(&object.stroke(), diameter);
        editor.paint(&object.stroke())?;
        editor.finished()?;
        let made = lab.saved(&editor)?;
        let source = image::open(folder.path().join("0.png"))?.into_rgba8();
        let (_, scale) = editor.area()?;
        painted.check_outside(&source, &made, margin(width, height, 1.0 / scale))?;
        ensure!(made != source, "{width}x{height}: nothing was done");
        page.close()?;
    }
    Ok(())
}
