//! Keys of the editor.

use brushaway::mask::Tool;

use crate::{comparing::Look, instrument::Instrument, masks::Reshape};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Command {
    /// What a press on the picture is to do.
    Choose(Instrument),
    /// Change the mask as a whole.
    Reshape(Reshape),
    /// Save the mask.
    ExportMask,
    /// Move the keyboard's cursor: so many steps to the right and down.
    Steer(f32, f32),
    /// Press on the picture at the keyboard's cursor.
    Press,
    /// Show what the keys do.
    Help,
    /// Multiply the brush's size.
    Scale(f32),
    /// Make so much more of the brush hard.
    Harden(f32),
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
    /// Go to the picture so many places behind this one.
    Picture(isize),
    /// Show all steps, or no more.
    History,
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
    /// Look at source and result together, or no more.
    Look(Look),
    /// Choose how to save.
    SaveAs,
    /// Have the page show the result, or its own picture again.
    Put,
    /// Open the picture in a tab of its own.
    OpenTab,
}

/// One step of `+` or `-`.
pub const ZOOM_STEP: f64 = 1.4;

/// One step of `[`, `]` or the wheel.
pub const SIZE_STEP: f32 = 1.15;

/// One step of `{` or `}`.
pub const HARDNESS_STEP: f32 = 0.25;

/// With Shift the keyboard's cursor goes so many steps at once.
const LONG_STRIDE: f32 = 5.0;

/// All keys, for people: the text that says what they do, and the keys, several ways apart by spaces.
pub const HELP: [(&str, &str); 42] = [
    ("tool_brush", "B"),
    ("tool_eraser", "E"),
    ("tool_restore", "V"),
    ("tool_select", "O"),
    ("tool_rectangle", "Q"),
    ("tool_lasso", "L"),
    ("tool_polygon", "P"),
    ("help_more", "Shift+Click"),
    ("help_take_out", "Alt+Click"),
    ("tool_size", "[ ] Shift+Wheel"),
    ("hardness_label", "{ }"),
    ("help_steer", "← ↑ → ↓ Shift+←"),
    ("help_press", "Enter"),
    ("mask_grow", "G"),
    ("mask_shrink", "Shift+G"),
    ("mask_smooth", "T"),
    ("mask_fill_holes", "H"),
    ("mask_shadow", "W"),
    ("mask_invert", "N"),
    ("mask_export", "X"),
    ("action_undo", "Ctrl+Z"),
    ("action_redo", "Ctrl+Shift+Z Ctrl+Y"),
    ("history_title", "J"),
    ("action_clear", "Del"),
    ("zoom_label", "+ - 0 1 Wheel"),
    ("help_pan", "Space"),
    ("action_run", "R"),
    ("action_improve", "I"),
    ("action_models", "M"),
    ("action_compare", "C"),
    ("compare_split", "Y"),
    ("compare_beside", "Shift+Y"),
    ("compare_changes", "D"),
    ("action_keep", "K Ctrl+Enter"),
    ("action_save", "Ctrl+S"),
    ("save_as", "Ctrl+Shift+S"),
    ("action_copy", "Ctrl+C"),
    ("action_put", "U"),
    ("action_tab", "Shift+T"),
    ("help_pictures", ", ."),
    ("help_title", "?"),
    ("action_close", "Esc"),
];

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
    let stride = if pressed.shift { LONG_STRIDE } else { 1.0 };
    Some(match (lower.as_str(), pressed.command, pressed.shift) {
        ("z", true, false) => Command::Undo,
        ("z", true, true) | ("y", true, _) => Command::Redo,
        ("s", true, false) => Command::Save,
        ("s", true, true) => Command::SaveAs,
        ("c", true, _) => Command::Copy,
        ("enter", true, _) => Command::Keep,
        (_, true, _) => return None,
        ("b", ..) => Command::Choose(Instrument::Paint(Tool::Brush)),
        (",", ..) => Command::Picture(-1),
        (".", ..) => Command::Picture(1),
        ("v", ..) => Command::Choose(Instrument::Restore),
        ("j", ..) => Command::History,
        ("o", ..) => Command::Choose(Instrument::Select),
        ("q", ..) => Command::Choose(Instrument::Rectangle),
        ("l", ..) => Command::Choose(Instrument::Lasso),
        ("p", ..) => Command::Choose(Instrument::Polygon),
        ("g", _, false) => Command::Reshape(Reshape::Grow),
        ("g", _, true) => Command::Reshape(Reshape::Shrink),
        ("t", _, false) => Command::Reshape(Reshape::Smooth),
        ("h", ..) => Command::Reshape(Reshape::FillHoles),
        ("w", ..) => Command::Reshape(Reshape::Shadow),
        ("n", ..) => Command::Reshape(Reshape::Invert),
        ("x", ..) => Command::ExportMask,
        ("arrowleft", ..) => Command::Steer(-stride, 0.0),
        ("arrowright", ..) => Command::Steer(stride, 0.0),
        ("arrowup", ..) => Command::Steer(0.0, -stride),
        ("arrowdown", ..) => Command::Steer(0.0, stride),
        ("enter", ..) => Command::Press,
        ("?", ..) => Command::Help,
        ("i", ..) => Command::Improve,
        ("m", ..) => Command::Models,
        ("e", ..) => Command::Choose(Instrument::Paint(Tool::Eraser)),
        ("+" | "=", ..) => Command::Zoom(ZOOM_STEP),
        ("-", ..) => Command::Zoom(1.0 / ZOOM_STEP),
        ("0", ..) => Command::Fit,
        ("1", ..) => Command::Actual,
        ("{", ..) => Command::Harden(-HARDNESS_STEP),
        ("}", ..) => Command::Harden(HARDNESS_STEP),
        ("[", ..) => Command::Scale(1.0 / SIZE_STEP),
        ("]", ..) => Command::Scale(SIZE_STEP),
        ("delete" | "backspace", ..) => Command::Clear,
        ("r", ..) => Command::Run,
        ("k", ..) => Command::Keep,
        ("c", ..) => Command::Compare,
        ("y", _, false) => Command::Look(Look::Split),
        ("y", _, true) => Command::Look(Look::Beside),
        ("d", ..) => Command::Look(Look::Changes),
        ("u", ..) => Command::Put,
        ("t", _, true) => Command::OpenTab,
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
            ("G", false, true, Some(Command::Reshape(Reshape::Shrink))),
            ("ArrowUp", false, true, Some(Command::Steer(0.0, -LONG_STRIDE))),
            ("Enter", false, false, Some(Command::Press)),
            ("Enter", true, false, Some(Command::Keep)),
            ("?", false, true, Some(Command::Help)),
            ("s", true, false, Some(Command::Save)),
            ("S", true, true, Some(Command::SaveAs)),
            ("y", false, false, Some(Command::Look(Look::Split))),
            ("Y", false, true, Some(Command::Look(Look::Beside))),
            ("d", false, false, Some(Command::Look(Look::Changes))),
            ("u", false, false, Some(Command::Put)),
            ("f", true, false, None),
        ] {
            let pressed = Pressed { key: key.to_owned(), command, shift };
            assert_eq!(command_of(&pressed), expected, "{key}");
        }
    }
}
