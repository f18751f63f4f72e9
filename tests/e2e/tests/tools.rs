//! What marks pixels beside the brush, and the picture under it: areas, objects, the mask as a whole, the keyboard, the view.

use std::process::ExitCode;

use anyhow::ensure;
use brushaway_e2e::{
    chrome::Launch,
    editor::{Editor, State},
    lab::{Case, Lab, run},
    mouse::{Button, Point, at},
    scene::{Object, scene},
    wait::{self, SOON},
};
use image::{GrayImage, RgbaImage};
use serde_json::json;

const CASES: &[(&str, Case)] = &[
    ("areas mark what they enclose", areas),
    ("an object is marked by a click and refined", objects),
    ("the mask is changed as a whole and goes as a file", whole_mask),
    ("painted by the keyboard alone", by_keyboard),
    ("the wheel, the space bar and two fingers", view),
    ("a picture that is held looks the same", held),
    ("a soft brush fades out", soft_brush),
    ("small things are painted under a loupe", loupe),
    ("the list of keys", keys),
    ("large text and few colours", large_text),
];

const SIZE: (u32, u32) = (640, 480);

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// The mask as the editor exports it.
fn mask(lab: &Lab, editor: &Editor) -> anyhow::Result<GrayImage> {
    lab.chrome.forget_downloads()?;
    editor.keys("x")?;
    let mask = image::open(lab.chrome.download()?)?.into_luma8();
    ensure!(mask.dimensions() == SIZE, "{:?}", mask.dimensions());
    ensure!(mask.pixels().all(|pixel| [0, 255].contains(&pixel.0[0])), "neither black nor white");
    Ok(mask)
}

fn is_marked(mask: &GrayImage, x: u32, y: u32) -> bool {
    mask.get_pixel(x, y).0[0] == 255
}

fn count(mask: &GrayImage) -> usize {
    mask.pixels().filter(|pixel| pixel.0[0] == 255).count()
}

/// Waits until there are so many steps to take back.
fn steps(editor: &Editor, wanted: usize) -> anyhow::Result<State> {
    editor.wait_for("a step", SOON, |state| state.steps == wanted.to_string())
}

fn areas(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.press("rectangle")?;
    editor.stroke(&[at(100.0, 100.0), at(200.0, 160.0)], Button::Left)?;
    steps(&editor, 1)?;
    let marked = mask(lab, &editor)?;
    ensure!(is_marked(&marked, 110, 110) && is_marked(&marked, 190, 150) && !is_marked(&marked, 90, 130), "rectangle");
    ensure!((count(&marked) as f64 - 6000.0).abs() < 400.0, "{} pixels", count(&marked));

    // The right button takes out.
    editor.keys("l")?;
    let loop_of = |x: f64, y: f64| [at(x, y), at(x + 40.0, y), at(x + 40.0, y + 30.0), at(x, y + 30.0), at(x, y + 2.0)];
    editor.stroke(&loop_of(120.0, 115.0), Button::Right)?;
    steps(&editor, 2)?;
    let marked = mask(lab, &editor)?;
    ensure!(!is_marked(&marked, 140, 130) && is_marked(&marked, 190, 150), "lasso");

    editor.keys("p")?;
    for corner in [at(300.0, 300.0), at(400.0, 300.0), at(350.0, 400.0)] {
        lab.chrome.mouse().click(editor.in_picture(corner)?)?;
    }
    lab.picture("tool-polygon", &page, Some(&editor))?;
    editor.keys("Return")?;
    steps(&editor, 3)?;
    let marked = mask(lab, &editor)?;
    ensure!(is_marked(&marked, 350, 330) && !is_marked(&marked, 310, 380), "polygon");

    // Esc drops what is in the making, and only that.
    lab.chrome.mouse().click(editor.in_picture(at(500.0, 100.0))?)?;
    lab.chrome.mouse().click(editor.in_picture(at(550.0, 100.0))?)?;
    editor.keys("Escape")?;
    editor.keys("Return")?;
    let state = steps(&editor, 3)?;
    ensure!(state.ready(), "{state:?}");
    editor.finished().map(drop)
}

fn objects(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    let object = Object::in_scene(SIZE.0, SIZE.1);
    editor.press("select")?;
    let mouse = lab.chrome.mouse();
    mouse.click(editor.in_picture(object.middle)?)?;
    steps(&editor, 1)?;
    lab.picture("tool-select", &page, Some(&editor))?;
    let marked = mask(lab, &editor)?;
    let is_object = |x: u32, y: u32| object.covers(at(f64::from(x) + 0.5, f64::from(y) + 0.5));
    let (mut both, mut either) = (0.0, 0.0);
    for (x, y, _) in marked.enumerate_pixels() {
        let (a, b) = (is_marked(&marked, x, y), is_object(x, y));
        both += f64::from(u8::from(a && b));
        either += f64::from(u8::from(a || b));
    }
    ensure!(both / either > 0.8, "only {:.2} of the object and what was marked is common", both / either);

    // Shift adds to the same step; an undo takes all of it back.
    let far = at(60.0, 60.0);
    mouse.click_with("shift", editor.in_picture(far)?)?;
    editor.wait_for("a larger selection", SOON, |state| state.revision != "1")?;
    steps(&editor, 1)?;
    let larger = mask(lab, &editor)?;
    ensure!(is_marked(&larger, 60, 60) && count(&larger) > count(&marked), "nothing was added");
    editor.keys("ctrl+z")?;
    let state = steps(&editor, 0)?;
    ensure!(!state.offers("run"), "{state:?}");
    // A box does it too.
    let reach = object.radius * 1.4;
    let corners =
        [at(object.middle.x - reach, object.middle.y - reach), at(object.middle.x + reach, object.middle.y + reach)];
    editor.stroke(&corners, Button::Left)?;
    steps(&editor, 1)?;
    editor.finished().map(drop)
}

fn whole_mask(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.keys("q")?;
    editor.stroke(&[at(200.0, 200.0), at(300.0, 280.0)], Button::Left)?;
    steps(&editor, 1)?;
    let before = mask(lab, &editor)?;
    editor.press("mask-menu")?;
    editor.wait_for("the menu", SOON, |state| state.offers("grow"))?;
    lab.picture("mask-menu", &page, Some(&editor))?;
    editor.press("grow")?;
    steps(&editor, 2)?;
    let grown = mask(lab, &editor)?;
    ensure!(
        count(&grown) > count(&before) && !is_marked(&before, 198, 240) && is_marked(&grown, 198, 240),
        "no larger"
    );
    editor.keys("shift+g shift+g")?;
    steps(&editor, 4)?;
    let shrunk = mask(lab, &editor)?;
    ensure!(count(&shrunk) < count(&before), "no smaller");
    editor.keys("n")?;
    steps(&editor, 5)?;
    let inverted = mask(lab, &editor)?;
    ensure!(count(&inverted) + count(&shrunk) == (SIZE.0 * SIZE.1) as usize, "not the rest");
    editor.keys("ctrl+z ctrl+z ctrl+z ctrl+z")?;
    steps(&editor, 1)?;
    ensure!(mask(lab, &editor)? == before, "undoing did not bring the mask back");

    // A mask of another size is none for this picture; what is marked stays.
    let dir = tempfile::tempdir()?;
    GrayImage::new(10, 10).save(dir.path().join("small.png"))?;
    editor.give_files("mask", &[&dir.path().join("small.png")])?;
    let told = |state: &State| state.status.iter().any(|words| words.contains("as large as the picture"));
    editor.wait_for("a sentence", SOON, told)?;
    inverted.save(dir.path().join("own.png"))?;
    editor.give_files("mask", &[&dir.path().join("own.png")])?;
    steps(&editor, 2)?;
    ensure!(mask(lab, &editor)? == inverted, "the mask came in otherwise than it went out");
    Ok(())
}

fn by_keyboard(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.set_brush_size(40.0)?;
    editor.session().eval("document.querySelector('.picture').focus()")?;
    // The first arrow brings the cursor to the middle, each further one moves it by half the brush.
    editor.keys("Right Right Right Return")?;
    steps(&editor, 1)?;
    lab.picture("caret", &page, Some(&editor))?;
    let marked = mask(lab, &editor)?;
    ensure!(is_marked(&marked, 360, 240) && !is_marked(&marked, 320, 240), "not where the cursor is");
    editor.keys("q Left Left Return shift+Down shift+Right Return")?;
    steps(&editor, 2)?;
    ensure!(count(&mask(lab, &editor)?) > count(&marked), "no box");
    editor.finished().map(drop)
}

fn view(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = lab.over_plain_page()?;
    let zoom = || -> anyhow::Result<f64> { Ok(editor.state()?.zoom.parse()?) };
    let middle = editor.in_picture(at(320.0, 240.0))?;
    // The browser hands the wheel to the frame that it last saw the pointer in: the ring shows that it is the editor's.
    lab.chrome.mouse().move_to(middle)?;
    let ring = "document.querySelector('.cursor').hidden === false";
    wait::until("the brush's ring", SOON, || Ok(editor.session().read::<bool>(ring)?.then_some(())))?;
    lab.chrome.mouse().wheel(middle, 2)?;
    editor.wait_for("a larger picture", SOON, |state| state.zoom.parse::<f64>().is_ok_and(|zoom| zoom > 1.5))?;
    let size = editor.brush_size()?;
    lab.chrome.mouse().wheel_with("shift", middle, 2)?;
    editor.wait_for("a larger brush", SOON, |_| editor.brush_size().is_ok_and(|now| now > size))?;

    let (area, _) = editor.area()?;
    lab.chrome.mouse().stroke_with("space", &[middle, at(middle.x + 50.0, middle.y + 20.0)])?;
    let (moved, _) = editor.area()?;
    ensure!((moved.x - area.x - 50.0).abs() < 3.0 && (moved.y - area.y - 20.0).abs() < 3.0, "{area:?} {moved:?}");
    ensure!(editor.state()?.steps == "0", "the space bar painted");

    let before = zoom()?;
    let frame = editor.page().rect(".picture")?;
    let (x, y) = (frame.middle().x, frame.middle().y);
    let touch = |kind: &str, points: &[Point]| {
        let points: Vec<_> =
            points.iter().enumerate().map(|(id, point)| json!({ "id": id, "x": point.x, "y": point.y })).collect();
        editor.session().call("Input.dispatchTouchEvent", json!({ "type": kind, "touchPoints": points })).map(drop)
    };
    touch("touchStart", &[at(x - 40.0, y)])?;
    touch("touchStart", &[at(x - 40.0, y), at(x + 40.0, y)])?;
    for step in 1..=8 {
        touch("touchMove", &[at(x - 40.0 - 5.0 * f64::from(step), y), at(x + 40.0 + 5.0 * f64::from(step), y)])?;
    }
    touch("touchEnd", &[])?;
    let grown = zoom()? / before;
    ensure!((1.7..2.3).contains(&grown), "two fingers that parted to twice their distance enlarged {grown:.2} times");
    ensure!(editor.state()?.steps == "0", "the fingers painted");
    Ok(())
}

/// While a hand moves the picture something else draws it; nobody is to see when that begins and ends.
fn held(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.paint(&Object::in_scene(SIZE.0, SIZE.1).stroke())?;
    editor.finished()?;
    let (mouse, middle) = (lab.chrome.mouse(), editor.in_picture(at(320.0, 240.0))?);
    mouse.wheel(middle, 3)?;
    editor.wait_for("a larger picture", SOON, |state| state.zoom.parse::<f64>().is_ok_and(|zoom| zoom > 2.0))?;
    let (there, is_held) = (at(middle.x + 70.0, middle.y + 40.0), "document.querySelector('.moving') !== null");
    let shown = || {
        editor.page().still()?;
        page.pixels()
    };
    let before = shown()?;
    mouse.key("space", true)?;
    mouse.hold(middle, true)?;
    mouse.move_to(there)?;
    wait::until("the picture to move", SOON, || {
        Ok((editor.session().eval(is_held)? == true && shown()? != before).then_some(()))
    })?;
    let held = shown()?;
    mouse.hold(there, false)?;
    mouse.key("space", false)?;
    wait::until("the hand to let go", SOON, || Ok((editor.session().eval(is_held)? == false).then_some(())))?;
    let free = shown()?;
    let differing = |a: &RgbaImage, b: &RgbaImage| {
        let far = |(a, b): &(&image::Rgba<u8>, &image::Rgba<u8>)| (0..3).any(|c| a.0[c].abs_diff(b.0[c]) > 40);
        a.pixels().zip(b.pixels()).filter(far).count()
    };
    let (moved, changed) = (differing(&before, &held), differing(&held, &free));
    ensure!(moved > 20_000, "it did not move: {moved} pixels differ");
    ensure!(changed < 1000, "letting go changes {changed} pixels");
    Ok(())
}

fn soft_brush(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    let (middle, radius) = (at(200.0, 200.0), 60.0);
    let source = image::DynamicImage::from(scene(SIZE.0, SIZE.1)).into_rgba8();
    // How much the result differs from the picture, in the middle of the stroke and near its edge.
    let difference = |hardness: &str| -> anyhow::Result<[f64; 2]> {
        editor.keys(hardness)?;
        editor.set_brush_size(radius * 2.0)?;
        editor.paint(&[middle])?;
        editor.finished()?;
        let made = lab.saved(&editor)?;
        editor.keys("ctrl+z")?;
        editor.wait_for("no stroke", SOON, |state| state.strokes == "0")?;
        let mean = |from: f64, to: f64| {
            let at_distance =
                |x: u32, y: u32| (f64::from(x) + 0.5 - middle.x).hypot(f64::from(y) + 0.5 - middle.y) / radius;
            let pixels = source.enumerate_pixels().zip(made.pixels());
            let inside = pixels.filter(|((x, y, _), _)| (from..to).contains(&at_distance(*x, *y)));
            let differences = inside.map(|((.., source), made)| f64::from(source.0[1].abs_diff(made.0[1])));
            let (count, sum) = differences.fold((0.0, 0.0), |(count, sum), value| (count + 1.0, sum + value));
            sum / count
        };
        Ok([mean(0.0, 0.4), mean(0.85, 1.0)])
    };
    let [hard_middle, hard_edge] = difference("bracketleft bracketright")?;
    // Less than in the middle: near the edge a model continues what is there.
    ensure!(hard_edge > hard_middle * 0.3, "a hard brush: {hard_middle:.1} in the middle, {hard_edge:.1} at its edge");
    let [soft_middle, soft_edge] = difference("braceleft braceleft braceleft braceleft")?;
    ensure!(
        soft_edge < soft_middle * 0.2 && soft_edge < hard_edge * 0.5,
        "a soft brush: {soft_middle:.1} in the middle, {soft_edge:.1} at its edge"
    );
    editor.press("mask-menu")?;
    let chosen: String = editor.session().read("document.querySelector('input[name=hardness]').value")?;
    ensure!(chosen == "0", "the slider says {chosen}");
    lab.picture("mask-menu", &page, Some(&editor))?;
    editor.paint(&[at(400.0, 150.0), at(500.0, 300.0)]).map(drop)
}

fn loupe(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    let is_shown = || editor.session().read::<bool>("document.querySelector('.loupe').hidden === false");
    let object = Object::in_scene(SIZE.0, SIZE.1);
    let (from, to) =
        (editor.in_picture(object.middle)?, editor.in_picture(at(object.middle.x + 6.0, object.middle.y))?);
    let mouse = lab.chrome.mouse();
    let hold = |size: f64| -> anyhow::Result<()> {
        editor.set_brush_size(size)?;
        mouse.move_to(from)?;
        mouse.hold(from, true)?;
        mouse.move_to(to)
    };
    hold(6.0)?;
    wait::until("the loupe", SOON, || Ok(is_shown()?.then_some(())))?;
    lab.picture("loupe", &page, Some(&editor))?;
    // All that it shows is on the object, which is red.
    let pixel = "[...document.querySelector('.loupe').getContext('2d').getImageData(20, 64, 1, 1).data]";
    let [red, green, ..]: [u8; 4] = editor.session().read(pixel)?;
    ensure!(red > 170 && green < 100, "it shows something else: {red}, {green}");
    mouse.hold(to, false)?;
    wait::until("no loupe", SOON, || Ok((!is_shown()?).then_some(())))?;
    // A large brush is seen well enough.
    hold(80.0)?;
    editor.wait_for("the stroke", SOON, |state| state.steps == "1")?;
    ensure!(!is_shown()?, "a loupe for a large brush");
    mouse.hold(to, false)?;
    steps(&editor, 2).map(drop)
}

fn keys(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.keys("question")?;
    editor.wait_for("the list", SOON, |state| state.offers("close-help"))?;
    lab.picture("help", &page, Some(&editor))?;
    editor.keys("Escape")?;
    editor.wait_for("the editor", SOON, |state| !state.offers("close-help"))?;
    ensure!(Editor::is_over_page(&lab.chrome)?, "Esc closed the editor too");
    Ok(())
}

/// Text twice as large, as people set it who see badly, and the system's few colours.
fn large_text(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = lab.over_plain_page()?;
    editor.paint(&Object::in_scene(SIZE.0, SIZE.1).stroke())?;
    editor.finished()?;
    editor.session().eval("document.documentElement.style.fontSize = '200%'")?;
    editor.page().still()?;
    // Everything is on the screen, and no text is cut off.
    let lost = "[...document.querySelectorAll('.header .button, .dock .button')].filter((button) => {
        const { left, top, right, bottom } = button.getBoundingClientRect();
        return left < 0 || top < 0 || right > innerWidth + 1 || bottom > innerHeight + 1
            || button.scrollWidth > button.clientWidth + 1;
    }).map((button) => button.dataset.action)";
    let lost: Vec<String> = editor.session().read(lost)?;
    ensure!(lost.is_empty(), "out of sight or cut off: {lost:?}");
    let (area, _) = editor.area()?;
    ensure!(area.width > 120.0 && area.height > 90.0, "there is no room for the picture: {area:?}");
    lab.picture("text-200", &page, Some(&editor))?;
    editor.session().eval("document.documentElement.style.fontSize = ''")?;

    let features = json!({ "features": [{ "name": "forced-colors", "value": "active" }] });
    for seen in [&page, editor.page()] {
        seen.session().call("Emulation.setEmulatedMedia", features.clone())?;
    }
    editor.page().still()?;
    let is_told = "getComputedStyle(document.querySelector('.button[aria-pressed=true]')).backgroundColor
        !== getComputedStyle(document.querySelector('.button[aria-pressed=false]')).backgroundColor";
    ensure!(editor.session().read::<bool>(is_told)?, "the tool in hand looks like the others");
    page.screenshot(&brushaway_e2e::chrome::workspace().join("dist/screens/forced-colours.png"))
}
