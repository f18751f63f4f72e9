//! How the picture is to be saved, and how large the file becomes.

use brushaway::{
    protocol::{Beside, Fault, Recipe},
    settings::{Format, Settings},
};

use crate::state::Editor;

pub use brushaway::settings::QUALITIES;

/// The quality to begin from for who wants another one than the picture's own.
pub const USUAL_QUALITY: u8 = 85;

/// The format whose quality can be chosen.
pub const JPEG: &str = "jpg";

/// Everything about saving.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saving {
    /// The panel is open.
    pub is_open: bool,
    /// How much a JPEG keeps; none is as much as the picture's own file.
    pub quality: Option<u8>,
    /// What else stands in the file.
    pub beside: Beside,
    /// The file as it would be saved now.
    pub draft: Draft,
    format: Option<String>,
    /// As it is set for all pictures.
    usual: Format,
    name: Option<String>,
    serial: u32,
}

/// A file that is not saved yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Draft {
    /// It is being encoded.
    #[default]
    Coming,
    /// It is there.
    Ready {
        /// How large it is.
        len_bytes: u64,
        /// Its address in this page.
        object_url: String,
    },
    /// It could not be written.
    Failed(Fault),
}

/// What happens to it.
#[derive(Debug, Clone, PartialEq)]
pub enum Save {
    /// The panel opens, or closes.
    Panel(bool),
    /// The person chose a format.
    Format(String),
    /// The person chose how much a JPEG keeps.
    Quality(Option<u8>),
    /// The person chose what else stands in the file.
    Beside(Beside),
    /// The person typed a name.
    Name(String),
    /// A file was encoded, or could not be: the one with this number.
    Drafted(u32, Draft),
}

impl Saving {
    /// The number of the file that the panel is about: another one after each choice that makes another file.
    pub const fn serial(&self) -> u32 {
        self.serial
    }

    /// Takes on what is set for all pictures.
    pub fn prefer(&mut self, settings: &Settings) {
        (self.usual, self.quality, self.beside) = (settings.format, settings.quality, settings.metadata);
        self.renew();
    }

    /// How the picture is written. `formats` are those that it can be written in, its own first.
    pub fn recipe(&self, formats: &[String]) -> Recipe {
        let usual = self.usual.name().filter(|usual| formats.iter().any(|format| format == usual));
        let own = || usual.map(str::to_owned).or_else(|| formats.first().cloned());
        let format = self.format.clone().or_else(own).unwrap_or_else(|| "png".to_owned());
        Recipe { quality: self.quality.filter(|_| format == JPEG), format, beside: self.beside }
    }

    /// The file's name without its ending: what was typed, else the picture's name with a mark.
    pub fn name(&self, picture: &str) -> String {
        self.name.clone().unwrap_or_else(|| proposed(picture))
    }

    /// The name that the file gets, fit for a file system.
    pub fn file_name(&self, picture: &str, ending: &str) -> String {
        let typed = safe(&self.name(picture));
        let stem = if typed.is_empty() { proposed(picture) } else { typed };
        format!("{stem}.{ending}")
    }

    /// Takes in what happens.
    pub fn take(&mut self, save: Save) {
        match save {
            Save::Panel(is_open) => {
                self.is_open = is_open;
                // What the panel showed may be of an earlier result by the time it opens again.
                self.renew();
            }
            Save::Format(format) => {
                self.format = Some(format);
                self.renew();
            }
            Save::Quality(quality) => {
                self.quality = quality.map(|percent| percent.clamp(*QUALITIES.start(), *QUALITIES.end()));
                self.renew();
            }
            Save::Beside(beside) => {
                self.beside = beside;
                self.renew();
            }
            Save::Name(name) => self.name = Some(name),
            // Else it is superseded.
            Save::Drafted(serial, draft) if serial == self.serial && self.is_open => self.draft = draft,
            Save::Drafted(..) => {}
        }
    }

    /// Another file than the one before would be saved now.
    pub fn renew(&mut self) {
        self.serial += 1;
        self.draft = Draft::Coming;
    }
}

impl Editor {
    /// Whether the picture is another one than its file.
    pub fn has_changed(&self) -> bool {
        self.result.is_some() || self.painting.changes() > 0
    }

    /// Whether the page can show the result, or its own picture again.
    pub fn can_put(&self) -> bool {
        match self.is_put {
            Some(true) => true,
            Some(false) => self.can_export() && self.has_changed(),
            None => false,
        }
    }

    /// The format that the picture itself is written in.
    pub fn own_format(&self) -> String {
        let own = self.picture().and_then(|picture| picture.formats.first());
        own.cloned().unwrap_or_else(|| "png".to_owned())
    }

    /// How the picture is written: as the person chose, else as its own file is.
    pub fn recipe(&self) -> Recipe {
        let formats = self.picture().map(|picture| picture.formats.as_slice());
        self.saving.recipe(formats.unwrap_or_default())
    }

    /// The name of the file to save.
    pub fn file_name(&self) -> String {
        let name = self.picture().map(|picture| picture.name.as_str()).unwrap_or_default();
        self.saving.file_name(name, &self.recipe().format)
    }
}

fn proposed(picture: &str) -> String {
    format!("{picture}-brushaway")
}

/// Without what some file system does not take.
fn safe(name: &str) -> String {
    let fits = |c: char| if "\\/:*?\"<>|".contains(c) || c.is_control() { '_' } else { c };
    let name: String = name.trim().trim_start_matches('.').chars().map(fits).take(120).collect();
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(steps: impl IntoIterator<Item = Save>) -> Saving {
        let mut saving = Saving::default();
        steps.into_iter().for_each(|step| saving.take(step));
        saving
    }

    fn formats<const N: usize>(names: [&str; N]) -> Vec<String> {
        names.map(str::to_owned).to_vec()
    }

    fn ready(len_bytes: u64) -> Draft {
        Draft::Ready { len_bytes, object_url: "blob:x".to_owned() }
    }

    #[test]
    fn the_pictures_own_way_is_the_usual_one() {
        let recipe = Saving::default().recipe(&formats(["jpg"]));
        assert_eq!(recipe, Recipe::of("jpg"));
        assert_eq!(recipe.beside, Beside::WithoutPlace);
    }

    #[test]
    fn a_quality_is_of_a_jpeg_only() {
        let saving = after([Save::Quality(Some(3)), Save::Format("webp".to_owned())]);
        assert_eq!(saving.recipe(&formats(["jpg"])).quality, None);
        let saving = after([Save::Quality(Some(3))]);
        assert_eq!(saving.recipe(&formats(["jpg"])).quality, Some(*QUALITIES.start()));
        assert_eq!(saving.recipe(&formats(["png"])).quality, None);
    }

    #[test]
    fn a_superseded_file_is_not_shown() {
        let mut saving = after([Save::Panel(true)]);
        let first = saving.serial();
        saving.take(Save::Quality(Some(50)));
        saving.take(Save::Drafted(first, ready(1)));
        assert_eq!(saving.draft, Draft::Coming);
        saving.take(Save::Drafted(saving.serial(), ready(2)));
        assert_eq!(saving.draft, ready(2));
        saving.take(Save::Name("x".to_owned()));
        assert_eq!(saving.draft, ready(2), "a name makes no other file");
        saving.take(Save::Panel(false));
        saving.take(Save::Drafted(saving.serial(), ready(3)));
        assert_eq!(saving.draft, Draft::Coming, "nobody looks");
    }

    #[test]
    fn what_the_engine_says_of_the_picture_makes_another_file() {
        let mut saving = after([Save::Panel(true)]);
        let early = saving.serial();
        saving.renew();
        saving.take(Save::Drafted(early, ready(1)));
        assert_eq!(saving.draft, Draft::Coming);
    }

    #[test]
    fn names_fit_a_file_system() {
        let named = |name: &str| after([Save::Name(name.to_owned())]).file_name("cat", "png");
        assert_eq!(Saving::default().file_name("cat", "png"), "cat-brushaway.png");
        for (typed, expected) in [
            ("dog", "dog.png"),
            (" a/b:c ", "a_b_c.png"),
            ("  ", "cat-brushaway.png"),
            ("..hidden", "hidden.png"),
            ("v1.2", "v1.2.png"),
        ] {
            assert_eq!(named(typed), expected, "{typed:?}");
        }
    }
}
