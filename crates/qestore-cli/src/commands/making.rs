//! Opening a store that may not be there yet.

use std::path::Path;

use qestore::settings::Value;
use qestore::{ErrorKind, Storage};

use super::Context;
use crate::edge::Place;
use crate::failure::Failure;
use crate::output::Output;

/// Opens the store, which is made when it is not there; `most` bytes of content fit.
pub(crate) async fn open_or_make(
    context: &Context<'_>,
    place: &Place,
    most: Option<u64>,
) -> Result<Storage, Failure> {
    let mut config = context.config(place)?;
    if let Some(most) = most {
        config = config.max_artifact_bytes(most);
    }
    let is_new = !place.path().join("qestore.json").exists();
    let settings = &context.configuration()?.settings;
    let forbidden = settings
        .get("storage.local.create_if_missing")
        .filter(|setting| setting.value == Value::Bool(false));
    let storage = Storage::open(config).await;
    let storage = storage.map_err(|error| match (error.kind(), forbidden) {
        (ErrorKind::NotFound, Some(forbidden)) => place.must_not_be_made(&forbidden.origin),
        _ => error.into(),
    })?;
    if is_new && place.is_in_working_tree() {
        ignore_in_git(place.path(), context.output);
    }
    if is_new {
        context
            .output
            .note(&format!("made a store in {}", place.path().display()));
    }
    Ok(storage)
}

/// A store in a working tree is nobody's to commit.
fn ignore_in_git(folder: &Path, output: &Output) {
    let made = std::fs::write(folder.join(".gitignore"), "*\n");
    if let Err(error) = made {
        output.note(&format!("the store has no .gitignore: {error}"));
    }
}
