//! Settings as they are stored and exported: JSON with a version, in which each value that makes no sense falls back alone.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{FEATHERS, GUIDANCES, IDLES, LANGUAGES, QUALITIES, SEEDS, STEPS, SeedMode, Settings, mirror_address};
use crate::{
    models::ModelId,
    protocol::{CONTEXT_PERCENTS, Tuning},
};

/// The version of what is written. Another one when a value changes its meaning.
pub const VERSION: u32 = 1;

/// The name under which the version stands.
const VERSION_KEY: &str = "version";

/// Settings that were read, and what of them could not be.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// What to go by.
    pub settings: Settings,
    /// What was lost, to be said once.
    pub loss: Option<Loss>,
}

/// What of stored settings could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Loss {
    /// All: it is no JSON of ours.
    Unreadable,
    /// All: they were written by a version that comes after this one.
    Newer {
        /// Theirs.
        version: u64,
    },
    /// These values alone.
    Values(Vec<&'static str>),
}

impl Settings {
    /// The settings as text.
    pub fn to_text(&self) -> String {
        let values = serde_json::to_value(self).unwrap_or_default();
        let mut object = Map::new();
        object.insert(VERSION_KEY.to_owned(), json!(VERSION));
        if let Value::Object(values) = values {
            object.extend(values);
        }
        // Numbers, words and their names: nothing in it can fail.
        serde_json::to_string_pretty(&object).unwrap_or_default()
    }
}

impl Reading {
    /// Reads what [`Settings::to_text`] wrote, or a version before or after it, or what somebody changed by hand.
    pub fn of(text: &str) -> Self {
        let Ok(Value::Object(object)) = serde_json::from_str(text) else {
            return Self { loss: Some(Loss::Unreadable), ..Self::default() };
        };
        match object.get(VERSION_KEY).and_then(Value::as_u64) {
            Some(version) if version > u64::from(VERSION) => {
                Self { loss: Some(Loss::Newer { version }), ..Self::default() }
            }
            Some(1) => Self::of_values(object),
            _ => Self { loss: Some(Loss::Unreadable), ..Self::default() },
        }
    }

    /// What was stored before there was a version: the model and the mirror that were chosen, each on its own.
    pub fn of_loose(model: Option<String>, mirror: Option<&str>) -> Self {
        let settings = Settings {
            model: model.filter(|model| !model.is_empty()).map(ModelId),
            mirror: mirror.and_then(mirror_address),
            ..Settings::default()
        };
        Self { settings, loss: None }
    }

    fn of_values(object: Map<String, Value>) -> Self {
        let usual = Settings::default();
        let mut values = Values { object, lost: Vec::new() };
        let any = |_: &_| true;
        let settings = Settings {
            model: values.take("model", usual.model, |model: &Option<ModelId>| model.as_ref().is_none_or(is_name)),
            run_on_lift: values.take("run_on_lift", usual.run_on_lift, any),
            tuning: values.tuning(),
            seed: values.take("seed", usual.seed, |seed| match seed {
                SeedMode::From(first) => SEEDS.contains(first),
                SeedMode::Chance => true,
            }),
            format: values.take("format", usual.format, |_| true),
            quality: values.take("quality", usual.quality, |quality| within(*quality, QUALITIES)),
            metadata: values.take("metadata", usual.metadata, |_| true),
            theme: values.take("theme", usual.theme, |_| true),
            language: values.take("language", usual.language, |language: &Option<String>| {
                language.as_ref().is_none_or(|tag| LANGUAGES.contains(&tag.as_str()))
            }),
            mirror: values.take("mirror", usual.mirror, |mirror: &Option<String>| {
                mirror.as_ref().is_none_or(|address| mirror_address(address).as_ref() == Some(address))
            }),
        };
        let loss = Some(values.lost).filter(|lost| !lost.is_empty()).map(Loss::Values);
        Self { settings, loss }
    }
}

/// Values on their way out of an object.
struct Values {
    object: Map<String, Value>,
    lost: Vec<&'static str>,
}

impl Values {
    /// The value of this name; the usual one if there is none, or it is none of this type, or makes no sense. A value that
    /// is not there is no loss: an earlier version did not have it yet.
    fn take<T: DeserializeOwned>(&mut self, name: &'static str, usual: T, makes_sense: impl Fn(&T) -> bool) -> T {
        let Some(value) = self.object.remove(name) else { return usual };
        serde_json::from_value(value).ok().filter(makes_sense).unwrap_or_else(|| {
            self.lost.push(name);
            usual
        })
    }

    fn tuning(&mut self) -> Tuning {
        let usual = Tuning::default();
        Tuning {
            feather_px: self.take("feather_px", usual.feather_px, |px| within(*px, FEATHERS)),
            context_percent: self
                .take("context_percent", usual.context_percent, |percent| CONTEXT_PERCENTS.contains(percent)),
            detail: self.take("detail", usual.detail, |_| true),
            steps: self.take("steps", usual.steps, |steps| within(*steps, STEPS)),
            guidance: self.take("guidance", usual.guidance, |scale| within(*scale, GUIDANCES)),
            sampler: self.take("sampler", usual.sampler, |_| true),
            idle_minutes: self.take("idle_minutes", usual.idle_minutes, |minutes| IDLES.contains(minutes)),
        }
    }
}

/// Whether a value, if there is one, may be chosen.
fn within<T: PartialOrd>(value: Option<T>, range: std::ops::RangeInclusive<T>) -> bool {
    value.is_none_or(|value| range.contains(&value))
}

fn is_name(ModelId(name): &ModelId) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    (1..=64).contains(&name.len()) && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        models::SamplerKind,
        protocol::Beside,
        settings::{Format, Theme},
    };

    fn unusual() -> Settings {
        Settings {
            model: Some(ModelId("moebius".to_owned())),
            run_on_lift: false,
            tuning: Tuning {
                feather_px: Some(7),
                context_percent: 150,
                detail: false,
                steps: Some(30),
                guidance: Some(3.5),
                sampler: Some(SamplerKind::UniPc),
                idle_minutes: 20,
            },
            seed: SeedMode::Chance,
            format: Format::Webp,
            quality: Some(80),
            metadata: Beside::Nothing,
            theme: Theme::Dark,
            language: Some("pt-BR".to_owned()),
            mirror: Some("https://hub.example".to_owned()),
        }
    }

    /// What is read when one value of good settings is another one.
    fn with(name: &str, value: Value) -> Reading {
        let mut object: Map<String, Value> = serde_json::from_str(&unusual().to_text()).unwrap();
        object.insert(name.to_owned(), value);
        Reading::of(&Value::Object(object).to_string())
    }

    #[test]
    fn what_is_written_is_read() {
        for settings in [Settings::default(), unusual()] {
            assert_eq!(Reading::of(&settings.to_text()), Reading { settings, loss: None });
        }
    }

    #[test]
    fn a_value_that_makes_no_sense_falls_back_alone() {
        let wrong = [
            ("model", json!("../../x")),
            ("run_on_lift", json!("yes")),
            ("detail", json!(2)),
            ("feather_px", json!(65)),
            ("context_percent", json!(10)),
            ("steps", json!(0)),
            ("guidance", json!("much")),
            ("sampler", json!("euler")),
            ("idle_minutes", json!(0)),
            ("seed", json!({ "from": 1_000_000 })),
            ("format", json!("gif")),
            ("quality", json!(3)),
            ("metadata", json!(1)),
            ("theme", json!("pink")),
            ("language", json!("tlh")),
            ("mirror", json!("ftp://hub.example")),
        ];
        let mut back = Vec::new();
        for (name, value) in wrong {
            let Reading { settings, loss } = with(name, value);
            assert_eq!(loss, Some(Loss::Values(vec![name])));
            let usual = serde_json::to_value(Settings::default()).unwrap();
            let read = serde_json::to_value(&settings).unwrap();
            assert_eq!(read[name], usual[name]);
            let differing = serde_json::to_value(unusual()).unwrap();
            let differ = differing.as_object().unwrap().iter().filter(|(key, value)| read[*key] != **value);
            assert_eq!(differ.map(|(key, _)| key.as_str()).collect::<Vec<_>>(), [name]);
            back.push(name);
        }
        let all = serde_json::to_value(Settings::default()).unwrap();
        assert_eq!(back.len(), all.as_object().unwrap().len(), "a value is not checked");
    }

    #[test]
    fn what_an_earlier_version_did_not_have_is_no_loss() {
        let Reading { settings, loss } = Reading::of(r#"{"version":1,"theme":"dark","gone":3}"#);
        assert_eq!((settings, loss), (Settings { theme: Theme::Dark, ..Settings::default() }, None));
    }

    #[test]
    fn a_later_version_is_not_guessed_at() {
        let reading = with(VERSION_KEY, json!(2));
        assert_eq!(reading, Reading { settings: Settings::default(), loss: Some(Loss::Newer { version: 2 }) });
    }

    #[test]
    fn what_is_none_of_ours_is_said_to_be() {
        for text in ["", "{", "[]", "{}", r#"{"version":"1"}"#, r#"{"version":0}"#, r#"{"version":-1}"#] {
            let expected = Reading { settings: Settings::default(), loss: Some(Loss::Unreadable) };
            assert_eq!(Reading::of(text), expected, "{text}");
        }
    }

    #[test]
    fn what_was_chosen_before_there_were_settings_stays() {
        let Reading { settings, loss } = Reading::of_loose(Some("migan".to_owned()), Some("https://hub.example/"));
        assert_eq!((settings.model, loss), (Some(ModelId("migan".to_owned())), None));
        assert_eq!(settings.mirror.as_deref(), Some("https://hub.example"));
        assert_eq!(Reading::of_loose(None, Some("")).settings, Settings::default());
    }
}
