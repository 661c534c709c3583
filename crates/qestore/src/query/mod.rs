//! Questions that people ask of a store, by the names that users of the original library know:
//! the latest, by date, by tags, compared with a baseline, over time, in sum.

mod compare;
mod find;
mod selector;
mod statistics;
mod trend;

use crate::storage::Storage;

pub use compare::{ArtifactComparison, Comparison};
pub use find::Search;
pub use selector::Selector;
pub use statistics::{Compression, CompressionStats, StorageStats, TypeStats};
pub use trend::SizePoint;

/// Questions to a store. Every filter is applied before any limit, by the index.
///
/// ```
/// use qestore::{ArtifactQuery, ArtifactType, Config, NewArtifact, Storage};
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let storage = Storage::open(Config::memory()).await?;
/// let new = NewArtifact::from_bytes("build-7", ArtifactType::TEST_RESULTS, "<testsuite/>");
/// storage.store(new.tag("branch", "main")).await?;
///
/// let query = ArtifactQuery::new(&storage);
/// let latest = query.get_latest_n(&ArtifactType::TEST_RESULTS, 10).await?;
/// assert_eq!(latest[0].job_id, "build-7");
/// let stats = query.get_storage_stats().await?;
/// assert_eq!(stats.total_artifacts, 1);
/// # Ok::<(), qestore::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct ArtifactQuery {
    storage: Storage,
}

impl ArtifactQuery {
    /// Questions to this store.
    #[must_use]
    pub fn new(storage: &Storage) -> Self {
        Self {
            storage: storage.clone(),
        }
    }
}
