//! Every way in which a page can show a picture: the editor opens with the picture's own pixels, or says why not.

use std::{fs, process::ExitCode, time::Duration};

use anyhow::{Context as _, bail, ensure};
use brushaway_e2e::{
    chrome::{Launch, workspace},
    editor::{Editor, State},
    form::Form,
    lab::{Case, Lab, run},
    mouse::{Hand, Menu, Point, at},
    page::{Page, Rect},
    scene,
    wait::{self, SOON},
};
use image::{DynamicImage, ImageDecoder as _, ImageReader, RgbaImage};
use serde_json::json;

const CASES: &[(&str, Case)] = &[
    ("plain", |lab| shows(lab, "plain", Menu::Picture, "640x480.png")),
    ("plain, chosen with the mouse", chosen_with_the_mouse),
    ("strict content security policy", |lab| shows(lab, "strict-csp", Menu::Picture, "640x480.png")),
    ("cross-origin isolated page", isolated),
    ("frame of the same site", frame_of_the_same_site),
    ("frame of another site", frame_of_another_site),
    ("open shadow tree", |lab| shows(lab, "shadow-open", Menu::Picture, "640x480.png")),
    ("closed shadow tree", |lab| shows(lab, "shadow-closed", Menu::Picture, "640x480.png")),
    ("picture element", |lab| shows(lab, "picture", Menu::Picture, "800x600.webp")),
    ("source set", |lab| shows(lab, "srcset", Menu::Picture, "960x720.png")),
    ("another site that shares", |lab| shows(lab, "cors", Menu::Picture, "640x480.png")),
    ("another site, by screenshot", by_screenshot),
    ("another site, by permission", by_permission),
    ("a permission is listed, and revoked", permission_listed),
    ("another site that refuses all the same", refused),
    ("named by its address", by_address),
    ("blob address", |lab| shows(lab, "blob", Menu::Picture, "640x480.png")),
    ("data address", |lab| shows(lab, "data", Menu::Picture, "640x480.png")),
    ("background of an element", |lab| points_at(lab, "background", Menu::Page, "640x480.png")),
    ("canvas", |lab| points_at(lab, "canvas", Menu::Picture, "640x480.png")),
    ("canvas that must not be read", tainted_canvas),
    ("under a transparent layer", |lab| shows(lab, "covered", Menu::Picture, "640x480.png")),
    ("drawing in the page", drawing_in_page),
    ("drawing as a file", drawing_as_file),
    ("animation", animation),
    ("broken picture", broken_picture),
    ("no picture", no_picture),
    ("leaving the choice of a picture", leaving_the_choice),
    ("twelve megapixels", |lab| shows(lab, "large", Menu::Picture, "4000x3000.jpg")),
    ("format that only the browser reads", browser_format),
    ("colours of such a format", browser_format_in_wide_colours),
    ("one of several", one_of_several),
];

fn main() -> ExitCode {
    run(&Launch::default(), CASES)
}

/// Opens a page and waits for the picture on it.
fn open(lab: &Lab, page: &str) -> anyhow::Result<Page> {
    let page = lab.open(&format!("pages/{page}.html"))?;
    let there = "(() => { const photo = document.querySelector('#photo');
        return photo?.localName === 'img' ? photo.complete && photo.src !== ''
            : photo?.localName === 'canvas' ? document.body.dataset.drawn === 'true' : true; })()";
    wait::until("the picture on the page", SOON, || Ok(page.session().read::<bool>(there)?.then_some(())))?;
    Ok(page)
}

/// The picture on this page opens with exactly the pixels of the file `expected`.
fn shows(lab: &Lab, page: &str, menu: Menu, expected: &str) -> anyhow::Result<()> {
    let page = open(lab, page)?;
    page.inpaint("#photo", menu)?;
    has_pixels_of(lab, &lab.editor()?, expected)
}

/// Opens the page's menu over `#photo`. The browser does not tell where that was, so the person is asked to point.
fn asked_to_point(lab: &Lab, page: &str, menu: Menu) -> anyhow::Result<Page> {
    let page = open(lab, page)?;
    page.inpaint("#photo", menu)?;
    wait::until("the request to point", SOON, || Ok(page.says("Click the picture")?.then_some(())))?;
    Ok(page)
}

fn point(page: &Page) -> anyhow::Result<()> {
    let Point { x, y } = page.on_screen(page.rect("#photo")?.middle())?;
    page.mouse().move_to(at(x + 20.0, y + 10.0))?;
    page.mouse().click(at(x + 25.0, y + 15.0))
}

/// The same as [`shows`] where the browser's menu knows of no picture. From the second time on nothing is asked.
fn points_at(lab: &Lab, page: &str, menu: Menu, expected: &str) -> anyhow::Result<()> {
    let page = asked_to_point(lab, page, menu)?;
    point(&page)?;
    let editor = lab.editor()?;
    has_pixels_of(lab, &editor, expected)?;
    editor.press("close")?;
    wait::until("the editor to go", SOON, || Ok((!Editor::is_over_page(&lab.chrome)?).then_some(())))?;
    page.inpaint("#photo", menu)?;
    lab.editor().map(drop)
}

fn has_pixels_of(lab: &Lab, editor: &Editor, expected: &str) -> anyhow::Result<()> {
    let source = scene::file(expected).context("no such scene")?;
    let source = image::load_from_memory(&source)?.into_rgba8();
    let state = editor.state()?;
    let size = (source.width().to_string(), source.height().to_string());
    ensure!((&state.width, &state.height) == (&size.0, &size.1), "{size:?} expected: {state:?}");
    ensure!(lab.saved(editor)? == source, "not the pixels of {expected}");
    Ok(())
}

/// Mean difference of two pictures, 0 to 255.
fn difference(a: &RgbaImage, b: &RgbaImage) -> anyhow::Result<f64> {
    ensure!(a.dimensions() == b.dimensions(), "{:?} and {:?}", a.dimensions(), b.dimensions());
    let sum: f64 = a.as_raw().iter().zip(b.as_raw()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    Ok(sum / a.as_raw().len() as f64)
}

fn chosen_with_the_mouse(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "plain")?;
    page.inpaint_at(page.rect("#photo")?.middle(), Menu::Picture, Hand::Mouse)?;
    has_pixels_of(lab, &lab.editor()?, "640x480.png")
}

fn isolated(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "coep")?;
    ensure!(page.session().read::<bool>("crossOriginIsolated")?, "the page is not isolated: the test is worth nothing");
    page.inpaint("#photo", Menu::Picture)?;
    let editor = Editor::in_tab(&lab.chrome)?;
    editor.ready()?;
    has_pixels_of(lab, &editor, "640x480.png")
}

/// The middle of `#photo` in the frame `#frame`, as the page sees it.
fn in_frame(page: &Page, photo: Rect) -> anyhow::Result<Point> {
    let frame = page.rect("#frame")?;
    let border: [f64; 2] = page
        .session()
        .read("[document.querySelector('#frame').clientLeft, document.querySelector('#frame').clientTop]")?;
    let middle = photo.middle();
    Ok(at(frame.x + border[0] + middle.x, frame.y + border[1] + middle.y))
}

fn frame_of_the_same_site(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "frame-same")?;
    let photo = page.session().read(
        "document.querySelector('#frame').contentDocument.querySelector('#photo').getBoundingClientRect().toJSON()",
    )?;
    page.inpaint_at(in_frame(&page, photo)?, Menu::Picture, Hand::Keys)?;
    has_pixels_of(lab, &lab.editor()?, "640x480.png")
}

fn frame_of_another_site(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "frame-other")?;
    let url = lab.site.other_url("pages/plain.html");
    let frame = Page::new(lab.chrome.find("the frame", |t| t.kind == "iframe" && t.url == url)?, lab.chrome.mouse());
    frame.loaded(&url)?;
    page.inpaint_at(in_frame(&page, frame.rect("#photo")?)?, Menu::Picture, Hand::Keys)?;
    let editor = asked(lab)?;
    let state = editor.state()?;
    // Where in the other site's frame the picture is cannot be known, so nothing can be cut out of a screenshot.
    ensure!(state.offers("allow") && !state.offers("screenshot"), "{state:?}");
    allow(lab, &editor)?;
    editor.ready()?;
    has_pixels_of(lab, &editor, "640x480.png")?;
    forget_permission(lab)
}

/// The editor, asking how to get the picture.
fn asked(lab: &Lab) -> anyhow::Result<Editor> {
    let editor = Editor::over_page(&lab.chrome)?;
    let state = editor.wait_for("a question or a picture", SOON, |state| state.phase != "opening")?;
    ensure!(state.phase == "asking", "nothing was asked: {state:?}");
    Ok(editor)
}

fn allow(lab: &Lab, editor: &Editor) -> anyhow::Result<()> {
    let is_done = || editor.state().map(|state| state.phase != "asking" || !state.alert.is_empty());
    // Who says no by mistake is asked again.
    for tabs in [1, 0, 2, 3] {
        editor.press("allow")?;
        lab.chrome.grant(editor.page(), tabs, is_done)?;
        if wait::until("the permission", Duration::from_secs(4), || Ok(is_done()?.then_some(()))).is_ok() {
            return Ok(());
        }
    }
    bail!("the permission was refused each time")
}

fn forget_permission(lab: &Lab) -> anyhow::Result<()> {
    let removed = "chrome.permissions.remove({ origins: ['http://localhost/*'] })";
    ensure!(lab.chrome.service_worker()?.eval(removed)? == true, "there was no permission to forget");
    Ok(())
}

fn by_screenshot(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "no-cors")?;
    page.inpaint("#photo", Menu::Picture)?;
    let editor = asked(lab)?;
    lab.picture("asking", &page, Some(&editor))?;
    editor.press("screenshot")?;
    let state = editor.ready()?;
    ensure!(state.note.iter().any(|note| note.contains("screenshot")), "it does not say so: {state:?}");
    let source = image::load_from_memory(&scene::file("640x480.png").context("no scene")?)?.into_rgba8();
    let off = difference(&lab.saved(&editor)?, &source)?;
    ensure!(off < 2.0, "the screenshot is off by {off:.2}: not cut where the picture is, or the editor is on it");
    Ok(())
}

fn by_permission(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "no-cors")?.inpaint("#photo", Menu::Picture)?;
    let editor = asked(lab)?;
    allow(lab, &editor)?;
    editor.ready()?;
    has_pixels_of(lab, &editor, "640x480.png")?;
    forget_permission(lab)
}

fn by_address(lab: &Lab) -> anyhow::Result<()> {
    let page = lab.chrome.open(&lab.chrome.extension_url("overlay/editor.html"))?;
    let editor = Editor::in_tab(&lab.chrome)?;
    editor.wait_for("an empty editor", SOON, |state| state.phase == "empty")?;
    let name = |address: &str| -> anyhow::Result<()> {
        editor.click_on("#address")?;
        editor.keys("ctrl+a")?;
        page.session().call("Input.insertText", json!({ "text": address }))?;
        editor.press("open-address")
    };
    name("ftp://example.org/a.png")?;
    editor.wait_for("a sentence", SOON, |state| state.status.iter().any(|said| said.contains("https")))?;
    name(&lab.site.other_url("closed/640x480.png"))?;
    let state = editor.wait_for("the question", SOON, |state| state.phase == "asking")?;
    ensure!(!state.offers("screenshot"), "there is nothing to take a screenshot of: {state:?}");
    lab.picture("asking-address", &page, None)?;
    allow(lab, &editor)?;
    editor.ready()?;
    has_pixels_of(lab, &editor, "640x480.png")?;
    forget_permission(lab)
}

fn permission_listed(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "no-cors")?.inpaint("#photo", Menu::Picture)?;
    let editor = asked(lab)?;
    allow(lab, &editor)?;
    editor.ready()?;
    let list = Form::open(&lab.chrome, "popup/permissions.html")?;
    let rows = || list.page().session().read::<usize>("document.querySelectorAll('[data-origin]').length");
    wait::until("the site", SOON, || Ok((rows()? == 1).then_some(())))?;
    ensure!(list.page().says("Allowed on")?, "not since when");
    lab.picture("permissions", list.page(), None)?;
    list.parts().press("revoke")?;
    wait::until("the site to go", SOON, || Ok((rows()? == 0).then_some(())))?;
    let left =
        lab.chrome.service_worker()?.eval("chrome.permissions.getAll().then(({ origins }) => origins.length)")?;
    ensure!(left == 0, "{left} sites may still be read from");
    Ok(())
}

fn refused(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "guarded")?.inpaint("#photo", Menu::Picture)?;
    let editor = asked(lab)?;
    allow(lab, &editor)?;
    let told = |state: &State| state.alert.iter().any(|alert| alert.contains("403"));
    editor.wait_for("the site's refusal", SOON, told)?;
    editor.press("screenshot")?;
    editor.ready()?;
    forget_permission(lab)
}

/// The page itself must not read such a canvas; what is on the screen can still be had.
fn tainted_canvas(lab: &Lab) -> anyhow::Result<()> {
    point(&asked_to_point(lab, "canvas-tainted", Menu::Picture)?)?;
    let editor = asked(lab)?;
    editor.press("screenshot")?;
    editor.ready()?;
    let source = image::load_from_memory(&scene::file("640x480.png").context("no scene")?)?.into_rgba8();
    let off = difference(&lab.saved(&editor)?, &source)?;
    ensure!(off < 2.0, "the screenshot is off by {off:.2}");
    Ok(())
}

fn drawing_in_page(lab: &Lab) -> anyhow::Result<()> {
    point(&asked_to_point(lab, "svg-inline", Menu::Page)?)?;
    is_drawing(lab)
}

fn drawing_as_file(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "svg")?.inpaint("#photo", Menu::Picture)?;
    is_drawing(lab)
}

fn is_drawing(lab: &Lab) -> anyhow::Result<()> {
    let editor = lab.editor()?;
    let drawn = lab.saved(&editor)?;
    ensure!(drawn.dimensions() == (480, 360), "{:?}", drawn.dimensions());
    let dot = drawn.get_pixel(260, 180);
    ensure!(dot.0 == [0xdd, 0x33, 0x33, 0xff], "the dot is {dot:?}");
    Ok(())
}

fn animation(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "animated")?.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    let told = |state: &State| state.note.iter().any(|note| note.contains("first frame"));
    editor.wait_for("the sentence about the first frame", SOON, told)?;
    has_pixels_of(lab, &editor, "320x240.gif")
}

fn broken_picture(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "broken")?;
    page.inpaint("#photo", Menu::Picture)?;
    says_why_not(lab, &page, "did not load", "broken-picture")
}

fn no_picture(lab: &Lab) -> anyhow::Result<()> {
    let page = asked_to_point(lab, "words", Menu::Page)?;
    lab.picture("pointing", &page, None)?;
    point(&page)?;
    says_why_not(lab, &page, "no picture", "no-picture")
}

/// There is a sentence on the page, and no empty editor.
fn says_why_not(lab: &Lab, page: &Page, words: &str, stage: &str) -> anyhow::Result<()> {
    wait::until("a sentence", SOON, || Ok(page.says(words)?.then_some(())))?;
    lab.picture(stage, page, None)?;
    ensure!(!Editor::is_over_page(&lab.chrome)?, "an empty editor opened as well");
    Ok(())
}

fn leaving_the_choice(lab: &Lab) -> anyhow::Result<()> {
    let page = asked_to_point(lab, "background", Menu::Page)?;
    page.mouse().keys("Escape")?;
    wait::until("the request to go", SOON, || Ok((!page.says("Click the picture")?).then_some(())))?;
    ensure!(!Editor::is_over_page(&lab.chrome)?, "the editor opened all the same");
    Ok(())
}

fn browser_format(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "avif")?.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    let told = |state: &State| state.note.iter().any(|note| note.contains("converted"));
    editor.wait_for("the sentence about the conversion", SOON, told)?;
    let decoded = lab.saved(&editor)?;
    ensure!(decoded.dimensions() == (640, 480), "{:?}", decoded.dimensions());
    let [red, green, ..] = decoded.get_pixel(352, 240).0;
    ensure!(red > 180 && green < 80, "the dot is not there: {red} {green}");
    Ok(())
}

/// The browser would make sRGB of it for a screen; the file that is saved has the values that came, says what they mean, and
/// keeps what the file told, but for the place.
fn browser_format_in_wide_colours(lab: &Lab) -> anyhow::Result<()> {
    open(lab, "wide")?.inpaint("#photo", Menu::Picture)?;
    let editor = lab.editor()?;
    editor.wait_for("the sentence about the conversion", SOON, |state| !state.note.is_empty())?;
    lab.chrome.forget_downloads()?;
    let saved = editor.save(&lab.chrome, Some("png"))?;
    let mut decoder = ImageReader::open(saved)?.with_guessed_format()?.into_decoder()?;
    let profile = fs::read(workspace().join("tests/site/fixtures/display-p3.icc"))?;
    ensure!(decoder.icc_profile()?.as_deref() == Some(&profile[..]), "another profile, or none");
    let told = String::from_utf8_lossy(&decoder.exif_metadata()?.context("no EXIF")?).into_owned();
    ensure!(told.contains("Maker of cameras") && !told.contains("MAP-OF-THE-PLACE"), "{told}");
    let pixels = DynamicImage::from_decoder(decoder)?.into_rgba8();
    let [red, green, blue, _] = pixels.get_pixel(352, 240).0;
    let apart = red.abs_diff(210).max(green.abs_diff(40)).max(blue.abs_diff(50));
    ensure!(apart < 8, "the values were converted: {red} {green} {blue}");
    Ok(())
}

fn one_of_several(lab: &Lab) -> anyhow::Result<()> {
    let page = open(lab, "several")?;
    page.inpaint("#second", Menu::Picture)?;
    has_pixels_of(lab, &lab.editor()?, "400x300.png")
}
