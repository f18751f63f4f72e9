//! What is prepared of a model when it has come, and what loads take: kept beside the file, noticed when damaged, gone with it.

use anyhow::ensure;
use brushaway_e2e::{
    chrome::Chrome,
    lab::Lab,
    standin::MODEL,
    wait::{self, JOB, SOON},
};
use image::RgbaImage;

use crate::support::{Bench, GREEDY, popup_when};

/// Each graph is prepared once, and one whose record is damaged once more; what comes out is the same.
pub(crate) fn once(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    lives(lab, &bench, MODEL, 3, "denoiser.onnx/part-prepared-")
}

/// With weights that were derived: they are taken from the disk, and made anew if some are missing.
pub(crate) fn derived(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?.with_single_pass(GREEDY, "enlarged.onnx")?;
    lives(lab, &bench, GREEDY, 1, "enlarged.onnx/part-prepared-")
}

/// Loads `model`, which has so many `files`, in three browsers; the last time something under `damaged` is too short.
fn lives(lab: &Lab, bench: &Bench, model: &str, files: usize, damaged: &str) -> anyhow::Result<()> {
    let chrome = bench.chrome()?;
    let (first, log) = improved(lab, bench, &chrome, Some(model))?;
    // Prepared when it had come, and taken by the first load.
    let told = (count(&log, "rewrite_millis"), count(&log, "taken_as_prepared"));
    ensure!(told == (files, files), "{told:?}:\n{}", log.join("\n"));
    let derives = log.iter().any(|line| line.contains("rewrite_millis") && !line.contains(" derived=0 "));
    ensure!(derives == (model == GREEDY), "weights were derived: {derives}");
    chrome.kill()?;

    let chrome = bench.chrome()?;
    let (second, log) = improved(lab, bench, &chrome, None)?;
    ensure!(count(&log, "taken_as_prepared") == files, "{}", log.join("\n"));
    ensure!(count(&log, "split_millis") + count(&log, "rewrite_millis") == 0, "{}", log.join("\n"));
    ensure!(first == second, "what was prepared gives another result");
    ensure!(kept(&chrome, damaged)? == if derives { 2 } else { 1 }, "the graph, and what was derived");
    let shorten = format!(
        "(async () => {{
            const cache = await caches.open('models');
            const keys = (await cache.keys()).map((key) => key.url).filter((url) => url.includes('{damaged}')).sort();
            const bytes = new Uint8Array(await (await cache.match(keys[0])).arrayBuffer());
            await cache.put(keys[0], new Response(keys[0].endsWith('graph') ? bytes.fill(7, 90, 91) : bytes.subarray(1)));
        }})()"
    );
    chrome.offscreen()?.eval(&shorten)?;
    chrome.kill()?;

    let chrome = bench.chrome()?;
    let (third, log) = improved(lab, bench, &chrome, None)?;
    let told = (count(&log, "prepared anew"), count(&log, "rewrite_millis"), count(&log, "taken_as_prepared"));
    ensure!(told == (1, 1, files - 1), "{told:?}:\n{}", log.join("\n"));
    ensure!(first == third, "what was prepared anew gives another result");
    delete(&chrome, model)
}

/// What the model makes of the picture, and what was said meanwhile.
fn improved(
    lab: &Lab,
    bench: &Bench,
    chrome: &Chrome,
    install: Option<&str>,
) -> anyhow::Result<(RgbaImage, Vec<String>)> {
    let (_page, editor) = bench.painted(lab, chrome)?;
    if let Some(model) = install {
        bench.install_model(&editor, model)?;
    }
    editor.press("improve")?;
    let state = editor.wait_for("a result", JOB, |state| state.candidates == "2" || state.job == "failed")?;
    ensure!(state.job != "failed", "{state:?}");
    let saved = image::open(editor.save(chrome, Some("png"))?)?.into_rgba8();
    // Attaching brings what was said before.
    chrome.offscreen()?;
    Ok((saved, chrome.cdp().console()))
}

fn count(log: &[String], words: &str) -> usize {
    log.iter().filter(|line| line.contains(words)).count()
}

/// How much is kept under keys with these words.
fn kept(chrome: &Chrome, words: &str) -> anyhow::Result<u64> {
    let count = format!(
        "caches.open('models').then((cache) => cache.keys()).then((keys) => keys.filter((key) => key.url.includes('{words}')).length)"
    );
    chrome.offscreen()?.read(&count)
}

/// Checks the model, which throws away what was prepared, and deletes it, of which nothing may stay.
fn delete(chrome: &Chrome, model: &str) -> anyhow::Result<()> {
    ensure!(kept(chrome, "part-prepared-")? > 0, "nothing was kept");
    let popup = popup_when(chrome, if model == MODEL { "installed" } else { "absent" })?;
    popup.reaches(model, "installed")?;
    popup.press(model, "check")?;
    wait::until("the check", SOON, || Ok((kept(chrome, "part-prepared-")? == 0).then_some(())))?;
    popup.reaches(model, "installed")?;
    popup.press(model, "delete")?;
    popup.press(model, "delete-confirm")?;
    popup.reaches(model, "absent")?;
    ensure!(kept(chrome, "")? == 0, "something was left on the disk");
    Ok(())
}
