//! Brings the index in step with the objects and events of a store.
//!
//! ```text
//! list artifacts ─┐                                     ┌─ read tails of unknown objects, in parallel
//! list events  ───┴─ from watermark − overlap, or all ──┼─ apply unknown events, in id order
//!                                                       └─ move the watermark
//! ```
//! Artifacts are listed before events: an object that disappears in between has its event listed.

mod run;
#[cfg(test)]
mod tests;

pub(crate) use run::{Depth, read_map};

use std::time::Duration;

use crate::Error;
use crate::artifact::ArtifactMetadata;

/// What a sync did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct SyncReport {
    /// Objects that were looked at.
    pub objects: u64,
    /// Artifacts that are new in the index.
    pub added: u64,
    /// Artifacts that events removed.
    pub removed: u64,
    /// Artifacts whose object is gone though no event says so (known only when everything was
    /// looked at).
    pub missing: Vec<ArtifactMetadata>,
    /// Keys of objects whose metadata cannot be read, and why.
    pub damaged: Vec<(String, Error)>,
    /// Files below the store's folders that are no objects of this store.
    pub foreign: u64,
    /// How long it took.
    pub took: Duration,
}
