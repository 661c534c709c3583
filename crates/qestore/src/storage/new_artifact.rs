//! What is to be stored: content and everything said about it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use tokio::io::AsyncRead;

use crate::artifact::{ArtifactType, Tags};
use crate::object::Codec;
use crate::tree::Links;

/// Is told how many bytes of content have been taken in so far.
pub(super) type Progress = Arc<dyn Fn(u64) + Send + Sync>;

pub(super) enum Content {
    Bytes(Bytes),
    Path(PathBuf),
    Reader(Box<dyn AsyncRead + Send + Unpin>),
}

/// An artifact to be: bytes, a file, a folder or any reader, and what is known of it.
///
/// Without a name it is called after its file or folder, else `default`.
pub struct NewArtifact {
    pub(super) job_id: String,
    pub(super) artifact_type: ArtifactType,
    pub(super) content: Content,
    pub(super) name: Option<String>,
    pub(super) tags: Tags,
    pub(super) ttl: Option<Option<SignedDuration>>,
    pub(super) codec: Option<Codec>,
    pub(super) media_type: Option<String>,
    pub(super) timestamp: Option<Timestamp>,
    pub(super) links: Links,
    pub(super) progress: Option<Progress>,
}

impl NewArtifact {
    fn new(job_id: String, artifact_type: ArtifactType, content: Content) -> Self {
        Self {
            job_id,
            artifact_type,
            content,
            name: None,
            tags: Tags::new(),
            ttl: None,
            codec: None,
            media_type: None,
            timestamp: None,
            links: Links::default(),
            progress: None,
        }
    }

    /// An artifact of these bytes.
    pub fn from_bytes(
        job_id: impl Into<String>,
        artifact_type: ArtifactType,
        bytes: impl Into<Bytes>,
    ) -> Self {
        Self::new(job_id.into(), artifact_type, Content::Bytes(bytes.into()))
    }

    /// An artifact of a file, or of a folder with everything in it.
    pub fn from_path(
        job_id: impl Into<String>,
        artifact_type: ArtifactType,
        path: impl Into<PathBuf>,
    ) -> Self {
        Self::new(job_id.into(), artifact_type, Content::Path(path.into()))
    }

    /// An artifact of whatever the reader gives, to its end.
    pub fn from_reader(
        job_id: impl Into<String>,
        artifact_type: ArtifactType,
        reader: impl AsyncRead + Send + Unpin + 'static,
    ) -> Self {
        Self::new(
            job_id.into(),
            artifact_type,
            Content::Reader(Box::new(reader)),
        )
    }

    /// Tells it apart from other artifacts of the same job and type.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.insert(key.into(), value.into());
        self
    }

    /// Adds tags.
    #[must_use]
    pub fn tags<K: Into<String>, V: Into<String>>(
        mut self,
        tags: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        self.tags.extend(
            tags.into_iter()
                .map(|(key, value)| (key.into(), value.into())),
        );
        self
    }

    /// Keeps it so long, whatever the store's default is.
    #[must_use]
    pub fn keep_for(mut self, ttl: SignedDuration) -> Self {
        self.ttl = Some(Some(ttl));
        self
    }

    /// Keeps it without limit, whatever the store's default is.
    #[must_use]
    pub fn keep_for_ever(mut self) -> Self {
        self.ttl = Some(None);
        self
    }

    /// Compresses it like this, whatever the store's default is.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = Some(codec);
        self
    }

    /// Says what it is, instead of having it guessed by first bytes and name.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Says when it was made, for artifacts that were made earlier.
    #[must_use]
    pub fn timestamp(mut self, at: Timestamp) -> Self {
        self.timestamp = Some(at);
        self
    }

    /// For a folder: what to do with symbolic links.
    #[must_use]
    pub fn links(mut self, links: Links) -> Self {
        self.links = links;
        self
    }

    /// Calls `tell` with the bytes of content taken in so far, from any thread.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }

    /// The name it will have.
    pub(super) fn chosen_name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        match &self.content {
            Content::Path(path) => path.file_name().and_then(|name| name.to_str()),
            Content::Bytes(_) | Content::Reader(_) => None,
        }
        .unwrap_or(crate::artifact::DEFAULT_NAME)
        .to_owned()
    }

    /// What to call it in an error.
    pub(super) fn subject(&self) -> String {
        let what = match &self.content {
            Content::Path(path) => path.display().to_string(),
            Content::Bytes(_) | Content::Reader(_) => self.chosen_name(),
        };
        format!("{what} as {} {}", self.job_id, self.artifact_type)
    }
}

impl fmt::Debug for NewArtifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewArtifact")
            .field("job_id", &self.job_id)
            .field("artifact_type", &self.artifact_type)
            .field("name", &self.name)
            .field("tags", &self.tags)
            .finish_non_exhaustive()
    }
}
