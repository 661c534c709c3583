//! The reference of all commands (docs/CLI.md), made from the options themselves.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};

use qestore::Settings;

use crate::args::Cli;

/// The reference as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut text = String::from(HEAD);
    text.push_str(&variables_markdown());
    text.push_str(TAIL);
    text.push_str("\n## Global options\n\nEvery command has them.\n\n");
    for argument in root.get_arguments().filter(|a| !a.is_hide_set()) {
        describe(&mut text, argument);
    }
    for command in root.get_subcommands() {
        section(&mut text, command, "");
    }
    text
}

/// The tables of docs/CONFIGURATION.md, made from the table of keys.
#[must_use]
pub fn settings_markdown() -> String {
    let mut text = String::from("| key | allowed | default | meaning |\n|---|---|---|---|\n");
    for key in Settings::keys() {
        let default = match key.default_value() {
            Some(value) => format!("`{value}`"),
            None => "-".to_owned(),
        };
        let own = if key.is_original() { "" } else { " *" };
        let _ = writeln!(
            text,
            "| `{}`{own} | {} | {default} | {} |",
            key.path(),
            escape(&key.allowed()),
            escape(key.doc())
        );
    }
    text
}

/// The table of the environment variables of keys, in docs/CONFIGURATION.md and docs/CLI.md.
#[must_use]
pub fn variables_markdown() -> String {
    let mut text = String::from("| variable | meaning |\n|---|---|\n");
    for key in Settings::keys() {
        if let Some(variable) = key.variable() {
            let _ = writeln!(text, "| `{variable}` | sets `{}` |", key.path());
        }
    }
    text.push_str(OTHER_VARIABLES);
    text
}

const OTHER_VARIABLES: &str = "\
| `QE_CONFIG` | the configuration file |
| `NO_COLOR` | when set and not empty: no colours |
| `TERM` | `dumb`: no colours |
| `USER` | who uses the store, for `qestore log`; in CI it is the job |
| `LOGNAME` | the same, where `USER` is not set |
| `USERNAME` | the same, where neither is set |
";

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
3. else the folder that the configuration file names (`storage.local.path`; with `backend: local` and no path, `.artifacts` beside the file),
4. else `.artifacts` in the current folder, or in the nearest folder above that has one,
5. else, for `put` only, `.artifacts` is made in the current folder, with a `.gitignore` in it.

## Configuration file

1. the file given by `--config`,
2. else the file named by the environment variable `QE_CONFIG`,
3. else `qestore.yml`, `qestore.yaml` or `.qe-fleet-storage.yml` in the current folder, or in the nearest folder above that has one.

Options win over environment variables, those over the file, the file over the defaults: [CONFIGURATION.md](CONFIGURATION.md).

## Environment variables

";

const TAIL: &str = "
Those of the CI systems, which `put` reads: [the list](../crates/qestore/src/ci/mod.rs).
";

fn section(text: &mut String, command: &Command, above: &str) {
    let mut command = command.clone();
    let name = format!("{above}{}", command.get_name());
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").trim();
    let _ = write!(text, "\n## {name}\n\n```console\n$ {usage}\n```\n\n");
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
    for below in command.get_subcommands() {
        if below.get_name() != "help" {
            section(text, below, &format!("{name} "));
        }
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
