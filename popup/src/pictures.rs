//! The pictures of the page in front, to pick one.

use brushaway::protocol::{Fault, PickOnPage};
use brushaway_browser::{
    bus, chrome,
    pictures::{PagePicture, pictures_of},
    task,
};
use brushaway_ui::t;
use yew::prelude::*;

use crate::panel::asking;

/// The longer side of a small picture, in CSS pixels.
const SIDE_PX: f64 = 96.0;

/// As many are shown.
const MOST: usize = 60;

/// What the page shows.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    pictures: Vec<PagePicture>,
    /// What the window shows, as a `data:` URL, and its height in CSS pixels; none where it may not be seen.
    screen: Option<(AttrValue, f64)>,
}

/// The grid.
#[component]
pub(crate) fn Pictures() -> Html {
    let found = use_state(|| None::<Result<Found, Fault>>);
    let setter = found.setter();
    use_effect_with((), move |()| {
        task::spawn("list the pictures", async move {
            let result = look().await;
            setter.set(Some(result.clone()));
            result.map(drop)
        });
    });
    let content = match &*found {
        None => html! { <p role="status"><span class="spinner" />{ t!("pictures_looking") }</p> },
        // Pages of the browser, the store: nothing is wrong.
        Some(Err(fault)) => html! { <p class="note" title={fault.detail.clone()}>{ t!("pictures_closed") }</p> },
        Some(Ok(found)) if found.pictures.is_empty() => html! { <p class="note">{ t!("pictures_none") }</p> },
        Some(Ok(found)) => {
            let one = |picture: &PagePicture| card(picture, found.screen.as_ref());
            html! { <ul class="pictures">{ for found.pictures.iter().take(MOST).map(one) }</ul> }
        }
    };
    let count = (*found).as_ref().and_then(|found| found.as_ref().ok()).map(|found| found.pictures.len().to_string());
    html! {
        <section aria-labelledby="pictures" data-pictures={count}>
            <h2 id="pictures">{ t!("pictures_title") }</h2>
            { content }
        </section>
    }
}

async fn look() -> Result<Found, Fault> {
    let tab = chrome::active_tab().await.map_err(bus::fault)?;
    let number = tab.number().ok_or_else(|| Fault::bug("a tab without a number"))?;
    let pictures = pictures_of(number).await.map_err(bus::fault)?;
    let needs_screen = pictures.iter().any(|picture| picture.small.is_empty());
    let screen = if needs_screen { chrome::capture_window(tab.window()).await.ok() } else { None };
    Ok(Found { pictures, screen: screen.map(|url| (AttrValue::from(url), tab.height())) })
}

fn card(picture: &PagePicture, screen: Option<&(AttrValue, f64)>) -> Html {
    let size = format!("{:.0} × {:.0}", picture.width, picture.height);
    let name = picture.name();
    let label = if name.is_empty() { size.clone() } else { t!("joined", name, size) };
    html! {
        <li>
            <button type="button" class="picture" data-action="picture" title={label.clone()} aria-label={label}
                onclick={asking(PickOnPage { url: Some(picture.url.clone()) }).reform(|_: MouseEvent| ())}>
                { small(picture, screen) }
                <span class="size" dir="ltr">{ size }</span>
            </button>
        </li>
    }
}

/// The page's own small copy, else what a screenshot shows of it, else a blank.
fn small(picture: &PagePicture, screen: Option<&(AttrValue, f64)>) -> Html {
    let [x, y, width, height] = picture.rect;
    let scale = SIDE_PX / width.max(height).max(1.0);
    let (across, down) = (width * scale, height * scale);
    if !picture.small.is_empty() {
        let style = format!("width:{across:.0}px;height:{down:.0}px");
        return html! { <img src={picture.small.clone()} alt="" {style} /> };
    }
    match screen.filter(|(_, window_height)| picture.is_seen(*window_height)) {
        Some((url, _)) => {
            let style = format!(
                "width:{across:.0}px;height:{down:.0}px;background:url({url}) {:.0}px {:.0}px / {:.0}px auto no-repeat",
                -x * scale,
                -y * scale,
                picture.view * scale,
            );
            html! { <span class="seen" {style} /> }
        }
        None => html! { <span class="unseen" aria-hidden="true" /> },
    }
}
