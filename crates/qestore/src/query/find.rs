//! Finding artifacts: the latest, by date, by tags, by everything.

use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};

use super::ArtifactQuery;
use crate::Result;
use crate::artifact::{ArtifactMetadata, ArtifactType, Tags};
use crate::index::{Filter, Page, Pattern};
use crate::storage::Artifact;

/// What [`ArtifactQuery::search`] looks for; all that is given must hold.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Search {
    /// A glob that the job id matches.
    pub job_id_pattern: Option<Pattern>,
    /// The type.
    pub artifact_type: Option<ArtifactType>,
    /// Tags, all of which it has.
    pub tags: Tags,
    /// The least content, in MB of 1,048,576 bytes, as the original library counts.
    pub min_size_mb: Option<f64>,
    /// The most content, in the same MB.
    pub max_size_mb: Option<f64>,
    /// Not older than so many days.
    pub days_ago: Option<u32>,
}

impl Search {
    /// As a filter at the instant `now`.
    #[must_use]
    pub fn filter(&self, now: Timestamp) -> Filter {
        let mut filter = Filter::default();
        filter.job_pattern.clone_from(&self.job_id_pattern);
        filter.artifact_type.clone_from(&self.artifact_type);
        filter.tags.clone_from(&self.tags);
        filter.min_size = self.min_size_mb.map(|mb| bytes_of(mb).ceil_bytes());
        filter.max_size = self.max_size_mb.map(|mb| bytes_of(mb).floor_bytes());
        filter.since = self.days_ago.map(|days| days_before(now, days));
        filter
    }
}

/// A number of bytes that need not be whole.
struct Fraction(f64);

fn bytes_of(mb: f64) -> Fraction {
    Fraction(mb.max(0.0) * 1_048_576.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "not negative, and saturating"
)]
impl Fraction {
    fn ceil_bytes(&self) -> u64 {
        self.0.ceil() as u64
    }

    fn floor_bytes(&self) -> u64 {
        self.0.floor() as u64
    }
}

/// The instant so many days of 24 hours before.
pub(super) fn days_before(now: Timestamp, days: u32) -> Timestamp {
    let hours = SignedDuration::from_hours(24 * i64::from(days));
    now.checked_sub(hours).unwrap_or(Timestamp::MIN)
}

impl ArtifactQuery {
    /// The newest artifact of a job and type, whatever its name; its content can be read.
    ///
    /// # Errors
    /// From the index and the storage.
    pub async fn get_latest(
        &self,
        job_id: &str,
        artifact_type: &ArtifactType,
    ) -> Result<Option<Artifact>> {
        let filter = Filter::default()
            .job_id(job_id)
            .artifact_type(artifact_type.clone());
        let newest = self.newest(&filter, 1).await?.pop();
        Ok(newest.map(|metadata| self.storage.artifact(metadata)))
    }

    /// The newest `n` artifacts of a type.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_latest_n(
        &self,
        artifact_type: &ArtifactType,
        n: usize,
    ) -> Result<Vec<ArtifactMetadata>> {
        let filter = Filter::default().artifact_type(artifact_type.clone());
        self.newest(&filter, n).await
    }

    /// The artifacts of a type stored from `start` (included) to `end` (included, as in the
    /// original library), newest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_by_date_range(
        &self,
        artifact_type: &ArtifactType,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<ArtifactMetadata>> {
        let after_end = end.checked_add(SignedDuration::from_micros(1));
        let filter = Filter::default()
            .artifact_type(artifact_type.clone())
            .since(start)
            .until(after_end.unwrap_or(Timestamp::MAX));
        self.all(&filter).await
    }

    /// The artifacts of a type stored in the last 24 hours, newest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_last_24_hours(
        &self,
        artifact_type: &ArtifactType,
    ) -> Result<Vec<ArtifactMetadata>> {
        self.of_days(artifact_type, 1).await
    }

    /// The artifacts of a type stored in the last seven days, newest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_last_week(
        &self,
        artifact_type: &ArtifactType,
    ) -> Result<Vec<ArtifactMetadata>> {
        self.of_days(artifact_type, 7).await
    }

    /// The artifacts that have all of these tags, newest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn get_by_tags(&self, tags: &Tags) -> Result<Vec<ArtifactMetadata>> {
        let mut filter = Filter::default();
        filter.tags.clone_from(tags);
        self.all(&filter).await
    }

    /// The artifacts that fit, newest first.
    ///
    /// # Errors
    /// From the index.
    pub async fn search(&self, search: &Search) -> Result<Vec<ArtifactMetadata>> {
        self.all(&search.filter(self.storage.now())).await
    }

    async fn of_days(
        &self,
        artifact_type: &ArtifactType,
        days: u32,
    ) -> Result<Vec<ArtifactMetadata>> {
        let filter = Filter::default()
            .artifact_type(artifact_type.clone())
            .since(days_before(self.storage.now(), days));
        self.all(&filter).await
    }

    pub(super) async fn newest(&self, filter: &Filter, n: usize) -> Result<Vec<ArtifactMetadata>> {
        let listing = self.storage.list(filter, &Page::first(n)).await?;
        Ok(listing.artifacts)
    }

    pub(super) async fn all(&self, filter: &Filter) -> Result<Vec<ArtifactMetadata>> {
        self.storage.list_all(filter).try_collect().await
    }
}
