//! An event as its JSON object says it (`docs/FORMAT.md`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Event, EventAction, EventArtifact};
use crate::artifact::{ArtifactId, ArtifactMetadata, ArtifactType};
use crate::{Error, ErrorKind, Result};

/// One event, as its JSON object says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventRecord {
    pub(crate) format: u32,
    pub(crate) id: ArtifactId,
    pub(crate) at: Timestamp,
    /// Later versions know more, and earlier ones pass over those.
    pub(crate) action: String,
    pub(crate) artifacts: Vec<ArtifactId>,
    pub(crate) reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<Timestamp>,
    /// One for each of `artifacts`, in their order; the first versions wrote none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<Detail>,
}

/// What an artifact was, for whoever reads the log when it is gone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Detail {
    pub(crate) job_id: String,
    pub(crate) artifact_type: ArtifactType,
    pub(crate) name: String,
    pub(crate) stored_bytes: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) rule: Option<String>,
}

impl Detail {
    pub(crate) fn of(metadata: &ArtifactMetadata) -> Self {
        Self {
            job_id: metadata.job_id.clone(),
            artifact_type: metadata.artifact_type.clone(),
            name: metadata.name.clone(),
            stored_bytes: metadata.compressed_size_bytes,
            rule: None,
        }
    }
}

impl EventRecord {
    const FORMAT: u32 = 1;

    /// An event of `at` that happened to `artifacts`.
    pub(crate) fn new(
        id: ArtifactId,
        at: Timestamp,
        action: EventAction,
        artifacts: &[ArtifactMetadata],
        reason: &str,
    ) -> Self {
        Self {
            format: Self::FORMAT,
            id,
            at,
            action: action.as_str().to_owned(),
            artifacts: artifacts.iter().map(|metadata| metadata.id).collect(),
            reason: reason.to_owned(),
            by: None,
            until: None,
            details: artifacts.iter().map(Detail::of).collect(),
        }
    }

    pub(crate) fn action(&self) -> EventAction {
        use EventAction as A;
        [A::Removed, A::Pinned, A::Unpinned, A::Held, A::Released]
            .into_iter()
            .find(|action| action.as_str() == self.action)
            .unwrap_or(A::Unknown)
    }

    /// What this event takes away.
    pub(crate) fn removes(&self) -> &[ArtifactId] {
        match self.action() {
            EventAction::Removed => &self.artifacts,
            _ => &[],
        }
    }

    pub(crate) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|e| {
            Error::new(ErrorKind::Storage, "the event cannot be written as JSON").because(e)
        })
    }

    /// Reads the event of `id`. Kind *unsupported* when a newer version made it, *corrupt* when it
    /// is no event or another one.
    pub(crate) fn from_json(id: ArtifactId, json: &[u8]) -> Result<Self> {
        /// Looked at first: a newer event may be of another shape.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let broken = |e| Error::corrupt("the event is not valid").because(e);
        let version: Version = serde_json::from_slice(json).map_err(broken)?;
        if version.format > Self::FORMAT {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "the event was made by a newer version of qestore: it has format {}, this one reads {}",
                    version.format,
                    Self::FORMAT
                ),
            )
            .help("update qestore to read it"));
        }
        let event: Self = serde_json::from_slice(json).map_err(broken)?;
        if event.id != id {
            return Err(Error::corrupt(format!(
                "the event says that its id is {}: it lies under a wrong key",
                event.id
            )));
        }
        if !event.details.is_empty() && event.details.len() != event.artifacts.len() {
            return Err(Error::corrupt(
                "the event describes other artifacts than it names",
            ));
        }
        Ok(event)
    }
}

impl From<EventRecord> for Event {
    fn from(record: EventRecord) -> Self {
        let action = record.action();
        let mut details = record.details.into_iter();
        let artifacts = record.artifacts.into_iter().map(|id| {
            let detail = details.next();
            let (job_id, artifact_type, name, stored_bytes, rule) = match detail {
                Some(d) => (
                    Some(d.job_id),
                    Some(d.artifact_type),
                    Some(d.name),
                    Some(d.stored_bytes),
                    d.rule,
                ),
                None => (None, None, None, None, None),
            };
            EventArtifact {
                id,
                job_id,
                artifact_type,
                name,
                stored_bytes,
                rule,
            }
        });
        Self {
            artifacts: artifacts.collect(),
            id: record.id,
            at: record.at,
            action,
            reason: record.reason,
            by: record.by,
            until: record.until,
        }
    }
}
