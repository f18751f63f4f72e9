//! A page with fields, as a person fills it.

use anyhow::{Context as _, ensure};
use serde_json::json;

use crate::{
    chrome::Chrome,
    editor::Editor,
    page::Page,
    wait::{self, SOON},
};

/// A page of the extension that has fields.
#[derive(Debug, Clone)]
pub struct Form {
    editor: Editor,
}

impl Form {
    /// Opens the page at a path of the package, and waits for its title on it.
    ///
    /// # Errors
    /// If it does not come.
    pub fn open(chrome: &Chrome, path: &str) -> anyhow::Result<Self> {
        let page = chrome.open(&chrome.extension_url(path))?;
        let form = Self { editor: Editor::on(page) };
        form.is_there()?;
        Ok(form)
    }

    /// Waits for the page, for instance after it was loaded again.
    ///
    /// # Errors
    /// If it does not come.
    pub fn is_there(&self) -> anyhow::Result<()> {
        let titled = "document.querySelector('h1') !== null";
        wait::until("the page", SOON, || {
            Ok(self.page().session().eval(titled).is_ok_and(|is_there| is_there == json!(true)).then_some(()))
        })
    }

    /// The page.
    pub fn page(&self) -> &Page {
        self.editor.page()
    }

    /// What has buttons and sentences.
    pub const fn parts(&self) -> &Editor {
        &self.editor
    }

    /// What a field holds.
    ///
    /// # Errors
    /// If there is no such field.
    pub fn value(&self, name: &str) -> anyhow::Result<String> {
        let script = format!(
            "(({{ type, checked, value }}) => type === 'checkbox' ? String(checked) : value)(document.querySelector({}))",
            json!(format!("[name='{name}']"))
        );
        self.page().session().read(&script).with_context(|| format!("no field {name}"))
    }

    /// Fills a field as its keyboard would: a tick by `true` and `false`, a choice by its value.
    ///
    /// # Errors
    /// If there is no such field, or it does not take this.
    pub fn fill(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let script = format!(
            "((field, value) => {{
                if (field.type === 'checkbox') {{ if (String(field.checked) !== value) field.click(); return; }}
                field.focus();
                field.value = value;
                field.dispatchEvent(new Event('change', {{ bubbles: true }}));
            }})(document.querySelector({}), {})",
            json!(format!("[name='{name}']")),
            json!(value)
        );
        self.page().session().eval(&script).with_context(|| format!("no field {name}"))?;
        Ok(())
    }

    /// Waits until a field holds this.
    ///
    /// # Errors
    /// If it does not; with what it holds.
    pub fn shows(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let shown = wait::until(name, SOON, || Ok((self.value(name).ok().as_deref() == Some(value)).then_some(())));
        shown.with_context(|| format!("{name} is {:?}, not {value}", self.value(name)))
    }

    /// Waits until one of the sentences that tell what goes on has these words.
    ///
    /// # Errors
    /// If none does; with those that there are.
    pub fn says(&self, words: &str) -> anyhow::Result<()> {
        let said =
            |state: &crate::editor::State| state.status.iter().chain(&state.alert).any(|said| said.contains(words));
        self.editor.wait_for(words, SOON, said).map(drop)
    }

    /// Everything that is wider than the page, by its words.
    ///
    /// # Errors
    /// If the page is gone, or something is.
    pub fn fits(&self) -> anyhow::Result<()> {
        let script = "[...document.querySelectorAll('body *')].filter((element) => element.getClientRects().length)
            .filter((element) => { const box = element.getBoundingClientRect();
                return box.left < -1 || box.right > innerWidth + 1 || element.scrollWidth > element.clientWidth + 1
                    && getComputedStyle(element).overflow === 'visible' && element.clientWidth > 0
                    && getComputedStyle(element).display !== 'inline'; })
            .map((element) => `${element.localName} ${element.innerText ?? ''}`.slice(0, 60))";
        let wide: Vec<String> = self.page().session().read(script)?;
        ensure!(wide.is_empty(), "does not fit: {wide:?}");
        Ok(())
    }
}
