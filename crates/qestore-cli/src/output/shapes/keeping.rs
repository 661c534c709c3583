//! What `cleanup`, `pin`, `unpin`, `hold` and `log` print with `--json`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use qestore::{ArtifactMetadata, Event};
use serde::Serialize;

use crate::output::failure::ErrorJson;

/// `cleanup`.
#[derive(Debug, Serialize)]
pub(crate) struct Cleaned<'a> {
    pub(crate) dry_run: bool,
    pub(crate) enabled: bool,
    pub(crate) removed: u64,
    pub(crate) freed_bytes: u64,
    pub(crate) by_rule: BTreeMap<&'a str, RuleTotal>,
    pub(crate) kept: &'a BTreeMap<&'static str, u64>,
    pub(crate) emptied_types: Vec<&'a str>,
    /// Only with `--dry-run` and `--explain`.
    pub(crate) verdicts: Option<Vec<Decided>>,
    pub(crate) failures: Vec<ErrorJson>,
    pub(crate) took_seconds: f64,
}

/// What one rule has let go.
#[derive(Debug, Serialize)]
pub(crate) struct RuleTotal {
    pub(crate) artifacts: u64,
    pub(crate) stored_bytes: u64,
}

/// The verdict over one artifact.
#[derive(Debug, Serialize)]
pub(crate) struct Decided {
    pub(crate) artifact: ArtifactMetadata,
    pub(crate) removed: bool,
    pub(crate) rule: &'static str,
    pub(crate) reason: String,
}

/// One line of `cleanup --schedule`.
#[derive(Debug, Serialize)]
pub(crate) struct ScheduleLine {
    pub(crate) at: Timestamp,
    pub(crate) run: &'static str,
    pub(crate) due: Option<Timestamp>,
    pub(crate) next: Option<Timestamp>,
    pub(crate) removed: Option<u64>,
    pub(crate) freed_bytes: Option<u64>,
    pub(crate) took_seconds: Option<f64>,
    pub(crate) error: Option<ErrorJson>,
}

/// `pin`, `unpin` and `hold`.
#[derive(Debug, Serialize)]
pub(crate) struct Protected<'a> {
    pub(crate) changed: u64,
    pub(crate) artifacts: &'a [ArtifactMetadata],
}

/// `log`.
#[derive(Debug, Serialize)]
pub(crate) struct Logged<'a> {
    pub(crate) events: &'a [Event],
}
