//! A store in sum: how much there is of what, and what compression has won.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::ArtifactQuery;
use crate::Result;
use crate::artifact::ArtifactType;
use crate::index::{Sum, Sums};
use crate::storage::Storage;

/// A store in sum. Superseded versions count only where it says so.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StorageStats {
    /// How many artifacts there are.
    pub total_artifacts: u64,
    /// Bytes of their content.
    pub total_size_bytes: u64,
    /// Bytes of their objects.
    pub total_compressed_size_bytes: u64,
    /// The same by type.
    pub artifacts_by_type: BTreeMap<ArtifactType, TypeStats>,
    /// When the oldest was stored, UTC.
    pub oldest: Option<Timestamp>,
    /// When the newest was stored, UTC.
    pub newest: Option<Timestamp>,
    /// How many superseded versions there are.
    pub superseded_artifacts: u64,
    /// Bytes of their objects; a cleanup frees them after the grace period.
    pub superseded_bytes: u64,
    /// How many artifacts and superseded versions have had their time.
    pub expired_artifacts: u64,
    /// Bytes of their objects; a cleanup frees them, unless something else keeps them.
    pub expired_bytes: u64,
    /// How many artifacts and superseded versions a pin or a hold keeps.
    pub protected_artifacts: u64,
}

impl StorageStats {
    /// Bytes of all objects, superseded versions included.
    #[must_use]
    pub fn stored_bytes(&self) -> u64 {
        self.total_compressed_size_bytes + self.superseded_bytes
    }
}

/// One type of artifacts in sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeStats {
    /// How many there are.
    pub artifacts: u64,
    /// Bytes of their content.
    pub size_bytes: u64,
    /// Bytes of their objects.
    pub compressed_size_bytes: u64,
}

/// What compression has won, by type and in all.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CompressionStats {
    /// Of everything that was asked for.
    pub total: Compression,
    /// By type.
    pub by_type: BTreeMap<ArtifactType, Compression>,
}

/// What compression has won.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Compression {
    /// Of how many artifacts.
    pub artifacts: u64,
    /// Bytes of their content.
    pub size_bytes: u64,
    /// Bytes of their objects.
    pub compressed_size_bytes: u64,
    /// Stored bytes divided by content bytes, all together: large artifacts count more. 1.0 for no
    /// content.
    pub ratio: f64,
    /// The mean of the ratios: each artifact counts the same. 1.0 for none.
    pub mean_ratio: f64,
}

impl Compression {
    /// Bytes that compression has saved; less than zero where it cost some.
    #[must_use]
    pub fn saved_bytes(&self) -> i64 {
        let signed = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
        signed(self.size_bytes) - signed(self.compressed_size_bytes)
    }
}

#[expect(clippy::cast_precision_loss, reason = "ratios for people")]
impl From<Sum> for Compression {
    fn from(sum: Sum) -> Self {
        let share = |part: u64, of: f64| if of == 0.0 { 1.0 } else { part as f64 / of };
        Self {
            artifacts: sum.artifacts,
            size_bytes: sum.size_bytes,
            compressed_size_bytes: sum.stored_bytes,
            ratio: share(sum.stored_bytes, sum.size_bytes as f64),
            mean_ratio: share(sum.ratio, sum.artifacts as f64 * 1e6),
        }
    }
}

impl From<Sum> for TypeStats {
    fn from(sum: Sum) -> Self {
        Self {
            artifacts: sum.artifacts,
            size_bytes: sum.size_bytes,
            compressed_size_bytes: sum.stored_bytes,
        }
    }
}

impl ArtifactQuery {
    /// The store in sum.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_storage_stats(&self) -> Result<StorageStats> {
        let sums = sums(&self.storage).await?;
        let mut total = Sum::default();
        for sum in sums.present.values() {
            total += *sum;
        }
        Ok(StorageStats {
            total_artifacts: total.artifacts,
            total_size_bytes: total.size_bytes,
            total_compressed_size_bytes: total.stored_bytes,
            artifacts_by_type: sums
                .present
                .into_iter()
                .map(|(of_type, sum)| (of_type, sum.into()))
                .collect(),
            oldest: sums.span.map(|(oldest, _)| oldest),
            newest: sums.span.map(|(_, newest)| newest),
            superseded_artifacts: sums.superseded.artifacts,
            superseded_bytes: sums.superseded.stored_bytes,
            expired_artifacts: sums.expired.artifacts,
            expired_bytes: sums.expired.stored_bytes,
            protected_artifacts: sums.protected,
        })
    }

    /// What compression has won, of one type or of all.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_compression_stats(
        &self,
        artifact_type: Option<&ArtifactType>,
    ) -> Result<CompressionStats> {
        let mut present = sums(&self.storage).await?.present;
        if let Some(only) = artifact_type {
            present.retain(|of_type, _| of_type == only);
        }
        let mut total = Sum::default();
        for sum in present.values() {
            total += *sum;
        }
        Ok(CompressionStats {
            total: total.into(),
            by_type: present
                .into_iter()
                .map(|(of_type, sum)| (of_type, sum.into()))
                .collect(),
        })
    }
}

async fn sums(storage: &Storage) -> Result<Sums> {
    let (shared, now) = (Arc::clone(&storage.shared), storage.now());
    let policy = shared.retention.clone();
    let sums = shared
        .on_sound_index(move |index| index.sums(now, |of_type| policy.ttl_for(of_type)))
        .await;
    sums.map_err(|e| e.during("add the store up"))
}
