//! Everything that is printed: answers on standard output; errors, notes and progress on standard
//! error. Text that comes from a store or a user is escaped before it can reach a terminal.

mod early;
mod failure;
mod json;
mod progress;
pub(crate) mod shapes;
mod table;
mod text;

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;

pub(crate) use early::Early;
pub(crate) use failure::ErrorJson;
pub(crate) use progress::{Meter, Progress};
pub(crate) use table::Table;
pub(crate) use text::{
    bytes, count, difference, duration, escaped, instant, is_unsafe, kept, percent, share,
    shell_word, span,
};

use crate::args::{ColorWhen, Global};
use crate::edge::no_color;
use crate::failure::Failure;

/// Where and how this run prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    color: bool,
    color_errors: bool,
    /// Columns of the terminal, if standard output is one.
    width: Option<u16>,
}

impl Output {
    pub(crate) fn new(global: &Global) -> Self {
        let color_on = |terminal: bool| match global.color {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => terminal && !no_color(),
        };
        let terminal = io::stdout().is_terminal();
        Self {
            json: global.json,
            quiet: global.quiet,
            color: color_on(terminal) && !global.json,
            color_errors: color_on(io::stderr().is_terminal()) && !global.json,
            width: terminal
                .then(terminal_size::terminal_size)
                .flatten()
                .map(|(width, _)| width.0),
        }
    }

    /// Prints one line for people. Nothing with `--json`, which prints objects only.
    pub(crate) fn line(&self, line: &str) -> Result<(), Failure> {
        if self.json {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{line}").map_err(Failure::output)
    }

    /// Prints a line that only confirms: not with `--quiet`.
    pub(crate) fn confirm(&self, line: &str) -> Result<(), Failure> {
        if self.quiet { Ok(()) } else { self.line(line) }
    }

    /// Prints a table for people.
    pub(crate) fn table(&self, table: Table) -> Result<(), Failure> {
        self.line(&table.render(self.width, self.color))
    }

    /// With `--json`, prints the object; else nothing.
    pub(crate) fn object(&self, object: &impl Serialize) -> Result<(), Failure> {
        if !self.json {
            return Ok(());
        }
        let mut text = json::object(object, self.width.is_some());
        text.push('\n');
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).map_err(Failure::output)
    }

    /// Prints bytes as they are.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(bytes).map_err(Failure::output)
    }

    /// Sees to it that everything printed has left the process.
    pub(crate) fn flush(&self) -> Result<(), Failure> {
        io::stdout().lock().flush().map_err(Failure::output)
    }

    /// Tells something besides the answer, on standard error; not with `--quiet`.
    pub(crate) fn note(&self, note: &str) {
        if !self.quiet {
            tell_note(note, self.json);
        }
    }

    /// Says on standard error why something failed.
    pub(crate) fn tell_failure(&self, failure: &Failure) {
        let text = if self.json {
            failure::as_json(failure)
        } else {
            failure::as_text(failure, self.color_errors)
        };
        to_stderr(&text);
    }

    /// `text` in bold, where colours are on.
    pub(crate) fn bold(&self, text: &str) -> String {
        text::styled(text, "1", self.color)
    }

    /// `text` dimmed, where colours are on.
    pub(crate) fn dim(&self, text: &str) -> String {
        text::styled(text, "2", self.color)
    }
}

/// Tells a note on standard error, in the form that was asked for.
pub(crate) fn tell_note(note: &str, as_json: bool) {
    if as_json {
        to_stderr(&json::object(&shapes::Noted { note }, false));
    } else {
        to_stderr(&format!("note: {}", escaped(note)));
    }
}

fn to_stderr(text: &str) {
    // When standard error is closed there is nobody left to tell.
    let _ = writeln!(io::stderr().lock(), "{text}");
}
