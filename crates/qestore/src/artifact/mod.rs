//! What an artifact is: its identity, its type, what is known of it. Plain values, no storage.

mod artifact_type;
mod digest;
mod id;
mod media_type;
mod metadata;
mod names;
mod reference;

pub use artifact_type::ArtifactType;
pub use digest::Sha256Digest;
pub use id::ArtifactId;
pub(crate) use media_type::guess_media_type;
pub use metadata::{ArtifactKind, ArtifactMetadata};
pub(crate) use names::validate_media_type;
pub use names::{
    DEFAULT_NAME, MAX_JOB_ID_BYTES, MAX_NAME_BYTES, MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES,
    MAX_TAGS, Tags, validate_job_id, validate_name, validate_tags,
};
pub use reference::ArtifactRef;
