//! What `import`, `export` and `copy` print with `--json`.

use serde::Serialize;

use super::Damaged;
use crate::output::failure::ErrorJson;

/// `import`.
#[derive(Debug, Serialize)]
pub(crate) struct Imported {
    pub(crate) dry_run: bool,
    pub(crate) imported: u64,
    pub(crate) imported_bytes: u64,
    pub(crate) already_there: u64,
    pub(crate) older: u64,
    pub(crate) damaged: Vec<ImportTrouble>,
    pub(crate) missing: Vec<ImportTrouble>,
    pub(crate) unlisted: Vec<String>,
    pub(crate) took_seconds: f64,
}

/// An artifact that could not be imported.
#[derive(Debug, Serialize)]
pub(crate) struct ImportTrouble {
    pub(crate) job_id: String,
    pub(crate) artifact_type: String,
    pub(crate) path: String,
    pub(crate) error: ErrorJson,
}

/// `export`.
#[derive(Debug, Serialize)]
pub(crate) struct Exported<'a> {
    pub(crate) exported: u64,
    pub(crate) exported_bytes: u64,
    pub(crate) list: String,
    pub(crate) damaged: Vec<Damaged<'a>>,
    pub(crate) took_seconds: f64,
}

/// `copy`.
#[derive(Debug, Serialize)]
pub(crate) struct Copied<'a> {
    pub(crate) dry_run: bool,
    pub(crate) copied: u64,
    pub(crate) copied_bytes: u64,
    pub(crate) already_there: u64,
    pub(crate) removed_there: u64,
    pub(crate) protected: u64,
    pub(crate) damaged: Vec<Damaged<'a>>,
    pub(crate) took_seconds: f64,
}
