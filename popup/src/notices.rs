//! The page with the licences of everything that ships.

use brushaway::protocol::{Action, Fault};
use brushaway_browser::{error::JsError, package, task};
use brushaway_ui::{alert, t};
use serde::Deserialize;
use yew::prelude::*;

use crate::page::{Page, framed};

/// Where the build puts them.
const FILE: &str = "popup/notices.json";

/// What some parts of the package are under.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Notice {
    /// Names and versions.
    parts: Vec<String>,
    /// SPDX expression.
    licence: String,
    /// The licence's words, with the names of who holds the rights.
    text: String,
}

/// The page.
#[component]
pub(crate) fn NoticesPage() -> Html {
    let notices = use_state(|| None::<Result<Vec<Notice>, Fault>>);
    let setter = notices.setter();
    use_effect_with((), move |()| {
        task::spawn("read the notices", async move {
            let result = read().await.map_err(|error| Fault::new("notices_failed", Action::Close, error));
            setter.set(Some(result.clone()));
            result.map(drop)
        });
    });
    let content = match &*notices {
        None => html! { <p role="status"><span class="spinner" />{ t!("popup_starting") }</p> },
        Some(Err(fault)) => alert(fault),
        Some(Ok(notices)) => {
            html! { <div class="notices" data-notices={notices.len().to_string()}>{ for notices.iter().map(one) }</div> }
        }
    };
    framed(
        Page::Notices,
        html! {
            <section class="group" aria-labelledby="shipped">
                <h2 id="shipped">{ t!("notices_shipped") }</h2>
                { content }
            </section>
        },
    )
}

async fn read() -> Result<Vec<Notice>, JsError> {
    let file = package::read(FILE).await?;
    serde_json::from_slice(&file).map_err(|error| JsError::unexpected("read the notices", error.to_string()))
}

fn one(notice: &Notice) -> Html {
    html! {
        <details>
            <summary><bdi>{ notice.parts.join(", ") }</bdi> <span class="note"><bdi>{ &notice.licence }</bdi></span></summary>
            <pre dir="ltr" lang="en">{ &notice.text }</pre>
        </details>
    }
}
