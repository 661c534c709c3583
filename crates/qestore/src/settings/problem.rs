//! What is wrong with a configuration, and where; all of it becomes one error.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use crate::Error;

/// One thing that is wrong. Its `Display` is one line: `file:line:column: key: what is wrong`.
///
/// Nothing in it repeats the value of a secret key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The file it is in.
    #[serde(serialize_with = "as_shown")]
    pub file: Option<PathBuf>,
    /// The line in the file, from 1.
    pub line: Option<u32>,
    /// The column in the line, in characters, from 1.
    pub column: Option<u32>,
    /// The environment variable it is in.
    pub variable: Option<String>,
    /// The key it concerns.
    pub key: Option<String>,
    /// What is wrong, what is allowed, and what was likely meant.
    pub message: String,
}

/// A place in a file, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self {
            file: None,
            line: None,
            column: None,
            variable: None,
            key: None,
            message: one_line(&message.into()),
        }
    }

    /// A problem with an environment variable that an edge found.
    #[must_use]
    pub fn of_variable(name: &str, message: &str) -> Self {
        Self::new(message).variable(name)
    }

    /// All of them as one error of kind *invalid-input*, whose message has a line for each; `None`
    /// when there are none.
    #[must_use]
    pub fn all(problems: &[Self]) -> Option<Error> {
        (!problems.is_empty()).then(|| error_of(problems))
    }

    pub(super) fn at(mut self, file: &Path, mark: Option<Mark>) -> Self {
        self.file = Some(file.to_owned());
        self.line = mark.map(|mark| mark.line);
        self.column = mark.map(|mark| mark.column);
        self
    }

    pub(super) fn variable(mut self, name: &str) -> Self {
        self.variable = Some(name.to_owned());
        self
    }

    pub(super) fn key(mut self, path: &str) -> Self {
        self.key = Some(one_line(path));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            f.write_str(&one_line(&file.display().to_string()))?;
            for number in [self.line, self.column].into_iter().flatten() {
                write!(f, ":{number}")?;
            }
            f.write_str(": ")?;
        }
        if let Some(variable) = &self.variable {
            write!(f, "{variable}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// A path need not be text; JSON has it as people see it.
fn as_shown<S: Serializer>(file: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
    let shown = file.as_ref().map(|file| file.display().to_string());
    shown.serialize(serializer)
}

/// One error of kind *invalid-input* that lists all of them, a line each.
pub(super) fn error_of(problems: &[Problem]) -> Error {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    match lines.as_slice() {
        [one] => Error::invalid(one.clone()),
        many => Error::invalid(format!(
            "the configuration has {} problems:\n{}",
            many.len(),
            many.join("\n")
        )),
    }
}

/// `text` without anything that could begin a line of its own.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| match c {
            c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => {
                c.escape_default().collect::<Vec<_>>()
            }
            c => vec![c],
        })
        .collect()
}

/// Text of a user's in quotes, shortened.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(MOST).collect();
    format!("{start:?}…")
}
