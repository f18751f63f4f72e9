//! The browser's own questions, which no page can answer.

use std::time::Duration;

use anyhow::Context as _;
use image::RgbImage;

use crate::{
    chrome::Chrome,
    page::Page,
    wait::{self, SOON},
};

impl Chrome {
    /// The screen once nothing on it moves any more.
    fn still_screen(&self) -> anyhow::Result<RgbImage> {
        let screen = self.screen.as_ref().context("nobody but the person can answer on a real display")?;
        let (mut last, mut times) = (screen.picture()?, 0);
        wait::until("a still screen", SOON, || {
            let now = screen.picture()?;
            times = if now == last { times + 1 } else { 0 };
            last = now;
            Ok((times > 10).then(|| last.clone()))
        })
    }

    /// Says yes in the browser's own dialog, which asks for a permission on behalf of a page that had the keyboard.
    /// What was allowed once the browser may allow again without a question: then `is_done` tells. The button for yes is
    /// `tabs` presses of the Tab key away: which one has the keyboard first differs from start to start.
    ///
    /// # Errors
    /// If no dialog comes, or it stays.
    pub fn grant(&self, page: &Page, tabs: usize, is_done: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
        // The dialog is drawn by the browser: all that a page notices is that the keyboard has gone elsewhere.
        let has_keyboard = || page.session().read::<bool>("document.hasFocus()");
        wait::until("the browser's question", SOON, || Ok((is_done()? || !has_keyboard()?).then_some(())))?;
        if is_done()? {
            return Ok(());
        }
        let mut last = self.still_screen()?;
        for _ in 0..tabs {
            self.mouse().keys("Tab")?;
            last = wait::until("the next button", SOON, || {
                let now = self.still_screen()?;
                Ok((now != last).then_some(now))
            })?;
        }
        // It takes no answer in its first moment, nor one that follows on another's heels, lest somebody says yes by
        // accident: so each gets its time.
        let answered = || wait::until("the answer", Duration::from_secs(1), || Ok(has_keyboard()?.then_some(())));
        wait::until("the browser's question to be over", SOON, || {
            self.mouse().keys("Return")?;
            Ok(answered().ok())
        })
    }
}
