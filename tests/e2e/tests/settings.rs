//! What a person sets: kept, applied in every page, exported, and what becomes of what cannot be read.

use std::{fs, process::ExitCode};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::{Chrome, Launch, workspace},
    editor::{Editor, State},
    form::Form,
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    page::Page,
    wait::{self, JOB, SOON},
};
use serde_json::{Value, json};

const CASES: &[(&str, Case)] = &[
    ("what is set stays set", stays),
    ("a theme in every page at once", theme),
    ("a language in every page", language),
    ("a file of settings, and back to the start", files),
    ("what cannot be read is said once", lost),
    ("the editor does as it is told", editor),
];

const PAGE: &str = "popup/settings.html";

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// The page with everything as it is at first.
fn fresh(lab: &Lab) -> anyhow::Result<Form> {
    forget(&lab.chrome)?;
    Form::open(&lab.chrome, PAGE)
}

fn forget(chrome: &Chrome) -> anyhow::Result<()> {
    chrome.service_worker()?.eval("chrome.storage.local.remove('settings')").map(drop)
}

/// What is stored.
fn stored(chrome: &Chrome) -> anyhow::Result<Value> {
    let text: Option<String> = chrome
        .service_worker()?
        .read("chrome.storage.local.get('settings').then((items) => items.settings ?? null)")?;
    // What cannot be read is there until somebody stores something else.
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Waits until this is stored.
fn stores(chrome: &Chrome, name: &str, value: &Value) -> anyhow::Result<()> {
    let is_stored = || Ok((stored(chrome)?[name] == *value).then_some(()));
    wait::until(&format!("{name} to be stored as {value}"), SOON, is_stored)
}

fn stays(lab: &Lab) -> anyhow::Result<()> {
    let form = fresh(lab)?;
    lab.picture("settings", form.page(), None)?;
    form.fits()?;
    let set = [
        ("run_on_lift", "false", json!(false)),
        ("context_percent", "150", json!(150)),
        ("detail", "false", json!(false)),
        ("idle_minutes", "30", json!(30)),
        ("format", "webp", json!("webp")),
        ("metadata", "nothing", json!("nothing")),
        ("sampler", "UniPC", json!("uni_pc")),
        ("seed_first", "40", json!(40)),
        ("mirror", "https://hub.example/", json!("https://hub.example")),
    ];
    for (name, typed, expected) in &set {
        form.fill(name, typed)?;
        if *name == "seed_first" {
            stores(&lab.chrome, "seed", &json!({ "from": expected }))?;
        } else {
            stores(&lab.chrome, name, expected)?;
        }
        form.says("Saved")?;
    }
    for (name, usual, typed) in [("feather_px", "8", "12"), ("steps", "10", "7"), ("quality", "85", "60")] {
        form.fill(&format!("{name}-own"), "false")?;
        stores(&lab.chrome, name, &json!(usual.parse::<u32>()?))?;
        form.shows(name, usual)?;
        form.fill(name, typed)?;
        stores(&lab.chrome, name, &json!(typed.parse::<u32>()?))?;
    }
    // Nothing else than may be chosen.
    form.fill("context_percent", "9999")?;
    stores(&lab.chrome, "context_percent", &json!(200))?;
    form.fill("mirror", "nowhere")?;
    ensure!(stored(&lab.chrome)?["mirror"] == "https://hub.example", "{}", stored(&lab.chrome)?);
    form.page().close()?;

    let again = Form::open(&lab.chrome, PAGE)?;
    for (name, expected) in [("run_on_lift", "false"), ("format", "webp"), ("steps", "7"), ("seed_first", "40")] {
        again.shows(name, expected)?;
    }
    Ok(())
}

fn background(page: &Page) -> anyhow::Result<String> {
    page.session().read("getComputedStyle(document.body).backgroundColor")
}

fn theme(lab: &Lab) -> anyhow::Result<()> {
    let form = fresh(lab)?;
    let popup = Form::open(&lab.chrome, "popup/popup.html")?;
    let light = background(popup.page())?;
    form.page().activate()?;
    form.fill("theme", "dark")?;
    for page in [form.page(), popup.page()] {
        wait::until("the dark page", SOON, || Ok((background(page)? != light).then_some(())))?;
    }
    let page = lab.open("pages/plain.html")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    let dark: bool = editor.page().session().read("document.documentElement.dataset.theme === 'dark'")?;
    ensure!(dark, "the editor has another theme");
    lab.picture("editor-dark-by-choice", &page, Some(&editor))?;
    form.page().activate()?;
    form.fill("theme", "")?;
    wait::until("the light page", SOON, || Ok((background(popup.page())? == light).then_some(())))
}

/// A text in a language.
fn text(language: &str, key: &str) -> anyhow::Result<String> {
    let file = format!("extension/_locales/{}/messages.json", language.replace('-', "_"));
    let texts: Value = serde_json::from_str(&fs::read_to_string(workspace().join(file))?)?;
    texts[key]["message"].as_str().map(str::to_owned).with_context(|| format!("no {key} in {language}"))
}

/// A page of somebody else's is asked for a picture in the language.
fn hint(lab: &Lab, language: &str) -> anyhow::Result<()> {
    let (page, words) = (lab.open("pages/plain.html")?, text(language, "page_pick")?);
    page.mouse().click(page.on_screen(at(5.0, 5.0))?)?;
    page.mouse().keys("alt+shift+e")?;
    wait::until(&format!("the page to say {words}"), SOON, || Ok(page.says(&words)?.then_some(())))?;
    lab.picture(&format!("hint-{language}"), &page, None)?;
    page.close()
}

fn language(lab: &Lab) -> anyhow::Result<()> {
    let form = fresh(lab)?;
    for (language, title, direction, open) in [
        ("de", "Einstellungen", "ltr", "Bild öffnen"),
        ("ar", "الإعدادات", "rtl", "فتح صورة"),
        ("zh-CN", "设置", "ltr", "打开图片"),
    ] {
        form.fill("language", language)?;
        let titled = format!("document.querySelector('h1')?.innerText === {}", json!(title));
        wait::until("the page in its language", SOON, || {
            Ok(form.page().session().eval(&titled).is_ok_and(|is_so| is_so == json!(true)).then_some(()))
        })?;
        form.fits()?;
        let stored =
            "chrome.storage.local.get('words_outside').then((items) => items.words_outside?.menu_inpaint ?? '')";
        let in_menu = text(language, "menu_inpaint")?;
        wait::until("the menu in the language", SOON, || {
            Ok((form.page().session().read::<String>(stored)? == in_menu).then_some(()))
        })?;
        let way: String = form.page().session().read("document.documentElement.dir")?;
        ensure!(way == direction, "{language} runs {way}");
        lab.picture(&format!("settings-{language}"), form.page(), None)?;
        let tab = Editor::on(lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?);
        let words = "document.querySelector('main')?.innerText ?? ''";
        let said = wait::until("the editor's words", SOON, || {
            Ok(Some(tab.page().session().read::<String>(words)?).filter(|words| words.contains(open)))
        });
        said.with_context(|| format!("{open} is nowhere"))?;
        tab.page().close()?;
        hint(lab, language)?;
        form.page().activate()?;
    }
    form.fill("language", "")?;
    let english = "document.querySelector('h1')?.innerText === 'Settings'";
    wait::until("the browser's language", SOON, || {
        Ok(form.page().session().eval(english).is_ok_and(|is_so| is_so == json!(true)).then_some(()))
    })
}

fn files(lab: &Lab) -> anyhow::Result<()> {
    let form = fresh(lab)?;
    form.fill("format", "png")?;
    stores(&lab.chrome, "format", &json!("png"))?;
    form.parts().press("export")?;
    let file = lab.chrome.download()?;
    let exported: Value = serde_json::from_slice(&fs::read(&file)?)?;
    ensure!(exported == stored(&lab.chrome)?, "{exported}");

    form.parts().press("reset")?;
    form.parts().press("reset-confirm")?;
    stores(&lab.chrome, "format", &json!("as_picture"))?;
    form.says("as it was at first")?;

    form.parts().give_files("settings-file", &[&file])?;
    stores(&lab.chrome, "format", &json!("png"))?;
    form.says("Imported")?;
    form.shows("format", "png")?;

    let before = stored(&lab.chrome)?;
    fs::write(&file, "not ours")?;
    form.parts().give_files("settings-file", &[&file])?;
    form.says("holds no settings")?;
    fs::write(&file, r#"{"version": 9, "format": "webp"}"#)?;
    form.parts().give_files("settings-file", &[&file])?;
    form.says("newer version")?;
    ensure!(stored(&lab.chrome)? == before, "{}", stored(&lab.chrome)?);
    Ok(())
}

fn lost(lab: &Lab) -> anyhow::Result<()> {
    let put = |text: &str| {
        let script = format!("chrome.storage.local.set({{ settings: {} }})", json!(text));
        lab.chrome.service_worker()?.eval(&script).map(drop)
    };
    for (text, words) in [
        (r#"{"version": 1, "format": "webp", "quality": 3, "theme": "pink"}"#, "Quality of JPEG, in percent, Theme"),
        (r#"{"version": 2}"#, "newer version"),
        ("?", "could not be read"),
    ] {
        put(text)?;
        let form = Form::open(&lab.chrome, PAGE)?;
        form.says(words)?;
        lab.picture("settings-lost", form.page(), None)?;
        stores(&lab.chrome, "version", &json!(1))?;
        form.shows("format", if text.contains("webp") { "webp" } else { "" })?;
        form.page().close()?;
        let again = Form::open(&lab.chrome, PAGE)?;
        ensure!(again.parts().state()?.alert.is_empty(), "said twice: {:?}", again.parts().state()?);
        again.page().close()?;
    }
    // The editor says it too.
    put("?")?;
    let tab = Editor::on(lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?);
    stores(&lab.chrome, "version", &json!(1))?;
    tab.page().close()
}

fn editor(lab: &Lab) -> anyhow::Result<()> {
    let form = fresh(lab)?;
    form.fill("run_on_lift", "false")?;
    form.fill("format", "webp")?;
    stores(&lab.chrome, "format", &json!("webp"))?;
    let page = lab.open("pages/plain.html")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.record("job")?;
    let line = [at(250.0, 200.0), at(330.0, 200.0)];
    editor.paint(&line)?;
    editor.paint(&[at(250.0, 240.0), at(330.0, 240.0)])?;
    ensure!(editor.recorded("job")? == ["idle"], "it began by itself: {:?}", editor.recorded("job")?);
    editor.press("run")?;
    let state = editor.finished()?;
    ensure!(state.stroke_count() == 2, "{state:?}");
    // Another stroke: what is on the screen would be the result of another mask.
    editor.paint(&[at(250.0, 280.0), at(330.0, 280.0)])?;
    editor.wait_for("the picture as it was", SOON, |state| state.result == "none" && state.job == "idle")?;
    editor.press("run")?;
    editor.finished()?;
    let saved = editor.save(&lab.chrome, None)?;
    ensure!(saved.extension().is_some_and(|ending| ending == "webp"), "{}", saved.display());

    // Set elsewhere, it counts here at once.
    form.page().activate()?;
    form.fill("run_on_lift", "true")?;
    stores(&lab.chrome, "run_on_lift", &json!(true))?;
    page.activate()?;
    editor.paint(&[at(250.0, 320.0), at(330.0, 320.0)])?;
    editor.wait_for("a result", JOB, State::textured)?;
    forget(&lab.chrome)
}
