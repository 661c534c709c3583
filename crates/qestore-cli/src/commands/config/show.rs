//! `qestore config show`: every key, its value, and where it came from.

use clap::Args;
use qestore::settings::Value;

use crate::Answer;
use crate::commands::Context;
use crate::edge::find_store;
use crate::failure::Failure;
use crate::output::Table;
use crate::output::shapes::{Configured, Configuring};

/// Show every key, its value, and where it came from
///
/// A value comes from an option, an environment variable, a line of the file, or is the default.
/// Secrets are shown as asterisks.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore config show
  qestore config show --config ci/qestore.yml
  QE_RETENTION_TTL_DAYS=7 qestore config show --json")]
pub(super) struct Show {}

pub(super) fn run(context: &Context<'_>) -> Result<Answer, Failure> {
    let configuration = context.configuration()?;
    let settings = &configuration.settings;
    let mut rows: Vec<Configuring> = settings
        .all()
        .map(|(key, setting)| Configuring {
            key: key.path(),
            from: setting.as_ref().map_or_else(
                || "default".to_owned(),
                |setting| setting.origin.to_string(),
            ),
            value: setting.map(|setting| setting.value),
        })
        .collect();
    match settings.config() {
        // The folder that is used may be one that was found.
        Ok(_) => {
            let place = find_store(settings)?;
            let row = rows.iter_mut().find(|row| row.key == "storage.local.path");
            if let Some(row) = row {
                row.value = Some(Value::Path(place.path().to_owned()));
                row.from = place.origin();
            }
        }
        Err(error) => context.output.note(error.message()),
    }
    let output = context.output;
    let file = configuration
        .file
        .as_ref()
        .map(|file| file.display().to_string());
    if output.json {
        output.object(&Configured {
            file,
            settings: rows,
        })?;
        return Ok(Answer::Yes);
    }
    if file.is_none() {
        output.note("there is no configuration file; `qestore config init` writes one");
    }
    let mut table = Table::new(&["KEY", "VALUE", "FROM"]);
    for row in rows {
        let value = row
            .value
            .map_or_else(|| "-".to_owned(), |value| value.to_string());
        table.row([row.key.to_owned(), value, row.from]);
    }
    output.table(table)?;
    Ok(Answer::Yes)
}
