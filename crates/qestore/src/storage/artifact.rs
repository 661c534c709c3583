//! A stored artifact in hand: metadata, and its content in whatever way it is wanted.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::sync::OnceCell;

use super::Shared;
use super::content::OpenObject;
use super::unpack_target::UnpackTarget;
use crate::artifact::{ArtifactKind, ArtifactMetadata};
use crate::backend::ReadRange;
use crate::blocking::blocking;
use crate::object::parse_members;
use crate::tree::{Member, MemberKind, TreeCheck, TreeReader, Unpacker};
use crate::{Error, ErrorKind, Result};

/// A stored artifact: its metadata at once, its content on demand, decompressed and verified.
///
/// Reading gives an error of kind *corrupt*, naming the artifact, when the stored bytes are not
/// what was stored; wrong bytes are never handed out as if they were good.
#[derive(Debug, Clone)]
pub struct Artifact {
    shared: Arc<Shared>,
    metadata: Arc<ArtifactMetadata>,
    object: Arc<OnceCell<OpenObject>>,
}

impl Artifact {
    pub(super) fn new(shared: Arc<Shared>, metadata: ArtifactMetadata) -> Self {
        Self {
            shared,
            metadata: Arc::new(metadata),
            object: Arc::new(OnceCell::new()),
        }
    }

    /// What is known of it.
    #[must_use]
    pub fn metadata(&self) -> &ArtifactMetadata {
        &self.metadata
    }

    /// The whole content, decompressed; for a tree, its tar stream.
    ///
    /// # Errors
    /// Kind *too-large* when it is over the store's size limit: use [`Artifact::stream`] then.
    pub async fn bytes(&self) -> Result<Bytes> {
        self.fits_a_buffer(self.metadata.size_bytes)?;
        let bytes = async { self.object().await?.bytes(&self.shared, self.key()).await };
        bytes.await.map_err(|e| self.named(e))
    }

    /// The whole content as a stream. Each part is checked before it comes; the SHA-256 of the
    /// whole can only be known at the end, and is an error there when it is wrong.
    pub fn stream(&self) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let (this, at_error) = (self.clone(), self.clone());
        let opened = async move {
            let object = this.object().await?;
            Ok::<_, Error>(object.verified(&this.shared, this.key()))
        };
        futures::stream::once(opened)
            .try_flatten()
            .map_err(move |e| at_error.named(e))
    }

    /// Some bytes of the content, by their place in it; only the frames that hold them are read.
    ///
    /// # Errors
    /// Kind *invalid-input* when the range is not inside the content.
    pub async fn range(&self, range: Range<u64>) -> Result<Bytes> {
        let size = self.metadata.size_bytes;
        if range.start > range.end || range.end > size {
            return Err(self.named(Error::invalid(format!(
                "bytes {} to {} are not inside its {size} bytes",
                range.start, range.end
            ))));
        }
        self.fits_a_buffer(range.end - range.start)?;
        let part = async {
            self.object()
                .await?
                .range(&self.shared, self.key(), range)
                .await
        };
        part.await.map_err(|e| self.named(e))
    }

    /// The files, folders and links of a tree, in the order of their paths.
    ///
    /// # Errors
    /// Kind *invalid-input* when it is a file.
    pub async fn members(&self) -> Result<Vec<Member>> {
        self.member_table().await.map_err(|e| self.named(e))
    }

    /// The content of one file of a tree, verified; only the frames that hold it are read.
    ///
    /// # Errors
    /// Kind *not-found* when there is no such member, *invalid-input* when it is no file.
    pub async fn member(&self, path: &str) -> Result<Bytes> {
        let member = self.file_member(path).await;
        let read = async {
            let member = member?;
            self.fits_a_buffer(member.size)?;
            let range = member.offset..member.offset + member.size;
            let object = self.object().await?;
            let bytes = object.range(&self.shared, self.key(), range).await?;
            let found = crate::artifact::Sha256Digest::of(&bytes);
            if member.sha256 != Some(found) {
                return Err(Error::corrupt(format!("the SHA-256 of {path:?} is wrong")));
            }
            Ok(bytes)
        };
        read.await.map_err(|e| self.named(e))
    }

    /// The content of one file of a tree as a stream. Each part is checked before it comes; the
    /// SHA-256 of the file can only be known at the end, and is an error there when it is wrong.
    pub fn member_stream(&self, path: &str) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let (this, at_error, path) = (self.clone(), self.clone(), path.to_owned());
        let opened = async move {
            let member = this.file_member(&path).await?;
            let range = member.offset..member.offset + member.size;
            let parts = this
                .object()
                .await?
                .part(&this.shared, this.key(), range)
                .boxed();
            Ok::<_, Error>(verified_member(parts, member))
        };
        futures::stream::once(opened)
            .try_flatten()
            .map_err(move |e| at_error.named(e))
    }

    /// Unpacks a tree into the folder `target`, which must be empty or not there. It appears whole
    /// or not at all, and nothing is ever written outside of it.
    ///
    /// # Errors
    /// Kind *already-exists* when something is there, *invalid-input* when it is a file.
    pub async fn unpack(&self, target: &Path) -> Result<()> {
        self.unpack_into(target)
            .await
            .map_err(|e| self.named(e.during("unpack")))
    }

    /// The stored bytes as they are: an object that `zstd -d` or `gzip -d` reads.
    pub fn stored_stream(&self) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let (this, at_error) = (self.clone(), self.clone());
        let opened = async move {
            let reading = this.shared.backend.read(this.key(), ReadRange::All).await?;
            Ok::<_, Error>(reading.bytes)
        };
        futures::stream::once(opened)
            .try_flatten()
            .map_err(move |e| at_error.named(e))
    }

    /// Reads everything back and checks it, members included.
    ///
    /// # Errors
    /// Kind *corrupt* naming what is wrong.
    pub async fn verify(&self) -> Result<()> {
        let verify = async {
            let mut check = match self.metadata.kind {
                ArtifactKind::Tree => Some(TreeCheck::new(self.member_table().await?.into())),
                ArtifactKind::File => None,
            };
            let object = self.object().await?;
            let mut chunks = object.verified(&self.shared, self.key()).boxed();
            while let Some(chunk) = chunks.try_next().await? {
                if let Some(mut tree) = check.take() {
                    check = Some(blocking(move || tree.feed(&chunk).map(|()| tree)).await?);
                }
            }
            check.map_or(Ok(()), |tree| tree.finish().map(drop))
        };
        verify.await.map_err(|e| self.named(e))
    }

    fn fits_a_buffer(&self, bytes: u64) -> Result<()> {
        let limit = self.shared.max_artifact_bytes;
        if bytes <= limit {
            return Ok(());
        }
        let message = format!("{bytes} bytes are too many for one buffer, the limit is {limit}");
        Err(self.named(Error::new(ErrorKind::TooLarge, message).help("read it as a stream")))
    }

    fn key(&self) -> &str {
        &self.metadata.storage_path
    }

    fn named(&self, error: Error) -> Error {
        let error = error.during("read");
        if error.kind() == ErrorKind::NotFound && error.subject() == Some(self.key()) {
            return Error::not_found("its object is gone from the storage")
                .during("read")
                .concerning(self.metadata.to_string())
                .help("restore the object if there is a copy; reindexing forgets the artifact")
                .because(error);
        }
        error.on_behalf_of(self.metadata.to_string())
    }

    async fn object(&self) -> Result<&OpenObject> {
        self.object
            .get_or_try_init(|| OpenObject::open(&self.shared, &self.metadata))
            .await
    }

    async fn member_table(&self) -> Result<Vec<Member>> {
        let object = self.object().await?;
        let Some(range) = object.map.members.clone() else {
            return Err(Error::invalid("it is a file and has no members"));
        };
        let stored = object.stored(&self.shared, self.key(), range).await?;
        let map = Arc::clone(&object.map);
        blocking(move || parse_members(&map, &stored)).await
    }

    async fn file_member(&self, path: &str) -> Result<Member> {
        let members = self.member_table().await?;
        let path = path.trim_start_matches("./").trim_matches('/');
        let found = members.into_iter().find(|member| member.path == path);
        match found {
            Some(member) if member.kind == MemberKind::File => Ok(member),
            Some(member) => Err(Error::invalid(format!("{path:?} is a {}", member.kind))),
            None => Err(Error::not_found(format!("it has no member {path:?}"))
                .help("list its members to see their paths")),
        }
    }

    async fn unpack_into(&self, target: &Path) -> Result<()> {
        let members = self.member_table().await?;
        let target = target.to_owned();
        let (target, mut reader) = blocking(move || {
            let target = UnpackTarget::prepare(&target)?;
            let unpacker = Unpacker::new(target.partial().to_owned())?;
            Ok((target, TreeReader::into_sink(members.into(), unpacker)))
        })
        .await?;
        let object = self.object().await?;
        let mut chunks = object.verified(&self.shared, self.key()).boxed();
        while let Some(chunk) = chunks.try_next().await? {
            reader = blocking(move || reader.feed(&chunk).map(|()| reader)).await?;
        }
        blocking(move || {
            reader.finish()?.finish()?;
            target.publish()
        })
        .await
    }
}

/// Passes on the parts of a member, and ends with an error when they are not its content.
fn verified_member(
    parts: BoxStream<'static, Result<Bytes>>,
    member: Member,
) -> impl Stream<Item = Result<Bytes>> + Send {
    let state = Some((parts, Sha256::new(), member));
    futures::stream::try_unfold(state, |state| async move {
        let Some((mut parts, mut hash, member)) = state else {
            return Ok(None);
        };
        if let Some(part) = parts.try_next().await? {
            let (hash, part) = blocking(move || {
                hash.update(&part);
                Ok((hash, part))
            })
            .await?;
            return Ok(Some((part, Some((parts, hash, member)))));
        }
        let found = crate::artifact::Sha256Digest::from_bytes(hash.finalize().into());
        if member.sha256 == Some(found) {
            return Ok(None);
        }
        Err(Error::corrupt(format!(
            "the SHA-256 of {:?} is wrong",
            member.path
        )))
    })
}
