//! One-time tokens that tie an editor to the tab whose picture it may have.

use brushaway::protocol::{Fault, Ticket};
use brushaway_browser::{
    blobs::random_name,
    bus,
    chrome::{self, Sender},
    error::JsError,
};

fn key(token: &str) -> String {
    format!("ticket:{token}")
}

/// Makes a token for the picture in `tab`.
pub(crate) async fn issue(tab: i32) -> Result<String, JsError> {
    let token = random_name();
    chrome::remember(&key(&token), &tab.to_string()).await?;
    Ok(token)
}

async fn tab_of(token: &str) -> Result<i32, Fault> {
    let tab = chrome::remembered(&key(token)).await.map_err(bus::fault)?;
    tab.and_then(|tab| tab.parse().ok()).ok_or_else(|| Fault::bug("no such token, or it was used already"))
}

/// Trades a token in. It is worth nothing afterwards.
pub(crate) async fn redeem(token: &str, sender: &Sender) -> Result<Ticket, Fault> {
    let tab_id = tab_of(token).await?;
    chrome::forget(&key(token)).await.map_err(bus::fault)?;
    if sender.tab_id() == Some(tab_id) {
        // The page script hands the picture to its frame once it knows that the frame lives.
        chrome::tell_page_ready(tab_id, token).await.map_err(bus::fault)?;
    }
    Ok(Ticket { tab_id })
}

/// Whether a token, not yet redeemed, was made for the sender's tab.
pub(crate) async fn belongs_to(token: &str, sender: &Sender) -> Result<bool, Fault> {
    Ok(sender.tab_id() == Some(tab_of(token).await?))
}
