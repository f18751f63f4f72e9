//! Where the `log` facade's records go: the context's console.

use log::{Level, LevelFilter, Log, Metadata, Record};

struct Console;

impl Log for Console {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    fn log(&self, record: &Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let line = format!("{}: {}", record.target(), record.args());
        match record.level() {
            Level::Error => gloo::console::error!(line),
            Level::Warn => gloo::console::warn!(line),
            Level::Info => gloo::console::info!(line),
            Level::Debug | Level::Trace => gloo::console::debug!(line),
        }
    }

    fn flush(&self) {}
}

/// Sends records and panics to the console. Call once at the start of a context.
pub fn install() {
    console_error_panic_hook::set_once();
    // A second call finds the logger in place, which is what it wants.
    if log::set_logger(&Console).is_ok() {
        log::set_max_level(LevelFilter::Info);
    }
}
