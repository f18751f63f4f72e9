//! Line icons on a 24-pixel grid, from the set Lucide (ISC licence).

use icondata_core::IconData;
use yew::prelude::*;

/// The icons there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A paint brush.
    Brush,
    /// An eraser.
    Eraser,
    /// An arrow turning left.
    Undo,
    /// An arrow turning right.
    Redo,
    /// A clock turning back.
    History,
    /// A brush with an arrow turning back.
    Restore,
    /// A bin.
    Clear,
    /// A triangle pointing right.
    Run,
    /// A square.
    Stop,
    /// A picture split in two.
    Compare,
    /// A tick.
    Keep,
    /// An arrow into a tray.
    Save,
    /// Two sheets.
    Copy,
    /// A cross.
    Close,
    /// A folder.
    Open,
    /// A shape in a frame.
    Mask,
    /// A pointer.
    Pick,
    /// A magnifying glass with a plus.
    Larger,
    /// A magnifying glass with a minus.
    Smaller,
    /// Two stars.
    Improve,
    /// Shelves.
    Models,
    /// A wand with sparks.
    Wand,
    /// A dashed rectangle.
    Rectangle,
    /// A loop of rope.
    Lasso,
    /// A shape with corners.
    Polygon,
    /// A question mark.
    Help,
    /// A picture with a line that moves.
    Split,
    /// Two pictures.
    Beside,
    /// Dots of a picture.
    Changes,
    /// A wedge pointing down.
    More,
    /// A picture on a page.
    Put,
    /// An arrow out of a window.
    Tab,
    /// Three joined dots.
    Share,
}

/// The drawing of an icon.
fn drawing(icon: Icon) -> &'static IconData {
    match icon {
        Icon::Brush => icondata_lu::LuBrush,
        Icon::Eraser => icondata_lu::LuEraser,
        Icon::Undo => icondata_lu::LuUndo2,
        Icon::Redo => icondata_lu::LuRedo2,
        Icon::History => icondata_lu::LuHistory,
        Icon::Restore => icondata_lu::LuArchiveRestore,
        Icon::Clear => icondata_lu::LuTrash2,
        Icon::Run => icondata_lu::LuPlay,
        Icon::Stop => icondata_lu::LuSquare,
        Icon::Compare => icondata_lu::LuFlipHorizontal2,
        Icon::Keep => icondata_lu::LuCheck,
        Icon::Save => icondata_lu::LuDownload,
        Icon::Copy => icondata_lu::LuCopy,
        Icon::Close => icondata_lu::LuX,
        Icon::Open => icondata_lu::LuFolderOpen,
        Icon::Mask => icondata_lu::LuBlend,
        Icon::Pick => icondata_lu::LuMousePointer2,
        Icon::Larger => icondata_lu::LuZoomIn,
        Icon::Smaller => icondata_lu::LuZoomOut,
        Icon::Improve => icondata_lu::LuSparkles,
        Icon::Models => icondata_lu::LuBoxes,
        Icon::Wand => icondata_lu::LuWandSparkles,
        Icon::Rectangle => icondata_lu::LuSquareDashed,
        Icon::Lasso => icondata_lu::LuLasso,
        Icon::Polygon => icondata_lu::LuPentagon,
        Icon::Help => icondata_lu::LuCircleHelp,
        Icon::Split => icondata_lu::LuSquareSplitHorizontal,
        Icon::Beside => icondata_lu::LuColumns2,
        Icon::Changes => icondata_lu::LuScanSearch,
        Icon::More => icondata_lu::LuChevronDown,
        Icon::Put => icondata_lu::LuReplace,
        Icon::Tab => icondata_lu::LuExternalLink,
        Icon::Share => icondata_lu::LuShare2,
    }
}

/// What is around every drawing.
const FRAME: &str = include_str!("icon.svg");

/// An icon that takes the colour of the text around it. Decoration: the words stand beside it.
pub fn icon(icon: Icon) -> Html {
    // The set's drawings are markup. They are constants, so there is nothing in them that came from outside.
    Html::from_html_unchecked(FRAME.trim_end().replace("<!--drawing-->", drawing(icon).data).into())
}
