//! Content on its way in: cut into chunks of one frame each, read ahead of the compressor.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::sync::{mpsc, oneshot};

use super::new_artifact::Content;
use crate::blocking::{blocking, on_own_thread};
use crate::object::FRAME_CONTENT;
use crate::tree::{Links, Member, pack_tree, walk};
use crate::{Error, ErrorKind, Result};

/// Content in order: a first chunk, and the rest when the first one is full.
pub(super) struct Source {
    pub(super) first: Bytes,
    pub(super) rest: Option<BoxStream<'static, Result<Bytes>>>,
    /// For a tree: its members, known once all chunks are out.
    pub(super) members: Option<oneshot::Receiver<Vec<Member>>>,
}

impl Source {
    /// Starts reading. Content that is surely over `limit` is refused at once.
    pub(super) async fn open(content: Content, links: Links, limit: u64) -> Result<Self> {
        match content {
            Content::Bytes(bytes) => {
                check_limit(bytes.len() as u64, limit)?;
                Ok(Self::from_bytes(bytes))
            }
            Content::Reader(reader) => Self::from_reader(reader).await,
            Content::Path(path) => {
                let metadata = blocking({
                    let path = path.clone();
                    move || {
                        fs::metadata(&path).map_err(|e| {
                            let what = match e.kind() {
                                std::io::ErrorKind::NotFound => "there is no such file or folder",
                                _ => "it cannot be read",
                            };
                            Error::io(what, e).concerning(path.display().to_string())
                        })
                    }
                })
                .await?;
                if metadata.is_dir() {
                    return Self::from_folder(path, links, limit).await;
                }
                check_limit(metadata.len(), limit)?;
                Self::from_file(path).await
            }
        }
    }

    fn from_bytes(mut bytes: Bytes) -> Self {
        let first = bytes.split_to(bytes.len().min(FRAME_CONTENT));
        let rest = (!bytes.is_empty()).then(|| {
            futures::stream::iter(std::iter::from_fn(move || {
                let chunk = bytes.split_to(bytes.len().min(FRAME_CONTENT));
                (!chunk.is_empty()).then_some(Ok(chunk))
            }))
            .boxed()
        });
        Self {
            first,
            rest,
            members: None,
        }
    }

    async fn from_reader(mut reader: Box<dyn AsyncRead + Send + Unpin>) -> Result<Self> {
        let first = read_chunk(&mut reader).await?;
        let rest = (first.len() == FRAME_CONTENT).then(|| {
            futures::stream::try_unfold(reader, |mut reader| async move {
                let chunk = read_chunk(&mut reader).await?;
                Ok((!chunk.is_empty()).then_some((chunk, reader)))
            })
            .boxed()
        });
        Ok(Self {
            first,
            rest,
            members: None,
        })
    }

    async fn from_file(path: PathBuf) -> Result<Self> {
        let (path, mut file, first) = blocking(move || {
            let mut file = File::open(&path)
                .map_err(|e| Error::io("it cannot be opened", e).concerning(shown(&path)))?;
            let first = read_file_chunk(&mut file, &path)?;
            Ok((path, file, first))
        })
        .await?;
        let mut rest = None;
        if first.len() == FRAME_CONTENT {
            rest = Some(read_ahead(move |send| {
                loop {
                    let chunk = read_file_chunk(&mut file, &path)?;
                    if chunk.is_empty() || send(chunk).is_err() {
                        return Ok(());
                    }
                }
            })?);
        }
        Ok(Self {
            first,
            rest,
            members: None,
        })
    }

    async fn from_folder(path: PathBuf, links: Links, limit: u64) -> Result<Self> {
        let found = blocking(move || walk(&path, links)).await?;
        check_limit(found.iter().map(|found| found.member.size).sum(), limit)?;
        let (tell_members, members) = oneshot::channel();
        let mut rest = read_ahead(move |send| {
            let packed = pack_tree(found, FRAME_CONTENT, |chunk| {
                let stopped = || Error::new(ErrorKind::Storage, "storing was given up");
                send(Bytes::from(chunk)).map_err(|()| stopped())
            })?;
            let _ = tell_members.send(packed.members);
            Ok(())
        })?;
        let first = rest.next().await.transpose()?.unwrap_or_default();
        let rest = (first.len() == FRAME_CONTENT).then_some(rest);
        Ok(Self {
            first,
            rest,
            members: Some(members),
        })
    }
}

/// Refuses content over the limit, with the way out.
pub(super) fn check_limit(bytes: u64, limit: u64) -> Result<()> {
    if bytes <= limit {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::TooLarge,
        format!("the content has more than the allowed {limit} bytes"),
    )
    .help("raise the limit if this artifact is meant to be so large"))
}

/// Runs `work` on a thread of its own, two chunks ahead of the reader at most.
fn read_ahead(
    work: impl FnOnce(&dyn Fn(Bytes) -> Result<(), ()>) -> Result<()> + Send + 'static,
) -> Result<BoxStream<'static, Result<Bytes>>> {
    let (sender, receiver) = mpsc::channel(1);
    on_own_thread(move || {
        let send = |chunk| sender.blocking_send(Ok(chunk)).map_err(drop);
        if let Err(error) = work(&send) {
            // Nobody listens any more: there is nobody to tell.
            let _ = sender.blocking_send(Err(error));
        }
    })?;
    let chunks = futures::stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|chunk| (chunk, receiver))
    })
    .boxed();
    Ok(chunks)
}

fn read_file_chunk(file: &mut File, path: &Path) -> Result<Bytes> {
    let left = file
        .metadata()
        .map_or(FRAME_CONTENT as u64, |metadata| metadata.len());
    // A small file gets a small buffer, with room to notice its end.
    let capacity = usize::try_from(left)
        .unwrap_or(FRAME_CONTENT)
        .min(FRAME_CONTENT - 1)
        + 1;
    let mut chunk = Vec::with_capacity(capacity);
    file.take(FRAME_CONTENT as u64)
        .read_to_end(&mut chunk)
        .map_err(|e| Error::io("it cannot be read", e).concerning(shown(path)))?;
    Ok(Bytes::from(chunk))
}

async fn read_chunk(reader: &mut (dyn AsyncRead + Send + Unpin)) -> Result<Bytes> {
    let mut chunk = BytesMut::new();
    while chunk.len() < FRAME_CONTENT {
        let room = (FRAME_CONTENT - chunk.len()) as u64;
        if chunk.len() == chunk.capacity() {
            chunk.reserve(chunk.len().clamp(64 << 10, FRAME_CONTENT));
        }
        let read = reader.take(room).read_buf(&mut chunk).await;
        if read.map_err(|e| Error::io("the reader failed", e))? == 0 {
            break;
        }
    }
    Ok(chunk.freeze())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
