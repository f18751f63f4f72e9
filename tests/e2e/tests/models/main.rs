//! Bigger models in use: fetched, interrupted, resumed, improving, deleted. The host is a stand-in on loopback, the graphs are
//! stand-ins with a known answer; all else is what ships.

mod downloads;
mod prepared;
mod support;

use std::process::ExitCode;

use anyhow::ensure;
use brushaway_e2e::{
    chrome::Launch,
    editor::State,
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    pixels::largest_difference,
    shelf::Shelf,
    standin::{Graphs, MODEL},
    wait::{self, JOB, SOON, Stopwatch},
};
use brushaway_hub::Fault;
use support::{Bench, DENOISER, GREEDY, HOLE, popup};

const CASES: &[(&str, Case)] = &[
    ("what is on offer", on_offer),
    ("fetched, killed, resumed, used, deleted", whole_life),
    ("a variant, another, and back to the draft", variants),
    ("as many steps as were set", set_steps),
    ("stopped within a step", stopped),
    ("a seed is the same noise as natively", same_noise),
    ("a model that is gone from the disk", gone_from_disk),
    ("more memory than there is", out_of_memory),
    ("a result comes back with its picture", comes_back),
    ("prepared by the first load", prepared::once),
    ("weights that are derived, kept", prepared::derived),
    ("checked again", downloads::checked_again),
    ("paused and gone on with", downloads::paused),
    ("two tabs ask at once", downloads::two_tabs),
    ("files that the person has already", downloads::own_files),
    ("a file whose digest only its host knows", downloads::learned_digest),
    ("a list of models that does not open", downloads::no_list),
    ("fault: the connection is cut again and again", |_| downloads::faulty("fault_store_offline", Fault::cut_at(3000))),
    ("fault: not there", |_| downloads::faulty("fault_store_not_found", Fault::status(404))),
    ("fault: not given away", |_| downloads::faulty("fault_store_forbidden", Fault::status(403))),
    ("fault: the server fails", |_| downloads::faulty("fault_store_server", Fault::status(503))),
    ("fault: asked too often", |_| downloads::faulty("fault_store_too_many", Fault::status(429))),
    ("fault: no ranges", |_| downloads::faulty("fault_store_range", Fault::status(416))),
    ("fault: another length", |_| downloads::faulty("fault_store_length", Fault::wrong_length())),
    ("fault: a flipped bit", |_| downloads::faulty("fault_store_digest", Fault::flipped_byte(5000))),
    ("fault: a page to sign in", |_| downloads::faulty("fault_store_not_model", Fault::html())),
    ("fault: silence", |_| downloads::faulty("fault_store_stalled", Fault::stall_after(2000))),
    ("fault: nobody there", downloads::nobody_there),
    ("fault: an address that expired", downloads::expired),
    ("fault: a disk that is full", downloads::full_disk),
];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// The shipped catalogue: everything that a person should know stands on each card before anything is asked of anybody.
fn on_offer(lab: &Lab) -> anyhow::Result<()> {
    let popup = popup(&lab.chrome)?;
    lab.picture("popup-offer", popup.page(), None)?;
    let facts = [
        ("moebius", "1.24 GB", "MIT"),
        ("migan", "28 MB", "MIT"),
        ("lama_fp16", "107 MB", "Needs a graphics card"),
        ("lama_int8", "62 MB", "Apache-2.0"),
    ];
    for (model, size, fact) in facts {
        let card = popup.reaches(model, "absent")?;
        let says = |words: &str| card.words.contains(words);
        ensure!(says(size) && says(fact) && says("huggingface.co") && says("free"), "{model}: {}", card.words);
    }
    let page = lab.open("pages/plain.html")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.press("models")?;
    Shelf::on(editor.page().clone()).reaches("lama_int8", "absent")?;
    lab.picture("models-offer", &page, Some(&editor))?;
    editor.keys("Escape")?;
    editor.wait_for("the editor", SOON, |state| state.offers("improve") || !state.offers("close-models")).map(drop)
}

fn whole_life(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let mut chrome = bench.chrome()?;
    let (page, editor) = bench.painted(lab, &chrome)?;
    editor.press("improve")?;
    let shelf = Shelf::on(editor.page().clone());
    let card = shelf.reaches(MODEL, "absent")?;
    for fact in ["Apache-2.0", "models.invalid", "KB", "free"] {
        ensure!(card.words.contains(fact), "{fact} is not among what is consented to: {}", card.words);
    }
    lab.picture("models", &page, Some(&editor))?;
    ensure!(bench.hub.seen().is_empty(), "asked before consent: {:?}", bench.hub.seen());

    // So slow that the browser ends in the midst of it.
    bench.hub.breaks(DENOISER, Fault::slow(1500));
    shelf.set_mirror(MODEL, &bench.hub.url())?;
    shelf.press(MODEL, "get")?;
    let card = shelf.wait_for(MODEL, SOON, |card| card.state == "coming" && card.done_bytes() > 4000)?;
    ensure!(card.words.contains("/s") || card.words.contains(" of "), "{}", card.words);
    lab.picture("models-coming", &page, Some(&editor))?;
    chrome.kill()?;

    bench.hub.mends(DENOISER);
    bench.hub.forget_seen();
    chrome = bench.chrome()?;
    let (page, editor) = bench.painted(lab, &chrome)?;
    editor.press("improve")?;
    let shelf = Shelf::on(editor.page().clone());
    let card = shelf.reaches(MODEL, "paused")?;
    ensure!(card.done_bytes() > 0, "{card:?}");
    lab.picture("models-paused", &page, Some(&editor))?;
    shelf.press(MODEL, "get")?;
    shelf.reaches(MODEL, "installed")?;
    lab.picture("models-installed", &page, Some(&editor))?;
    let resumed = bench.hub.seen().into_iter().filter(|seen| seen.is_signed && seen.target.contains("denoiser"));
    let resumed: Vec<_> = resumed.filter_map(|seen| seen.from_byte).collect();
    ensure!(resumed.iter().any(|byte| *byte >= 1024), "it began anew: {resumed:?}");

    editor.press("close-models")?;
    editor.press("improve")?;
    let state = editor.wait_for("the better result", JOB, |state| state.improved() || state.job == "failed")?;
    ensure!(state.improved(), "{state:?}");
    lab.picture("improved", &page, Some(&editor))?;
    let saved = image::open(editor.save(&chrome, Some("png"))?)?.into_rgba8();
    let expected = bench.expected(1)?;
    let difference = largest_difference(&saved, &expected);
    ensure!(difference <= 1, "the browser's result differs from the native one by {difference}");
    let middle = saved.get_pixel(HOLE.0 + 30, HOLE.1 + 30);
    ensure!(*middle != *bench.picture.get_pixel(HOLE.0 + 30, HOLE.1 + 30), "nothing was erased");

    editor.press("models")?;
    shelf.press(MODEL, "delete")?;
    shelf.press(MODEL, "delete-confirm")?;
    shelf.reaches(MODEL, "absent")?;
    let left = "caches.open('models').then((cache) => cache.keys()).then((keys) => keys.length)";
    ensure!(chrome.offscreen()?.eval(left)? == 0, "something was left on the disk");
    Ok(())
}

fn variants(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let (page, editor) = bench.installed(lab, &chrome)?;
    for count in 2..=3 {
        editor.press("improve")?;
        editor.wait_for("one more result", JOB, |state| state.candidates == count.to_string() && state.improved())?;
    }
    lab.picture("candidates", &page, Some(&editor))?;
    ensure!(editor.state()?.model == "Moebius 0.2B", "{:?}", editor.state()?);
    let improved = image::open(editor.save(&chrome, Some("png"))?)?.into_rgba8();
    chrome.forget_downloads()?;
    // The draft is the first of them.
    editor.press("candidate")?;
    editor.wait_for("the draft", SOON, |state| state.model == "Lite")?;
    let draft = image::open(editor.save(&chrome, Some("png"))?)?.into_rgba8();
    ensure!(largest_difference(&draft, &improved) > 20, "the draft did not come back");
    let outside = |x: u32, y: u32| x + 40 < HOLE.0 || y + 40 < HOLE.1;
    let kept = draft.enumerate_pixels().filter(|(x, y, _)| outside(*x, *y));
    ensure!(
        kept.into_iter().all(|(x, y, pixel)| bench.picture.get_pixel(x, y) == pixel),
        "the picture changed outside"
    );
    // Another stroke is another mask: nothing was made of it yet.
    editor.paint(&[at(60.0, 60.0), at(90.0, 60.0)])?;
    editor.wait_for("a fresh draft", JOB, |state| state.textured() && state.candidates == "1")?;
    Ok(())
}

/// What a person sets reaches the model: steps, and the number of the first variant.
fn set_steps(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::with_steps(4)?;
    let chrome = bench.chrome()?;
    let set = r#"chrome.storage.local.set({ settings: '{"version":1,"steps":7,"guidance":1.5,"seed":{"from":31}}' })"#;
    chrome.service_worker()?.eval(set)?;
    let (_page, editor) = bench.installed(lab, &chrome)?;
    editor.press("improve")?;
    let state = editor.wait_for("the better result", JOB, |state| state.improved() || state.job == "failed")?;
    ensure!(state.improved(), "{state:?}");
    let words: String = editor.session().read("document.querySelector('.editor').innerText")?;
    let titles: Vec<String> = editor
        .session()
        .read("[...document.querySelectorAll('[data-action=candidate]')].map((one) => one.title + one.ariaLabel)")?;
    ensure!(titles.iter().any(|title| title.contains("31")), "another variant: {titles:?}, {words}");
    // Attaching brings the console's past along.
    let _offscreen = chrome.offscreen()?;
    let laps = wait::until("the steps in the log", SOON, || {
        let console = chrome.cdp().console();
        Ok(console.iter().rev().find_map(|line| Some(line.split("laps_millis=").nth(1)?.to_owned())))
    })?;
    // The encoder, the steps, the decoder.
    let steps = laps.split(',').count() - 2;
    ensure!(steps == 6 || steps == 7, "{steps} steps: {laps}");
    // From now on the panel knows how long it takes here.
    let panel = Shelf::on(chrome.open(&chrome.extension_url("popup/popup.html"))?);
    panel.wait_for(MODEL, SOON, |card| card.words.contains(" s on "))?;
    lab.picture("popup-installed", panel.page(), None)
}

fn stopped(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::with_steps(999)?;
    let chrome = bench.chrome()?;
    let (page, editor) = bench.installed(lab, &chrome)?;
    let started = Stopwatch::start();
    editor.press("improve")?;
    let far = |state: &State| state.status.iter().any(|words| words.contains("left"));
    editor.wait_for("some steps", JOB, far)?;
    lab.picture("improving", &page, Some(&editor))?;
    let shown = editor.state()?;
    ensure!(shown.result == "preview", "no look at what is being made: {shown:?}");
    editor.press("cancel")?;
    let pressed = Stopwatch::start();
    editor.wait_for("the draft again", SOON, |state| state.textured() && state.model == "Lite")?;
    ensure!(pressed.seconds() < 3.0, "stopping took {:.1} s", pressed.seconds());
    // The rest of the steps would take much longer than this.
    let idle = wait::until("the next job", JOB, || {
        editor.press("run")?;
        editor.finished().map(Some)
    });
    idle?;
    ensure!(started.elapsed() < JOB, "the cancelled job went on");
    Ok(())
}

/// The other stand-in knows its answer whatever noise it begins from; this one lets the noise through.
fn same_noise(lab: &Lab) -> anyhow::Result<()> {
    let files = ["encoder.onnx", "silent.onnx", "decoder.onnx"];
    let bench = Bench::of(Graphs { files, ..Graphs::default() })?;
    let chrome = bench.chrome()?;
    let (_, editor) = bench.installed(lab, &chrome)?;
    let mut saved = Vec::new();
    for seed in 1..=2 {
        editor.press("improve")?;
        editor.wait_for("a result", JOB, |state| state.candidates == (seed + 1).to_string() && state.improved())?;
        chrome.forget_downloads()?;
        saved.push(image::open(editor.save(&chrome, Some("png"))?)?.into_rgba8());
        let difference = largest_difference(&saved[seed as usize - 1], &bench.expected(seed)?);
        ensure!(difference <= 1, "seed {seed}: the browser's result differs from the native one by {difference}");
    }
    ensure!(largest_difference(&saved[0], &saved[1]) > 20, "two seeds, one noise");
    Ok(())
}

/// The browser may throw away what it stores. What was there before stays on the screen.
fn gone_from_disk(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let (page, editor) = bench.installed(lab, &chrome)?;
    chrome.offscreen()?.eval("caches.delete('models')")?;
    editor.press("improve")?;
    let told = |state: &State| state.status.iter().any(|words| words.contains("no longer on this computer"));
    let state = editor.wait_for("a sentence", JOB, |state| told(state) && state.textured())?;
    lab.picture("model-gone", &page, Some(&editor))?;
    ensure!(state.model == "Lite" && state.offers("improve") && state.offers("save"), "{state:?}");
    Ok(())
}

/// Who leaves the page by mistake finds what a bigger model made, and what was undone, without a second run.
fn comes_back(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let (page, editor) = bench.installed(lab, &chrome)?;
    editor.paint(&[at(60.0, 60.0), at(90.0, 60.0)])?;
    editor.finished()?;
    editor.keys("ctrl+z")?;
    editor.finished()?;
    editor.press("improve")?;
    let made = editor.wait_for("the model's result", JOB, State::improved)?;
    let before = image::open(editor.save(&chrome, None)?)?;
    // What was saved is not missed: the result must come back all the same.

    let editor = Lab::reopened(&chrome, &page)?;
    let state = editor.wait_for("the result", JOB, State::improved)?;
    ensure!(state.seconds == made.seconds && state.dirty == "true", "another run: {state:?} instead of {made:?}");
    ensure!(image::open(editor.save(&chrome, None)?)? == before, "another picture came back");
    editor.keys("ctrl+y")?;
    editor.wait_for("the undone stroke", SOON, |state| state.strokes == "1").map(drop)
}

/// A model that memory does not suffice for: said in a sentence, the result before comes back, and all else goes on.
fn out_of_memory(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?.with_greedy_model()?;
    let chrome = bench.chrome()?;
    let (page, editor) = bench.painted(lab, &chrome)?;
    bench.install_model(&editor, GREEDY)?;
    editor.press("improve")?;
    let told = |state: &State| state.status.iter().any(|words| words.contains("not enough memory for this model"));
    let state = editor.wait_for("a sentence", JOB, |state| told(state) && state.textured())?;
    lab.picture("model-too-large", &page, Some(&editor))?;
    ensure!(state.model == "Lite" && state.offers("improve") && state.offers("save"), "{state:?}");
    editor.press("run")?;
    let state = editor.finished()?;
    ensure!(state.model == "Lite", "{state:?}");
    Ok(())
}
