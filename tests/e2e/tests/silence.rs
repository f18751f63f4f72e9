//! Nothing leaves the machine: the browser's own log of its network, over everything a person does.

use std::process::ExitCode;

use anyhow::ensure;
use brushaway_e2e::{
    chrome::{Chrome, Launch},
    editor::Editor,
    lab::{Case, Lab, run},
    mouse::{Menu, at},
};

const CASES: &[(&str, Case)] =
    &[("the whole journey asks nothing of the network", whole_journey), ("the log would tell", log_would_tell)];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

fn whole_journey(lab: &Lab) -> anyhow::Result<()> {
    let chrome = Chrome::launch(&Launch::default())?;
    let page = chrome.open(&lab.site.url("gallery/index.html"))?;
    page.inpaint("main img", Menu::Picture)?;
    let editor = Editor::over_page(&chrome)?;
    editor.ready()?;
    let offscreen = chrome.offscreen()?;
    for session in [page.session(), editor.session(), &offscreen] {
        ensure!(session.eval("navigator.webdriver")? == false, "a library could keep quiet because this is a test");
    }
    editor.paint(&[at(200.0, 200.0), at(260.0, 220.0)])?;
    editor.finished()?;
    editor.press("copy")?;
    editor.save(&chrome, Some("png"))?;
    editor.press("close")?;
    chrome.open(&chrome.extension_url("overlay/editor.html"))?;
    let log = chrome.quit()?;
    let gallery = lab.site.url("gallery/index.html");
    ensure!(log.urls().contains(&gallery), "the log is not of this journey");
    ensure!(log.leaks().is_empty(), "left the machine: {:?}", log.leaks());
    Ok(())
}

fn log_would_tell(lab: &Lab) -> anyhow::Result<()> {
    let chrome = Chrome::launch(&Launch::default())?;
    let page = chrome.open(&lab.site.url("pages/words.html"))?;
    // A name that is reserved for never being found.
    page.session().eval("fetch('http://telemetry.invalid/').catch(() => null)")?;
    let log = chrome.quit()?;
    ensure!(log.leaks().contains(&"http://telemetry.invalid/"), "{:?}", log.urls());
    Ok(())
}
