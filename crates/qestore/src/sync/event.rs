//! Events: immutable records of what happened to artifacts after they were stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::artifact::ArtifactId;
use crate::{Error, ErrorKind, Result};

/// One event, as its JSON object says it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) format: u32,
    pub(crate) id: ArtifactId,
    pub(crate) at: Timestamp,
    /// `removed`; later versions know more, and earlier ones pass over those.
    pub(crate) action: String,
    pub(crate) artifacts: Vec<ArtifactId>,
    pub(crate) reason: String,
}

impl Event {
    const REMOVED: &'static str = "removed";
    const FORMAT: u32 = 1;

    pub(crate) fn removed(
        id: ArtifactId,
        at: Timestamp,
        artifacts: Vec<ArtifactId>,
        reason: &str,
    ) -> Self {
        let (action, reason) = (Self::REMOVED.to_owned(), reason.to_owned());
        Self {
            format: Self::FORMAT,
            id,
            at,
            action,
            artifacts,
            reason,
        }
    }

    /// What this event takes away.
    pub(crate) fn removes(&self) -> &[ArtifactId] {
        if self.action == Self::REMOVED {
            &self.artifacts
        } else {
            &[]
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
        if event.id == id {
            return Ok(event);
        }
        Err(Error::corrupt(format!(
            "the event says that its id is {}: it lies under a wrong key",
            event.id
        )))
    }
}
