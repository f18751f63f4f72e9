//! The page with the sites that Brushaway may read from.

use brushaway::protocol::{Action, Fault};
use brushaway_browser::{
    bus,
    grants::{self, Grant},
    task,
};
use brushaway_ui::{Button, alert, t};
use yew::prelude::*;

use crate::page::{Page, framed};

/// What is known; nothing while it is asked for.
type Known = Option<Result<Vec<Grant>, Fault>>;

/// The page.
#[component]
pub(crate) fn PermissionsPage() -> Html {
    let known = use_state(Known::default);
    let failed = use_state(|| None::<Fault>);
    let setter = known.setter();
    let look = Callback::from(move |()| {
        let setter = setter.clone();
        task::spawn("list the permissions", async move {
            let result = grants::all(&t!("language_tag")).await.map_err(bus::fault);
            setter.set(Some(result.clone()));
            result.map(drop)
        });
    });
    use_effect_with((), {
        let look = look.clone();
        move |()| look.emit(())
    });
    let content = match &*known {
        None => html! { <p role="status"><span class="spinner" />{ t!("popup_starting") }</p> },
        Some(Err(fault)) => html! {
            <div class="choices">
                <p role="alert" title={fault.detail.clone()}>{ t!("permissions_failed") }</p>
                <Button action="retry" label={t!("action_retry")} kind="primary" onclick={look.clone()} />
            </div>
        },
        Some(Ok(grants)) if grants.is_empty() => html! { <p role="status">{ t!("permissions_none") }</p> },
        Some(Ok(grants)) => {
            let one = |grant: &Grant| row(grant, &look, &failed);
            html! { <ul class="grants" data-grants={grants.len().to_string()}>{ for grants.iter().map(one) }</ul> }
        }
    };
    framed(
        Page::Permissions,
        html! {
            <>
                <section class="group" aria-labelledby="sites">
                    <h2 id="sites">{ t!("permissions_sites") }</h2>
                    <p class="note">{ t!("permissions_reason") }</p>
                    { content }
                    if let Some(fault) = &*failed { { alert(fault) } }
                </section>
                { always() }
            </>
        },
    )
}

fn row(grant: &Grant, look: &Callback<()>, failed: &UseStateHandle<Option<Fault>>) -> Html {
    let onclick = {
        let (pattern, look, failed) = (grant.pattern.clone(), look.clone(), failed.setter());
        Callback::from(move |()| {
            let (pattern, look, failed) = (pattern.clone(), look.clone(), failed.clone());
            task::spawn("give a permission back", async move {
                let result = grants::revoke(&pattern).await;
                let fault = |error| Fault::new("permissions_kept", Action::Adjust, error);
                failed.set(result.err().map(fault));
                look.emit(());
                Ok::<(), Fault>(())
            });
        })
    };
    let since = match &grant.since {
        Some(day) => t!("permissions_since", day),
        None => t!("permissions_by_browser"),
    };
    html! {
        <li data-origin={grant.pattern.clone()}>
            <span><bdi><strong>{ grant.host() }</strong></bdi><span class="note">{ since }</span></span>
            <Button action="revoke" label={t!("permissions_revoke", grant.host())} kind="line" {onclick} />
        </li>
    }
}

/// What was agreed to when this was installed, and what for.
fn always() -> Html {
    let permissions = [
        ("contextMenus", t!("permission_menu")),
        ("activeTab", t!("permission_tab")),
        ("scripting", t!("permission_scripting")),
        ("offscreen", t!("permission_offscreen")),
        ("storage", t!("permission_storage")),
        ("unlimitedStorage", t!("permission_unlimited")),
    ];
    let row = |(name, words): (&str, String)| html! { <div><dt><code>{ name }</code></dt><dd>{ words }</dd></div> };
    html! {
        <section class="group" aria-labelledby="always">
            <h2 id="always">{ t!("permissions_always") }</h2>
            <dl class="reasons">{ for permissions.into_iter().map(row) }</dl>
        </section>
    }
}
