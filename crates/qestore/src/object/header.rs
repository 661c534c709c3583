//! The metadata of an object as JSON. Fields may be added by later versions and are ignored by
//! earlier ones; what an earlier version *must* understand is named in `requires`.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Codec, Container};
use crate::artifact::{
    ArtifactId, ArtifactKind, ArtifactMetadata, ArtifactType, Sha256Digest, Tags, validate_job_id,
    validate_media_type, validate_name, validate_tags,
};
use crate::{Error, ErrorKind, Result};

use super::section::newer;

/// The version of the object format that this library writes.
pub(crate) const FORMAT_VERSION: u32 = 1;
/// Named in every object, for diagnosis.
pub(crate) const WRITER: &str = concat!("qestore/", env!("CARGO_PKG_VERSION"));
/// The features of the format that this library can read. The first version needs none.
const KNOWN_FEATURES: [&str; 0] = [];

/// The metadata as stored in the object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) format: u32,
    /// Features that a reader must know to read the content rightly.
    pub(crate) requires: Vec<String>,
    /// The program that wrote the object, for diagnosis.
    pub(crate) writer: String,
    pub(crate) id: ArtifactId,
    pub(crate) job_id: String,
    pub(crate) artifact_type: ArtifactType,
    pub(crate) name: String,
    pub(crate) kind: ArtifactKind,
    pub(crate) media_type: String,
    pub(crate) created_at: Timestamp,
    pub(crate) size_bytes: u64,
    pub(crate) sha256: Sha256Digest,
    pub(crate) codec: Codec,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<u64>,
    pub(crate) tags: Tags,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ttl_seconds: Option<i64>,
    /// Kept without end, whatever the policy of the store says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) keep_forever: bool,
}

/// What is read before anything else, since all the rest may be of another shape.
#[derive(Deserialize)]
struct Version {
    format: u32,
    #[serde(default)]
    requires: Vec<String>,
}

impl Header {
    pub(crate) fn to_json(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|source| {
            Error::new(ErrorKind::Storage, "the metadata cannot be written as JSON").because(source)
        })
    }

    /// Reads and checks stored metadata.
    ///
    /// Kind *unsupported* when a newer version made it, *corrupt* when it breaks the format.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        let broken = |source| Error::corrupt("the metadata is not valid").because(source);
        let version: Version = serde_json::from_slice(json).map_err(broken)?;
        if let Some(unknown) = version
            .requires
            .iter()
            .find(|feature| !KNOWN_FEATURES.contains(&feature.as_str()))
        {
            return Err(newer(format!("it needs the feature {unknown:?}")));
        }
        if version.format == 0 {
            return Err(Error::corrupt("the metadata has no format version"));
        }
        if version.format != FORMAT_VERSION {
            return Err(newer(format!(
                "it has format {}, this one reads 1",
                version.format
            )));
        }
        let header: Self = serde_json::from_slice(json).map_err(broken)?;
        header
            .check()
            .map_err(|source| Error::corrupt("the metadata is not valid").because(source))?;
        Ok(header)
    }

    fn check(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        validate_job_id(&self.job_id)?;
        validate_name(&self.name)?;
        validate_media_type(&self.media_type)?;
        validate_tags(&self.tags)?;
        if (self.kind == ArtifactKind::Tree) != self.members.is_some() {
            return Err("a tree has a member count, a file has none".into());
        }
        if self.ttl_seconds.is_some_and(|seconds| seconds <= 0) {
            return Err("the kept time is not positive".into());
        }
        if self.ttl_seconds.is_some() && self.keep_forever {
            return Err("a kept time has an end, or has none".into());
        }
        Ok(())
    }

    pub(crate) fn container(&self) -> Container {
        self.codec.container()
    }

    pub(crate) fn into_metadata(self, object_size: u64, storage_path: String) -> ArtifactMetadata {
        ArtifactMetadata {
            id: self.id,
            job_id: self.job_id,
            artifact_type: self.artifact_type,
            name: self.name,
            kind: self.kind,
            media_type: self.media_type,
            timestamp: self.created_at,
            size_bytes: self.size_bytes,
            compressed_size_bytes: object_size,
            checksum: self.sha256,
            codec: self.codec,
            members: self.members,
            tags: self.tags,
            ttl: self.ttl_seconds.map(SignedDuration::from_secs),
            keep_forever: self.keep_forever,
            policy_ttl: None,
            pinned: false,
            held_until: None,
            storage_path,
        }
    }
}
