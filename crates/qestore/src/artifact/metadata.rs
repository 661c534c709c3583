//! What is known of a stored artifact.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::{ArtifactId, ArtifactType, Sha256Digest, Tags};
use crate::object::Codec;

/// Whether an artifact is one file or a folder tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ArtifactKind {
    /// One file; the content is its bytes.
    File,
    /// A folder tree; the content is a tar stream.
    Tree,
}

impl fmt::Display for ArtifactKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::File => "file",
            Self::Tree => "tree",
        })
    }
}

/// What is known of a stored artifact, without opening its content.
///
/// Serialises to the JSON object that the command line prints (`docs/JSON.md`): the fields below
/// and the computed `compression_ratio`, `retention_days` and `expires_at`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ArtifactMetadata {
    /// The identity of this stored version.
    pub id: ArtifactId,
    /// The build, pipeline run or job that made it.
    pub job_id: String,
    /// What sort of thing it is.
    pub artifact_type: ArtifactType,
    /// Tells apart several artifacts of one type in one job.
    pub name: String,
    /// A file or a folder tree.
    pub kind: ArtifactKind,
    /// The media type of the content.
    pub media_type: String,
    /// When it was stored (or, for an imported artifact, first made), UTC, to the microsecond.
    pub timestamp: Timestamp,
    /// The size of the content in bytes, uncompressed; for a tree, of its tar stream.
    pub size_bytes: u64,
    /// The size of the stored object in bytes: content, metadata and tables together.
    pub compressed_size_bytes: u64,
    /// The SHA-256 of the uncompressed content; for a tree, of its tar stream.
    pub checksum: Sha256Digest,
    /// How the content was compressed.
    pub codec: Codec,
    /// For a tree, the number of its members (files, folders and links).
    pub members: Option<u64>,
    /// Text to find it by.
    pub tags: Tags,
    /// How long it is kept, if a limit was set when it was stored.
    pub ttl: Option<SignedDuration>,
    /// It was stored to be kept without end, whatever the policy says.
    pub keep_forever: bool,
    /// How long the policy keeps it, where it says nothing itself; filled in by an open store.
    pub policy_ttl: Option<SignedDuration>,
    /// A pin keeps it.
    pub pinned: bool,
    /// A hold keeps it until then, UTC.
    pub held_until: Option<Timestamp>,
    /// The key of the object in its store, slash-separated, relative to the store's root.
    pub storage_path: String,
}

impl ArtifactMetadata {
    /// Stored bytes divided by content bytes: 0.12 means that 12 % are left. 1.0 for no content.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub fn compression_ratio(&self) -> f64 {
        if self.size_bytes == 0 {
            return 1.0;
        }
        self.compressed_size_bytes as f64 / self.size_bytes as f64
    }

    /// How long it is kept: its own limit, else the one of the policy.
    #[must_use]
    pub fn kept_for(&self) -> Option<SignedDuration> {
        if self.keep_forever {
            return None;
        }
        self.ttl.or(self.policy_ttl)
    }

    /// How many days it is kept, if there is a limit; whole days are whole numbers.
    #[must_use]
    pub fn retention_days(&self) -> Option<f64> {
        self.kept_for().map(|ttl| ttl.as_secs_f64() / 86_400.0)
    }

    /// The instant at which the kept time is over, if there is a limit. From then on a cleanup
    /// removes it, unless something else keeps it.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.kept_for()
            .map(|ttl| self.timestamp.checked_add(ttl).unwrap_or(Timestamp::MAX))
    }

    /// Whether a pin, or a hold that is not over, keeps it at `now`.
    #[must_use]
    pub fn is_protected(&self, now: Timestamp) -> bool {
        self.pinned || self.held_until.is_some_and(|until| until > now)
    }

    /// The instant at which its own limit is over, whatever the policy says.
    pub(crate) fn own_expiry(&self) -> Option<Timestamp> {
        self.ttl
            .map(|ttl| self.timestamp.checked_add(ttl).unwrap_or(Timestamp::MAX))
    }
}

impl fmt::Display for ArtifactMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.job_id, self.artifact_type, self.name)
    }
}

impl Serialize for ArtifactMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ArtifactMetadata", 19)?;
        object.serialize_field("id", &self.id)?;
        object.serialize_field("job_id", &self.job_id)?;
        object.serialize_field("artifact_type", &self.artifact_type)?;
        object.serialize_field("name", &self.name)?;
        object.serialize_field("kind", &self.kind)?;
        object.serialize_field("media_type", &self.media_type)?;
        object.serialize_field("timestamp", &self.timestamp)?;
        object.serialize_field("size_bytes", &self.size_bytes)?;
        object.serialize_field("compressed_size_bytes", &self.compressed_size_bytes)?;
        object.serialize_field("compression_ratio", &self.compression_ratio())?;
        object.serialize_field("checksum", &self.checksum)?;
        object.serialize_field("codec", &self.codec)?;
        object.serialize_field("members", &self.members)?;
        object.serialize_field("tags", &self.tags)?;
        object.serialize_field("retention_days", &self.retention_days())?;
        object.serialize_field("expires_at", &self.expires_at())?;
        object.serialize_field("pinned", &self.pinned)?;
        object.serialize_field("held_until", &self.held_until)?;
        object.serialize_field("storage_path", &self.storage_path)?;
        object.end()
    }
}
