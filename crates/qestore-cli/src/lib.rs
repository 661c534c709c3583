//! The parts of the `qestore` command: options, subcommands, what they print, and the edges where
//! environment, clock and terminal are read. Not a stable library: the command is the interface.

mod args;
mod commands;
mod edge;
mod failure;
mod output;
mod reference;
mod values;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;

use args::Cli;
use commands::Context;
use failure::Failure;
use output::{Early, Output};

pub use reference::{markdown as reference_markdown, settings_markdown, variables_markdown};

/// How a run ended, when it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done; the answer is yes.
    Yes,
    /// Done; the answer is no: not there, or damaged.
    No,
    /// Some of it failed, and has been reported; the exit code says how badly.
    Failed(u8),
}

/// Runs the command with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let early = Early::read(&arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return ExitCode::from(early.tell_parse_error(&error)),
    };
    let output = Output::new(&cli.global);
    let answer = run(cli, &output);
    ExitCode::from(match answer {
        Ok(Answer::Yes) => 0,
        Ok(Answer::No) => 1,
        Ok(Answer::Failed(code)) => code,
        // Whoever reads has seen enough.
        Err(Failure::ReaderGone) => 0,
        Err(failure) => {
            output.tell_failure(&failure);
            failure.exit_code()
        }
    })
}

fn run(cli: Cli, output: &Output) -> Result<Answer, Failure> {
    // One thread for the tasks; files, processors and the index are worked on by the blocking pool.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(|e| Failure::from(qestore::Error::io("no worker threads can be had", e)))?;
    let context = Context::new(cli.global, output);
    let answer = runtime.block_on(commands::run(cli.command, &context));
    // A read of standard input that will never end must not keep the process.
    runtime.shutdown_background();
    answer
}
