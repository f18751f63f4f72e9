//! Line icons on a 24-pixel grid, drawn for this project.

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

/// The strokes of an icon as SVG path data.
const fn path(icon: Icon) -> &'static str {
    match icon {
        Icon::Brush => {
            "M20 4c-3.5 1-8 5.2-10 8.4L12.6 15C15.800 13 19.500 8.200 20 4ZM9.300 13.200c-2.300-.4-4.200 1-4.300 3.200 0 1.500-.6 2.600-2 3.200 2.800 1.200 7.800.9 8.600-3.200"
        }
        Icon::Eraser => {
            "m8 20-4.300-4.300a2 2 0 0 1 0-2.800l8.600-8.600a2 2 0 0 1 2.800 0l4.900 4.900a2 2 0 0 1 0 2.800L12 20M7.500 9.500l7.500 7.500M8 20h12"
        }
        Icon::Undo => "M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
        Icon::Redo => "m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
        Icon::History => "M4 4v5h5M4.500 9a8.500 8.500 0 1 1-1 4M12 8v4.500l3 2",
        Icon::Restore => {
            "M20 4c-3 1-6.500 4.500-8 7.200l2.500 2.500C17 11.500 20 7 20 4ZM11.300 12.200c-2.100-.4-3.800.9-3.900 2.900 0 1.400-.5 2.300-1.800 2.900 2.500 1 7 .8 7.700-2.900M3 3v5h5M3.500 8a7 7 0 0 1 6-4.500"
        }
        Icon::Clear => "M4 7h16M9 7V4h6v3M6.500 7l1 13h9l1-13M10 11v5M14 11v5",
        Icon::Run => "M7 4.500v15l12-7.500Z",
        Icon::Stop => "M6 6h12v12H6Z",
        Icon::Compare => "M12 3v18M9 6H4v12h5M15 6h5v12h-5",
        Icon::Keep => "m4.500 12.500 5 5 10-11",
        Icon::Save => "M12 4v11M7.500 11l4.500 4.500 4.500-4.500M4 18v2h16v-2",
        Icon::Copy => "M9 9h11v11H9ZM15 9V4H4v11h5",
        Icon::Close => "M5.500 5.500l13 13M18.500 5.500l-13 13",
        Icon::Open => "M3 19V5h6l2 3h10v11Z",
        Icon::Mask => "M4 4h16v16H4ZM8 14c0-4 2-6 4.500-6S16 10 16 12s-2 4-4.500 4S8 16 8 14Z",
        Icon::Pick => "M6 3l13 8-6 1.500L10 19Z",
        Icon::Larger => "M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0ZM15.500 15.500 20 20M8.500 11h5M11 8.500v5",
        Icon::Smaller => "M17 11a6 6 0 1 1-12 0 6 6 0 0 1 12 0ZM15.500 15.500 20 20M8.500 11h5",
        Icon::Improve => {
            "M10 4l1.800 5.200L17 11l-5.200 1.800L10 18l-1.800-5.200L3 11l5.200-1.800ZM18 14l.9 2.600 2.600.9-2.600.9L18 21l-.9-2.600-2.600-.9 2.600-.9Z"
        }
        Icon::Wand => "M4 20 14 10M12 8l4 4M17 3v4M15 5h4M20 10v3M18.500 11.500h3M8 4v3M6.500 5.500h3",
        Icon::Rectangle => "M4 8V5h3M10 5h4M17 5h3v3M20 11v2M20 16v3h-3M14 19h-4M7 19H4v-3M4 13v-2",
        Icon::Lasso => {
            "M8 15.500C5 14.700 3 12.800 3 10.500 3 7 7 4.500 12 4.500s9 2.500 9 6-4 6-9 6c-.7 0-1.400 0-2-.1M10 16.500a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM8.500 18.500c.7 1.500-.5 2.500-2 2.500"
        }
        Icon::Polygon => "M12 4 20 10 17 19 7 19 4 10Z",
        Icon::Help => {
            "M9 9.500a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 18h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z"
        }
        Icon::Models => "M4 4h16v5H4ZM4 9.500h16v5H4ZM4 15h16v5H4ZM7.500 6.500h.01M7.500 12h.01M7.500 17.500h.01",
        Icon::Split => "M12 3v18M8.500 8.500 5 12l3.500 3.500M15.500 8.500 19 12l-3.500 3.500",
        Icon::Beside => "M3 6h8v12H3ZM13 6h8v12h-8Z",
        Icon::Changes => "M4 4h16v16H4ZM8.500 8.500h.01M12 8.500h.01M12 12h.01M15.500 12h.01M15.500 15.500h.01",
        Icon::More => "m7 10 5 5 5-5",
        Icon::Put => "M4 3h16v18H4ZM8 7h8v6H8ZM8 17h8",
        Icon::Tab => "M10 5H4v15h15v-6M13 4h7v7M20 4l-9 9",
        Icon::Share => {
            "M18 6a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM9 12a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM18 18a2 2 0 1 1-4 0 2 2 0 0 1 4 0ZM8.800 11l5.400-4M8.800 13l5.400 4"
        }
    }
}

/// An icon that takes the colour of the text around it. Decoration: the words stand beside it.
pub fn icon(icon: Icon) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" fill="none"
            stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d={path(icon)} />
        </svg>
    }
}
