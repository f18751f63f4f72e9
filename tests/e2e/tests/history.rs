//! What was done, step by step: gone back to, painted back, and found again after the editor was left by mistake.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::Launch,
    editor::{Editor, State},
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    page::Page,
    scene::{Object, scene},
    wait::{self, JOB, SOON},
};
use image::RgbaImage;

const CASES: &[(&str, Case)] = &[
    ("the history leads to any step", travel),
    ("the original is painted back", restore),
    ("what was left by mistake is there again", resume),
];

const SIZE: (u32, u32) = (640, 480);

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

fn start(lab: &Lab) -> anyhow::Result<(Page, Editor)> {
    let (page, editor) = lab.over_plain_page()?;
    editor.set_brush_size(90.0)?;
    Ok((page, editor))
}

/// Removes the object, and keeps that.
fn erase_and_keep(editor: &Editor) -> anyhow::Result<()> {
    editor.paint(&Object::in_scene(SIZE.0, SIZE.1).stroke())?;
    editor.finished()?;
    editor.press("keep")?;
    changes(editor, 1).map(drop)
}

/// Waits until the picture itself was changed so often.
fn changes(editor: &Editor, wanted: usize) -> anyhow::Result<State> {
    editor.wait_for("a change", SOON, |state| state.kept == wanted.to_string())
}

fn saved(lab: &Lab, editor: &Editor) -> anyhow::Result<RgbaImage> {
    editor.wait_for("a picture to save", JOB, |state| state.offers("save"))?;
    lab.saved(editor)
}

fn source() -> RgbaImage {
    image::DynamicImage::from(scene(SIZE.0, SIZE.1)).into_rgba8()
}

fn is_red(picture: &RgbaImage, x: f64, y: f64) -> anyhow::Result<bool> {
    let [red, green, ..] = picture.get_pixel_checked(x as u32, y as u32).context("outside")?.0;
    Ok(red > 170 && green < 90)
}

fn travel(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = start(lab)?;
    erase_and_keep(&editor)?;
    editor.paint(&[at(100.0, 100.0), at(140.0, 100.0)])?;
    editor.finished()?;
    let both = saved(lab, &editor)?;
    editor.keys("j")?;
    let state = editor.wait_for("the history", SOON, |state| state.offers("step-3"))?;
    ensure!(state.offers("step-0") && !state.offers("step-4"), "{state:?}");
    lab.picture("history", &page, Some(&editor))?;
    // A step is known by its picture, too: the first one shows the object.
    let looks = "[...document.querySelectorAll('.history canvas')].map(canvas =>
        [...canvas.getContext('2d').getImageData(canvas.width * 0.55, canvas.height * 0.5, 1, 1).data])";
    let looks: Vec<[u8; 4]> = editor.session().read(looks)?;
    ensure!(looks.len() == 4 && looks[0][0] > 150 && looks[2][0] < 150, "small pictures: {looks:?}");

    editor.press("step-0")?;
    changes(&editor, 0)?;
    ensure!(saved(lab, &editor)? == source(), "the original is another one");
    editor.wait_for("redo", SOON, |state| state.offers("redo"))?;
    lab.picture("history-undone", &page, Some(&editor))?;

    editor.press("step-3")?;
    changes(&editor, 1)?;
    editor.finished()?;
    ensure!(saved(lab, &editor)? == both, "the last step is another one");

    // The same by keys, across the kept result and back.
    editor.keys("ctrl+z")?;
    editor.wait_for("the kept result alone", SOON, |state| state.strokes == "0" && state.kept == "1")?;
    editor.keys("ctrl+z")?;
    changes(&editor, 0)?;
    let state = editor.finished()?;
    ensure!(state.strokes == "1", "the mask of the kept result is there again: {state:?}");
    editor.keys("ctrl+y")?;
    changes(&editor, 1)?;
    editor.keys("ctrl+y")?;
    editor.finished()?;
    ensure!(saved(lab, &editor)? == both, "keys lead elsewhere");

    editor.keys("Escape")?;
    editor.wait_for("no history", SOON, |state| !state.offers("step-0") && state.ready()).map(drop)
}

fn restore(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = start(lab)?;
    let object = Object::in_scene(SIZE.0, SIZE.1);
    editor.keys("v")?;
    editor.stroke(&[object.middle, at(object.middle.x + 2.0, object.middle.y)], brushaway_e2e::mouse::Button::Left)?;
    let said = |wanted: &str| {
        editor.wait_for("a sentence", SOON, |state| state.status.iter().any(|said| said.contains(wanted))).map(drop)
    };
    said("nothing to bring back")?;

    editor.keys("b")?;
    editor.paint(&object.stroke())?;
    editor.finished()?;
    let erased = saved(lab, &editor)?;
    let middle = object.middle;
    let (left, right) = (middle.x - object.radius * 0.6, middle.x + object.radius * 0.6);
    ensure!(!is_red(&erased, left, middle.y)? && !is_red(&erased, right, middle.y)?, "it is still there");

    // Half of the object comes back.
    editor.keys("v")?;
    editor.set_brush_size(object.radius)?;
    let (top, bottom) = (middle.y - object.radius, middle.y + object.radius);
    editor.stroke(&[at(left, top), at(left, bottom)], brushaway_e2e::mouse::Button::Left)?;
    changes(&editor, 2)?;
    let half = saved(lab, &editor)?;
    ensure!(is_red(&half, left, middle.y)? && !is_red(&half, right, middle.y)?, "not half of it");
    let original = source();
    let (x, y) = (left as u32, middle.y as u32);
    ensure!(half.get_pixel(x, y) == original.get_pixel(x, y), "it is like the original, but not the original");
    lab.picture("restored", &page, Some(&editor))?;

    editor.keys("ctrl+z")?;
    changes(&editor, 1)?;
    ensure!(saved(lab, &editor)? == erased, "undo leaves something");
    Ok(())
}

fn resume(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = start(lab)?;
    erase_and_keep(&editor)?;
    editor.paint(&[at(100.0, 100.0), at(140.0, 100.0)])?;
    editor.finished()?;
    let both = saved(lab, &editor)?;

    let editor = Lab::reopened(&lab.chrome, &page)?;
    editor.wait_for("what was done", SOON, |state| state.kept == "1" && state.strokes == "1")?;
    let state = editor.finished()?;
    ensure!(state.dirty == "true", "{state:?}");
    lab.picture("resumed", &page, Some(&editor))?;
    ensure!(saved(lab, &editor)? == both, "something else came back");

    // It can be undone to the end.
    editor.keys("ctrl+z")?;
    editor.wait_for("no mark", SOON, |state| state.strokes == "0" && state.kept == "1")?;
    editor.keys("ctrl+z")?;
    changes(&editor, 0)?;
    let state = editor.finished()?;
    ensure!(state.strokes == "1", "the mask of the kept result is there again: {state:?}");
    editor.keys("ctrl+z")?;
    editor.wait_for("the original", SOON, |state| state.steps == "0")?;
    ensure!(lab.saved(&editor)? == source(), "the original did not come back");

    // Who leaves for good finds nothing.
    editor.paint(&Object::in_scene(SIZE.0, SIZE.1).stroke())?;
    editor.finished()?;
    editor.keys("Escape")?;
    editor.press("confirm-close")?;
    wait::until("the editor to go", SOON, || Ok((!Editor::is_over_page(&lab.chrome)?).then_some(())))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.wait_for("what the engine knows", SOON, |state| state.offers("save"))?;
    let state = editor.draft("png").and_then(|_| editor.state())?;
    ensure!(state.strokes == "0" && state.kept == "0" && state.dirty == "false", "{state:?}");
    Ok(())
}
