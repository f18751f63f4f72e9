//! Keys of the editor.

use brushaway::mask::Tool;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    /// Paint with this tool.
    Choose(Tool),
    /// Multiply the brush's size.
    Scale(f32),
    /// Make the picture so much larger.
    Zoom(f64),
    /// Show all of the picture.
    Fit,
    /// Show pixels of the picture as pixels of the screen.
    Actual,
    /// Take back.
    Undo,
    /// Bring back.
    Redo,
    /// Forget all strokes.
    Clear,
    /// Run again.
    Run,
    /// Have a bigger model do it.
    Improve,
    /// Show which models there are.
    Models,
    /// Stop the job, else leave.
    Escape,
    /// Keep the result.
    Keep,
    /// Save.
    Save,
    /// Copy.
    Copy,
    /// Show the source while held.
    Compare,
}

/// One step of `+` or `-`.
pub const ZOOM_STEP: f64 = 1.4;

/// One step of `[`, `]` or the wheel.
pub const SIZE_STEP: f32 = 1.15;

/// A key as it was pressed.
#[derive(Debug, Clone)]
pub struct Pressed {
    /// In the words of `KeyboardEvent.key`.
    pub key: String,
    /// With Ctrl, or Cmd on a Mac.
    pub command: bool,
    /// With Shift.
    pub shift: bool,
}

/// What a key means.
pub fn command_of(pressed: &Pressed) -> Option<Command> {
    let lower = pressed.key.to_lowercase();
    Some(match (lower.as_str(), pressed.command, pressed.shift) {
        ("z", true, false) => Command::Undo,
        ("z", true, true) | ("y", true, _) => Command::Redo,
        ("s", true, _) => Command::Save,
        ("c", true, _) => Command::Copy,
        ("enter", true, _) => Command::Keep,
        (_, true, _) => return None,
        ("b", ..) => Command::Choose(Tool::Brush),
        ("i", ..) => Command::Improve,
        ("m", ..) => Command::Models,
        ("e", ..) => Command::Choose(Tool::Eraser),
        ("+" | "=", ..) => Command::Zoom(ZOOM_STEP),
        ("-", ..) => Command::Zoom(1.0 / ZOOM_STEP),
        ("0", ..) => Command::Fit,
        ("1", ..) => Command::Actual,
        ("[", ..) => Command::Scale(1.0 / SIZE_STEP),
        ("]", ..) => Command::Scale(SIZE_STEP),
        ("delete" | "backspace", ..) => Command::Clear,
        ("r", ..) => Command::Run,
        ("k", ..) => Command::Keep,
        ("c", ..) => Command::Compare,
        ("escape", ..) => Command::Escape,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_people_expect() {
        for (key, command, shift, expected) in [
            ("z", true, false, Some(Command::Undo)),
            ("Z", true, true, Some(Command::Redo)),
            ("y", true, false, Some(Command::Redo)),
            ("z", false, false, None),
            ("c", true, false, Some(Command::Copy)),
            ("c", false, false, Some(Command::Compare)),
            ("]", false, false, Some(Command::Scale(SIZE_STEP))),
            ("Escape", false, false, Some(Command::Escape)),
            ("f", true, false, None),
        ] {
            let pressed = Pressed { key: key.to_owned(), command, shift };
            assert_eq!(command_of(&pressed), expected, "{key}");
        }
    }
}
