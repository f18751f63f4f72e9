//! How much memory a browser's processes and the graphics card hold at most.

use std::{
    collections::BTreeMap,
    fs,
    process::Command,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(100);

/// The most that was seen, in megabytes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Peaks {
    /// Of a renderer: the page.
    pub(crate) renderer: f64,
    /// Of the process that speaks to the graphics card.
    pub(crate) gpu_process: f64,
    /// Of the browser itself.
    pub(crate) browser: f64,
    /// On the card, beyond what was taken before; none if nobody tells.
    pub(crate) card: Option<f64>,
}

/// Looks again and again, in a thread of its own.
#[derive(Debug)]
pub(crate) struct Watch {
    peaks: Arc<Mutex<Peaks>>,
    is_over: Arc<AtomicBool>,
}

impl Watch {
    pub(crate) fn over(browser: u32) -> Self {
        let watch = Self { peaks: Arc::default(), is_over: Arc::default() };
        let (peaks, is_over) = (Arc::clone(&watch.peaks), Arc::clone(&watch.is_over));
        let before = card_megabytes();
        thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                look(browser, before, &peaks);
                thread::sleep(PAUSE);
            }
        });
        watch
    }

    pub(crate) fn peaks(&self) -> Peaks {
        *self.peaks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

fn look(browser: u32, before: Option<f64>, peaks: &Mutex<Peaks>) {
    let seen = processes_below(browser).into_iter().filter_map(|process| {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        let command = fs::read_to_string(format!("/proc/{process}/cmdline")).ok()?;
        Some((command, kilobytes / 1000.0))
    });
    let seen: Vec<(String, f64)> = seen.collect();
    let card = card_megabytes().zip(before).map(|(now, before)| now - before);
    let mut peaks = peaks.lock().unwrap_or_else(PoisonError::into_inner);
    for (command, megabytes) in seen {
        let peak = if command.contains("--type=renderer") {
            &mut peaks.renderer
        } else if command.contains("--type=gpu-process") {
            &mut peaks.gpu_process
        } else if command.contains("--type=") {
            continue;
        } else {
            &mut peaks.browser
        };
        *peak = peak.max(megabytes);
    }
    peaks.card = match (peaks.card, card) {
        (Some(most), Some(now)) => Some(most.max(now)),
        (most, now) => most.or(now),
    };
}

/// A process, its children, theirs, and so on.
fn processes_below(root: u32) -> Vec<u32> {
    let parent = |process: u32| -> Option<u32> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name before may hold anything, also brackets.
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = all.filter_map(|entry| entry.file_name().to_string_lossy().parse::<u32>().ok());
    let parents: BTreeMap<u32, u32> = all.filter_map(|process| Some((process, parent(process)?))).collect();
    let is_below = |process: u32| {
        std::iter::successors(Some(process), |process| parents.get(process).copied().filter(|&next| next != 0))
            .any(|process| process == root)
    };
    parents.keys().copied().filter(|&process| is_below(process)).collect()
}

/// What is taken on the first card, if its driver tells.
fn card_megabytes() -> Option<f64> {
    ask("memory.used").trim().lines().next()?.trim().parse().ok()
}

/// The card and its driver; empty if nobody tells.
pub(crate) fn driver() -> String {
    ask("name,driver_version").trim().to_owned()
}

fn ask(what: &str) -> String {
    let asked =
        Command::new("nvidia-smi").arg(format!("--query-gpu={what}")).arg("--format=csv,noheader,nounits").output();
    asked.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
}
