//! Running other programs.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::report::{Stopwatch, say, spoken};

/// A program with its arguments, ready to run.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
}

impl Program {
    /// Names the program: a path, or a name on `PATH`.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { command }
    }

    /// Adds one argument.
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Sets a variable for the child.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Hides variables from the child.
    pub(crate) fn without_env(mut self, names: &[&str]) -> Self {
        for name in names {
            self.command.env_remove(name);
        }
        self
    }

    /// Runs in `directory`.
    pub(crate) fn within(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Runs it in the open: the child writes to our own output, and the command and its time are printed.
    ///
    /// # Errors
    /// If it can't be started or doesn't succeed.
    pub(crate) fn run(mut self) -> Result<()> {
        let line = self.line();
        say(format_args!("$ {line}"));
        let watch = Stopwatch::start();
        let status = self.command.status().with_context(|| format!("can't start `{line}`"))?;
        if !status.success() {
            bail!("`{line}` failed ({status})");
        }
        say(format_args!("  {}", spoken(watch.elapsed())));
        Ok(())
    }

    /// Runs it and returns what it wrote to its standard output; nothing is printed.
    ///
    /// # Errors
    /// If it can't be started or doesn't succeed; the error then carries all that it wrote.
    pub(crate) fn read(mut self) -> Result<String> {
        let line = self.line();
        let output = self.command.output().with_context(|| format!("can't start `{line}`"))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            bail!("`{line}` failed ({}):\n{text}{complaint}", output.status);
        }
        Ok(text)
    }

    /// Runs it with its output kept back (see [`Self::read`]), and prints the command and its time.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn run_quietly(self) -> Result<()> {
        say(format_args!("$ {}", self.line()));
        let watch = Stopwatch::start();
        self.read()?;
        say(format_args!("  {}", spoken(watch.elapsed())));
        Ok(())
    }

    /// Formats the command as a person would type it.
    fn line(&self) -> String {
        let name = Path::new(self.command.get_program()).file_name().unwrap_or_default();
        let words = std::iter::once(name).chain(self.command.get_args());
        words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
    }
}

/// Looks for a program on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<std::path::PathBuf> {
    let path: OsString = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&path).map(|directory| directory.join(&file)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_tells_what_it_wrote() {
        let error = Program::new("rustc").arg("--no-such-flag").read().unwrap_err();
        assert!(error.to_string().contains("no-such-flag"), "{error}");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = Program::new("no-such-program-here").run().unwrap_err();
        assert!(error.to_string().contains("no-such-program-here"));
    }

    #[test]
    fn finds_cargo_but_not_nonsense() {
        assert!(on_path("cargo").is_some());
        assert!(on_path("no-such-program-here").is_none());
    }
}
