//! The page that is seen first: three steps on a sample picture, and what is never done.

use brushaway_ui::{Icon, icon, t};
use yew::prelude::*;

use crate::page::{Page, framed};

/// The editor with the sample in it.
const TRY: &str = "../overlay/editor.html#/popup/sample.jpg#sample.jpg";

/// The part of the sample that the steps show: left, top, width, height.
const SEEN: &str = "560 150 560 480";

/// Where the fill goes that the built-in model made: `tests/golden/dandelions`, whose strokes these are.
const FILL: (u32, u32, u32, u32) = (831, 417, 174, 213);

/// The page.
#[component]
pub(crate) fn WelcomePage() -> Html {
    let steps = [
        (t!("welcome_step_menu"), t!("welcome_step_menu_more"), menu()),
        (t!("welcome_step_paint"), t!("welcome_step_paint_more"), painted()),
        (t!("welcome_step_save"), t!("welcome_step_save_more"), erased()),
    ];
    let step = |(title, more, picture): (String, String, Html)| {
        html! {
            <li>
                { picture }
                <h3>{ title }</h3>
                <p class="note">{ more }</p>
            </li>
        }
    };
    let never = [t!("welcome_never_upload"), t!("welcome_never_account"), t!("welcome_never_analytics")];
    framed(
        Page::Welcome,
        html! {
            <>
                <section class="group" aria-labelledby="steps">
                    <h2 id="steps">{ t!("welcome_steps") }</h2>
                    <ol class="steps">{ for steps.into_iter().map(step) }</ol>
                    <div class="choices">
                        <a class="button primary" data-action="try" href={TRY} target="_blank">
                            { icon(Icon::Brush) }<span>{ t!("welcome_try") }</span>
                        </a>
                    </div>
                </section>
                <section class="group" aria-labelledby="never">
                    <h2 id="never">{ t!("welcome_never") }</h2>
                    <ul class="never">{ for never.into_iter().map(|words| html! { <li>{ words }</li> }) }</ul>
                    <p class="note">{ t!("welcome_only") }</p>
                </section>
            </>
        },
    )
}

/// The sample, with something over it; `words` say what is to be seen.
fn picture(words: String, over: Html) -> Html {
    html! {
        <svg class="sample" viewBox={SEEN} role="img" aria-label={words} preserveAspectRatio="xMidYMid slice">
            <image href="sample.jpg" width="1120" height="630" />
            { over }
        </svg>
    }
}

fn menu() -> Html {
    // The letter after the mark is the menu's access key.
    let entry = t!("menu_inpaint").replace('&', "");
    let over = html! {
        <g class="menu">
            <rect x="700" y="330" width="320" height="76" rx="10" />
            <text x="860" y="378" text-anchor="middle">{ entry }</text>
            <path class="pointer" d="M930 386l0 62 15-14 10 24 12-5-10-24 21-2Z" />
        </g>
    };
    picture(t!("welcome_step_menu"), over)
}

/// What is painted over, so much wider than the strokes.
fn strokes(wider: u32) -> Html {
    html! {
        <g fill="none" stroke-linecap="round">
            <path d="M900 488L936 486" stroke-width={(2 * (62 + wider)).to_string()} />
            <path d="M905 545V640" stroke-width={(2 * (16 + wider)).to_string()} />
        </g>
    }
}

fn painted() -> Html {
    picture(t!("welcome_step_paint"), html! { <g class="paint">{ strokes(0) }</g> })
}

fn erased() -> Html {
    let (left, top, width, height) = FILL;
    let over = html! {
        <>
            <mask id="fill"><g stroke="#fff">{ strokes(5) }</g></mask>
            <image href="sample-fill.png" x={left.to_string()} y={top.to_string()} width={width.to_string()}
                height={height.to_string()} mask="url(#fill)" />
        </>
    };
    picture(t!("welcome_step_save"), over)
}
