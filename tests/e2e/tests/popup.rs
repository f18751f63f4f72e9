//! The panel behind the toolbar button and the pages beside it: pictures to pick, the computer, the first page, licences.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch},
    editor::{Editor, State},
    form::Form,
    lab::{Case, Lab, run},
    mouse::at,
    page::Page,
    wait::{self, JOB, SOON},
};
use serde_json::{Value, json};

const CASES: &[(&str, Case)] = &[
    ("the pictures of the page, and one of them picked", pictures),
    ("a page that no extension may enter", closed_page),
    ("a picture is pasted", pasted),
    ("what this computer can do", computer),
    ("a report without addresses", report),
    ("the first page, and the sample tried", first_page),
    ("the licences of what ships", notices),
    ("the key picks a picture", key),
    ("in German and in Arabic", languages),
];

const POPUP: &str = "popup/popup.html";

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// Presses the toolbar button over a page, and answers with the panel that opens.
fn over(chrome: &Chrome, page: &Page) -> anyhow::Result<Page> {
    let id = chrome.extension_url("").trim_start_matches("chrome-extension://").trim_end_matches('/').to_owned();
    let info = page.session().call("Target.getTargetInfo", json!({}))?;
    let own = info["targetInfo"]["targetId"].clone();
    // The button belongs to the tab that the page is in, which is a target of its own.
    let tabs = chrome.cdp().call("Target.getTargets", json!({ "filter": [{ "type": "tab" }] }))?;
    let url = info["targetInfo"]["url"].clone();
    let tab = tabs["targetInfos"].as_array().into_iter().flatten().find(|tab| tab["url"] == url);
    let target = tab.map_or(own, |tab| tab["targetId"].clone());
    chrome.cdp().call("Extensions.triggerAction", json!({ "id": id, "targetId": target }))?;
    let popup = chrome.extension_url(POPUP);
    let session = chrome.find("the panel", |target| target.url.starts_with(&popup))?;
    Ok(Page::new(session, chrome.mouse()))
}

fn count(page: &Page, selector: &str) -> anyhow::Result<usize> {
    page.session().read(&format!("document.querySelectorAll({}).length", json!(selector)))
}

fn pictures(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/several.html")?;
    let popup = over(&lab.chrome, &page)?;
    wait::until("the pictures", SOON, || Ok((count(&popup, ".picture")? > 1).then_some(())))?;
    let words: String = popup.session().read("document.querySelector('.pictures').innerText")?;
    ensure!(words.contains('×'), "no sizes: {words}");
    let copies = count(&popup, ".picture img")?;
    ensure!(copies > 0, "no small copies");
    popup.screenshot(&screens()?.join("popup-pictures.png"))?;
    popup.session().eval("document.querySelector('.picture').click()")?;
    let editor = lab.editor()?;
    ensure!(editor.state()?.ready(), "{:?}", editor.state()?);
    editor.press("close").map(drop)
}

fn screens() -> anyhow::Result<std::path::PathBuf> {
    let dir = brushaway_e2e::chrome::workspace().join("dist/screens");
    std::fs::create_dir_all(&dir)?;
    Ok(dir)
}

/// Opened in a tab, the panel itself is the page in front.
fn closed_page(lab: &Lab) -> anyhow::Result<()> {
    let popup = Form::open(&lab.chrome, POPUP)?;
    wait::until("what there is to say", SOON, || {
        Ok(popup.page().says("Chrome lets no extension into this page")?.then_some(()))
    })
}

/// What a paste brings is made up; all that follows is real.
fn pasted(lab: &Lab) -> anyhow::Result<()> {
    let popup = Form::open(&lab.chrome, POPUP)?;
    let paste = "(async (type) => {
        const canvas = Object.assign(new OffscreenCanvas(120, 80)), context = canvas.getContext('2d');
        context.fillRect(10, 10, 40, 40);
        const data = new DataTransfer();
        data.items.add(new File([await canvas.convertToBlob()], 'pasted', { type }));
        dispatchEvent(new ClipboardEvent('paste', { clipboardData: data }));
    })";
    popup.page().session().eval(&format!("{paste}('text/html')"))?;
    popup.says("not a picture")?;
    popup.page().session().eval(&format!("{paste}('image/png')"))?;
    let editor = Editor::in_tab(&lab.chrome)?;
    let state = editor.ready()?;
    ensure!((state.width.as_str(), state.height.as_str()) == ("120", "80"), "{state:?}");
    let left = "caches.open('handed').then((cache) => cache.keys()).then((keys) => keys.length)";
    ensure!(editor.session().eval(left)? == 0, "the picture still lies there");
    Ok(())
}

fn ready(lab: &Lab) -> anyhow::Result<Form> {
    let popup = Form::open(&lab.chrome, POPUP)?;
    let is_ready = || Ok((count(popup.page(), "[data-backend]")? == 1).then_some(()));
    wait::until("the engine", JOB, is_ready)?;
    Ok(popup)
}

fn tested(popup: &Form) -> anyhow::Result<()> {
    popup.parts().press("test")?;
    let is_done = || Ok((count(popup.page(), "[data-test=done]")? == 1).then_some(()));
    wait::until("the test", JOB, is_done)
}

fn computer(lab: &Lab) -> anyhow::Result<()> {
    let popup = ready(lab)?;
    for words in ["Threads", "free"] {
        wait::until(words, SOON, || Ok(popup.page().says(words)?.then_some(())))?;
    }
    tested(&popup)?;
    popup.fits()?;
    lab.picture("popup-tested", popup.page(), None)?;
    let seconds: String =
        popup.page().session().read("document.querySelector('[data-estimate=moebius]').dataset.seconds")?;
    let seconds: f64 = seconds.parse()?;
    // On any processor of the last ten years.
    ensure!((20.0..7200.0).contains(&seconds), "Moebius in {seconds} s");
    popup.page().close()?;

    // What a job takes is known from then on, also by a panel that opens later.
    let page = lab.open("pages/plain.html")?;
    page.inpaint("#photo", brushaway_e2e::mouse::Menu::Picture)?;
    let editor = lab.editor()?;
    editor.paint(&[at(250.0, 200.0), at(330.0, 200.0)])?;
    editor.finished()?;
    lab.chrome.close_offscreen()?;
    let popup = ready(lab)?;
    wait::until("the last run", SOON, || Ok((count(popup.page(), "[data-runs]")? == 1).then_some(())))
}

fn report(lab: &Lab) -> anyhow::Result<()> {
    let set = r#"chrome.storage.local.set({ settings: '{"version":1,"mirror":"https://secret.example"}' })"#;
    lab.chrome.service_worker()?.eval(set)?;
    let popup = ready(lab)?;
    wait::until("the models", SOON, || Ok((count(popup.page(), "[data-used]")? == 1).then_some(())))?;
    let allow = json!({ "permission": { "name": "clipboard-read" }, "setting": "granted" });
    lab.chrome.cdp().call("Browser.setPermission", allow)?;
    popup.parts().press("report")?;
    popup.says("Copied")?;
    let text: String = popup.page().session().read("navigator.clipboard.readText()")?;
    let report: Value = serde_json::from_str(&text).with_context(|| text.clone())?;
    ensure!(report["version"] == env!("CARGO_PKG_VERSION") && report["has_mirror"] == true, "{text}");
    ensure!(report["models"].as_array().is_some_and(|models| models.len() > 1), "{text}");
    ensure!(!text.contains("secret") && !text.contains("://"), "{text}");
    lab.chrome.service_worker()?.eval("chrome.storage.local.remove('settings')").map(drop)
}

fn first_page(lab: &Lab) -> anyhow::Result<()> {
    let welcome = Form::open(&lab.chrome, "popup/welcome.html")?;
    let drawn = "(async () => { for (const image of document.querySelectorAll('image')) {
        const answer = await fetch(image.getAttribute('href')); if (!answer.ok) return false; } return true; })()";
    ensure!(welcome.page().session().read::<bool>(drawn)?, "a picture is missing");
    welcome.fits()?;
    lab.picture("welcome", welcome.page(), None)?;
    welcome.parts().press("try")?;
    let editor = Editor::in_tab(&lab.chrome)?;
    let state = editor.ready()?;
    ensure!(state.width == "1120", "{state:?}");
    editor.paint(&[at(900.0, 488.0), at(936.0, 486.0)])?;
    editor.wait_for("a result", JOB, State::textured).map(drop)
}

fn notices(lab: &Lab) -> anyhow::Result<()> {
    let page = Form::open(&lab.chrome, "popup/notices.html")?;
    wait::until("the licences", SOON, || Ok((count(page.page(), "details")? > 20).then_some(())))?;
    let words: String = page.page().session().read("document.querySelector('main').textContent")?;
    for part in ["Brushaway", "ONNX Runtime Web", "wasm-bindgen ", "yew ", "Permission is hereby granted"] {
        ensure!(words.contains(part), "{part} is missing");
    }
    lab.picture("notices", page.page(), None)
}

fn key(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/plain.html")?;
    // The page has the keyboard.
    page.mouse().click(page.on_screen(at(5.0, 5.0))?)?;
    page.mouse().keys("alt+shift+e")?;
    wait::until("the request to point", SOON, || Ok(page.says("Click the picture")?.then_some(())))?;
    let middle = page.on_screen(page.rect("#photo")?.middle())?;
    page.mouse().move_to(middle)?;
    page.mouse().click(middle)?;
    lab.editor()?.press("close").map(drop)
}

fn languages(lab: &Lab) -> anyhow::Result<()> {
    for language in ["de", "ar"] {
        let set = format!(r#"chrome.storage.local.set({{ settings: '{{"version":1,"language":"{language}"}}' }})"#);
        lab.chrome.service_worker()?.eval(&set)?;
        for path in [POPUP, "popup/welcome.html", "popup/permissions.html", "popup/notices.html"] {
            let page = Form::open(&lab.chrome, path)?;
            let lang: String = page.page().session().read("document.documentElement.lang")?;
            ensure!(lang == language, "{path} is in {lang}");
            page.fits().with_context(|| format!("{path} in {language}"))?;
            let name = path.trim_start_matches("popup/").trim_end_matches(".html");
            lab.picture(&format!("{name}-{language}"), page.page(), None)?;
            page.page().close()?;
        }
    }
    lab.chrome.service_worker()?.eval("chrome.storage.local.remove('settings')").map(drop)
}
