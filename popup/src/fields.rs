//! Fields of a form: a label, something to choose with, and a hint that is read out with it.

use brushaway_ui::t;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

/// Names a field: its key, what stands before it, and what else there is to say.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Label {
    /// As the value is called where it is stored.
    pub(crate) name: &'static str,
    /// What it is called on screen.
    pub(crate) words: String,
    /// What it does.
    pub(crate) hint: Option<String>,
}

impl Label {
    /// A label whose words are those of the stored value.
    pub(crate) fn of(name: &'static str) -> Self {
        Self { name, words: brushaway_ui::setting_words(name), hint: None }
    }

    /// The same with a hint.
    pub(crate) fn with(self, hint: String) -> Self {
        Self { hint: Some(hint), ..self }
    }

    fn around(&self, control: Html) -> Html {
        html! {
            <div class="setting" data-setting={self.name}>
                <label for={self.name}>{ &self.words }</label>
                { control }
                if let Some(hint) = &self.hint { <p class="note" id={self.hint_id()}>{ hint }</p> }
            </div>
        }
    }

    fn hint_id(&self) -> Option<String> {
        self.hint.as_ref().map(|_| format!("{}-hint", self.name))
    }
}

/// One of several. `options` are values and words.
pub(crate) fn select(label: &Label, options: Vec<(String, String)>, chosen: &str, take: Callback<String>) -> Html {
    let (name, hint) = (label.name, label.hint_id());
    label.around(html! { <Select {name} {hint} {options} chosen={chosen.to_owned()} {take} /> })
}

#[derive(Properties, Debug, PartialEq)]
struct SelectProps {
    name: &'static str,
    hint: Option<String>,
    options: Vec<(String, String)>,
    chosen: String,
    take: Callback<String>,
}

#[component]
fn Select(props: &SelectProps) -> Html {
    let node = use_node_ref();
    // Once a person has chosen, an option's attribute no longer counts.
    use_effect_with((node.clone(), props.chosen.clone(), props.options.len()), |(node, chosen, _)| {
        if let Some(select) = node.cast::<HtmlSelectElement>() {
            select.set_value(chosen);
        }
    });
    let take = props.take.clone();
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            take.emit(select.value());
        }
    });
    let option = |(value, words): &(String, String)| {
        let selected = *value == props.chosen;
        html! { <option value={value.clone()} {selected}>{ words }</option> }
    };
    html! {
        <select id={props.name} name={props.name} ref={node} aria-describedby={props.hint.clone()} {onchange}>
            { for props.options.iter().map(option) }
        </select>
    }
}

/// Yes or no.
pub(crate) fn tick(label: &Label, is_ticked: bool, take: Callback<bool>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
            take.emit(input.checked());
        }
    });
    label.around(html! {
        <input type="checkbox" id={label.name} name={label.name} checked={is_ticked}
            aria-describedby={label.hint_id()} {onchange} />
    })
}

/// Which numbers may be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Numbers {
    /// The smallest.
    pub(crate) least: f64,
    /// The largest.
    pub(crate) most: f64,
    /// Between one and the next.
    pub(crate) step: f64,
}

impl Numbers {
    /// Whole numbers within a range.
    pub(crate) fn within<T: Copy + Into<f64>>(range: &std::ops::RangeInclusive<T>) -> Self {
        Self { least: (*range.start()).into(), most: (*range.end()).into(), step: 1.0 }
    }

    /// The nearest that may be chosen.
    fn nearest(self, value: f64) -> f64 {
        ((value / self.step).round() * self.step).clamp(self.least, self.most)
    }
}

/// A number. What is typed becomes the nearest one that may be chosen.
pub(crate) fn number(label: &Label, numbers: Numbers, value: f64, take: Callback<f64>) -> Html {
    label.around(number_input(label, numbers, value, take))
}

fn number_input(label: &Label, numbers: Numbers, value: f64, take: Callback<f64>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else { return };
        let typed = input.value_as_number();
        let nearest = numbers.nearest(if typed.is_finite() { typed } else { value });
        input.set_value_as_number(nearest);
        take.emit(nearest);
    });
    html! {
        <input type="number" id={label.name} name={label.name} min={numbers.least.to_string()}
            max={numbers.most.to_string()} step={numbers.step.to_string()} value={value.to_string()}
            aria-describedby={label.hint_id()} {onchange} />
    }
}

/// A number, or none: then the engine, or the model, decides. `usual` is where it begins once somebody wants one.
pub(crate) fn own_number(
    label: &Label,
    numbers: Numbers,
    (value, usual): (Option<f64>, f64),
    take: &Callback<Option<f64>>,
) -> Html {
    let name = format!("{}-own", label.name);
    let onchange = {
        let take = take.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                take.emit((!input.checked()).then_some(usual));
            }
        })
    };
    label.around(html! {
        <span class="own">
            <label class="tick">
                <input type="checkbox" {name} id={value.is_none().then_some(label.name)} checked={value.is_none()}
                    {onchange} />
                <span>{ t!("feather_auto") }</span>
            </label>
            if let Some(value) = value {
                { number_input(label, numbers, value, take.reform(Some)) }
            }
        </span>
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_becomes_something_that_may_be_chosen() {
        let numbers = Numbers { step: 0.5, ..Numbers::within(&(1.0..=12.0)) };
        for (typed, expected) in [(0.0, 1.0), (1.3, 1.5), (7.26, 7.5), (99.0, 12.0)] {
            assert!((numbers.nearest(typed) - expected).abs() < 1e-9, "{typed}");
        }
    }
}
