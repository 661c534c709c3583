//! Chunks in, frames out: hashing and compressing on all cores, writing in order, flat memory.

use std::num::NonZero;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use sha2::{Digest as _, Sha256};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::new_artifact::Progress;
use super::source::{Source, check_limit};
use crate::artifact::Sha256Digest;
use crate::backend::{Backend, PutMode, Upload};
use crate::blocking::{blocking, on_own_thread};
use crate::object::{Assembly, Codec, EncodedFrame, encode_frame};
use crate::{Error, ErrorKind, Result};

/// Stored bytes that are kept back for a single put; more go out as a streamed upload.
const SINGLE_PUT: usize = 8 << 20;
/// From here on, hashing on another core is worth a thread hop.
const SPLIT_FROM: usize = 256 << 10;

/// How to encode.
pub(super) struct Encoding {
    pub(super) codec: Codec,
    pub(super) workers: NonZero<usize>,
    pub(super) limit: u64,
    pub(super) progress: Option<Progress>,
}

/// What is known once all content is through.
pub(super) struct Encoded {
    pub(super) assembly: Assembly,
    pub(super) size: u64,
    pub(super) sha256: Sha256Digest,
}

/// Where frames go: kept back while they are few, else into an upload.
pub(super) struct ObjectSink {
    backend: Arc<dyn Backend>,
    provisional_key: String,
    parts: Vec<Bytes>,
    kept: usize,
    upload: Option<Box<dyn Upload>>,
}

impl ObjectSink {
    pub(super) fn new(backend: Arc<dyn Backend>, provisional_key: String) -> Self {
        Self {
            backend,
            provisional_key,
            parts: Vec::new(),
            kept: 0,
            upload: None,
        }
    }

    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        if let Some(upload) = &mut self.upload {
            return upload.write(bytes).await;
        }
        self.kept += bytes.len();
        self.parts.push(bytes);
        if self.kept > SINGLE_PUT {
            let upload = self.backend.upload(&self.provisional_key).await?;
            let upload = self.upload.insert(upload);
            for part in std::mem::take(&mut self.parts) {
                upload.write(part).await?;
            }
        }
        Ok(())
    }

    /// Makes the object visible: its frames and `tail`.
    pub(super) async fn finish(mut self, key: &str, tail: Vec<u8>) -> Result<()> {
        let tail = Bytes::from(tail);
        match self.upload.take() {
            Some(mut upload) => {
                if let Err(error) = upload.write(tail).await {
                    // The first error is the one to tell.
                    let _ = upload.abort().await;
                    return Err(error);
                }
                upload.finish(key).await
            }
            None => {
                self.parts.push(tail);
                self.backend.put(key, self.parts, PutMode::Overwrite).await
            }
        }
    }

    /// Leaves nothing behind.
    pub(super) async fn abort(self) {
        if let Some(upload) = self.upload {
            let _ = upload.abort().await;
        }
    }
}

/// Sends all of `source` through to `sink`.
pub(super) async fn encode(
    source: &mut Source,
    encoding: &Encoding,
    sink: &mut ObjectSink,
) -> Result<Encoded> {
    let first = std::mem::take(&mut source.first);
    match source.rest.take() {
        None => encode_single(first, encoding, sink).await,
        Some(rest) => {
            let chunks = futures::stream::once(async { Ok(first) })
                .chain(rest)
                .boxed();
            encode_many(chunks, encoding, sink).await
        }
    }
}

async fn encode_single(
    chunk: Bytes,
    encoding: &Encoding,
    sink: &mut ObjectSink,
) -> Result<Encoded> {
    let size = chunk.len() as u64;
    check_limit(size, encoding.limit)?;
    let mut assembly = Assembly::new(encoding.codec);
    let codec = encoding.codec;
    let sha256 = if chunk.is_empty() {
        Sha256Digest::of(b"")
    } else {
        let hashed = chunk.clone();
        let (frame, sha256) = if chunk.len() < SPLIT_FROM {
            blocking(move || Ok((encode_frame(codec, &chunk)?, Sha256Digest::of(&hashed)))).await?
        } else {
            tokio::try_join!(
                blocking(move || encode_frame(codec, &chunk)),
                blocking(move || Ok(Sha256Digest::of(&hashed)))
            )?
        };
        assembly.push(frame.entry);
        sink.write(Bytes::from(frame.bytes)).await?;
        sha256
    };
    if let Some(tell) = &encoding.progress {
        tell(size);
    }
    Ok(Encoded {
        assembly,
        size,
        sha256,
    })
}

type Frames = FuturesOrdered<JoinHandle<Result<EncodedFrame>>>;

async fn encode_many(
    mut chunks: futures::stream::BoxStream<'static, Result<Bytes>>,
    encoding: &Encoding,
    sink: &mut ObjectSink,
) -> Result<Encoded> {
    let codec = encoding.codec;
    // One more than there are cores: while a frame is written, all of them have work.
    let in_flight = encoding.workers.get() + 1;
    let mut assembly = Assembly::new(codec);
    let mut frames = Frames::new();
    let mut size = 0;
    // The hash is one chain, on a thread of its own beside the compressors.
    let (to_hash, mut hashed) = mpsc::channel::<Bytes>(2);
    let hash = on_own_thread(move || {
        let mut hash = Sha256::new();
        while let Some(chunk) = hashed.blocking_recv() {
            hash.update(&chunk);
        }
        hash
    })?;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        size += chunk.len() as u64;
        check_limit(size, encoding.limit)?;
        if let Some(tell) = &encoding.progress {
            tell(size);
        }
        let compressed = chunk.clone();
        frames.push_back(tokio::task::spawn_blocking(move || {
            encode_frame(codec, &compressed)
        }));
        to_hash.send(chunk).await.map_err(|_| worker_failed())?;
        while frames.len() >= in_flight {
            write_next(&mut frames, &mut assembly, sink).await?;
        }
    }
    drop(to_hash);
    while !frames.is_empty() {
        write_next(&mut frames, &mut assembly, sink).await?;
    }
    let hash = hash.await.map_err(|e| worker_failed().because(e))?;
    let sha256 = Sha256Digest::from_bytes(hash.finalize().into());
    Ok(Encoded {
        assembly,
        size,
        sha256,
    })
}

async fn write_next(
    frames: &mut Frames,
    assembly: &mut Assembly,
    sink: &mut ObjectSink,
) -> Result<()> {
    if let Some(frame) = frames.next().await {
        let frame = frame.map_err(|e| worker_failed().because(e))??;
        assembly.push(frame.entry);
        sink.write(Bytes::from(frame.bytes)).await?;
    }
    Ok(())
}

fn worker_failed() -> Error {
    Error::new(ErrorKind::Storage, "a worker thread failed")
}
