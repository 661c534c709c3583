//! `qestore man`: the manual pages.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use qestore::Error;

use super::Context;
use crate::Answer;
use crate::args::Cli;
use crate::failure::Failure;
use crate::output::escaped;
use crate::output::shapes::{Page, Pages};

/// Write the manual pages
///
/// With DIR, writes qestore.1 and one page for each subcommand there; without, prints the first.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore man | man -l -
  qestore man ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// The folder for the pages; it is made when missing.
    #[arg(value_name = "DIR")]
    folder: Option<PathBuf>,
}

pub(crate) fn run(command: Man, context: &Context<'_>) -> Result<Answer, Failure> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let output = context.output;
    let Some(folder) = command.folder else {
        let page = render("qestore", root)?;
        if output.json {
            let page = Page {
                name: "qestore.1".to_owned(),
                path: None,
                text: Some(String::from_utf8_lossy(&page).into_owned()),
            };
            output.object(&Pages { pages: vec![page] })?;
        } else {
            output.raw(&page)?;
        }
        return Ok(Answer::Yes);
    };
    fs::create_dir_all(&folder).map_err(|e| cannot_write(&folder, e))?;
    let mut pages = Vec::new();
    collect("qestore", &root, &mut pages);
    let mut written = Vec::new();
    for (name, command) in pages {
        let path = folder.join(format!("{name}.1"));
        fs::write(&path, render(&name, command)?).map_err(|e| cannot_write(&path, e))?;
        written.push(Page {
            name: format!("{name}.1"),
            path: Some(path.display().to_string()),
            text: None,
        });
    }
    output.confirm(&format!(
        "{} pages written to {}",
        written.len(),
        escaped(&folder.display().to_string())
    ))?;
    output.object(&Pages { pages: written })?;
    Ok(Answer::Yes)
}

/// The command's page and those of all below it.
fn collect(name: &str, command: &Command, pages: &mut Vec<(String, Command)>) {
    pages.push((name.to_owned(), command.clone()));
    for below in command.get_subcommands() {
        if below.get_name() != "help" {
            collect(&format!("{name}-{}", below.get_name()), below, pages);
        }
    }
}

fn render(name: &str, command: Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .title(name)
        .render(&mut page)
        .map_err(Failure::output)?;
    Ok(page)
}

fn cannot_write(path: &Path, error: std::io::Error) -> Failure {
    let error = Error::io("the manual page cannot be written", error);
    Failure::from(error.concerning(path.display().to_string()))
}
