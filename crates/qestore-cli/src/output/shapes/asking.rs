//! What `stats`, `trend` and `compare` print with `--json`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use qestore::Comparison;
use serde::Serialize;

/// `stats`.
#[derive(Debug, Serialize)]
pub(crate) struct Stats {
    pub(crate) total_artifacts: u64,
    pub(crate) total_size_bytes: u64,
    pub(crate) total_compressed_size_bytes: u64,
    pub(crate) stored_bytes: u64,
    pub(crate) artifacts_by_type: BTreeMap<String, OfType>,
    pub(crate) compression: Compressed,
    pub(crate) oldest: Option<Timestamp>,
    pub(crate) newest: Option<Timestamp>,
    pub(crate) superseded_artifacts: u64,
    pub(crate) superseded_bytes: u64,
    pub(crate) expired_artifacts: u64,
    pub(crate) expired_bytes: u64,
    pub(crate) protected_artifacts: u64,
}

/// One type in `stats`.
#[derive(Debug, Serialize)]
pub(crate) struct OfType {
    pub(crate) artifacts: u64,
    pub(crate) size_bytes: u64,
    pub(crate) compressed_size_bytes: u64,
    pub(crate) compression: Compressed,
}

/// What compression has won.
#[derive(Debug, Serialize)]
pub(crate) struct Compressed {
    pub(crate) saved_bytes: i64,
    pub(crate) ratio: f64,
    pub(crate) mean_ratio: f64,
}

/// `trend`.
#[derive(Debug, Serialize)]
pub(crate) struct Trend<'a> {
    pub(crate) artifact_type: &'a str,
    pub(crate) points: Vec<Point<'a>>,
    /// Where the chart was written.
    pub(crate) svg: Option<String>,
}

/// One artifact of `trend`.
#[derive(Debug, Serialize)]
pub(crate) struct Point<'a> {
    pub(crate) timestamp: Timestamp,
    pub(crate) job_id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) size_bytes: u64,
    pub(crate) compressed_size_bytes: u64,
}

/// `compare`.
#[derive(Debug, Serialize)]
pub(crate) struct Compared<'a> {
    #[serde(flatten)]
    pub(crate) comparison: &'a Comparison,
}
