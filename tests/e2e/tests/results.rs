//! Where results go: into files as they are wanted, into the page, into a tab, to other programs.

mod results_support;

use std::{fs, process::ExitCode, time::Duration};

use anyhow::{Context as _, ensure};
use brushaway_e2e::{
    chrome::Launch,
    editor::{Editor, State},
    lab::{Case, Lab, run},
    mouse::{Menu, at},
    page::Page,
    wait::{self, SOON},
};
use serde_json::{Value, json};

use crate::results_support::{AUTHOR, PLACE, erase, erased, is_red, object, photo_with_place};

const CASES: &[(&str, Case)] = &[
    ("the size that is shown is the file's", sizes),
    ("what stands beside the picture", beside),
    ("escape leaves the panel", leaving),
    ("into an image", |lab| in_page(lab, "plain", Menu::Picture)),
    ("into an image of several sizes", |lab| in_page(lab, "srcset", Menu::Picture)),
    ("into a picture element", |lab| in_page(lab, "picture", Menu::Picture)),
    ("into a background", |lab| in_page(lab, "background", Menu::Page)),
    ("into a canvas", |lab| in_page(lab, "canvas", Menu::Picture)),
    ("into a page that allows only its own pictures", |lab| in_page(lab, "strict-csp", Menu::Picture)),
    ("into a background that the page guards", guarded_background),
    ("a script that loads pictures late", lazy),
    ("dragged out", dragged),
    ("shared", shared),
    ("into a tab", in_tab),
];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

fn saved_len(lab: &Lab) -> anyhow::Result<(String, u64)> {
    let file = lab.chrome.download()?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let len = fs::metadata(&file)?.len();
    lab.chrome.forget_downloads()?;
    Ok((name, len))
}

fn sizes(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.open("pages/two-megapixels.html")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.press("save-as")?;
    let own = editor.drafted()?;
    lab.picture("save-panel", &page, Some(&editor))?;
    editor.press("save-draft")?;
    ensure!(saved_len(lab)? == ("1632x1224-brushaway.jpg".to_owned(), own), "not the file whose size was shown");
    // Another quality: many values pass, and the file is of the last.
    editor.press("save-as")?;
    editor.drafted()?;
    editor.click_on("label:has(input[name=own-quality])")?;
    wait::until("the slider", SOON, || {
        Ok(editor.session().read::<bool>("!!document.querySelector('input[name=quality]')")?.then_some(()))
    })?;
    editor.click_on("input[name=quality]")?;
    editor.keys(&["Left"; 12].join(" "))?;
    let quality = "Number(document.querySelector('input[name=quality]').value)";
    let low =
        wait::until(
            "a lower quality",
            SOON,
            || Ok(Some(editor.session().read::<f64>(quality)?).filter(|q| *q < 50.0)),
        )?;
    let smaller = editor.drafted()?;
    ensure!(smaller < own / 2, "{smaller} bytes at quality {low}, {own} at the file's own");
    // Another name, with the keyboard, and Enter saves.
    editor.click_on("input[name=file-name]")?;
    editor.keys("ctrl+a")?;
    lab.chrome.mouse().text("a smaller one")?;
    let typed = || {
        let name: String = editor.session().read("document.querySelector('input[name=file-name]').value")?;
        Ok((name == "a smaller one").then_some(()))
    };
    wait::until("the name", SOON, typed)?;
    ensure!(editor.drafted()? == smaller, "a name made another file");
    editor.keys("Return")?;
    ensure!(saved_len(lab)? == ("a smaller one.jpg".to_owned(), smaller), "not the file whose size was shown");
    // The button saves at once, as was chosen last.
    editor.wait_for("the panel to go", SOON, |state| !state.offers("close-save"))?;
    editor.keys("ctrl+s")?;
    ensure!(saved_len(lab)?.1 == smaller, "not as it was chosen last");
    let png = editor.draft("png")?;
    ensure!(png > own, "a PNG of {png} bytes, a JPEG of {own}");
    let webp = editor.draft("webp")?;
    editor.press("save-draft")?;
    let file = lab.chrome.download()?;
    let bytes = fs::read(&file)?;
    ensure!(bytes.len() as u64 == webp && bytes[8..16] == *b"WEBPVP8L", "the WebP is not as the panel says");
    Ok(())
}

fn beside(lab: &Lab) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let photo = folder.path().join("holiday.jpg");
    fs::write(&photo, photo_with_place()?)?;
    lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(&lab.chrome)?;
    editor.wait_for("an empty editor", SOON, |state| state.phase == "empty")?;
    editor.give_files("open", &[&photo])?;
    editor.ready()?;
    let told = |expected: (bool, bool)| -> anyhow::Result<()> {
        editor.drafted()?;
        editor.press("save-draft")?;
        let bytes = fs::read(lab.chrome.download()?)?;
        lab.chrome.forget_downloads()?;
        let holds = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
        ensure!((holds(AUTHOR), holds(PLACE)) == expected, "author and place: {:?}", (holds(AUTHOR), holds(PLACE)));
        editor.wait_for("the panel to go", SOON, |state| !state.offers("close-save"))?;
        editor.press("save-as")
    };
    editor.press("save-as")?;
    told((true, false))?;
    let tick = |name: &str| editor.click_on(&format!("label:has(input[name={name}])"));
    editor.drafted()?;
    tick("keep-place")?;
    told((true, true))?;
    editor.drafted()?;
    tick("keep-beside")?;
    told((false, false))
}

fn leaving(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = erased(lab, "plain", Menu::Picture)?;
    editor.keys("ctrl+shift+s")?;
    editor.drafted()?;
    editor.keys("Escape")?;
    let state = editor.wait_for("the panel to go", SOON, |state| !state.offers("close-save"))?;
    ensure!(state.stroke_count() == 1 && state.dirty == "true" && !state.offers("confirm-close"), "{state:?}");
    let focused: String = editor.session().read("document.activeElement?.className ?? ''")?;
    ensure!(!focused.contains("save-panel"), "the keyboard stays in what is gone");
    Ok(())
}

fn close(lab: &Lab, editor: &Editor) -> anyhow::Result<()> {
    editor.press("close")?;
    wait::until("the editor to go", SOON, || Ok((!Editor::is_over_page(&lab.chrome)?).then_some(())))
}

/// Waits until the page shows the object, or shows none.
fn shows_object(page: &Page, wanted: bool) -> anyhow::Result<()> {
    let what = if wanted { "the object on the page" } else { "no object on the page" };
    wait::until(what, SOON, || Ok((is_red(page)? == wanted).then_some(())))
}

fn place_and_style(page: &Page) -> anyhow::Result<Value> {
    page.session().eval(
        "(() => { const { outerHTML, style, parentNode } = document.querySelector('#photo'), all = parentNode.querySelectorAll('source');
            const box = document.querySelector('#photo').getBoundingClientRect().toJSON();
            return [box, document.querySelector('#photo').getAttribute('srcset'), style.backgroundImage, [...all].map((s) => s.media)]; })()",
    )
}

/// Longer than the page takes to answer.
const A_WHILE: Duration = Duration::from_secs(4);

fn in_page(lab: &Lab, name: &str, menu: Menu) -> anyhow::Result<()> {
    let (page, editor) = erased(lab, name, menu)?;
    let before = place_and_style(&page)?;
    ensure!(editor.state()?.put == "false", "{:?}", editor.state()?);
    editor.press("put")?;
    let state =
        editor.wait_for("the result in the page", SOON, |state| state.put == "true" || !state.alert.is_empty())?;
    ensure!(state.put == "true" && state.dirty == "false", "{state:?}");
    close(lab, &editor)?;
    shows_object(&page, false)?;
    let during = place_and_style(&page)?;
    ensure!(during[0] == before[0], "the picture is of another size: {} {}", before[0], during[0]);
    if name == "plain" {
        lab.picture("put-into-page", &page, None)?;
    }
    // Alt over the picture shows the page's own, and only there.
    let middle = page.on_screen(page.rect("#photo")?.middle())?;
    lab.chrome.mouse().move_to(at(middle.x + 30.0, middle.y + 60.0))?;
    lab.chrome.mouse().key("alt", true)?;
    let peeked = shows_object(&page, true);
    lab.chrome.mouse().key("alt", false)?;
    peeked?;
    shows_object(&page, false)?;
    // Opened again, a click takes it back.
    page.inpaint("#photo", menu)?;
    let editor = lab.editor()?;
    editor.wait_for("what the page shows", SOON, |state| state.put == "true")?;
    wait::until("the page's own picture", SOON, || {
        // Seen once in dozens of runs: the browser keeps the first click after its own menu.
        editor.press("put")?;
        Ok(editor.wait_for("the page's own picture", A_WHILE, |state| state.put == "false").ok())
    })?;
    close(lab, &editor)?;
    shows_object(&page, true)?;
    let after = place_and_style(&page)?;
    ensure!(after == before, "the page is not as it was: {before} {after}");
    Ok(())
}

/// Where the page forbids it the person is told.
fn guarded_background(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = erased(lab, "strict-background", Menu::Page)?;
    editor.press("put")?;
    let told = |state: &State| state.status.iter().any(|status| status.contains("does not let"));
    let state =
        editor.wait_for("a sentence, or the result in the page", SOON, |state| told(state) || state.put == "true")?;
    ensure!(told(&state) && state.put == "false" && state.dirty == "true", "{state:?}");
    editor.press("close")?;
    editor.press("confirm-close")?;
    shows_object(&page, true)
}

fn lazy(lab: &Lab) -> anyhow::Result<()> {
    let (page, editor) = erased(lab, "lazy", Menu::Picture)?;
    editor.press("put")?;
    editor.wait_for("the result in the page", SOON, |state| state.put == "true")?;
    page.session().eval("load()")?;
    let settled = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(document.querySelector('#photo').currentSrc)))) ";
    let shown: String = page.session().read(settled)?;
    ensure!(shown.starts_with("blob:"), "the page shows {shown}");
    // Taken back, it is what the script wanted last.
    editor.press("put")?;
    editor.wait_for("the page's own picture", SOON, |state| state.put == "false")?;
    let own: Vec<String> = page
        .session()
        .read("[document.querySelector('#photo').srcset, document.querySelector('source').srcset, document.querySelector('source').media]")?;
    ensure!(own == ["/made/640x480.png 2x", "/made/640x480.png", "(min-width: 1px)"], "{own:?}");
    close(lab, &editor)?;
    shows_object(&page, true)
}

/// What the browser takes along is the file whose size was shown, under its name.
fn dragged(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = erased(lab, "plain", Menu::Picture)?;
    let len = editor.draft("png")?;
    let session = editor.session();
    session.eval(
        "addEventListener('dragstart', (event) => {
            const file = event.dataTransfer.files[0];
            globalThis.dragged = [event.dataTransfer.getData('DownloadURL'), file?.name ?? '', file?.size ?? 0, event.defaultPrevented];
        })",
    )?;
    let from = editor.button("drag")?;
    lab.chrome.mouse().stroke(&[from, at(from.x - 60.0, from.y - 40.0)], brushaway_e2e::mouse::Button::Left)?;
    let (download, name, size, prevented): (String, String, u64, bool) =
        wait::until("the drag", SOON, || Ok(session.read("globalThis.dragged ?? null").ok()))?;
    ensure!(!prevented && name == "640x480-brushaway.png" && size == len, "{name} {size} {prevented}");
    let address = download.strip_prefix("image/png:640x480-brushaway.png:").with_context(|| download.clone())?;
    let behind: u64 = session.read(&format!("fetch({}).then((r) => r.blob()).then((b) => b.size)", json!(address)))?;
    ensure!(behind == len, "{behind} bytes are behind the address");
    Ok(())
}

/// Chromium shares nothing on Linux: there is no button. Where the platform can, it gets the file.
fn shared(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = erased(lab, "plain", Menu::Picture)?;
    let can: bool = editor
        .session()
        .read("!!navigator.canShare?.({ files: [new File(['x'], 'x.png', { type: 'image/png' })] })")?;
    editor.draft("png")?;
    ensure!(editor.state()?.offers("share") == can, "the button is there where it must not be, or not where it must");
    editor.keys("Escape")?;
    editor.wait_for("the panel to go", SOON, |state| !state.offers("close-save"))?;
    editor.session().eval(
        "Object.assign(navigator.__proto__, { canShare: ({ files }) => files.length === 1,
            share: async ({ files }) => { globalThis.shared = [files[0].name, files[0].size]; } }).name",
    )?;
    let len = editor.draft("png")?;
    editor.press("share")?;
    let (name, size): (String, u64) =
        wait::until("the file", SOON, || Ok(editor.session().read("globalThis.shared ?? null").ok()))?;
    ensure!((name.as_str(), size) == ("640x480-brushaway.png", len), "{name} {size}");
    Ok(())
}

fn in_tab(lab: &Lab) -> anyhow::Result<()> {
    let (_, editor) = erased(lab, "plain", Menu::Picture)?;
    let result = image::open(editor.save(&lab.chrome, Some("png"))?)?.into_rgba8();
    lab.chrome.forget_downloads()?;
    editor.press("open-tab")?;
    let tab = Editor::in_tab(&lab.chrome)?;
    let state = tab.ready()?;
    ensure!(state.stroke_count() == 0 && !state.offers("open-tab") && !state.offers("put"), "{state:?}");
    let file = tab.save(&lab.chrome, Some("png"))?;
    ensure!(file.file_name().is_some_and(|name| name == "640x480-brushaway.png"), "{}", file.display());
    ensure!(image::open(file)?.into_rgba8() == result, "the tab has another picture");
    // It goes on there.
    erase(&tab, object().middle)?;
    tab.finished().map(drop)
}
