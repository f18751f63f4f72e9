//! What happens when the mask has changed.

use crate::{
    app::{PartProps, repaint},
    state::Action,
};

/// Starts a job for the mask as it is now, or only shows the mask if the person wants to start jobs themselves.
pub(crate) fn marked(part: &PartProps) {
    let PartProps { editor, controller } = part;
    if controller.returning.take().is_some_and(|job| editor.running() == Some(job)) {
        // The result of this very mask is on its way.
        return controller.show_marks();
    }
    if editor.improving.settings.run_on_lift || editor.painting.is_blank() {
        return repaint(part);
    }
    controller.show_marks();
    // What was on the screen is the result of another mask.
    controller.drop_result(editor.running());
    editor.dispatch(Action::Forget);
    controller.remember_past();
}
