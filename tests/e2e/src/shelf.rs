//! The list of models, in the editor's panel or in the popup.

use std::time::Duration;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::json;

use crate::{
    page::Page,
    wait::{self, SOON},
};

/// The list of models on a page.
#[derive(Debug, Clone)]
pub struct Shelf {
    page: Page,
}

/// What a model's card says.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Card {
    /// `absent`, `coming`, `paused`, `failed` or `installed`.
    pub state: String,
    /// Bytes that are on this computer.
    pub done: String,
    /// All words on it.
    pub words: String,
    /// What went wrong: the key of the sentence.
    pub fault: Option<String>,
    /// Buttons that can be pressed.
    pub actions: Vec<String>,
}

impl Card {
    /// Bytes that are on this computer.
    pub fn done_bytes(&self) -> u64 {
        self.done.parse().unwrap_or_default()
    }

    /// Whether a button can be pressed.
    pub fn offers(&self, action: &str) -> bool {
        self.actions.iter().any(|offered| offered == action)
    }
}

impl Shelf {
    /// The list on this page.
    pub const fn on(page: Page) -> Self {
        Self { page }
    }

    /// The page that it is on.
    pub const fn page(&self) -> &Page {
        &self.page
    }

    /// What the card of a model says; none while there is no such card.
    ///
    /// # Errors
    /// If the page is gone.
    pub fn card(&self, model: &str) -> anyhow::Result<Option<Card>> {
        let script = format!(
            "(() => {{ const card = document.querySelector('[data-model={0}]');
                return card && {{ ...card.dataset, words: card.innerText,
                    fault: card.querySelector('[data-fault]')?.dataset.fault ?? null,
                    actions: [...card.querySelectorAll('[data-action]')].filter((b) => !b.disabled)
                        .map((button) => button.dataset.action) }}; }})()",
            json!(model)
        );
        self.page.session().read(&script)
    }

    /// Waits until the card of a model says what is wanted.
    ///
    /// # Errors
    /// If it does not; with what it says.
    pub fn wait_for(&self, model: &str, patience: Duration, wanted: impl Fn(&Card) -> bool) -> anyhow::Result<Card> {
        let found = wait::until("a model's card", patience, || Ok(self.card(model)?.filter(|card| wanted(card))));
        found.with_context(|| format!("{model}: {:?}", self.card(model)))
    }

    /// Waits until a model is in this state.
    ///
    /// # Errors
    /// If it does not get there.
    pub fn reaches(&self, model: &str, state: &str) -> anyhow::Result<Card> {
        self.wait_for(model, SOON, |card| card.state == state).with_context(|| format!("{model} is not {state}"))
    }

    /// Clicks on a button of a card, once it can be pressed.
    ///
    /// # Errors
    /// If it is not there.
    pub fn press(&self, model: &str, action: &str) -> anyhow::Result<()> {
        self.wait_for(model, SOON, |card| card.offers(action)).with_context(|| format!("no button {action}"))?;
        let selector = format!("[data-model='{model}'] [data-action='{action}']");
        self.page.session().eval(&format!(
            "document.querySelector({}).scrollIntoView({{ block: 'center', behavior: 'instant' }})",
            json!(selector)
        ))?;
        let rect = self.page.rect(&selector)?;
        self.page.mouse().click(self.page.on_screen(rect.middle())?)
    }

    /// Names the mirror that models come from.
    ///
    /// # Errors
    /// If there is no field for it.
    pub fn set_mirror(&self, model: &str, url: &str) -> anyhow::Result<()> {
        let has_field = || self.page.session().eval("document.querySelector('input[name=mirror]') !== null");
        if has_field()? != json!(true) {
            self.press(model, "mirror")?;
            wait::until("the field", SOON, || Ok((has_field()? == json!(true)).then_some(())))?;
        }
        let script = format!("document.querySelector('input[name=mirror]').value = {}", json!(url));
        self.page.session().eval(&script).map(drop)
    }
}
