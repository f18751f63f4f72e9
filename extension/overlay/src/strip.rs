//! Several pictures that are open one after another, and one mask for all of them.

/// The pictures that were opened in this tab, and which of them is on the screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Strip {
    entries: Vec<Entry>,
    shown: Option<u32>,
    /// The mask of one is used on all.
    pub batch: Option<Batch>,
}

/// One picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number in this tab.
    pub id: u32,
    /// Its file's name.
    pub name: String,
    /// Where a page finds its file: a `blob:` URL.
    pub address: String,
    /// It was left with something that is in no file.
    pub is_unsaved: bool,
}

/// One mask on its way through all pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Pictures in all.
    pub total: usize,
    /// Pictures that are done with, for better or worse.
    pub done: usize,
    /// Those that could not be done: their names, and the key of the sentence that says why.
    pub left_out: Vec<(String, String)>,
    /// Nothing more will be done.
    pub is_over: bool,
    /// How large the file with all results is; none if there is no result.
    pub len_bytes: Option<u64>,
}

/// What happens to them.
#[derive(Debug, Clone, PartialEq)]
pub enum StripChange {
    /// One more was opened.
    Add(Entry),
    /// This one comes on the screen.
    Show(u32),
    /// This one is not wanted any more.
    Remove(u32),
    /// How the batch goes; none takes it off the screen.
    Batch(Option<Batch>),
}

impl Strip {
    /// All pictures in the order opened.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The picture on the screen.
    pub const fn shown(&self) -> Option<u32> {
        self.shown
    }

    /// Whether there is something to choose from.
    pub const fn is_worth_showing(&self) -> bool {
        self.entries.len() > 1
    }

    /// The picture so many places behind the one on the screen, around the end.
    pub fn neighbour(&self, places: isize) -> Option<u32> {
        let at = self.entries.iter().position(|entry| Some(entry.id) == self.shown)?;
        let next = (at.cast_signed() + places).rem_euclid(self.entries.len().cast_signed());
        self.entries.get(next.cast_unsigned()).map(|entry| entry.id).filter(|id| Some(*id) != self.shown)
    }

    /// Whether a picture that is not on the screen would lose something with the tab.
    pub fn has_unsaved(&self) -> bool {
        self.entries.iter().any(|entry| entry.is_unsaved && Some(entry.id) != self.shown)
    }

    /// Takes in what happened. `is_dirty` tells of the picture on the screen.
    pub fn take(&mut self, change: StripChange, is_dirty: bool) {
        match change {
            StripChange::Add(entry) => self.entries.push(entry),
            StripChange::Show(id) => {
                let left = self.shown.replace(id);
                for entry in self.entries.iter_mut().filter(|entry| Some(entry.id) == left) {
                    entry.is_unsaved = is_dirty;
                }
            }
            StripChange::Remove(id) => self.entries.retain(|entry| entry.id != id || self.shown == Some(id)),
            StripChange::Batch(batch) => self.batch = batch,
        }
    }
}

impl Batch {
    /// None of so many pictures is done yet.
    pub fn of(total: usize) -> Self {
        Self { total, ..Self::default() }
    }

    /// Pictures that have a result.
    pub const fn made(&self) -> usize {
        self.done - self.left_out.len()
    }
}

/// A name for a file in an archive that has none of the same name.
pub fn unused(names: &[String], stem: &str, extension: &str) -> String {
    let numbered = (2..).map(|number| format!("{stem} ({number}).{extension}"));
    let mut names_to_try = std::iter::once(format!("{stem}.{extension}")).chain(numbered);
    names_to_try.find(|name| !names.contains(name)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip() -> Strip {
        let mut strip = Strip::default();
        for id in [3, 5, 8] {
            let (name, address) = (format!("{id}.png"), String::new());
            strip.take(StripChange::Add(Entry { id, name, address, is_unsaved: false }), false);
        }
        strip.take(StripChange::Show(3), false);
        strip
    }

    #[test]
    fn neighbours_go_around() {
        let strip = strip();
        assert_eq!((strip.neighbour(1), strip.neighbour(-1)), (Some(5), Some(8)));
        let mut alone = Strip::default();
        assert_eq!(alone.neighbour(1), None);
        alone.entries = strip.entries[..1].to_vec();
        alone.shown = Some(3);
        assert_eq!(alone.neighbour(1), None);
    }

    #[test]
    fn what_is_left_unsaved_is_remembered_until_it_is_seen_again() {
        let mut strip = strip();
        strip.take(StripChange::Show(5), true);
        assert!(strip.has_unsaved() && strip.entries()[0].is_unsaved);
        strip.take(StripChange::Show(3), false);
        assert!(!strip.has_unsaved(), "the editor itself tells of the one on the screen");
        strip.take(StripChange::Show(8), false);
        assert!(!strip.entries()[0].is_unsaved, "it was saved meanwhile");
    }

    #[test]
    fn the_one_on_the_screen_stays() {
        let mut strip = strip();
        strip.take(StripChange::Remove(5), false);
        strip.take(StripChange::Remove(3), false);
        assert_eq!(strip.entries().iter().map(|entry| entry.id).collect::<Vec<_>>(), [3, 8]);
    }

    #[test]
    fn no_two_files_have_one_name() {
        let names = ["a.png".to_owned(), "a (2).png".to_owned()];
        assert_eq!(unused(&names, "a", "png"), "a (3).png");
        assert_eq!(unused(&names, "a", "jpg"), "a.jpg");
    }
}
