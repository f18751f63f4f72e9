//! What every page does before it shows anything: takes on the language and the theme that the person chose.

use brushaway::settings::{Loss, Reading, Settings};
use brushaway_browser::{error::JsError, platform, settings, task, texts};

use crate::{language::set_language, t};

/// Reads the settings and takes on language and theme; the theme follows when it is changed elsewhere. What goes wrong
/// is logged, and the page goes on as it would without settings.
pub async fn dress() -> Reading {
    let reading = settings::read().await.unwrap_or_else(|error| {
        log::error!("{error}");
        Reading::default()
    });
    if let Err(error) = texts::choose(reading.settings.language.as_deref()).await {
        log::error!("{error}");
    }
    set_language();
    set_theme(&reading.settings);
    settings::Watch::new(|| {
        task::spawn("change the theme", async {
            set_theme(&settings::read().await?.settings);
            Ok::<(), JsError>(())
        });
    })
    .forever();
    reading
}

fn set_theme(settings: &Settings) {
    if let Err(error) = platform::set_theme(settings.theme.name()) {
        log::warn!("{error}");
    }
}

/// What was lost of the settings, in a sentence.
pub fn loss_words(loss: &Loss) -> String {
    match loss {
        Loss::Unreadable => t!("settings_lost"),
        Loss::Newer { .. } => t!("settings_lost_newer"),
        Loss::Values(names) => {
            let names = names.iter().map(|name| setting_words(name));
            t!("settings_lost_values", names.reduce(|names, name| t!("joined", names, name)).unwrap_or_default())
        }
    }
}

/// What a setting is called on screen, by its name in the stored settings.
pub fn setting_words(name: &str) -> String {
    match name {
        "model" => t!("setting_model"),
        "run_on_lift" => t!("setting_run_on_lift"),
        "feather_px" => t!("feather_label"),
        "context_percent" => t!("setting_context"),
        "detail" => t!("setting_detail"),
        "steps" => t!("setting_steps"),
        "guidance" => t!("setting_guidance"),
        "sampler" => t!("setting_sampler"),
        "idle_minutes" => t!("setting_idle"),
        "seed" => t!("setting_seed"),
        "format" => t!("format_label"),
        "quality" => t!("setting_quality"),
        "metadata" => t!("save_beside"),
        "theme" => t!("setting_theme"),
        "language" => t!("setting_language"),
        "mirror" => t!("model_mirror_label"),
        _ => name.to_owned(),
    }
}
