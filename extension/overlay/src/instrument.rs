//! What a press on the picture does.

use brushaway::mask::Tool;

/// What a press on the picture does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instrument {
    /// Paints, or takes out.
    Paint(Tool),
    /// Paints the original back.
    Restore,
    /// Marks the object that is clicked, or that a box is drawn around.
    Select,
    /// Marks a rectangle, from corner to corner.
    Rectangle,
    /// Marks what a line is drawn around.
    Lasso,
    /// Marks what lies between corners that are clicked one after another.
    Polygon,
}

impl Instrument {
    /// Whether it is as large as the brush.
    pub const fn is_round(self) -> bool {
        matches!(self, Self::Paint(_) | Self::Restore)
    }

    /// How much of its radius is hard: only what paints can be soft.
    pub const fn hardness(self, chosen: f32) -> f32 {
        if matches!(self, Self::Paint(_)) { chosen } else { 1.0 }
    }

    /// What its marks do: the eraser takes out, and so does anything in the hand of who holds `Alt`, presses the right
    /// button or turns the pen around.
    pub const fn tool(self, takes_out: bool) -> Tool {
        match self {
            Self::Paint(Tool::Eraser) => Tool::Eraser,
            // There is nothing that it could take out.
            Self::Restore => Tool::Brush,
            _ if takes_out => Tool::Eraser,
            _ => Tool::Brush,
        }
    }
}
