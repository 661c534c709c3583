//! The objects that `--json` prints, all of them; docs/JSON.md describes each, and a test compares.

use qestore::settings::{Problem, Value};
mod asking;
mod keeping;
mod moving;

use qestore::{ArtifactMetadata, Member};
use serde::Serialize;

use super::failure::ErrorJson;

pub(crate) use asking::{Compared, Compressed, OfType, Point, Stats, Trend};
pub(crate) use keeping::{Cleaned, Decided, Logged, Protected, RuleTotal, ScheduleLine};
pub(crate) use moving::{Copied, Exported, ImportTrouble, Imported};

/// `put`.
#[derive(Debug, Serialize)]
pub(crate) struct Stored<'a> {
    pub(crate) artifacts: &'a [ArtifactMetadata],
}

/// `ls`.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<'a> {
    pub(crate) artifacts: &'a [ArtifactMetadata],
    pub(crate) next: Option<String>,
}

/// `show`.
#[derive(Debug, Serialize)]
pub(crate) struct Shown<'a> {
    pub(crate) artifact: &'a ArtifactMetadata,
    pub(crate) members: Option<&'a [Member]>,
}

/// `get`.
#[derive(Debug, Serialize)]
pub(crate) struct Written<'a> {
    pub(crate) artifact: &'a ArtifactMetadata,
    pub(crate) path: String,
}

/// `cat`.
#[derive(Debug, Serialize)]
pub(crate) struct Content<'a> {
    pub(crate) artifact: &'a ArtifactMetadata,
    pub(crate) member: Option<&'a str>,
    pub(crate) encoding: &'static str,
    pub(crate) content: &'a str,
}

/// `rm`.
#[derive(Debug, Serialize)]
pub(crate) struct Removed<'a> {
    pub(crate) removed: &'a ArtifactMetadata,
}

/// `exists`.
#[derive(Debug, Serialize)]
pub(crate) struct Exists {
    pub(crate) exists: bool,
}

/// `verify`.
#[derive(Debug, Serialize)]
pub(crate) struct Verified<'a> {
    pub(crate) verified: u64,
    pub(crate) left_out: u64,
    pub(crate) content_bytes: u64,
    pub(crate) damaged: Vec<Damaged<'a>>,
    pub(crate) took_seconds: f64,
}

/// `reindex`.
#[derive(Debug, Serialize)]
pub(crate) struct Reindexed<'a> {
    pub(crate) objects: u64,
    pub(crate) added: u64,
    pub(crate) removed: u64,
    pub(crate) missing: &'a [ArtifactMetadata],
    pub(crate) damaged: Vec<Damaged<'a>>,
    pub(crate) foreign: u64,
    pub(crate) took_seconds: f64,
}

/// One damaged object in `verify` and `reindex`.
#[derive(Debug, Serialize)]
pub(crate) struct Damaged<'a> {
    pub(crate) key: &'a str,
    pub(crate) artifact: Option<&'a ArtifactMetadata>,
    pub(crate) error: ErrorJson,
}

/// `config init`.
#[derive(Debug, Serialize)]
pub(crate) struct Initialised {
    pub(crate) path: String,
}

/// `config show`.
#[derive(Debug, Serialize)]
pub(crate) struct Configured {
    pub(crate) file: Option<String>,
    pub(crate) settings: Vec<Configuring>,
}

/// One key in `config show`.
#[derive(Debug, Serialize)]
pub(crate) struct Configuring {
    pub(crate) key: &'static str,
    pub(crate) value: Option<Value>,
    pub(crate) from: String,
}

/// `config check`.
#[derive(Debug, Serialize)]
pub(crate) struct Checked<'a> {
    pub(crate) file: Option<String>,
    pub(crate) problems: &'a [Problem],
}

/// `completions`.
#[derive(Debug, Serialize)]
pub(crate) struct Script<'a> {
    pub(crate) shell: String,
    pub(crate) script: &'a str,
}

/// `man`.
#[derive(Debug, Serialize)]
pub(crate) struct Pages {
    pub(crate) pages: Vec<Page>,
}

/// One page of `man`.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) name: String,
    /// Where it was written.
    pub(crate) path: Option<String>,
    /// The page itself, when it was not written to a file.
    pub(crate) text: Option<String>,
}

/// A failure, on standard error.
#[derive(Debug, Serialize)]
pub(super) struct Failed {
    pub(super) error: Option<ErrorJson>,
}

/// Something besides the answer, on standard error.
#[derive(Debug, Serialize)]
pub(super) struct Noted<'a> {
    pub(super) note: &'a str,
}
