//! The one way to say what went wrong.

use brushaway::protocol::Fault;
use yew::prelude::*;

use crate::t;

/// A sentence about a fault, read out at once; its detail, which is for those who look into it, is a tooltip.
pub fn alert(fault: &Fault) -> Html {
    html! { <p role="alert" title={fault.detail.clone()}>{ t!(&fault.message) }</p> }
}
