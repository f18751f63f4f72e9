//! The main job and everything a person can do on the way.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use brushaway_e2e::{
    chrome::{Launch, workspace},
    editor::{Editor, State},
    gallery::photos,
    lab::{Case, Lab, run},
    mouse::{Button, Menu, Point, at},
    pixels::{Painted, margin},
    scene::{self, Object},
    wait::{self, JOB, SOON},
};
use image::RgbaImage;
use serde_json::json;

const CASES: &[(&str, Case)] = &[
    ("from the right click to the saved file", from_right_click_to_file),
    ("undo, redo and clear", undo_redo_clear),
    ("the right button erases paint", right_button_erases),
    ("the brush's size", brush_size),
    ("zoom, pan and paint", zoom_and_pan),
    ("hold to compare", hold_to_compare),
    ("keep, go on, and take it back", keep_and_go_on),
    ("copy", copy),
    ("escape asks before work is lost", escape_asks),
    ("a new stroke supersedes the job", new_stroke_supersedes),
    ("cancel, then run", cancel_then_run),
    ("a jpeg stays a jpeg", jpeg_stays_jpeg),
    ("twelve megapixels", twelve_megapixels),
    ("a picture and a mask as files", picture_and_mask_as_files),
    ("the whole picture painted over", whole_picture_painted),
];

const SIZE: (u32, u32) = (640, 480);

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// A page with a made picture of [`SIZE`], and the editor over it.
fn object() -> Object {
    Object::in_scene(SIZE.0, SIZE.1)
}

fn source() -> anyhow::Result<RgbaImage> {
    let file = scene::file(&format!("{}x{}.png", SIZE.0, SIZE.1)).context("no scene")?;
    Ok(image::load_from_memory(&file)?.into_rgba8())
}

/// Paints with a brush of this diameter.
fn paint(editor: &Editor, points: &[Point], diameter: f64) -> anyhow::Result<Painted> {
    let diameter = editor.set_brush_size(diameter)?;
    editor.paint(points)?;
    Ok(Painted::default().with(points, diameter))
}

/// Paints over the object.
fn paint_object(editor: &Editor) -> anyhow::Result<Painted> {
    paint(editor, &object().stroke(), object().radius * 2.2)
}

/// Checks a result: nothing outside the paint changed, and the hole holds something new that is not flat.
fn check(painted: &Painted, source: &RgbaImage, result: &RgbaImage, scale: f64) -> anyhow::Result<()> {
    painted.check_outside(source, result, margin(source.width(), source.height(), 1.0 / scale))?;
    painted.fill(source, result).check()
}

fn from_right_click_to_file(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("gallery/index.html")?;
    lab.picture("gallery", &page, None)?;
    let photo = photos()?.into_iter().next().context("no photographs")?;
    page.inpaint("main img", Menu::Picture)?;
    let editor = lab.editor()?;
    ensure!(editor.session().eval("navigator.webdriver")? == false, "libraries would keep quiet here");
    lab.picture("ready", &page, Some(&editor))?;
    editor.record("result")?;
    let (_, scale) = editor.area()?;
    let mut painted = Painted::default();
    for stroke in &photo.strokes {
        let diameter = editor.set_brush_size(stroke.radius * 2.0)?;
        editor.paint(&stroke.points())?;
        painted = painted.with(&stroke.points(), diameter);
    }
    lab.picture("painted", &page, Some(&editor))?;
    let state = editor.finished()?;
    lab.picture("done", &page, Some(&editor))?;
    ensure!(state.backend.starts_with("WebAssembly") && state.backend.contains("thread"), "{state:?}");
    ensure!(state.seconds.parse::<f64>()? > 0.0 && state.dirty == "true", "{state:?}");
    ensure!(editor.recorded("result")?.ends_with(&["network".into(), "textured".into()]), "not in that order");
    let source = image::open(workspace().join("tests/photos").join(&photo.file))?.into_rgba8();
    check(&painted, &source, &lab.saved(&editor)?, scale)
}

/// Paint lands where it is put, however the picture is seen.
fn zoom_and_pan(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    let zoomed = |least: f64| move |state: &State| state.zoom.parse::<f64>().is_ok_and(|zoom| zoom >= least);
    let (fitted, _) = editor.area()?;
    editor.press("larger")?;
    editor.wait_for("a larger picture", SOON, zoomed(1.3))?;
    let middle = editor.in_picture(object().middle)?;
    editor.keys("plus")?;
    editor.wait_for("a still larger picture", SOON, zoomed(1.9))?;
    // The wheel with Ctrl keeps what is under the pointer.
    lab.chrome.mouse().move_to(middle)?;
    let under = |point: Point| -> anyhow::Result<Point> {
        let (area, scale) = editor.area()?;
        let corner = editor.in_picture(at(0.0, 0.0))?;
        ensure!(area.width > fitted.width, "it is no larger");
        Ok(at((point.x - corner.x) / scale, (point.y - corner.y) / scale))
    };
    let before = under(middle)?;
    lab.chrome.mouse().wheel_with("ctrl", middle, 1)?;
    editor.wait_for("the largest picture", SOON, zoomed(2.5))?;
    let after = under(middle)?;
    ensure!((before.x - after.x).abs() < 2.0 && (before.y - after.y).abs() < 2.0, "{before:?} {after:?}");
    let state = editor.state()?;
    ensure!(state.stroke_count() == 0 && state.phase == "ready", "{state:?}");
    // The middle button moves it.
    let (area, _) = editor.area()?;
    lab.chrome.mouse().stroke(&[middle, at(middle.x + 60.0, middle.y + 30.0)], Button::Middle)?;
    let (moved, _) = editor.area()?;
    ensure!((moved.x - area.x - 60.0).abs() < 3.0 && (moved.y - area.y - 30.0).abs() < 3.0, "{area:?} {moved:?}");
    let painted = paint_object(&editor)?;
    lab.picture("zoomed", &page, Some(&editor))?;
    editor.finished()?;
    let (_, scale) = editor.area()?;
    check(&painted, &source()?, &lab.saved(&editor)?, scale)?;
    editor.keys("0")?;
    editor.wait_for("the picture that fits", SOON, |state| state.zoom == "1.000").map(drop)
}

fn undo_redo_clear(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    paint_object(&editor)?;
    paint(&editor, &[at(100.0, 100.0), at(150.0, 100.0)], 20.0)?;
    let strokes = |count: usize| move |state: &State| state.stroke_count() == count;
    editor.press("undo")?;
    editor.wait_for("one stroke", SOON, strokes(1))?;
    editor.press("redo")?;
    editor.wait_for("two strokes", SOON, strokes(2))?;
    editor.keys("ctrl+z ctrl+z")?;
    let blank = editor.wait_for("no stroke", SOON, strokes(0))?;
    ensure!(blank.result == "none" && !blank.offers("undo") && !blank.offers("run"), "{blank:?}");
    editor.keys("ctrl+shift+z")?;
    editor.wait_for("one stroke", SOON, strokes(1))?;
    editor.keys("ctrl+y")?;
    editor.wait_for("two strokes", SOON, strokes(2))?;
    editor.finished()?;
    editor.press("clear")?;
    editor.wait_for("no stroke", SOON, strokes(0))?;
    // Clearing is one step, taken back as one.
    editor.keys("ctrl+z")?;
    editor.wait_for("two strokes", SOON, strokes(2))?;
    editor.finished()?;
    editor.press("clear")?;
    let blank = editor.wait_for("no stroke", SOON, strokes(0))?;
    ensure!(blank.result == "none" && blank.dirty == "false", "{blank:?}");
    ensure!(lab.saved(&editor)? == source()?, "something of the result stayed");
    Ok(())
}

fn right_button_erases(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    let (_, scale) = editor.area()?;
    let Object { middle, radius } = object();
    let diameter = editor.set_brush_size(radius * 2.2)?;
    editor.paint(&[middle, at(middle.x + 140.0, middle.y)])?;
    editor.set_brush_size(120.0)?;
    editor.stroke(&[at(middle.x + 120.0, middle.y), at(middle.x + 160.0, middle.y)], Button::Right)?;
    editor.wait_for("the eraser's stroke", SOON, |state| state.stroke_count() == 2)?;
    editor.finished()?;
    let left = Painted::default().with(&[middle, at(middle.x + 60.0, middle.y)], diameter);
    check(&left, &source()?, &lab.saved(&editor)?, scale)?;
    // The same with the tool of that name: nothing is left to fill.
    editor.press("eraser")?;
    editor.set_brush_size(140.0)?;
    editor.paint(&[at(middle.x - 20.0, middle.y), at(middle.x + 160.0, middle.y)])?;
    let told = |state: &State| [&state.alert, &state.status].into_iter().flatten().any(|s| s.contains("Paint over"));
    editor.wait_for("a sentence", JOB, told).map(drop)
}

fn brush_size(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    let middle = editor.in_picture(at(320.0, 240.0))?;
    editor.page().mouse().move_to(middle)?;
    let becomes = |what: &str, wanted: &dyn Fn(f64) -> bool| {
        wait::until(what, SOON, || Ok(Some(editor.brush_size()?).filter(|size| wanted(*size))))
    };
    let first = editor.brush_size()?;
    editor.keys("bracketright bracketright")?;
    let larger = becomes("a larger brush", &|size| size > first * 1.25)?;
    editor.keys("bracketleft")?;
    let smaller = becomes("a smaller brush", &|size| size < larger * 0.95)?;
    editor.page().mouse().wheel_with("shift", middle, 3)?;
    let by_wheel = becomes("a larger brush by the wheel", &|size| size > smaller * 1.3)?;
    editor.page().mouse().wheel_with("shift", middle, -3)?;
    becomes("a smaller brush by the wheel", &|size| size < by_wheel * 0.8)?;
    let set = editor.set_brush_size(64.0)?;
    ensure!((set - 64.0).abs() < 1.0, "the slider gave {set}");
    Ok(())
}

fn hold_to_compare(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint_object(&editor)?;
    editor.finished()?;
    let compare = editor.button("compare")?;
    let comparing = || editor.session().read::<bool>("document.querySelector('.picture').matches('.comparing')");
    editor.page().mouse().hold(compare, true)?;
    wait::until("the source", SOON, || Ok(comparing()?.then_some(())))?;
    lab.picture("comparing", &page, Some(&editor))?;
    editor.page().mouse().hold(compare, false)?;
    wait::until("the result again", SOON, || Ok((!comparing()?).then_some(())))
}

fn keep_and_go_on(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    let (_, scale) = editor.area()?;
    paint_object(&editor)?;
    editor.finished()?;
    let first = lab.saved(&editor)?;
    editor.press("keep")?;
    let kept = editor.wait_for("the kept result", SOON, |state| state.stroke_count() == 0 && state.offers("undo"))?;
    ensure!(kept.result == "none", "{kept:?}");
    lab.picture("kept", &page, Some(&editor))?;
    let second = paint(&editor, &[at(120.0, 120.0), at(160.0, 120.0)], 40.0)?;
    editor.finished()?;
    check(&second, &first, &lab.saved(&editor)?, scale)?;
    editor.keys("ctrl+z")?;
    editor.wait_for("no stroke", SOON, |state| state.stroke_count() == 0 && state.result == "none")?;
    ensure!(lab.saved(&editor)? == first, "undoing the stroke does not bring the kept result back");
    editor.keys("ctrl+z")?;
    editor.wait_for("the mask of what was kept", SOON, |state| state.stroke_count() == 1 && state.kept == "0")?;
    editor.keys("ctrl+z")?;
    editor.wait_for("nothing to undo", SOON, |state| !state.offers("undo"))?;
    ensure!(lab.saved(&editor)? == source()?, "undoing Keep does not bring the source back");
    Ok(())
}

fn copy(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint_object(&editor)?;
    editor.finished()?;
    editor.press("copy")?;
    let told = |state: &State| state.status.iter().any(|status| status.contains("Copied"));
    let state = editor.wait_for("the sentence", SOON, told)?;
    ensure!(state.dirty == "false", "{state:?}");
    let result = lab.saved(&editor)?;
    editor.press("close")?;
    // Any page may read the clipboard if the person lets it.
    let permission = json!({
        "permission": { "name": "clipboard-read" },
        "setting": "granted",
        "origin": lab.site.url("").trim_end_matches('/'),
    });
    lab.chrome.cdp().call("Browser.setPermission", permission)?;
    page.activate()?;
    page.mouse().click(page.on_screen(at(5.0, 5.0))?)?;
    let script = "(async () => {
        const [item] = await navigator.clipboard.read();
        const bytes = new Uint8Array(await (await item.getType('image/png')).arrayBuffer());
        return btoa(bytes.reduce((text, byte) => text + String.fromCharCode(byte), ''));
    })()";
    let copied = BASE64_STANDARD.decode(page.session().read::<String>(script)?)?;
    ensure!(image::load_from_memory(&copied)?.into_rgba8() == result, "the clipboard holds something else");
    Ok(())
}

fn escape_asks(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint_object(&editor)?;
    editor.finished()?;
    editor.keys("Escape")?;
    editor.wait_for("the question", SOON, |state| state.offers("confirm-close"))?;
    lab.picture("closing", &page, Some(&editor))?;
    editor.press("continue")?;
    let state = editor.wait_for("the editor again", SOON, |state| !state.offers("confirm-close"))?;
    ensure!(state.stroke_count() == 1 && state.textured(), "{state:?}");
    editor.keys("Escape")?;
    editor.press("confirm-close")?;
    let gone = || Ok((!Editor::is_over_page(&lab.chrome)?).then_some(()));
    wait::until("the editor to go", SOON, gone)?;
    // Where nothing would be lost nothing is asked.
    page.inpaint("#photo", Menu::Picture)?;
    lab.editor()?.keys("Escape")?;
    wait::until("the editor to go", SOON, gone)
}

fn new_stroke_supersedes(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    let (_, scale) = editor.area()?;
    editor.record("job")?;
    let painted = paint_object(&editor)?;
    editor.wait_for("the job", SOON, |state| state.job == "running")?;
    let second = [at(110.0, 130.0), at(180.0, 130.0)];
    let diameter = editor.brush_size()?;
    editor.paint(&second)?;
    editor.finished()?;
    let jobs = editor.recorded("job")?;
    ensure!(!jobs.contains(&"failed".to_owned()), "{jobs:?}");
    check(&painted.with(&second, diameter), &source()?, &lab.saved(&editor)?, scale)
}

fn cancel_then_run(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    paint_object(&editor)?;
    editor.press("cancel")?;
    let state = editor.wait_for("the cancelled job", SOON, |state| state.job == "cancelled")?;
    ensure!(state.stroke_count() == 1 && state.offers("run"), "{state:?}");
    lab.picture("cancelled", &page, Some(&editor))?;
    editor.press("run")?;
    editor.finished().map(drop)
}

fn jpeg_stays_jpeg(lab: &Lab) -> anyhow::Result<()> {
    lab.open("pages/two-megapixels.html")?.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    paint(&editor, &Object::in_scene(1632, 1224).stroke(), 200.0)?;
    editor.finished()?;
    let file = editor.save(&lab.chrome, None)?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    ensure!(name.starts_with("1632x1224") && file.extension().is_some_and(|e| e == "jpg"), "saved as {name}");
    let reader = image::ImageReader::open(&file)?.with_guessed_format()?;
    ensure!(reader.format() == Some(image::ImageFormat::Jpeg), "{:?}", reader.format());
    let written = reader.decode()?.into_rgb8();
    let source = image::load_from_memory(&scene::file("1632x1224.jpg").context("no scene")?)?.into_rgb8();
    ensure!(written.dimensions() == source.dimensions(), "another size");
    let differences: u64 = written.iter().zip(source.iter()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = differences as f64 / written.len() as f64;
    ensure!(mean < 3.0, "compressing again cost {mean} of 255 on average");
    Ok(())
}

fn twelve_megapixels(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/large.html")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    let (_, scale) = editor.area()?;
    let object = Object::in_scene(4000, 3000);
    let painted = paint(&editor, &object.stroke(), object.radius * 2.2)?;
    lab.picture("large-painted", &page, Some(&editor))?;
    editor.finished()?;
    let source = image::load_from_memory(&scene::file("4000x3000.jpg").context("no scene")?)?.into_rgba8();
    check(&painted, &source, &lab.saved(&editor)?, scale)
}

fn picture_and_mask_as_files(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(&lab.chrome)?;
    editor.wait_for("an empty editor", SOON, |state| state.phase == "empty")?;
    lab.picture("start", &page, None)?;
    let files = tempfile::tempdir()?;
    let (picture, mask) = (files.path().join("scene.png"), files.path().join("mask.png"));
    scene::scene(SIZE.0, SIZE.1).save(&picture)?;
    let Object { middle, radius } = object();
    let covered = |x: u32, y: u32| (f64::from(x) - middle.x).hypot(f64::from(y) - middle.y) < radius * 1.2;
    image::GrayImage::from_fn(SIZE.0, SIZE.1, |x, y| image::Luma([if covered(x, y) { 255 } else { 0 }])).save(&mask)?;
    editor.give_files("open", &[&picture])?;
    editor.ready()?;
    editor.give_files("mask", &[&mask])?;
    editor.finished()?;
    lab.picture("editor-tab", &page, None)?;
    let painted = Painted::default().with(&[middle], radius * 2.4);
    check(&painted, &source()?, &lab.saved(&editor)?, 1.0)
}

fn whole_picture_painted(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.set_brush_size(1200.0)?;
    editor.paint(&[at(200.0, 200.0), at(400.0, 300.0)])?;
    let state = editor.wait_for("a sentence", JOB, |state| state.job == "failed")?;
    ensure!(state.alert.iter().any(|alert| alert.contains("Leave some")) && state.stroke_count() == 1, "{state:?}");
    lab.picture("whole-picture", &page, Some(&editor))
}
