//! Artifacts beside those of a baseline. What is compared here is what every artifact has: sizes,
//! content, time. What reports mean is compared by those who can read them.

use jiff::SignedDuration;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{ArtifactQuery, Selector};
use crate::artifact::{ArtifactMetadata, ArtifactType};
use crate::index::Filter;
use crate::{Error, Result};

/// An artifact and its baseline.
///
/// Serialises with the names that the original library gives: `current_size`, `baseline_size`,
/// `size_diff_bytes`, `size_diff_percent`, `size_increased`; and more.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ArtifactComparison {
    /// The artifact in question.
    pub current: ArtifactMetadata,
    /// What it is compared with.
    pub baseline: ArtifactMetadata,
}

impl ArtifactComparison {
    /// By how many bytes the content has grown; less than zero when it has shrunk.
    #[must_use]
    pub fn size_diff_bytes(&self) -> i64 {
        difference(self.current.size_bytes, self.baseline.size_bytes)
    }

    /// By how many percent the content has grown; `None` when the baseline has no content.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a percentage for people")]
    pub fn size_diff_percent(&self) -> Option<f64> {
        let baseline = self.baseline.size_bytes;
        (baseline > 0).then(|| self.size_diff_bytes() as f64 * 100.0 / baseline as f64)
    }

    /// Whether the content has grown.
    #[must_use]
    pub fn size_increased(&self) -> bool {
        self.current.size_bytes > self.baseline.size_bytes
    }

    /// By how many bytes the object has grown; less than zero when it has shrunk.
    #[must_use]
    pub fn stored_diff_bytes(&self) -> i64 {
        let (current, baseline) = (&self.current, &self.baseline);
        difference(
            current.compressed_size_bytes,
            baseline.compressed_size_bytes,
        )
    }

    /// How long after the baseline it was stored; less than zero when it was stored before it.
    #[must_use]
    pub fn time_between(&self) -> SignedDuration {
        self.current
            .timestamp
            .duration_since(self.baseline.timestamp)
    }

    /// Whether both have the same content, byte for byte.
    #[must_use]
    pub fn same_content(&self) -> bool {
        (self.current.checksum, self.current.kind) == (self.baseline.checksum, self.baseline.kind)
    }
}

fn difference(current: u64, baseline: u64) -> i64 {
    let difference = i128::from(current) - i128::from(baseline);
    i64::try_from(difference).unwrap_or(if difference > 0 { i64::MAX } else { i64::MIN })
}

impl Serialize for ArtifactComparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ArtifactComparison", 10)?;
        object.serialize_field("current", &self.current)?;
        object.serialize_field("baseline", &self.baseline)?;
        object.serialize_field("current_size", &self.current.size_bytes)?;
        object.serialize_field("baseline_size", &self.baseline.size_bytes)?;
        object.serialize_field("size_diff_bytes", &self.size_diff_bytes())?;
        object.serialize_field("size_diff_percent", &self.size_diff_percent())?;
        object.serialize_field("size_increased", &self.size_increased())?;
        object.serialize_field("stored_diff_bytes", &self.stored_diff_bytes())?;
        object.serialize_field("seconds_between", &self.time_between().as_secs_f64())?;
        object.serialize_field("same_content", &self.same_content())?;
        object.end()
    }
}

/// Artifacts beside those of a baseline.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// Those that both have, by type and name.
    pub compared: Vec<ArtifactComparison>,
    /// Those that only the one in question has.
    pub added: Vec<ArtifactMetadata>,
    /// Those that only the baseline has; known only when the baseline is one job.
    pub gone: Vec<ArtifactMetadata>,
}

impl ArtifactQuery {
    /// Compares the artifacts of a job (of one type, or all) with those of a baseline, which may be
    /// another job, or the latest that meets conditions: then, for each artifact, the latest of its
    /// type and name that another job stored before it.
    ///
    /// Artifacts are paired by type and name; where both sides have one of a type only, its name
    /// does not matter.
    ///
    /// # Errors
    /// Kind *not-found*, saying which, when the current side has no artifact or none of its
    /// artifacts has a baseline.
    pub async fn compare_with_baseline(
        &self,
        current: &Selector,
        baseline: &Selector,
        artifact_type: Option<&ArtifactType>,
    ) -> Result<Comparison> {
        let compared = self.compare(current, baseline, artifact_type).await;
        compared.map_err(|e| {
            e.during("compare")
                .concerning(format!("{current} with {baseline}"))
        })
    }

    async fn compare(
        &self,
        current: &Selector,
        baseline: &Selector,
        artifact_type: Option<&ArtifactType>,
    ) -> Result<Comparison> {
        let current_side = self.side(current, artifact_type).await?;
        if current_side.is_empty() {
            return Err(missing("current", current, artifact_type));
        }
        let baseline_side = match baseline {
            Selector::Job(_) => Some(self.side(baseline, artifact_type).await?),
            Selector::Latest(_) => None,
        };
        let mut comparison = Comparison::default();
        for artifact in current_side.iter().cloned() {
            let only = alone(&artifact, &current_side);
            let found = match &baseline_side {
                Some(side) => in_job(&artifact, only, side),
                None => self.latest_before(&artifact, only, baseline).await?,
            };
            match found {
                Some(baseline) => comparison.compared.push(ArtifactComparison {
                    current: artifact,
                    baseline,
                }),
                None => comparison.added.push(artifact),
            }
        }
        if comparison.compared.is_empty() {
            return Err(match (&baseline_side, baseline) {
                (Some(side), Selector::Job(job)) if !side.is_empty() => Error::not_found(format!(
                    "the baseline is missing: nothing in job {job} has the type and name of what is \
                     compared"
                )),
                _ => missing("baseline", baseline, artifact_type),
            });
        }
        if let Some(side) = baseline_side {
            let paired = |a: &ArtifactMetadata| {
                let mut pairs = comparison.compared.iter();
                pairs.any(|pair| pair.baseline.id == a.id)
            };
            comparison.gone = side.into_iter().filter(|a| !paired(a)).collect();
        }
        Ok(comparison)
    }

    /// The artifacts of one side, by type and name. The latest means the job of the latest.
    async fn side(
        &self,
        selector: &Selector,
        artifact_type: Option<&ArtifactType>,
    ) -> Result<Vec<ArtifactMetadata>> {
        let mut filter = selector.filter();
        filter.artifact_type = artifact_type.cloned();
        if let Selector::Latest(_) = selector {
            let Some(latest) = self.newest(&filter, 1).await?.pop() else {
                return Ok(Vec::new());
            };
            filter = Filter::default().job_id(latest.job_id);
            filter.artifact_type = artifact_type.cloned();
        }
        let mut side = self.all(&filter).await?;
        side.sort_by(|a, b| (&a.artifact_type, &a.name).cmp(&(&b.artifact_type, &b.name)));
        Ok(side)
    }

    /// The latest that meets the baseline's conditions and that another job stored before.
    async fn latest_before(
        &self,
        artifact: &ArtifactMetadata,
        only: bool,
        baseline: &Selector,
    ) -> Result<Option<ArtifactMetadata>> {
        let of_type = baseline
            .filter()
            .artifact_type(artifact.artifact_type.clone())
            .until(artifact.timestamp);
        let named = of_type.clone().name(artifact.name.clone());
        let of_another_job = |found: Vec<ArtifactMetadata>| {
            let mut found = found.into_iter();
            found.find(|a| a.job_id != artifact.job_id)
        };
        // One job has one present artifact of a type and name.
        let found = of_another_job(self.newest(&named, 2).await?);
        if found.is_some() || !only {
            return Ok(found);
        }
        Ok(of_another_job(self.newest(&of_type, 2).await?))
    }
}

/// Whether an artifact is the only one of its type on its side.
fn alone(artifact: &ArtifactMetadata, side: &[ArtifactMetadata]) -> bool {
    let of_type = |other: &&ArtifactMetadata| other.artifact_type == artifact.artifact_type;
    side.iter().filter(of_type).count() == 1
}

fn in_job(
    artifact: &ArtifactMetadata,
    only: bool,
    side: &[ArtifactMetadata],
) -> Option<ArtifactMetadata> {
    let of_type = || {
        side.iter()
            .filter(|other| other.artifact_type == artifact.artifact_type)
    };
    let named = of_type().find(|other| other.name == artifact.name);
    let counterpart = of_type().next().filter(|other| only && alone(other, side));
    named.or(counterpart).cloned()
}

fn missing(side: &str, selector: &Selector, artifact_type: Option<&ArtifactType>) -> Error {
    let what = artifact_type.map_or_else(|| "artifact".to_owned(), |t| format!("{t} artifact"));
    let of = match (side, selector) {
        (_, Selector::Job(job)) => format!("job {job} has no {what}"),
        ("baseline", latest) => {
            format!("no other job has stored such {what}s before that are {latest}")
        }
        (_, latest) => format!("no {what} is {latest}"),
    };
    Error::not_found(format!("the {side} is missing: {of}"))
}
