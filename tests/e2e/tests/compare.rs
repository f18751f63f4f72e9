//! Looking at a picture and its result together.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::Launch,
    editor::{Editor, State},
    lab::{Case, Lab, run},
    mouse::{Button, Menu, Point, at},
    page::{Page, Rect},
    scene::{self, Object},
    wait::{self, SOON},
};
use image::RgbaImage;

const CASES: &[(&str, Case)] =
    &[("a divider between before and after", split), ("side by side", beside), ("changed pixels", changes)];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

fn object() -> Object {
    Object::in_scene(640, 480)
}

/// The editor over a page, with a result.
fn erased(lab: &Lab) -> anyhow::Result<(Page, Editor)> {
    let page = lab.open("pages/plain.html")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.set_brush_size(object().radius * 2.4)?;
    editor.paint(&object().stroke())?;
    editor.finished()?;
    Ok((page, editor))
}

fn looks(editor: &Editor, look: &str) -> anyhow::Result<()> {
    editor.wait_for(&format!("the look {look:?}"), SOON, |state: &State| state.look == look).map(drop)
}

/// Whether the object, which is red, is seen at a point of the window.
fn is_red(page: &Page, point: Point) -> anyhow::Result<bool> {
    let [red, green, ..] = page.pixels()?.get_pixel(point.x as u32, point.y as u32).0;
    Ok(red > 170 && green < 90)
}

/// Waits until the object is seen there, or is not.
fn becomes_red(page: &Page, point: Point, wanted: bool) -> anyhow::Result<()> {
    let what = if wanted { "the object at" } else { "no object at" };
    wait::until(&format!("{what} {point:?}"), SOON, || Ok((is_red(page, point)? == wanted).then_some(())))
}

/// Where a point of the picture is in the window, whose upper left corner is the frame's.
fn in_window(editor: &Editor, point: Point) -> anyhow::Result<Point> {
    let (area, scale) = editor.area()?;
    Ok(at(area.x + point.x * scale, area.y + point.y * scale))
}

fn divider(editor: &Editor) -> anyhow::Result<f64> {
    let value: String = editor.session().read("document.querySelector('[role=slider]').ariaValueNow")?;
    Ok(value.parse()?)
}

fn divides(editor: &Editor, wanted: f64) -> anyhow::Result<()> {
    let near = || Ok(((divider(editor)? - wanted).abs() <= 1.0).then_some(()));
    wait::until(&format!("the divider at {wanted}"), SOON, near).with_context(|| format!("{:?}", divider(editor)))
}

fn split(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = erased(lab)?;
    editor.press("look-split")?;
    looks(&editor, "split")?;
    divides(&editor, 50.0)?;
    let middle = in_window(&editor, object().middle)?;
    becomes_red(&page, middle, false)?;
    lab.picture("compare-split", &page, Some(&editor))?;
    // With the pointer: the object is then on the side that shows what was.
    let (area, _) = editor.area()?;
    let to = |share: f64| editor.page().on_screen(at(area.x + area.width * share, area.y + area.height * 0.7));
    let knob = editor.button("divider")?;
    lab.chrome.mouse().stroke(&[knob, to(0.9)?], Button::Left)?;
    divides(&editor, 90.0)?;
    becomes_red(&page, middle, true)?;
    // With keys: the divider has the keyboard.
    editor.keys("Left Left Down")?;
    divides(&editor, 87.0)?;
    editor.keys("shift+Left")?;
    divides(&editor, 77.0)?;
    editor.keys("Home")?;
    divides(&editor, 0.0)?;
    becomes_red(&page, middle, false)?;
    editor.keys("End")?;
    divides(&editor, 100.0)?;
    becomes_red(&page, middle, true)?;
    // Seen larger, the divider stays where it is and still divides there.
    editor.keys("Home plus plus")?;
    editor.wait_for("a larger picture", SOON, |state| state.zoom.parse::<f64>().is_ok_and(|zoom| zoom > 1.9))?;
    becomes_red(&page, in_window(&editor, object().middle)?, false)?;
    editor.keys("Escape")?;
    looks(&editor, "")?;
    ensure!(editor.state()?.stroke_count() == 1 && !editor.state()?.offers("confirm-close"), "{:?}", editor.state()?);
    editor.keys("y")?;
    looks(&editor, "split")?;
    editor.press("look-split")?;
    looks(&editor, "")
}

fn rect(editor: &Editor, selector: &str) -> anyhow::Result<Rect> {
    editor.page().rect(selector)
}

/// In one of the two pictures the object is seen, in the other at the same place it is not.
fn are_alike(page: &Page, editor: &Editor) -> anyhow::Result<()> {
    let after = in_window(editor, object().middle)?;
    let (left, right) = (rect(editor, ".pane .picture")?, rect(editor, ".pane + .pane .picture")?);
    ensure!((left.width - right.width).abs() < 0.5 && right.x > left.x + left.width, "{left:?} {right:?}");
    becomes_red(page, at(after.x - right.x + left.x, after.y - right.y + left.y), true)?;
    becomes_red(page, after, false)
}

fn beside(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = erased(lab)?;
    editor.keys("shift+y")?;
    looks(&editor, "beside")?;
    are_alike(&page, &editor)?;
    lab.picture("compare-beside", &page, Some(&editor))?;
    // The wheel over the left one, on the object, zooms both.
    let middle = in_window(&editor, object().middle)?;
    let (left, right) = (rect(&editor, ".pane .picture")?, rect(&editor, ".pane + .pane .picture")?);
    let over = editor.page().on_screen(at(middle.x - right.x + left.x, middle.y))?;
    lab.chrome.mouse().wheel(over, 3)?;
    editor.wait_for("a larger picture", SOON, |state| state.zoom.parse::<f64>().is_ok_and(|zoom| zoom > 2.0))?;
    are_alike(&page, &editor)?;
    // Dragging in one moves both, and paints nothing.
    let before = in_window(&editor, object().middle)?;
    lab.chrome.mouse().stroke(&[over, at(over.x + 40.0, over.y + 25.0)], Button::Left)?;
    let moved = || {
        let now = in_window(&editor, object().middle)?;
        Ok(((now.x - before.x - 40.0).abs() < 4.0 && (now.y - before.y - 25.0).abs() < 4.0).then_some(()))
    };
    wait::until("both pictures to move", SOON, moved)?;
    are_alike(&page, &editor)?;
    ensure!(editor.state()?.stroke_count() == 1, "something was painted");
    // Who takes the brush paints again.
    editor.keys("b")?;
    looks(&editor, "")
}

fn changes(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = erased(lab)?;
    editor.press("look-changes")?;
    let state = editor.wait_for("the count", SOON, |state| state.look == "changes" && !state.changed.is_empty())?;
    lab.picture("compare-changes", &page, Some(&editor))?;
    let middle = in_window(&editor, object().middle)?;
    let [red, green, blue, _] = page.pixels()?.get_pixel(middle.x as u32, middle.y as u32).0;
    ensure!(red > 240 && green < 20 && blue > 180, "the hole is not marked: {red} {green} {blue}");
    let told: String = editor.session().read("document.querySelector('[data-share]').innerText")?;
    editor.keys("Escape")?;
    looks(&editor, "")?;
    let result: RgbaImage = image::open(editor.save(&lab.chrome, Some("png"))?)?.into_rgba8();
    let source = image::load_from_memory(&scene::file("640x480.png").context("no scene")?)?.into_rgba8();
    let differing = source.pixels().zip(result.pixels()).filter(|(a, b)| a != b).count();
    ensure!(state.changed == differing.to_string(), "{} were counted, {differing} differ", state.changed);
    let percent = differing as f64 * 100.0 / (640.0 * 480.0);
    ensure!(told.starts_with(&format!("{percent:.1} %")), "{told:?}, but {percent} % differ");
    Ok(())
}
