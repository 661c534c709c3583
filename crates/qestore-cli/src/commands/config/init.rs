//! `qestore config init`: a file to begin with.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use qestore::{Error, Settings};

use crate::Answer;
use crate::commands::Context;
use crate::failure::Failure;
use crate::output::escaped;
use crate::output::shapes::Initialised;

/// Write a configuration file with comments
///
/// Its first line tells editors where the JSON Schema is, so that they complete and check. A file
/// that is there stays as it is.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore config init
  qestore config init ci/
  qestore config init --schema ./qestore.schema.json")]
pub(super) struct Init {
    /// The file, or the folder to write qestore.yml in.
    #[arg(value_name = "PATH", default_value = "qestore.yml")]
    path: PathBuf,

    /// Where editors find the JSON Schema.
    #[arg(long, value_name = "URL", default_value = Settings::SCHEMA_URL)]
    schema: String,
}

pub(super) fn run(command: Init, context: &Context<'_>) -> Result<Answer, Failure> {
    let output = context.output;
    if command.schema.chars().any(char::is_control) {
        return Err(Failure::usage("--schema names an address, in one line"));
    }
    let [name, ..] = Settings::FILE_NAMES;
    let path = match command.path.is_dir() {
        true => command.path.join(name),
        false => command.path,
    };
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    file.and_then(|mut file| file.write_all(Settings::template(&command.schema).as_bytes()))
        .map_err(|error| cannot_write(&path, error))?;
    let shown = path.display().to_string();
    output.confirm(&format!("wrote {}", escaped(&shown)))?;
    output.object(&Initialised { path: shown })?;
    let known = Settings::FILE_NAMES.iter().any(|name| path.ends_with(name));
    if !known {
        output.note("it is not found by its name: give it with --config or QE_CONFIG");
    }
    for other in Settings::FILE_NAMES {
        if known && !path.ends_with(other) && path.with_file_name(other).is_file() {
            output.note(&format!(
                "there is {other} in the same folder: only one of them is read"
            ));
        }
    }
    Ok(Answer::Yes)
}

fn cannot_write(path: &Path, error: std::io::Error) -> Failure {
    let shown = path.display().to_string();
    if error.kind() == ErrorKind::AlreadyExists {
        let error = Error::new(qestore::ErrorKind::AlreadyExists, "it is there already");
        let error = error
            .concerning(shown)
            .help("remove it first, or give another path");
        return Failure::from(error);
    }
    Failure::from(Error::io("the file cannot be written", error).concerning(shown))
}
