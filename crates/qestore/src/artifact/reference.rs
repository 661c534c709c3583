//! How a caller says which artifact is meant: job id and type, and a name where there are several.

use std::fmt;

use super::names::{validate_job_id, validate_name};
use super::{ArtifactMetadata, ArtifactType};
use crate::Result;

/// Names an artifact by job id and type, and by name when the job has several of that type.
///
/// Without a name it means the only artifact of that job and type, or the one named `default`.
///
/// ```
/// use qestore::{ArtifactRef, ArtifactType};
/// let any: ArtifactRef = ("build-123", ArtifactType::TEST_RESULTS).into();
/// let one = ArtifactRef::new("build-123", ArtifactType::TEST_RESULTS).named("junit.xml");
/// assert_eq!(one.to_string(), "build-123 test-results junit.xml");
/// assert!(any.name().is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArtifactRef {
    job_id: String,
    artifact_type: ArtifactType,
    name: Option<String>,
}

impl ArtifactRef {
    /// The only (or the `default`) artifact of that job and type.
    pub fn new(job_id: impl Into<String>, artifact_type: ArtifactType) -> Self {
        Self {
            job_id: job_id.into(),
            artifact_type,
            name: None,
        }
    }

    /// The artifact of that name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The job id.
    #[must_use]
    pub fn job_id(&self) -> &str {
        &self.job_id
    }

    /// The artifact type.
    #[must_use]
    pub fn artifact_type(&self) -> &ArtifactType {
        &self.artifact_type
    }

    /// The name, where one was given.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn validate(&self) -> Result<()> {
        validate_job_id(&self.job_id)?;
        self.name.as_deref().map_or(Ok(()), validate_name)
    }
}

impl From<(&str, ArtifactType)> for ArtifactRef {
    fn from((job_id, artifact_type): (&str, ArtifactType)) -> Self {
        Self::new(job_id, artifact_type)
    }
}

impl From<(&str, ArtifactType, &str)> for ArtifactRef {
    fn from((job_id, artifact_type, name): (&str, ArtifactType, &str)) -> Self {
        Self::new(job_id, artifact_type).named(name)
    }
}

impl From<&ArtifactMetadata> for ArtifactRef {
    fn from(metadata: &ArtifactMetadata) -> Self {
        Self::new(metadata.job_id.clone(), metadata.artifact_type.clone())
            .named(metadata.name.clone())
    }
}

impl fmt::Display for ArtifactRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.job_id, self.artifact_type)?;
        self.name
            .as_ref()
            .map_or(Ok(()), |name| write!(f, " {name}"))
    }
}
