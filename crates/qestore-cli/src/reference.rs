//! The reference of all commands (docs/CLI.md), made from the options themselves.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use crate::args::Cli;

/// The reference as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut text = String::from(HEAD);
    text.push_str("\n## Global options\n\nEvery command has them.\n\n");
    for argument in root.get_arguments().filter(|a| !a.is_hide_set()) {
        describe(&mut text, argument);
    }
    for command in root.get_subcommands() {
        section(&mut text, command);
    }
    text
}

const HEAD: &str = "\
# The `qestore` command

Made from the options of the command; a test compares the two. `qestore help COMMAND` says the same.

## Exit codes

| code | meaning | kinds of error (`--json`) |
|---|---|---|
| 0 | done | |
| 1 | the answer is no: not found, or damage was found | `not-found`, `corrupt` |
| 2 | wrong usage or configuration | `usage`, `no-store`, `invalid-input`, `ambiguous`, `already-exists`, `protected`, `too-large` |
| 3 | the storage failed | `permission-denied`, `storage-full`, `unsupported`, `unavailable`, `storage` |

A reader that closes the pipe early (`qestore ls | head -1`) is no failure: 0.

Answers go to standard output; errors, notes and progress to standard error. The shapes of `--json` are in
[JSON.md](JSON.md).

## Which store

1. the folder given by `--store`,
2. else the folder named by the environment variable `QE_STORAGE_PATH`,
3. else `.artifacts` in the current folder, or in the nearest folder above that has one,
4. else, for `put` only, `.artifacts` is made in the current folder, with a `.gitignore` in it.

## Environment variables

| variable | meaning |
|---|---|
| `QE_STORAGE_PATH` | the folder of the store |
| `NO_COLOR` | when set and not empty: no colours |
| `TERM` | `dumb`: no colours |

Those of the CI systems, which `put` reads: [the list](../crates/qestore/src/ci/mod.rs).
";

fn section(text: &mut String, command: &Command) {
    let mut command = command.clone();
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let _ = write!(
        text,
        "\n## {}\n\n```console\n$ {usage}\n```\n\n",
        command.get_name()
    );
    let about = command.get_long_about().or_else(|| command.get_about());
    if let Some(about) = about {
        let _ = write!(text, "{}\n\n", escape(&about.to_string()));
    }
    for argument in command.get_arguments() {
        if !argument.is_hide_set() && !argument.is_global_set() && !is_builtin(argument) {
            describe(text, argument);
        }
    }
    if let Some(more) = command.get_after_long_help() {
        let _ = write!(text, "\n```text\n{}\n```\n", more.to_string().trim_end());
    }
}

fn is_builtin(argument: &Arg) -> bool {
    matches!(argument.get_id().as_str(), "help" | "version")
}

fn describe(text: &mut String, argument: &Arg) {
    let value = argument
        .get_value_names()
        .filter(|_| argument.get_action().takes_values())
        .map(|names| {
            names
                .iter()
                .map(clap::builder::Str::as_str)
                .collect::<Vec<_>>()
                .join(" ")
        });
    let mut spellings = Vec::new();
    if let Some(short) = argument.get_short() {
        spellings.push(format!("-{short}"));
    }
    if let Some(long) = argument.get_long() {
        spellings.push(format!("--{long}"));
    }
    let spelling = match (spellings.is_empty(), value) {
        (true, value) => value.unwrap_or_default(),
        (false, Some(value)) => format!("{} {value}", spellings.join(", ")),
        (false, None) => spellings.join(", "),
    };
    let help = argument.get_long_help().or_else(|| argument.get_help());
    let help = help
        .map(|help| escape(&help.to_string()))
        .unwrap_or_default();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let values: Vec<String> = argument
        .get_possible_values()
        .iter()
        .filter(|_| argument.get_action().takes_values())
        .map(|value| format!("`{}`", value.get_name()))
        .collect();
    let stop = if help.ends_with('.') { "" } else { "." };
    let _ = write!(text, "- `{spelling}`: {help}{stop}");
    if !values.is_empty() {
        let _ = write!(text, " One of {}.", values.join(", "));
    }
    let default = argument.get_default_values().first();
    if let Some(default) = default.filter(|_| argument.get_action().takes_values()) {
        let _ = write!(text, " Default: `{}`.", default.to_string_lossy());
    }
    text.push('\n');
}

/// Keeps Markdown from taking placeholders for HTML.
fn escape(text: &str) -> String {
    text.replace('<', "\\<")
}
