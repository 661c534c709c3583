//! Events: immutable records of what happened to artifacts after they were stored. They are the
//! audit log of a store; the index applies them.

mod record;

use jiff::Timestamp;
use serde::Serialize;

use crate::artifact::{ArtifactId, ArtifactType};

pub(crate) use record::EventRecord;

/// What happened to artifacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum EventAction {
    /// They are gone, for ever.
    Removed,
    /// A pin keeps them, until it is taken away.
    Pinned,
    /// The pin was taken away.
    Unpinned,
    /// A hold keeps them until an instant.
    Held,
    /// The hold was ended before its time.
    Released,
    /// Something that a later version of qestore knows.
    Unknown,
}

impl EventAction {
    /// The action as a word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Pinned => "pinned",
            Self::Unpinned => "unpinned",
            Self::Held => "held",
            Self::Released => "released",
            Self::Unknown => "unknown",
        }
    }
}

/// One event of a store, as [`Storage::events`](crate::Storage::events) tells it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Event {
    /// The identity of the event.
    pub id: ArtifactId,
    /// When it happened, UTC.
    pub at: Timestamp,
    /// What happened.
    pub action: EventAction,
    /// To which artifacts.
    pub artifacts: Vec<EventArtifact>,
    /// Why, for people.
    pub reason: String,
    /// Who or what did it, where that was said.
    pub by: Option<String>,
    /// For a hold: until when it keeps them.
    pub until: Option<Timestamp>,
}

/// An artifact as an event names it. Events of the first versions know the id only.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct EventArtifact {
    /// The identity of the stored version.
    pub id: ArtifactId,
    /// Its job.
    pub job_id: Option<String>,
    /// Its type.
    pub artifact_type: Option<ArtifactType>,
    /// Its name.
    pub name: Option<String>,
    /// The bytes of its object.
    pub stored_bytes: Option<u64>,
    /// For a removal by a cleanup: the rule that let it go.
    pub rule: Option<String>,
}

/// Which events to tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EventFilter {
    /// Only of this instant or later.
    pub since: Option<Timestamp>,
    /// Only before this instant.
    pub until: Option<Timestamp>,
    /// Only of this action.
    pub action: Option<EventAction>,
    /// Only such as name an artifact of this job.
    pub job_id: Option<String>,
}

impl EventFilter {
    pub(crate) fn holds(&self, event: &Event) -> bool {
        let of_job = |job: &String| {
            let mut jobs = event.artifacts.iter().filter_map(|a| a.job_id.as_ref());
            jobs.any(|of| of == job)
        };
        self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at < until)
            && self.action.is_none_or(|action| event.action == action)
            && self.job_id.as_ref().is_none_or(of_job)
    }
}
