//! One type of artifacts over time.

use jiff::Timestamp;

use super::ArtifactQuery;
use super::find::days_before;
use crate::Result;
use crate::artifact::{ArtifactMetadata, ArtifactType};
use crate::index::Filter;

/// The size of one artifact, as a point in time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SizePoint {
    /// When it was stored, UTC.
    pub timestamp: Timestamp,
    /// Its job.
    pub job_id: String,
    /// Its name.
    pub name: String,
    /// Bytes of its content.
    pub size_bytes: u64,
    /// Bytes of its object.
    pub compressed_size_bytes: u64,
}

impl From<ArtifactMetadata> for SizePoint {
    fn from(metadata: ArtifactMetadata) -> Self {
        Self {
            timestamp: metadata.timestamp,
            job_id: metadata.job_id,
            name: metadata.name,
            size_bytes: metadata.size_bytes,
            compressed_size_bytes: metadata.compressed_size_bytes,
        }
    }
}

impl ArtifactQuery {
    /// The sizes of all artifacts of a type of the last `days` days, oldest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_size_trend(
        &self,
        artifact_type: &ArtifactType,
        days: u32,
    ) -> Result<Vec<SizePoint>> {
        let filter = Filter::default()
            .artifact_type(artifact_type.clone())
            .since(days_before(self.storage.now(), days));
        self.size_trend(&filter).await
    }

    /// The sizes of all artifacts that `filter` lets through, oldest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn size_trend(&self, filter: &Filter) -> Result<Vec<SizePoint>> {
        let newest_first = self.all(filter).await?;
        Ok(newest_first.into_iter().rev().map(Into::into).collect())
    }
}
