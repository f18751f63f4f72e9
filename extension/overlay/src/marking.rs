//! What happens when the mask has changed.

use crate::{
    app::{PartProps, repaint},
    state::Action,
};

/// Starts a job for the mask as it is now, or only shows the mask if the person wants to start jobs themselves.
pub(crate) fn marked(part: &PartProps) {
    if part.editor.improving.settings.run_on_lift {
        return repaint(part);
    }
    let PartProps { editor, controller } = part;
    if let Err(error) = controller.surface.paint_all(&editor.painting) {
        log::error!("{error}");
    }
    // What was on the screen is the result of another mask.
    controller.drop_result(editor.running());
    if !editor.painting.is_blank() {
        editor.dispatch(Action::Forget);
    }
}
