//! Bigger models: fetched, checked, interrupted, resumed, used, deleted. The host is a stand-in on loopback, the graphs are
//! stand-ins with a known answer; all else is what ships.

mod models_support;

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch},
    editor::{Editor, State},
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    shelf::Shelf,
    standin::{Graphs, MODEL},
    wait::{self, JOB, SOON, Stopwatch},
};
use brushaway_hub::Fault;
use models_support::{Bench, FILES, GREEDY, HOLE, largest_difference};

const CASES: &[(&str, Case)] = &[
    ("what is on offer", on_offer),
    ("fetched, killed, resumed, used, deleted", whole_life),
    ("paused and gone on with", paused),
    ("two tabs ask at once", two_tabs),
    ("files that the person has already", own_files),
    ("a variant, another, and back to the draft", variants),
    ("stopped within a step", stopped),
    ("a seed is the same noise as natively", same_noise),
    ("a file whose digest only its host knows", learned_digest),
    ("a model that is gone from the disk", gone_from_disk),
    ("a list of models that does not open", no_list),
    ("more memory than there is", out_of_memory),
    ("fault: the connection is cut again and again", |_| faulty("fault_store_offline", Fault::cut_at(3000))),
    ("fault: not there", |_| faulty("fault_store_not_found", Fault::status(404))),
    ("fault: not given away", |_| faulty("fault_store_forbidden", Fault::status(403))),
    ("fault: the server fails", |_| faulty("fault_store_server", Fault::status(503))),
    ("fault: asked too often", |_| faulty("fault_store_too_many", Fault::status(429))),
    ("fault: no ranges", |_| faulty("fault_store_range", Fault::status(416))),
    ("fault: another length", |_| faulty("fault_store_length", Fault::wrong_length())),
    ("fault: a flipped bit", |_| faulty("fault_store_digest", Fault::flipped_byte(5000))),
    ("fault: a page to sign in", |_| faulty("fault_store_not_model", Fault::html())),
    ("fault: silence", |_| faulty("fault_store_stalled", Fault::stall_after(2000))),
    ("fault: nobody there", nobody_there),
    ("fault: an address that expired", expired),
    ("fault: a disk that is full", full_disk),
];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// The one that takes longest to fetch, and is in the middle of no other.
const DENOISER: &str = "stand-in/model/denoiser.onnx";

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

fn paused(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    lab.picture("popup-models", popup.page(), None)?;
    bench.hub.breaks(DENOISER, Fault::slow(1500));
    popup.set_mirror(MODEL, &bench.hub.url())?;
    popup.press(MODEL, "get")?;
    popup.wait_for(MODEL, SOON, |card| card.state == "coming" && card.done_bytes() > 4000)?;
    popup.press(MODEL, "pause")?;
    let card = popup.reaches(MODEL, "paused")?;
    ensure!(card.done_bytes() >= 1024, "what had come was thrown away: {card:?}");
    bench.hub.forget_seen();
    bench.hub.mends(DENOISER);
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    ensure!(!bench.hub.seen().iter().any(|seen| seen.target.contains("encoder")), "fetched again what was there");
    Ok(())
}

/// The popup with its list, once nothing above the list changes any more.
fn popup(chrome: &Chrome) -> anyhow::Result<Shelf> {
    let page = chrome.open(&chrome.extension_url("popup/popup.html"))?;
    let is_ready =
        || Ok((page.session().eval("document.querySelector('[data-backend]') !== null")? == true).then_some(()));
    wait::until("the engine", JOB, is_ready)?;
    let popup = Shelf::on(page);
    popup.reaches(MODEL, "absent")?;
    Ok(popup)
}

fn two_tabs(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let tabs = [
        chrome.open(&chrome.extension_url("popup/popup.html"))?,
        chrome.open(&chrome.extension_url("popup/popup.html"))?,
    ];
    let [first, second] = tabs.map(Shelf::on);
    bench.hub.breaks(DENOISER, Fault::slow(4000));
    for tab in [&first, &second] {
        tab.page().activate()?;
        tab.reaches(MODEL, "absent").or_else(|_| tab.reaches(MODEL, "coming"))?;
    }
    // Both at once, as two people could: no click is as fast.
    let ask = "document.querySelector('[data-model] [data-action=get]')?.click()";
    first.page().activate()?;
    first.set_mirror(MODEL, &bench.hub.url())?;
    second.page().activate()?;
    second.set_mirror(MODEL, &bench.hub.url())?;
    first.page().session().eval(ask)?;
    second.page().session().eval(ask)?;
    second.reaches(MODEL, "coming")?;
    first.wait_for(MODEL, SOON, |card| card.state == "installed")?;
    second.reaches(MODEL, "installed")?;
    for file in FILES {
        let times = bench.hub.seen().iter().filter(|seen| seen.is_signed && seen.target.contains(file)).count();
        ensure!(times == 1, "{file} was fetched {times} times");
    }
    Ok(())
}

fn own_files(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    let editor = Editor::on(popup.page().clone());
    editor.give_file("model-files", &bench.damaged_file()?)?;
    let card = popup.reaches(MODEL, "failed")?;
    ensure!(card.fault.as_deref() == Some("fault_store_other_file"), "{card:?}");
    for file in FILES {
        let before = popup.wait_for(MODEL, SOON, |card| card.offers("take"))?.done_bytes();
        editor.give_file("model-files", &bench.graph(file))?;
        popup.wait_for(MODEL, SOON, |card| card.state != "coming" && card.done_bytes() > before)?;
    }
    popup.reaches(MODEL, "installed")?;
    ensure!(bench.hub.seen().is_empty(), "asked the network: {:?}", bench.hub.seen());
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

/// What fetches models does not start. The panel says so, and a second try may do.
fn no_list(lab: &Lab) -> anyhow::Result<()> {
    const BINARY: &str = "store/brushaway_store_bg.wasm";
    let bench = Bench::new()?.lacks(BINARY)?;
    let chrome = bench.chrome()?;
    let (page, editor) = bench.painted(lab, &chrome)?;
    editor.press("models")?;
    let told = |state: &State| state.offers("retry-models");
    editor.wait_for("a sentence", SOON, told)?;
    lab.picture("models-failed", &page, Some(&editor))?;
    bench.gets_back(BINARY)?;
    editor.press("retry-models")?;
    Shelf::on(editor.page().clone()).reaches(MODEL, "absent")?;
    Ok(())
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

fn learned_digest(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::of(Graphs { has_digests: false, ..Graphs::default() })?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    popup.set_mirror(MODEL, &bench.hub.url())?;
    bench.hub.breaks(DENOISER, Fault::flipped_byte(5000));
    popup.press(MODEL, "get")?;
    let card = popup.wait_for(MODEL, JOB, |card| card.state == "failed")?;
    ensure!(
        card.fault.as_deref() == Some("fault_store_digest"),
        "what the host says of its file was not held to: {card:?}"
    );
    bench.hub.mends(DENOISER);
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    Ok(())
}

/// A row of the table of faults: what the host does, what the card says; and that all is well when the host is.
fn faulty(sentence: &str, fault: Fault) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    popup.set_mirror(MODEL, &bench.hub.url())?;
    if sentence == "fault_store_range" {
        // There must be something to go on with.
        bench.hub.breaks(DENOISER, Fault::cut_at(3000));
        popup.press(MODEL, "get")?;
        popup.reaches(MODEL, "failed")?;
    }
    bench.hub.breaks(DENOISER, fault);
    popup.press(MODEL, "get")?;
    let card = popup.wait_for(MODEL, JOB, |card| card.fault.as_deref() == Some(sentence))?;
    ensure!(card.state == "failed" && card.offers("get") && card.offers("take"), "{card:?}");
    let wants_mirror =
        ["not_found", "forbidden", "range", "length", "not_model"].iter().any(|end| sentence.ends_with(end));
    let field = popup.page().session().eval("document.querySelector('input[name=mirror]') !== null")?;
    ensure!(field == true, "{sentence}: nowhere to name a mirror ({wants_mirror})");
    bench.hub.mends(DENOISER);
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    Ok(())
}

fn nobody_there(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    popup.set_mirror(MODEL, "http://127.0.0.1:9")?;
    popup.press(MODEL, "get")?;
    let card = popup.wait_for(MODEL, JOB, |card| card.state == "failed")?;
    ensure!(card.fault.as_deref() == Some("fault_store_offline"), "{card:?}");
    Ok(())
}

/// Signed addresses expire while a download waits: asked again at the address that stays, it goes on.
fn expired(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    bench.hub.breaks(DENOISER, Fault::cut_at(3000).times(1));
    popup.set_mirror(MODEL, &bench.hub.url())?;
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    let asked = bench.hub.seen().into_iter().filter(|seen| !seen.is_signed && seen.target.contains("denoiser"));
    ensure!(asked.count() == 2, "the address that stays was not asked again");
    Ok(())
}

fn full_disk(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    let page = popup.page();
    let origin = page.session().eval("location.origin")?;
    let origin = origin.as_str().context("no origin")?;
    page.session()
        .call("Storage.overrideQuotaForOrigin", serde_json::json!({ "origin": origin, "quotaSize": 2000 }))?;
    popup.set_mirror(MODEL, &bench.hub.url())?;
    popup.press(MODEL, "get")?;
    let card = popup.wait_for(MODEL, JOB, |card| card.state == "failed")?;
    ensure!(card.fault.as_deref() == Some("fault_store_full") && card.offers("get"), "{card:?}");
    page.session().call("Storage.overrideQuotaForOrigin", serde_json::json!({ "origin": origin }))?;
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    Ok(())
}
