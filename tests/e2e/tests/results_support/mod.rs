//! A page with a result over it, and a photograph that tells where it was taken.

use anyhow::Context as _;
use brushaway_e2e::{
    editor::Editor,
    lab::Lab,
    mouse::{Menu, Point, at},
    page::Page,
    scene::{Object, scene},
    wait::{self, SOON},
};
use jpeg_encoder::{ColorType, Encoder};

/// What the photograph tells of who took it.
pub(crate) const AUTHOR: &[u8] = b"A. N. Author";
/// And of where.
pub(crate) const PLACE: &[u8] = b"by the old mill";

/// In a scene of 640 by 480 pixels.
pub(crate) fn object() -> Object {
    Object::in_scene(640, 480)
}

/// Paints over something, with a brush that covers the object in a scene of any size.
pub(crate) fn erase(editor: &Editor, middle: Point) -> anyhow::Result<()> {
    let width: f64 = editor.state()?.width.parse()?;
    let radius = object().radius * width / 640.0;
    editor.set_brush_size(radius * 2.5)?;
    editor.paint(&[at(middle.x - radius * 0.5, middle.y), at(middle.x + radius * 0.5, middle.y)]).map(drop)
}

/// Opens `#photo` of a page in the editor and removes the object.
pub(crate) fn erased(lab: &Lab, name: &str, menu: Menu) -> anyhow::Result<(Page, Editor)> {
    let page = lab.open(&format!("pages/{name}.html"))?;
    let there = "(() => { const photo = document.querySelector('#photo');
        return photo.localName === 'img' ? photo.complete : photo.localName !== 'canvas' || document.body.dataset.drawn === 'true'; })()";
    wait::until("the picture on the page", SOON, || Ok(page.session().read::<bool>(there)?.then_some(())))?;
    let is_named = page.session().read::<bool>("document.querySelector('#photo').localName === 'img'")?;
    page.inpaint("#photo", menu)?;
    if !is_named {
        wait::until("the request to point", SOON, || Ok(page.says("Click the picture")?.then_some(())))?;
        let Point { x, y } = page.on_screen(page.rect("#photo")?.middle())?;
        page.mouse().move_to(at(x + 20.0, y + 10.0))?;
        page.mouse().click(at(x + 25.0, y + 15.0))?;
    }
    let editor = lab.editor()?;
    let width: f64 = editor.state()?.width.parse()?;
    let Point { x, y } = object().middle;
    erase(&editor, at(x * width / 640.0, y * width / 640.0))?;
    editor.finished()?;
    Ok((page, editor))
}

/// Whether `#photo` shows the object, which is red.
pub(crate) fn is_red(page: &Page) -> anyhow::Result<bool> {
    let rect = page.rect("#photo")?;
    let (x, y) = (rect.x + rect.width * 0.55, rect.y + rect.height * 0.5);
    let pixels = page.pixels()?;
    let [red, green, ..] = pixels.get_pixel_checked(x as u32, y as u32).context("it is out of view")?.0;
    Ok(red > 170 && green < 90)
}

/// A JPEG whose EXIF (CIPA DC-008) names an author and a place.
pub(crate) fn photo_with_place() -> anyhow::Result<Vec<u8>> {
    let picture = scene(320, 240);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, 90);
    encoder.add_app_segment(1, [b"Exif\0\0".as_slice(), &exif()].concat())?;
    encoder.encode(&picture, 320, 240, ColorType::Rgb)?;
    Ok(bytes)
}

/// Two directories: the picture's with the author (tag 0x013b) and where the second one is (0x8825); that one with the name
/// of the area (0x001c).
fn exif() -> Vec<u8> {
    let area = [b"ASCII\0\0\0".as_slice(), PLACE].concat();
    let (first, second) = (8_u32, 8 + 2 + 2 * 12 + 4);
    let author_at = second + 2 + 12 + 4;
    let area_at = author_at + AUTHOR.len() as u32 + 1;
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        [tag.to_le_bytes().as_slice(), &kind.to_le_bytes(), &count.to_le_bytes(), &value.to_le_bytes()].concat()
    };
    [
        b"II*\0".to_vec(),
        first.to_le_bytes().to_vec(),
        2_u16.to_le_bytes().to_vec(),
        entry(0x013b, 2, AUTHOR.len() as u32 + 1, author_at),
        entry(0x8825, 4, 1, second),
        vec![0; 4],
        1_u16.to_le_bytes().to_vec(),
        entry(0x001c, 7, area.len() as u32, area_at),
        vec![0; 4],
        AUTHOR.to_vec(),
        vec![0],
        area,
    ]
    .concat()
}
