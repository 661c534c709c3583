//! Content on its way out: stored frames in order, decoded on all cores, each checked.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};

use super::Shared;
use crate::artifact::ArtifactMetadata;
use crate::backend::{BackendExt as _, ReadRange};
use crate::blocking::blocking;
use crate::object::{ObjectMap, PlacedFrame, TailOutcome, decode_frame, parse_tail, verify_digest};
use crate::sync::read_map;
use crate::{Error, ErrorKind, Result};

/// Objects up to this size are read whole, in one request.
const READ_WHOLE: u64 = 8 << 20;

/// An object whose metadata has been read, and all of it when it is small.
#[derive(Debug, Clone)]
pub(super) struct OpenObject {
    pub(super) map: Arc<ObjectMap>,
    whole: Option<Bytes>,
}

impl OpenObject {
    pub(super) async fn open(shared: &Shared, metadata: &ArtifactMetadata) -> Result<Self> {
        let key = metadata.storage_path.as_str();
        let (map, whole) = if metadata.compressed_size_bytes <= READ_WHOLE {
            let expected = metadata.compressed_size_bytes;
            // Not all of it: something huge in its place must not fill the memory.
            let range = ReadRange::Last(expected);
            let (size, bytes) = shared.backend.read_bytes(key, range).await?;
            if size != expected {
                return Err(Error::corrupt(format!(
                    "its object has {size} bytes instead of {expected}"
                )));
            }
            let parsed = match parse_tail(&bytes, size)? {
                TailOutcome::Complete(map) => *map,
                TailOutcome::NeedsLast(_) => return Err(Error::corrupt("the object is cut short")),
            };
            (parsed, Some(bytes))
        } else {
            (read_map(shared.backend.as_ref(), key).await?, None)
        };
        let header = &map.header;
        let same = (header.id, header.sha256, header.size_bytes)
            == (metadata.id, metadata.checksum, metadata.size_bytes);
        if !same {
            return Err(Error::corrupt(format!(
                "another artifact's object lies in its place: {} {} {}",
                header.job_id, header.artifact_type, header.name
            )));
        }
        Ok(Self {
            map: Arc::new(map),
            whole,
        })
    }

    /// A range of the stored bytes, in one buffer.
    pub(super) async fn stored(
        &self,
        shared: &Shared,
        key: &str,
        range: Range<u64>,
    ) -> Result<Bytes> {
        if let Some(whole) = &self.whole {
            return Ok(whole.slice(range.start as usize..range.end as usize));
        }
        Ok(shared
            .backend
            .read_bytes(key, ReadRange::Bytes(range))
            .await?
            .1)
    }

    /// The content of the frames that cover `range`, in order, each frame checked before it comes.
    pub(super) fn frames(
        &self,
        shared: &Shared,
        key: &str,
        range: &Range<u64>,
    ) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let container = self.map.header.container();
        let frames = self.map.frames.covering(range).to_vec();
        let workers = shared.workers.get() + 1;
        self.stored_frames(shared, key, frames)
            .map_ok(move |(frame, stored)| {
                blocking(move || decode_frame(container, &frame, &stored).map(Bytes::from))
            })
            .try_buffered(workers)
    }

    fn stored_frames(
        &self,
        shared: &Shared,
        key: &str,
        frames: Vec<PlacedFrame>,
    ) -> BoxStream<'static, Result<(PlacedFrame, Bytes)>> {
        let (Some(first), Some(last)) = (frames.first(), frames.last()) else {
            return futures::stream::empty().boxed();
        };
        if let Some(whole) = self.whole.clone() {
            return futures::stream::iter(frames.into_iter().map(move |frame| {
                let range = frame.stored_range();
                Ok((frame, whole.slice(range.start as usize..range.end as usize)))
            }))
            .boxed();
        }
        // One request for all of them; its bytes are cut where the table says.
        let range = first.stored_at..last.stored_range().end;
        let (backend, key) = (Arc::clone(&shared.backend), key.to_owned());
        let opened = async move {
            let reading = backend.read(&key, ReadRange::Bytes(range)).await?;
            Ok::<_, Error>(cut_frames(reading.bytes, frames))
        };
        futures::stream::once(opened).try_flatten().boxed()
    }

    /// All content in order; the last item is an error when the whole does not have its SHA-256.
    pub(super) fn verified(
        &self,
        shared: &Shared,
        key: &str,
    ) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let map = Arc::clone(&self.map);
        let frames = self
            .frames(shared, key, &(0..map.header.size_bytes))
            .boxed();
        futures::stream::try_unfold(Some((frames, Sha256::new())), move |state| {
            let map = Arc::clone(&map);
            async move {
                let Some((mut frames, mut hash)) = state else {
                    return Ok(None);
                };
                match frames.try_next().await? {
                    Some(chunk) => {
                        let (hash, chunk) = blocking(move || {
                            hash.update(&chunk);
                            Ok((hash, chunk))
                        })
                        .await?;
                        Ok(Some((chunk, Some((frames, hash)))))
                    }
                    None => {
                        verify_digest(&map, hash.finalize().into())?;
                        Ok(None)
                    }
                }
            }
        })
    }

    /// All content in one buffer, verified.
    pub(super) async fn bytes(&self, shared: &Shared, key: &str) -> Result<Bytes> {
        let frames = self.map.frames.frames();
        if let (Some(whole), [frame]) = (&self.whole, frames) {
            // One frame: one hop to a worker does it all.
            let (map, frame, whole) = (Arc::clone(&self.map), *frame, whole.clone());
            return blocking(move || {
                let range = frame.stored_range();
                let stored = &whole[range.start as usize..range.end as usize];
                let content = decode_frame(map.header.container(), &frame, stored)?;
                verify_digest(&map, Sha256::digest(&content).into())?;
                Ok(Bytes::from(content))
            })
            .await;
        }
        let mut content = BytesMut::new();
        let mut chunks = std::pin::pin!(self.verified(shared, key));
        while let Some(chunk) = chunks.try_next().await? {
            content.extend_from_slice(&chunk);
        }
        Ok(content.freeze())
    }

    /// A part of the content, each touched frame checked.
    pub(super) async fn range(
        &self,
        shared: &Shared,
        key: &str,
        range: Range<u64>,
    ) -> Result<Bytes> {
        let mut content = BytesMut::new();
        let mut chunks = std::pin::pin!(self.part(shared, key, range));
        while let Some(chunk) = chunks.try_next().await? {
            content.extend_from_slice(&chunk);
        }
        Ok(content.freeze())
    }

    /// A part of the content as a stream.
    pub(super) fn part(
        &self,
        shared: &Shared,
        key: &str,
        range: Range<u64>,
    ) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let covering = self.map.frames.covering(&range);
        let mut at = covering.first().map_or(0, |frame| frame.content_at);
        self.frames(shared, key, &range).map_ok(move |chunk| {
            let from = range.start.saturating_sub(at) as usize;
            let to = (range.end - at).min(chunk.len() as u64) as usize;
            at += chunk.len() as u64;
            chunk.slice(from..to)
        })
    }
}

/// Cuts a stream of stored bytes into the frames that it consists of.
fn cut_frames(
    bytes: BoxStream<'static, Result<Bytes>>,
    frames: Vec<PlacedFrame>,
) -> impl Stream<Item = Result<(PlacedFrame, Bytes)>> + Send {
    let state = (bytes, BytesMut::new(), frames.into_iter());
    futures::stream::try_unfold(state, |(mut bytes, mut buffer, mut frames)| async move {
        let Some(frame) = frames.next() else {
            return Ok(None);
        };
        let needed = frame.entry.stored as usize;
        while buffer.len() < needed {
            match bytes.try_next().await? {
                Some(more) => buffer.extend_from_slice(&more),
                None => {
                    return Err(Error::new(
                        ErrorKind::Unavailable,
                        "the object ended before all of it was read",
                    ));
                }
            }
        }
        let stored = buffer.split_to(needed).freeze();
        Ok(Some(((frame, stored), (bytes, buffer, frames))))
    })
}
