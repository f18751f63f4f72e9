//! What can be set, by what it is about.

use brushaway::{
    models::{ModelId, SamplerKind},
    protocol::{Beside, CONTEXT_PERCENTS, ModelsReport},
    settings::{
        FEATHERS, Format, GUIDANCES, IDLES, LANGUAGES, QUALITIES, SEEDS, STEPS, SeedMode, Theme, mirror_address,
    },
};
use brushaway_browser::{chrome, platform, task};
use brushaway_ui::{Button, t};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::Kept;
use crate::fields::{Label, Numbers, number, own_number, select, tick};

/// The quality that a JPEG begins from for who wants another one than the picture's own.
const USUAL_QUALITY: f64 = 85.0;

/// The soft edge to begin from for who wants another one than the engine's, in pixels.
const USUAL_FEATHER: f64 = 8.0;

/// Steps to begin from for who wants others than the model's.
const USUAL_STEPS: f64 = 10.0;

/// Guidance to begin from for who wants another one than the model's.
const USUAL_GUIDANCE: f64 = 2.0;

fn section(id: &'static str, title: String, fields: Html) -> Html {
    html! {
        <section aria-labelledby={id} class="group">
            <h2 {id}>{ title }</h2>
            { fields }
        </section>
    }
}

/// How a mask becomes a fill.
pub(super) fn work(kept: &Kept) -> Html {
    let settings = &kept.settings;
    let lift = kept.changing(|settings, runs| settings.run_on_lift = runs);
    let feather = kept.changing(|s, px: Option<f64>| s.tuning.feather_px = px.map(|px| px as u32));
    let context = kept.changing(|settings, percent: f64| settings.tuning.context_percent = percent as u32);
    let context_range = Numbers { step: 10.0, ..Numbers::within(&CONTEXT_PERCENTS) };
    let fields = html! {
        <>
            { tick(&Label::of("run_on_lift").with(t!("setting_run_on_lift_hint")), settings.run_on_lift, lift) }
            { own_number(&Label::of("feather_px").with(t!("setting_feather_hint")), Numbers::within(&FEATHERS),
                (settings.tuning.feather_px.map(f64::from), USUAL_FEATHER), &feather) }
            { number(&Label::of("context_percent").with(t!("setting_context_hint")), context_range,
                f64::from(settings.tuning.context_percent), context) }
        </>
    };
    section("work", t!("settings_work"), fields)
}

/// What pages look like.
pub(super) fn look(kept: &Kept) -> Html {
    let settings = &kept.settings;
    let themes = Theme::ALL.map(|theme| {
        let words = match theme {
            Theme::System => t!("theme_system"),
            Theme::Light => t!("theme_light"),
            Theme::Dark => t!("theme_dark"),
        };
        (theme.name().unwrap_or_default().to_owned(), words)
    });
    let theme = kept.changing(|settings, name: String| {
        let named = Theme::ALL.into_iter().find(|theme| theme.name() == Some(name.as_str()));
        settings.theme = named.unwrap_or_default();
    });
    let browsers = (String::new(), t!("language_browser"));
    let others = LANGUAGES.map(|tag| (tag.to_owned(), platform::language_name(tag)));
    let languages = std::iter::once(browsers).chain(others).collect();
    let language = kept.changing(|settings, tag: String| settings.language = Some(tag).filter(|tag| !tag.is_empty()));
    let fields = html! {
        <>
            { select(&Label::of("theme"), themes.to_vec(), settings.theme.name().unwrap_or_default(), theme) }
            { select(&Label::of("language").with(t!("setting_language_hint")), languages,
                settings.language.as_deref().unwrap_or_default(), language) }
        </>
    };
    section("look", t!("settings_look"), fields)
}

/// How pictures are saved.
pub(super) fn saving(kept: &Kept) -> Html {
    let settings = &kept.settings;
    let formats = Format::ALL.map(|format| {
        let words = format.name().map_or_else(|| t!("format_as_picture"), format_words);
        (format.name().unwrap_or_default().to_owned(), words)
    });
    let format = kept.changing(|settings, name: String| {
        let named = Format::ALL.into_iter().find(|format| format.name() == Some(name.as_str()));
        settings.format = named.unwrap_or_default();
    });
    let quality = kept.changing(|s, percent: Option<f64>| s.quality = percent.map(|percent| percent as u8));
    let details = [Beside::WithoutPlace, Beside::All, Beside::Nothing].map(|beside| {
        let words = match beside {
            Beside::WithoutPlace => t!("metadata_without_place"),
            Beside::All => t!("metadata_all"),
            Beside::Nothing => t!("metadata_nothing"),
        };
        (beside_name(beside).to_owned(), words)
    });
    let metadata = kept.changing(|settings, name: String| {
        let all = [Beside::All, Beside::Nothing].into_iter();
        settings.metadata = all.into_iter().find(|beside| beside_name(*beside) == name).unwrap_or_default();
    });
    let fields = html! {
        <>
            { select(&Label::of("format").with(t!("setting_format_hint")), formats.to_vec(),
                settings.format.name().unwrap_or_default(), format) }
            { own_number(&Label::of("quality").with(t!("setting_quality_hint")), Numbers::within(&QUALITIES),
                (settings.quality.map(f64::from), USUAL_QUALITY), &quality) }
            { select(&Label::of("metadata"), details.to_vec(), beside_name(settings.metadata), metadata) }
        </>
    };
    section("saving", t!("settings_saving"), fields)
}

fn format_words(name: &str) -> String {
    match name {
        "jpg" => "JPEG".to_owned(),
        "webp" => "WebP".to_owned(),
        other => other.to_uppercase(),
    }
}

const fn beside_name(beside: Beside) -> &'static str {
    match beside {
        Beside::WithoutPlace => "without_place",
        Beside::All => "all",
        Beside::Nothing => "nothing",
    }
}

/// What bigger models do.
pub(super) fn models(kept: &Kept, report: Option<&ModelsReport>) -> Html {
    let settings = &kept.settings;
    let chosen = settings.model.as_ref().map(|model| model.0.clone()).unwrap_or_default();
    let mut options = vec![(String::new(), t!("model_first"))];
    options.extend(report.iter().flat_map(|report| report.big()).map(|m| (m.id.0.clone(), m.name.clone())));
    if options.iter().all(|(id, _)| *id != chosen) {
        // Until the engine has said what it is called.
        options.push((chosen.clone(), chosen.clone()));
    }
    let model = kept.changing(|s, id: String| s.model = Some(id).filter(|id| !id.is_empty()).map(ModelId));
    let idle = kept.changing(|settings, minutes: f64| settings.tuning.idle_minutes = minutes as u32);
    let fields = html! {
        <>
            { select(&Label::of("model"), options, &chosen, model) }
            { sampling(kept) }
            { seeds(kept) }
            { number(&Label::of("idle_minutes").with(t!("setting_idle_hint")), Numbers::within(&IDLES),
                f64::from(settings.tuning.idle_minutes), idle) }
            { mirror(kept) }
        </>
    };
    section("bigger", t!("settings_models"), fields)
}

fn sampling(kept: &Kept) -> Html {
    let tuning = kept.settings.tuning;
    let steps = kept.changing(|s, steps: Option<f64>| s.tuning.steps = steps.map(|steps| steps as u32));
    let guidance = kept.changing(|s, scale: Option<f64>| s.tuning.guidance = scale.map(|scale| scale as f32));
    let mut samplers = vec![(String::new(), t!("feather_auto"))];
    samplers.extend(SamplerKind::ALL.map(|kind| (kind.to_string(), kind.to_string())));
    let sampler = kept.changing(|settings, name: String| {
        settings.tuning.sampler = SamplerKind::ALL.into_iter().find(|kind| kind.to_string() == name);
    });
    let detail = kept.changing(|settings, adds| settings.tuning.detail = adds);
    let guidances = Numbers { step: 0.5, ..Numbers::within(&GUIDANCES) };
    html! {
        <>
            { own_number(&Label::of("steps").with(t!("setting_steps_hint")), Numbers::within(&STEPS),
                (tuning.steps.map(f64::from), USUAL_STEPS), &steps) }
            { own_number(&Label::of("guidance").with(t!("setting_guidance_hint")), guidances,
                (tuning.guidance.map(f64::from), USUAL_GUIDANCE), &guidance) }
            { select(&Label::of("sampler"), samplers,
                &tuning.sampler.map(|kind| kind.to_string()).unwrap_or_default(), sampler) }
            { tick(&Label::of("detail").with(t!("setting_detail_hint")), tuning.detail, detail) }
        </>
    }
}

fn seeds(kept: &Kept) -> Html {
    let seed = kept.settings.seed;
    let options = vec![("from".to_owned(), t!("seed_from")), ("chance".to_owned(), t!("seed_chance"))];
    let chosen = if seed == SeedMode::Chance { "chance" } else { "from" };
    let mode = kept.changing(|settings, mode: String| {
        settings.seed = if mode == "chance" { SeedMode::Chance } else { SeedMode::default() };
    });
    let first = kept.changing(|settings, first: f64| settings.seed = SeedMode::From(first as u32));
    let label = Label { name: "seed_first", words: t!("seed_first"), hint: None };
    html! {
        <>
            { select(&Label::of("seed"), options, chosen, mode) }
            if let SeedMode::From(begun) = seed {
                { number(&label, Numbers::within(&SEEDS), f64::from(begun), first) }
            }
        </>
    }
}

fn mirror(kept: &Kept) -> Html {
    let settled = kept.settings.mirror.clone().unwrap_or_default();
    let onchange = {
        let kept = kept.clone();
        Callback::from(move |event: Event| {
            let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
            let typed = input.value();
            let address = mirror_address(&typed);
            let is_good = address.is_some() || typed.trim().is_empty();
            input.set_custom_validity(&if is_good { String::new() } else { t!("mirror_bad") });
            if is_good {
                kept.change(|settings| settings.mirror = address);
            } else {
                input.report_validity();
            }
        })
    };
    html! {
        <div class="setting" data-setting="mirror">
            <label for="mirror">{ t!("model_mirror_label") }</label>
            <input type="url" id="mirror" name="mirror" placeholder="https://" value={settled} dir="ltr"
                aria-describedby="mirror-hint" {onchange} />
            <p class="note" id="mirror-hint">{ t!("setting_mirror_hint") }</p>
        </div>
    }
}

/// Where keys are set, which only the browser can do.
pub(super) fn keys() -> Html {
    let onclick = Callback::from(|()| {
        task::spawn("show the keys", chrome::open_browser_page("chrome://extensions/shortcuts"));
    });
    let fields = html! {
        <>
            <p>{ t!("settings_keys_hint") }</p>
            <Button action="shortcuts" label={t!("settings_keys_open")} kind="line" {onclick} />
        </>
    };
    section("keys", t!("settings_keys"), fields)
}
