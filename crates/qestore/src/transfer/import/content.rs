//! The content of a file of the original library: compressed or not, whatever its name says, and
//! checked before anything is stored.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use flate2::read::MultiGzDecoder;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc;

use super::row::Entry;
use crate::artifact::Sha256Digest;
use crate::blocking::on_own_thread;
use crate::{Error, Result};

/// Content that travels at once from the reading thread.
const CHUNK: usize = 1 << 20;
/// Content that is read to its end though its row says that it is smaller.
const MOST_UNSAID: u64 = 64 << 20;

/// A file whose content is what its row says.
#[derive(Debug)]
pub(super) struct Checked {
    file: PathBuf,
    compressed: bool,
    pub(super) size: u64,
    pub(super) sha256: Sha256Digest,
    /// Set when the file is another one when it is read again.
    changed: Arc<AtomicBool>,
}

/// What a stream of bytes is.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Measured {
    size: u64,
    sha256: Sha256Digest,
}

impl Checked {
    /// Reads the file once as it is and once decompressed, and takes the one that fits the row.
    ///
    /// # Errors
    /// Kind *corrupt*, saying what was expected and found, when neither does.
    pub(super) fn read(file: &Path, entry: &Entry) -> Result<Self> {
        let failed =
            |e| Error::io("its file cannot be read", e).concerning(file.display().to_string());
        let checked = |compressed, of: Measured| Self {
            file: file.to_owned(),
            compressed,
            size: of.size,
            sha256: of.sha256,
            changed: Arc::default(),
        };
        let raw = measure(File::open(file).map_err(failed)?, u64::MAX).map_err(failed)?;
        let is_gzip = begins_as_gzip(file).map_err(failed)?;
        let unpacked = if is_gzip {
            let reader = BufReader::new(File::open(file).map_err(failed)?);
            // A small file may be made to decompress to anything: what is far more than its row says
            // is not looked at to its end.
            let most = entry.size_bytes.unwrap_or(u64::MAX).max(MOST_UNSAID);
            Some(measure(MultiGzDecoder::new(reader), most))
        } else {
            None
        };
        let expected = entry.checksum.as_deref().map(str::to_lowercase);
        let fits = |of: &Measured| {
            let size = entry.size_bytes.is_none_or(|size| size == of.size);
            match &expected {
                Some(expected) => *expected == of.sha256.to_string(),
                None => size,
            }
        };
        match &unpacked {
            Some(Ok(content)) if fits(content) => return Ok(checked(true, *content)),
            // The checksum is that of the stored bytes, and the size that of the content.
            Some(Ok(content)) if fits(&raw) && entry.size_bytes == Some(content.size) => {
                return Ok(checked(true, *content));
            }
            _ if fits(&raw) => return Ok(checked(false, raw)),
            _ => {}
        }
        let named = |error: Error| error.concerning(file.display().to_string());
        Err(named(match (unpacked, expected) {
            (Some(Err(error)), _) => {
                Error::corrupt("its file is damaged: the gzip stream does not decompress")
                    .because(error)
            }
            (unpacked, Some(expected)) => {
                let found = unpacked.and_then(io::Result::ok).unwrap_or(raw);
                Error::corrupt(format!(
                    "its content is not what it was: SHA-256 {} instead of {expected}",
                    found.sha256
                ))
            }
            (unpacked, None) => {
                let found = unpacked.and_then(io::Result::ok).unwrap_or(raw);
                Error::corrupt(format!(
                    "its content is not what it was: {} bytes instead of {}",
                    found.size,
                    entry.size_bytes.unwrap_or_default()
                ))
            }
        }))
    }

    /// Whether it was another file when its content was read.
    pub(super) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Acquire)
    }

    /// The content, read on a thread of its own; ends with an error when it is not what was checked.
    pub(super) fn reader(&self) -> Result<impl AsyncRead + Send + Unpin + 'static> {
        let (send, receive) = mpsc::channel(2);
        let (file, compressed) = (self.file.clone(), self.compressed);
        let (expected, changed) = (self.sha256, Arc::clone(&self.changed));
        on_own_thread(move || {
            let opened = File::open(file).map(BufReader::new);
            let sent = opened.and_then(|reader| match compressed {
                true => send_all(MultiGzDecoder::new(reader), &send, expected),
                false => send_all(reader, &send, expected),
            });
            if let Err(error) = sent {
                changed.store(true, Ordering::Release);
                // Whoever reads may have given up.
                let _ = send.blocking_send(Err(error));
            }
        })?;
        Ok(ChannelReader {
            receive,
            current: Bytes::new(),
        })
    }
}

/// Reads to the end, or until more than `most` bytes came.
fn measure(mut reader: impl Read, most: u64) -> io::Result<Measured> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; CHUNK];
    let mut size = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 || size > most {
            let sha256 = Sha256Digest::from_bytes(hash.finalize().into());
            return Ok(Measured { size, sha256 });
        }
        size += read as u64;
        hash.update(&buffer[..read]);
    }
}

fn begins_as_gzip(file: &Path) -> io::Result<bool> {
    let mut head = Vec::new();
    File::open(file)?.take(2).read_to_end(&mut head)?;
    Ok(head == [0x1F, 0x8B])
}

/// Sends everything, and an error at the end when it was not what is expected.
fn send_all(
    mut reader: impl Read,
    send: &mpsc::Sender<io::Result<Bytes>>,
    expected: Sha256Digest,
) -> io::Result<()> {
    let mut hash = Sha256::new();
    loop {
        let mut chunk = Vec::new();
        reader.by_ref().take(CHUNK as u64).read_to_end(&mut chunk)?;
        if chunk.is_empty() {
            let found = Sha256Digest::from_bytes(hash.finalize().into());
            return if found == expected {
                Ok(())
            } else {
                Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the file has changed",
                ))
            };
        }
        hash.update(&chunk);
        if send.blocking_send(Ok(chunk.into())).is_err() {
            return Ok(());
        }
    }
}

/// Bytes that another thread sends.
struct ChannelReader {
    receive: mpsc::Receiver<io::Result<Bytes>>,
    current: Bytes,
}

impl AsyncRead for ChannelReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.current.is_empty() {
            match ready!(self.receive.poll_recv(context)) {
                Some(next) => self.current = next?,
                None => return Poll::Ready(Ok(())),
            }
        }
        let take = buffer.remaining().min(self.current.len());
        buffer.put_slice(&self.current[..take]);
        self.current.advance(take);
        Poll::Ready(Ok(()))
    }
}
