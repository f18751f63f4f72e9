//! The icon, at the sizes that Chrome asks for.

use anyhow::{Context as _, Result};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::package::Package;
use crate::workspace::{Workspace, read};

const SIDES_PX: [u32; 4] = [16, 32, 48, 128];

/// Renders the icon and adds the pictures to `package`.
///
/// # Errors
/// If the drawing is missing or is no SVG.
pub(crate) fn add_icons(package: &mut Package, workspace: &Workspace) -> Result<()> {
    let tree = drawing(workspace, "icon.svg")?;
    for side in SIDES_PX {
        package.add(format!("icons/icon-{side}.png"), render(&tree, side)?)?;
    }
    Ok(())
}

/// The picture that a store shows in its lists.
///
/// # Errors
/// If the drawing is missing or is no SVG.
pub(crate) fn tile(workspace: &Workspace) -> Result<Vec<u8>> {
    let tree = drawing(workspace, "tile.svg")?;
    render_at(&tree, tree.size().width() as u32, tree.size().height() as u32)
}

fn drawing(workspace: &Workspace, name: &str) -> Result<Tree> {
    let drawing = read(&workspace.path("extension/icons").join(name))?;
    Tree::from_data(&drawing, &Options::default()).with_context(|| format!("{name} can't be drawn"))
}

fn render(tree: &Tree, side: u32) -> Result<Vec<u8>> {
    render_at(tree, side, side)
}

fn render_at(tree: &Tree, width: u32, height: u32) -> Result<Vec<u8>> {
    let mut picture = Pixmap::new(width, height).context("a picture can't be empty")?;
    let scale = Transform::from_scale(width as f32 / tree.size().width(), height as f32 / tree.size().height());
    resvg::render(tree, scale, &mut picture.as_mut());
    picture.encode_png().context("the picture can't be encoded")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_fills_the_picture() {
        let svg = br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><rect width="10" height="10" fill="#f00"/></svg>"##;
        let tree = Tree::from_data(svg, &Options::default()).unwrap();
        let picture = Pixmap::decode_png(&render(&tree, 16).unwrap()).unwrap();
        assert_eq!(picture.pixel(15, 15).unwrap().red(), 255);
    }
}
