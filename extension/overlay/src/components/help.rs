//! What the keys do.

use brushaway_ui::{Button, Icon, keys_words, t};
use yew::prelude::*;

use super::focus::use_focus;
use crate::{app::PartProps, keys::HELP, state::Action};

/// The list of keys.
#[component]
pub fn Help(part: &PartProps) -> Html {
    let panel = use_node_ref();
    use_focus(&panel);
    let close = {
        let editor = part.editor.clone();
        Callback::from(move |()| editor.dispatch(Action::Help(false)))
    };
    let row = |(action, keys): &(&str, &str)| {
        let keys = keys.split(' ').map(|keys| html! { <kbd>{ keys_words(keys) }</kbd> });
        html! { <tr><th scope="row">{ t!(action) }</th><td dir="ltr">{ for keys }</td></tr> }
    };
    html! {
        <div class="veil">
            <section class="card help" role="dialog" aria-modal="true" aria-labelledby="help-title" tabindex="-1" ref={panel}>
                <div class="head">
                    <h1 id="help-title">{ t!("help_title") }</h1>
                    <Button action="close-help" label={t!("action_close")} icon={Icon::Close} compact=true keys="Esc"
                        onclick={close} />
                </div>
                <table><tbody>{ for HELP.iter().map(row) }</tbody></table>
            </section>
        </div>
    }
}
