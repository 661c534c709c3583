//! The command line as a whole: global options and the list of subcommands.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands;

/// Keep what CI throws away, find it again, and prove that it is what was stored.
///
/// Test results, coverage, security findings, benchmarks, logs, screenshots and videos go into one
/// store, a plain folder, under the job that made them, a type and a name.
#[derive(Debug, Parser)]
#[command(
    name = "qestore",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    max_term_width = 100,
    after_long_help = "\
Examples:
  qestore put junit.xml                     in CI: job, branch and commit come from the environment
  qestore put --job build-1 htmlcov         a folder becomes one artifact, a tree
  qestore ls --type test-results --tag branch=main --since 7d
  qestore cat build-1 coverage-report index.html
  qestore get build-1 test-results -o results.xml
  qestore verify

The store is the folder given by --store, else by the variable QE_STORAGE_PATH, else by the
configuration file, else the folder `.artifacts` found here or in a folder above; `put` makes it here
when there is none. `qestore config show` says which it is, and all else that is configured.

Exit codes:
  0  done
  1  the answer is no: not found, or damage was found
  2  wrong usage or configuration
  3  the storage failed"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every subcommand has.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// The folder of the store.
    ///
    /// Without it, the variable QE_STORAGE_PATH names the folder, or the configuration file; without
    /// these, it is `.artifacts` here or in the nearest folder above that has one. `put` makes it
    /// here when there is none.
    #[arg(long, global = true, value_name = "PATH")]
    pub(crate) store: Option<PathBuf>,

    /// The configuration file (docs/CONFIGURATION.md).
    ///
    /// Without it, the variable QE_CONFIG names the file; without that, it is qestore.yml,
    /// qestore.yaml or .qe-fleet-storage.yml here or in the nearest folder above that has one.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Print JSON for programs (docs/JSON.md); errors and notes on standard error are JSON too.
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Print answers and errors only: no notes, no progress, no confirmations.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// When to use colours; `auto` is on a terminal, unless the variable NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorWhen,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Put(commands::put::Put),
    Get(commands::get::Get),
    Cat(commands::cat::Cat),
    Ls(commands::ls::Ls),
    Show(commands::show::Show),
    Rm(commands::rm::Rm),
    Compare(commands::compare::Compare),
    Trend(commands::trend::Trend),
    Stats(commands::stats::StatsCommand),
    Cleanup(commands::cleanup::Cleanup),
    Pin(commands::pin::Pin),
    Unpin(commands::pin::Unpin),
    Hold(commands::pin::Hold),
    Log(commands::log::Log),
    Import(commands::import::Import),
    Export(commands::export::Export),
    Copy(commands::copy::Copy),
    Exists(commands::exists::Exists),
    Verify(commands::verify::Verify),
    Reindex(commands::reindex::Reindex),
    Config(commands::config::Config),
    Completions(commands::completions::Completions),
    Man(commands::man::Man),
}
