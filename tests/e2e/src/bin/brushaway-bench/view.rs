//! How the editor keeps up with the hand: zooming, moving, pointing at objects.

use std::fs;

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::Chrome,
    editor::Editor,
    mouse::{Menu, at},
    scene::{self, Object},
    site::Site,
    wait::{self, SOON},
};

use crate::{ROUNDS, leave, median, row, share};

/// A picture of one megapixel.
const ONE_MEGAPIXEL: (u32, u32) = (1152, 868);

/// How evenly frames come while a picture of 12 megapixels is zoomed and moved.
pub(crate) fn viewing(chrome: &Chrome, site: &Site) -> anyhow::Result<()> {
    let page = chrome.open(&site.url("pages/large.html"))?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::over_page(chrome)?;
    editor.ready()?;
    // Only frames that show something new count: between two the browser may have nothing to draw.
    editor.session().eval(
        "(() => {
            const frames = globalThis.frames = [];
            let last = 0, seen = '';
            const frame = (now) => {
                const view = document.querySelector('.picture .view')?.style.cssText ?? '';
                if (last && view !== seen) frames.push(now - last);
                [last, seen] = [now, view];
                requestAnimationFrame(frame);
            };
            requestAnimationFrame(frame);
        })()",
    )?;
    let middle = editor.in_picture(at(2000.0, 1500.0))?;
    let mouse = chrome.mouse();
    mouse.move_to(middle)?;
    let frames = |what: &str, work: &dyn Fn() -> anyhow::Result<()>| -> anyhow::Result<()> {
        editor.session().eval("globalThis.frames.length = 0")?;
        work()?;
        editor.page().still()?;
        let frames: Vec<f64> = editor.session().read("globalThis.frames")?;
        ensure!(frames.len() > 10, "{what}: only {} frames", frames.len());
        let (middle, most) = (median(frames.clone()), share(frames.clone(), 0.95));
        let measured = format!("median {middle:.1} ms, 95 of 100 within {most:.1} ms of {}", frames.len());
        row(&format!("time between frames while one {what}, 12 megapixels"), &measured, "16.7 ms");
        Ok(())
    };
    frames("zooms", &|| (0..12).try_for_each(|turn| mouse.wheel(middle, if turn % 4 < 2 { 3 } else { -3 })))?;
    // The paint gets as fine as the larger picture once the hand rests, which is not what is measured next.
    let fineness = || editor.session().read::<u32>("document.querySelector('.picture .brush').width");
    let before = fineness()?;
    mouse.wheel(middle, 4)?;
    wait::until("finer paint", SOON, || Ok((fineness()? > before).then_some(())))?;
    let there_and_back = (0..40).map(|step| {
        let angle = f64::from(step) / 4.0;
        at(middle.x + 120.0 * angle.cos(), middle.y + 80.0 * angle.sin())
    });
    let path: Vec<_> = there_and_back.collect();
    frames("moves the picture", &|| mouse.stroke_with("space", &path))?;
    leave(&editor)
}

/// From the click on an object to its mask.
pub(crate) fn selecting(chrome: &Chrome) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("one-megapixel.png");
    fs::write(&file, scene::file(&format!("{}x{}.png", ONE_MEGAPIXEL.0, ONE_MEGAPIXEL.1)).context("no scene")?)?;
    chrome.open(&chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(chrome)?;
    editor.wait_for("the editor", SOON, |state| state.phase == "empty")?;
    editor.give_files("open", &[&file])?;
    editor.ready()?;
    editor.press("select")?;
    editor.session().eval(
        "(() => {
            const times = globalThis.times = [], editor = document.querySelector('.editor');
            let clicked = 0;
            addEventListener('pointerup', () => { clicked = performance.now(); }, { capture: true });
            new MutationObserver(() => {
                if (clicked && editor.dataset.steps === '1') times.push(performance.now() - clicked);
                clicked = 0;
            }).observe(editor, { attributeFilter: ['data-steps'] });
        })()",
    )?;
    let object = Object::in_scene(ONE_MEGAPIXEL.0, ONE_MEGAPIXEL.1);
    for _ in 0..ROUNDS {
        chrome.mouse().click(editor.in_picture(object.middle)?)?;
        editor.wait_for("the object", SOON, |state| state.steps == "1")?;
        // The job that the mask starts would take the processor from the next click.
        editor.finished()?;
        editor.keys("ctrl+z")?;
        editor.wait_for("no object", SOON, |state| state.steps == "0")?;
    }
    let times: Vec<f64> = editor.session().read("globalThis.times")?;
    ensure!(times.len() == ROUNDS, "{times:?}");
    let worst = share(times.clone(), 1.0);
    let measured = format!("median {:.0} ms, the first {:.0} ms, worst {worst:.0} ms", median(times.clone()), times[0]);
    row("from a click on an object to its mask, 1 megapixel", &measured, "300 ms");
    leave(&editor)
}
