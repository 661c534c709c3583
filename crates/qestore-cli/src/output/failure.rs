//! Failures in words: what was wrong, why, and what to do about it.

use std::error::Error as _;

use qestore::Error;
use serde::Serialize;

use super::json;
use super::shapes::Failed;
use super::text::{escaped, styled};
use crate::failure::Failure;

/// An error as programs read it.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorJson {
    kind: &'static str,
    message: String,
    subject: Option<String>,
    operation: Option<&'static str>,
    causes: Vec<String>,
    help: Option<String>,
}

impl ErrorJson {
    pub(crate) fn of(error: &Error, kind: &'static str) -> Self {
        Self {
            kind,
            message: error.message().to_owned(),
            subject: error.subject().map(str::to_owned),
            operation: error.operation(),
            causes: causes(error),
            help: error.advice().map(str::to_owned),
        }
    }
}

pub(super) fn as_json(failure: &Failure) -> String {
    let error = failure
        .error()
        .map(|error| ErrorJson::of(error, failure.kind()));
    json::object(&Failed { error }, false)
}

pub(super) fn as_text(failure: &Failure, color: bool) -> String {
    let Some(error) = failure.error() else {
        return String::new();
    };
    let message = error.to_string();
    let message = match failure {
        // The library lets nothing of a user's begin a line there.
        Failure::Configuration(_) => message
            .lines()
            .map(escaped)
            .collect::<Vec<_>>()
            .join("\n  "),
        _ => escaped(&message),
    };
    let mut text = format!("{} {message}", styled("error:", "1;31", color));
    for cause in causes(error) {
        text.push_str(&format!("\n  because: {}", escaped(&cause)));
    }
    if let Some(help) = error.advice() {
        text.push_str(&format!(
            "\n  {} {}",
            styled("help:", "1;32", color),
            escaped(help)
        ));
    }
    text
}

/// The chain of causes, without those that only repeat what was said before.
fn causes(error: &Error) -> Vec<String> {
    let mut said = error.to_string();
    let mut causes = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !said.contains(&text) {
            said.clone_from(&text);
            causes.push(text);
        }
        next = cause.source();
    }
    causes
}

#[cfg(test)]
mod tests {
    use super::*;
    use qestore::ErrorKind;

    #[test]
    fn each_cause_is_said_once_and_nothing_reaches_the_terminal_raw() {
        let cause = std::io::Error::other("disk on \u{1b}[31mfire");
        let inner = Error::new(ErrorKind::Storage, "disk on fire").because(cause);
        let outer = Error::new(ErrorKind::Storage, "cannot write: disk on fire")
            .because(inner)
            .help("call\u{7} someone");
        let text = as_text(&Failure::Other(outer), false);
        assert_eq!(
            text,
            "error: cannot write: disk on fire\n  because: disk on \\u{1b}[31mfire\n  \
             help: call\\u{7} someone"
        );
    }
}
