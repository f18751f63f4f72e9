//! The benchmark on a graphics card: the same pictures as a browser port of the model makes them and as the extension does,
//! on one card, in one run. Needs no network and no display; `cargo xtask bench --gpu` starts it or packs it.
//!
//! `brushaway-gpu-runner SITE GRAPHS [--runs N] [--patience SECONDS] [--only WAY]`: the page and the runtime's files, and a folder
//! with the model's graphs under their publisher's names (empty for the way `built_in`). `BRUSHAWAY_CHROME` names the browser.
//! Writes a table.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it is for")]

mod browser;
mod memory;
mod server;
mod table;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use anyhow::{Context as _, Result, bail};
use brushaway_gpu::{Report, Way};
use lexopt::{Arg, Parser, ValueExt as _};
use tempfile::TempDir;

use browser::Browser;
use memory::Peaks;
use server::{Server, Told};

/// A page that has told nothing after so long will not. Some cards take minutes for a picture.
const PATIENCE: Duration = Duration::from_hours(1);

/// What came of a way to run the model.
#[derive(Debug)]
struct Outcome {
    way: Way,
    report: Report,
    peaks: Peaks,
}

fn main() -> ExitCode {
    match run() {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String> {
    let (mut folders, mut runs, mut patience) = (Vec::<PathBuf>::new(), 10_usize, PATIENCE);
    let mut ways = Way::ALL.to_vec();
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Value(folder) => folders.push(folder.into()),
            Arg::Long("runs") => runs = parser.value()?.parse()?,
            Arg::Long("patience") => patience = Duration::from_secs(parser.value()?.parse()?),
            Arg::Long("only") => ways = vec![serde_json::from_value(parser.value()?.string()?.into())?],
            other => bail!(other.unexpected()),
        }
    }
    let [site, graphs] = folders.try_into().ok().context("wanted: SITE GRAPHS")?;
    let server = Server::start(site, graphs)?;
    // One profile for all: what the first has fetched the others find.
    let profile = TempDir::new()?;
    let mut outcomes = Vec::new();
    for way in ways {
        eprintln!("{way:?}");
        let browser = Browser::open(&server.url(&format!("{}&runs={runs}", way.page())), profile.path())?;
        let told = server.told(patience);
        let peaks = browser.peaks();
        drop(browser);
        match told {
            Some(Told::Report(text)) => {
                eprintln!("{text}");
                outcomes.push(Outcome { way, report: serde_json::from_str(&text)?, peaks });
            }
            // What the others give is worth telling all the same.
            Some(Told::Failure(text)) => eprintln!("{way:?} failed: {text}"),
            None => eprintln!("{way:?}: nothing was told"),
        }
    }
    if outcomes.is_empty() {
        bail!("no way worked");
    }
    Ok(table::of(&outcomes, &memory::driver()))
}
