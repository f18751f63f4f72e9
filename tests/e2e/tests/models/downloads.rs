//! Bigger models on their way: paused, asked for twice, taken from files, and everything that a host, a line or a disk can do
//! wrong. The host is a stand-in on loopback; all else is what ships.

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    editor::{Editor, State},
    lab::Lab,
    shelf::Shelf,
    standin::{Graphs, MODEL},
    wait::{self, JOB, SOON},
};
use brushaway_hub::Fault;

use crate::support::{Bench, DENOISER, FILES, popup};

pub(crate) fn paused(lab: &Lab) -> anyhow::Result<()> {
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

pub(crate) fn two_tabs(_: &Lab) -> anyhow::Result<()> {
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

pub(crate) fn own_files(_: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    let editor = Editor::on(popup.page().clone());
    editor.give_files("model-files", &[&bench.damaged_file()?])?;
    let card = popup.reaches(MODEL, "failed")?;
    ensure!(card.fault.as_deref() == Some("fault_store_other_file"), "{card:?}");
    for file in FILES {
        let before = popup.wait_for(MODEL, SOON, |card| card.offers("take"))?.done_bytes();
        editor.give_files("model-files", &[&bench.graph(file)])?;
        popup.wait_for(MODEL, SOON, |card| card.state != "coming" && card.done_bytes() > before)?;
    }
    popup.reaches(MODEL, "installed")?;
    ensure!(bench.hub.seen().is_empty(), "asked the network: {:?}", bench.hub.seen());
    Ok(())
}

/// What fetches models does not start. The panel says so, and a second try may do.
pub(crate) fn no_list(lab: &Lab) -> anyhow::Result<()> {
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

pub(crate) fn learned_digest(_: &Lab) -> anyhow::Result<()> {
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
pub(crate) fn faulty(sentence: &str, fault: Fault) -> anyhow::Result<()> {
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

/// A model that is here is read again; a bit that tipped over on the disk is found, and the file fetched again.
pub(crate) fn checked_again(lab: &Lab) -> anyhow::Result<()> {
    let bench = Bench::new()?;
    let chrome = bench.chrome()?;
    let popup = popup(&chrome)?;
    popup.set_mirror(MODEL, &bench.hub.url())?;
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    bench.hub.forget_seen();
    popup.page().session().eval(
        "(() => {
            const states = globalThis.states = [], list = document.querySelector('.models');
            const see = () => states.push(list.querySelector('[data-model=moebius]').dataset.state);
            new MutationObserver(see).observe(list, { subtree: true, attributeFilter: ['data-state'] });
        })()",
    )?;
    let states = || popup.page().session().read::<Vec<String>>("globalThis.states");
    popup.press(MODEL, "check")?;
    wait::until("the check", SOON, || Ok((states()? == ["checking", "installed"]).then_some(())))?;

    chrome.offscreen()?.eval(
        "(async () => {
            const cache = await caches.open('models');
            for (const key of await cache.keys()) {
                if (!key.url.includes('denoiser.onnx/part-0000')) continue;
                const bytes = new Uint8Array(await (await cache.match(key)).arrayBuffer());
                bytes[100] ^= 4;
                await cache.put(key, new Response(bytes));
            }
        })()",
    )?;
    popup.press(MODEL, "check")?;
    let card = popup.wait_for(MODEL, SOON, |card| card.fault.as_deref() == Some("fault_store_decayed"))?;
    lab.picture("popup-damaged", popup.page(), None)?;
    ensure!(card.state == "failed" && card.offers("get"), "{card:?}");
    ensure!(bench.hub.seen().is_empty(), "a check asked the host: {:?}", bench.hub.seen());
    popup.press(MODEL, "get")?;
    popup.reaches(MODEL, "installed")?;
    let fetched = bench.hub.seen().into_iter().filter(|seen| seen.is_signed).map(|seen| seen.target);
    let fetched: Vec<_> = fetched.collect();
    ensure!(!fetched.is_empty() && fetched.iter().all(|target| target.contains("denoiser")), "{fetched:?}");
    Ok(())
}

pub(crate) fn nobody_there(_: &Lab) -> anyhow::Result<()> {
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
pub(crate) fn expired(_: &Lab) -> anyhow::Result<()> {
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

pub(crate) fn full_disk(_: &Lab) -> anyhow::Result<()> {
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
