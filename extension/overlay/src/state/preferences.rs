//! What the person set, taken on.

use brushaway::settings::Settings;

use super::Editor;

impl Editor {
    /// Takes on what was set. What was chosen in this editor stays, unless just that was set anew.
    pub(super) fn prefer(&mut self, settings: Settings) {
        let before = std::mem::replace(&mut self.improving.settings, settings);
        let now = &self.improving.settings;
        if now.tuning.feather_px != before.tuning.feather_px {
            self.feather_px = now.tuning.feather_px;
        }
        if (now.format, now.quality, now.metadata) != (before.format, before.quality, before.metadata) {
            self.saving.prefer(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use brushaway::{
        geometry::Size,
        protocol::{Beside, Tuning},
        settings::Format,
    };

    use super::*;
    use crate::state::{Phase, Picture};

    fn settings() -> Settings {
        Settings {
            tuning: Tuning { feather_px: Some(9), ..Tuning::default() },
            format: Format::Webp,
            metadata: Beside::Nothing,
            ..Settings::default()
        }
    }

    fn picture(formats: &[&str]) -> Picture {
        let formats = formats.iter().map(|&format| format.to_owned()).collect();
        Picture { name: "cat".to_owned(), size: Size::square(40).unwrap(), formats, notes: Vec::new() }
    }

    #[test]
    fn what_was_set_counts_for_each_picture() {
        let mut editor = Editor::default();
        editor.prefer(settings());
        for formats in [&["png"] as &[&str], &["png", "jpg", "webp"]] {
            editor.open(picture(formats));
            let expected = if formats.len() == 1 { "png" } else { "webp" };
            assert_eq!((editor.recipe().format.as_str(), editor.recipe().beside), (expected, Beside::Nothing));
            assert_eq!(editor.feather_px, Some(9));
        }
    }

    #[test]
    fn what_was_chosen_here_stays_when_something_else_is_set() {
        let mut editor = Editor { phase: Phase::Ready(picture(&["png", "webp"])), ..Editor::default() };
        editor.prefer(settings());
        editor.feather_px = Some(3);
        editor.saving.beside = Beside::All;
        editor.prefer(Settings { run_on_lift: false, ..settings() });
        assert_eq!((editor.feather_px, editor.saving.beside), (Some(3), Beside::All));
        editor.prefer(Settings { tuning: Tuning::default(), ..settings() });
        assert_eq!(editor.feather_px, None);
    }
}
