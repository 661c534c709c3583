//! `qestore completions`: a script that teaches a shell the options.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Context;
use crate::Answer;
use crate::args::Cli;
use crate::failure::Failure;
use crate::output::shapes::Script;

/// Print the completions for a shell
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore completions bash > ~/.local/share/bash-completion/completions/qestore
  qestore completions zsh > ~/.zfunc/_qestore
  qestore completions fish > ~/.config/fish/completions/qestore.fish")]
pub(crate) struct Completions {
    /// The shell.
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(command: &Completions, context: &Context<'_>) -> Result<Answer, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(command.shell, &mut Cli::command(), "qestore", &mut script);
    if context.output.json {
        let script = String::from_utf8_lossy(&script);
        context.output.object(&Script {
            shell: command.shell.to_string(),
            script: &script,
        })?;
    } else {
        context.output.raw(&script)?;
    }
    Ok(Answer::Yes)
}
