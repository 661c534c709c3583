//! `qestore config`: the configuration file, and what is configured.

mod check;
mod init;
mod show;

use clap::{Args, Subcommand};
use qestore::{Error, Settings};

use super::Context;
use crate::Answer;
use crate::failure::Failure;

/// Write, show and check the configuration
///
/// Flags win over environment variables, those over the file, the file over the defaults. The file is
/// qestore.yml, qestore.yaml or .qe-fleet-storage.yml here or in the nearest folder above that has
/// one, unless --config or the variable QE_CONFIG names another. docs/CONFIGURATION.md has every key.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
#[command(after_long_help = "\
Examples:
  qestore config init
  qestore config show
  qestore config check .qe-fleet-storage.yml")]
pub(crate) struct Config {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Init(init::Init),
    Show(show::Show),
    Check(check::Check),
    Schema(Schema),
}

/// Print the JSON Schema of the file, for editors
///
/// It is also published, as docs/qestore.schema.json; the files of `qestore config init` name it.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore config schema > qestore.schema.json")]
struct Schema {}

pub(crate) fn run(command: Config, context: &Context<'_>) -> Result<Answer, Failure> {
    match command.action {
        Action::Init(command) => init::run(command, context),
        Action::Show(_) => show::run(context),
        Action::Check(command) => check::run(&command, context),
        Action::Schema(_) => schema(context),
    }
}

fn schema(context: &Context<'_>) -> Result<Answer, Failure> {
    let schema = Settings::json_schema();
    if context.output.json {
        context.output.object(&schema)?;
    } else {
        let mut text = serde_json::to_vec_pretty(&schema).map_err(|error| {
            Failure::from(Error::new(qestore::ErrorKind::Storage, "no schema").because(error))
        })?;
        text.push(b'\n');
        context.output.raw(&text)?;
    }
    Ok(Answer::Yes)
}
