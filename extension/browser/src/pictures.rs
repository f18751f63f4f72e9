//! The pictures that a page shows, as its own script finds them.

use js_sys::{Array, Reflect};
use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::{
    chrome::{list, object, scripting_execute},
    error::JsError,
};

/// What finds them, and what says what was found.
const SCRIPTS: [&str; 2] = ["content/pictures.js", "content/list.js"];

/// A picture on a page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct PagePicture {
    /// Where it comes from.
    pub url: String,
    /// Its place in CSS pixels of the window: x, y, width, height.
    pub rect: [f64; 4],
    /// Pixels of its file in a row, or CSS pixels where only those are known.
    pub width: f64,
    /// Rows.
    pub height: f64,
    /// How wide the window is, in CSS pixels.
    pub view: f64,
    /// A small copy as a `data:` URL; empty where the page may not make one.
    pub small: String,
}

impl PagePicture {
    /// Whether its middle is in a window of this height, so that a screenshot shows it.
    pub fn is_seen(&self, window_height: f64) -> bool {
        let [x, y, width, height] = self.rect;
        let (across, down) = (x + width / 2.0, y + height / 2.0);
        (0.0..self.view).contains(&across) && (0.0..window_height).contains(&down)
    }

    /// The file's name, as far as the address has one.
    pub fn name(&self) -> String {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        let is_data = self.url.starts_with("data:") || self.url.starts_with("blob:");
        if is_data { String::new() } else { path.rsplit('/').next().unwrap_or_default().chars().take(60).collect() }
    }
}

/// The pictures in the top frame of a tab, the largest first.
///
/// # Errors
/// [`JsError`] where extensions may not run.
pub async fn pictures_of(tab: i32) -> Result<Vec<PagePicture>, JsError> {
    let what = "list the pictures";
    let options = object([("target", object([("tabId", tab.into())])), ("files", list(&SCRIPTS))]);
    let answers = scripting_execute(&options).await.map_err(JsError::of(what))?;
    let first = Array::from(&answers).get(0);
    let found: JsValue = Reflect::get(&first, &"result".into()).map_err(JsError::of(what))?;
    let mut found: Vec<PagePicture> =
        serde_wasm_bindgen::from_value(found).map_err(|error| JsError::unexpected(what, error.to_string()))?;
    found.sort_by(|a, b| (b.width * b.height).total_cmp(&(a.width * a.height)));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(url: &str, rect: [f64; 4]) -> PagePicture {
        PagePicture { url: url.to_owned(), rect, width: 10.0, height: 10.0, view: 1000.0, small: String::new() }
    }

    #[test]
    fn names_are_those_of_files() {
        let named = |url: &str| picture(url, [0.0; 4]).name();
        assert_eq!(named("https://a.example/b/cat.jpg?size=2#x"), "cat.jpg");
        assert_eq!(named("data:image/png;base64,AAAA/BB"), "");
    }

    #[test]
    fn what_a_screenshot_shows_is_seen() {
        for (rect, is_seen) in [
            ([10.0, 10.0, 100.0, 100.0], true),
            ([10.0, 790.0, 100.0, 100.0], false),
            ([-90.0, 10.0, 100.0, 100.0], false),
            ([950.0, 700.0, 90.0, 90.0], true),
        ] {
            assert_eq!(picture("", rect).is_seen(800.0), is_seen, "{rect:?}");
        }
    }
}
