//! Writing for people: lines on standard output, complaints on standard error.

use std::io::{IsTerminal, Write};

/// Writes lines for a person to read.
///
/// A reader that went away (a closed pipe) is no reason to fail, so write
/// errors are dropped.
pub struct Printer {
    out: Box<dyn Write + Send>,
    colour: bool,
}

impl std::fmt::Debug for Printer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Printer").field("colour", &self.colour).finish_non_exhaustive()
    }
}

impl Printer {
    /// Writes to standard output, in colour if that is a terminal and
    /// `NO_COLOR` is not set.
    pub fn stdout() -> Self {
        let stdout = std::io::stdout();
        let colour = stdout.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out: Box::new(stdout), colour }
    }

    /// Writes to anything, without colour.
    pub fn plain(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out), colour: false }
    }

    /// Says whether colours are used.
    pub fn colour(&self) -> bool {
        self.colour
    }

    /// Writes one line.
    pub fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }

    /// Writes one line that stands out.
    pub fn strong(&mut self, text: &str) {
        if self.colour {
            self.line(&format!("\u{1b}[1m{text}\u{1b}[0m"));
        } else {
            self.line(text);
        }
    }
}

/// Writes an error and its causes to standard error.
pub(super) fn complain(error: &anyhow::Error) {
    let _ = writeln!(std::io::stderr(), "Error: {error:#}");
}

/// Writes text to standard error.
pub(super) fn explain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
