//! What was found, as one table.

use std::fmt::Write as _;

use brushaway_gpu::{Picture, Way};

use crate::Outcome;

/// All outcomes side by side, in the words of `docs/benchmarks.md`.
pub(crate) fn of(outcomes: &[Outcome], driver: &str) -> String {
    let is_timed = |outcome: &&Outcome| !matches!(outcome.way, Way::Compared | Way::BuiltIn | Way::Finish);
    let timed: Vec<&Outcome> = outcomes.iter().filter(is_timed).collect();
    let mut table = String::new();
    let big = if timed.is_empty() { vec![driver.to_owned()] } else { [head(&timed, driver), rows(&timed)].concat() };
    for line in big.into_iter().chain(differences(outcomes)).chain(built_in(outcomes)).chain(steps(outcomes)) {
        // Writing into a `String` can't fail.
        writeln!(table, "{line}").unwrap_or_default();
    }
    table
}

fn head(timed: &[&Outcome], driver: &str) -> Vec<String> {
    let first = timed.first().map(|outcome| &outcome.report);
    let words =
        first.map(|report| format!("{}; adapter {} ({})", report.browser, report.adapter, report.features.join(", ")));
    let names = timed.iter().map(|outcome| match outcome.way {
        Way::Port => "the port's way",
        Way::First => "here, the first load",
        Way::Singles => "here, 32 bits",
        Way::Halves => "here, 16 bits",
        Way::BuiltIn | Way::Finish | Way::Compared => "",
    });
    let names: Vec<&str> = names.collect();
    vec![
        format!("{driver}; {}", words.unwrap_or_default()),
        String::new(),
        format!("| what | {} |", names.join(" | ")),
        format!("| --- |{}", " --- |".repeat(timed.len())),
    ]
}

fn rows(timed: &[&Outcome]) -> Vec<String> {
    let row = |what: &str, value: &dyn Fn(&Outcome) -> String| {
        let values: Vec<String> = timed.iter().map(|outcome| value(outcome)).collect();
        format!("| {what} | {} |", values.join(" | "))
    };
    let session = |at: usize| {
        move |outcome: &Outcome| {
            outcome
                .report
                .sessions_millis
                .get(at)
                .map_or_else(String::new, |millis| format!("{:.1} s", millis / 1000.0))
        }
    };
    let part = |part: fn(&Picture) -> &[f64]| {
        move |outcome: &Outcome| {
            millis(outcome.report.pictures.iter().flat_map(|picture| part(picture).iter().copied()))
        }
    };
    let megabytes = |megabytes: f64| format!("{megabytes:.0} MB");
    vec![
        row("session of the encoder", &session(0)),
        row("session of the denoiser", &session(1)),
        row("session of the decoder", &session(2)),
        row("all three", &|outcome| seconds(&outcome.report.sessions_millis)),
        row("a run of the encoder", &part(|picture| &picture.encoder)),
        row("a step, two rows", &part(|picture| &picture.denoiser)),
        row("a run of the decoder", &part(|picture| &picture.decoder)),
        row("a picture of 19 steps, two pictures encoded", &|outcome| {
            millis(outcome.report.pictures.iter().map(|picture| picture.total))
        }),
        row("a picture with the extension's own steps", &|outcome| {
            let pictures = &outcome.report.default_pictures;
            let Some(first) = pictures.first() else { return "the same".to_owned() };
            format!("{} ({} steps)", millis(pictures.iter().map(|picture| picture.total)), first.denoiser.len())
        }),
        row("the same, each step through the processor", &|outcome| {
            millis(outcome.report.through_processor.iter().map(|picture| picture.total))
        }),
        row("a step, two rows, through the processor", &|outcome| {
            millis(outcome.report.through_processor.iter().flat_map(|picture| picture.denoiser.iter().copied()))
        }),
        row("most memory of the page's process", &|outcome| megabytes(outcome.peaks.renderer)),
        row("of the browser's", &|outcome| megabytes(outcome.peaks.browser)),
        row("of the one for graphics", &|outcome| megabytes(outcome.peaks.gpu_process)),
        row("on the card", &|outcome| outcome.peaks.card.map_or_else(String::new, megabytes)),
    ]
}

fn differences(outcomes: &[Outcome]) -> Vec<String> {
    let mut all = outcomes.iter().flat_map(|outcome| &outcome.report.differences).peekable();
    if all.peek().is_none() {
        return Vec::new();
    }
    let lines = all.map(|difference| {
        let apart = difference.relative.map_or_else(|| "no numbers".to_owned(), |relative| format!("{relative:.2e}"));
        format!("| {} | {apart} |", difference.what)
    });
    let head = ["", "| output, from the published graph's | apart |", "| --- | --- |"].map(str::to_owned);
    head.into_iter().chain(lines).collect()
}

fn built_in(outcomes: &[Outcome]) -> Vec<String> {
    let Some(found) = outcomes.iter().find_map(|outcome| outcome.report.built_in.as_ref()) else { return Vec::new() };
    let row = |what: &str, value: String| format!("| {what} | {value} |");
    let after_first = |laps: &[f64]| millis(laps.iter().skip(1).copied());
    let ours = outcomes.iter().find(|outcome| outcome.way == Way::Singles).map(|outcome| &outcome.report);
    let own_steps = ours.map(|report| millis(report.default_pictures.iter().map(|picture| picture.total)));
    let expected = found.expected.map(|expected| {
        let what = "a picture of the model that samples: expected by the panel's test, and taken".to_owned();
        row(&what, format!("{expected:.0} ms, {}", own_steps.unwrap_or_default()))
    });
    let first = found.gpu_millis.first().copied().unwrap_or_default();
    let rows = [
        String::new(),
        row("the built-in model, 512x512", "measured".to_owned()),
        "| --- | --- |".to_owned(),
        row("ready on the card: session, record, trial", format!("{first:.0} ms")),
        row("a run there", after_first(&found.gpu_millis)),
        row("a run there without a record", after_first(&found.unrecorded_millis)),
        row(&format!("a run on the processor, {} threads", found.threads), after_first(&found.cpu_millis)),
        row("the two apart, at most", format!("{:.3} levels of 255", found.levels_apart)),
    ];
    rows.into_iter().chain(expected).collect()
}

fn steps(outcomes: &[Outcome]) -> Vec<String> {
    let mut all = outcomes.iter().flat_map(|outcome| &outcome.report.steps).peekable();
    if all.peek().is_none() {
        return Vec::new();
    }
    let lines = all.map(|step| {
        let [on_card, on_processor] = [&step.gpu_millis, &step.cpu_millis].map(|laps| millis(laps.iter().copied()));
        let apart = step.levels_apart.map(|levels| format!("{levels:.3} levels of 255")).unwrap_or_default();
        format!("| {} | {on_card} | {on_processor} | {apart} |", step.what)
    });
    let head = [
        "",
        "| step after the network | with the card | processor alone | apart, at most |",
        "| --- | --- | --- | --- |",
    ];
    head.map(str::to_owned).into_iter().chain(lines).collect()
}

/// Of all together.
fn seconds(millis: &[f64]) -> String {
    if millis.is_empty() { String::new() } else { format!("{:.1} s", millis.iter().sum::<f64>() / 1000.0) }
}

/// The middle one, and how many there were.
fn millis(values: impl Iterator<Item = f64>) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let Some(middle) = values.get(values.len() / 2) else { return String::new() };
    format!("{middle:.1} ms")
}

#[cfg(test)]
mod tests {
    use brushaway_gpu::Report;

    use super::*;
    use crate::memory::Peaks;

    #[test]
    fn medians_stand_side_by_side() {
        let picture = |total, step| Picture { total, denoiser: vec![step, step], ..Picture::default() };
        let report = Report {
            sessions_millis: vec![1000.0, 2500.0, 500.0],
            pictures: vec![picture(30.0, 1.0), picture(10.0, 2.0), picture(20.0, 3.0)],
            ..Report::default()
        };
        let peaks = Peaks { renderer: 123.4, ..Peaks::default() };
        let outcome = |way| Outcome { way, report: report.clone(), peaks };
        let table = of(&[outcome(Way::Port), outcome(Way::Halves)], "a card");
        for line in [
            "| what | the port's way | here, 16 bits |",
            "| all three | 4.0 s | 4.0 s |",
            "| a step, two rows | 2.0 ms | 2.0 ms |",
            "| a picture of 19 steps, two pictures encoded | 20.0 ms | 20.0 ms |",
            "| most memory of the page's process | 123 MB | 123 MB |",
        ] {
            assert!(table.lines().any(|found| found == line), "{line} is not in\n{table}");
        }
    }
}
