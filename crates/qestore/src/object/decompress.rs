//! One stored frame back to content, checked: first the stored bytes against the table, then the
//! format's own checksum, then the size.

use std::io::Read as _;
use std::sync::{Mutex, PoisonError};

use zstd::bulk::Decompressor;
use zstd::zstd_safe;

use super::frame::{MAX_FRAME_CONTENT, PlacedFrame};
use super::{Container, xxh64};
use crate::{Error, Result};

/// Decodes one frame. Never returns more bytes than the table claims, and never wrong ones.
pub(crate) fn decode_frame(
    container: Container,
    frame: &PlacedFrame,
    stored: &[u8],
) -> Result<Vec<u8>> {
    let damaged = |what: &str| {
        Error::corrupt(format!(
            "{what} in the frame at byte {} of the object",
            frame.stored_at
        ))
    };
    if stored.len() as u64 != u64::from(frame.entry.stored) {
        return Err(damaged("bytes are missing"));
    }
    if xxh64(stored) != frame.entry.checksum {
        return Err(damaged("the checksum does not match"));
    }
    let capacity = frame.entry.content as usize;
    let content = match container {
        Container::Zstd => decode_zstd(stored, capacity),
        Container::Gzip => decode_gzip(stored, capacity),
    }
    .map_err(|source| damaged("decompression failed").because(source))?;
    if content.len() != capacity {
        return Err(damaged("the content has another size than the table says"));
    }
    Ok(content)
}

fn decode_gzip(stored: &[u8], capacity: usize) -> std::io::Result<Vec<u8>> {
    let mut rest = stored;
    let mut content = Vec::with_capacity(capacity);
    let mut decoder = flate2::bufread::GzDecoder::new(&mut rest);
    decoder
        .by_ref()
        .take(capacity as u64)
        .read_to_end(&mut content)?;
    // Reading on to the end makes the decoder check the CRC, and shows content that is too long.
    if decoder.read(&mut [0; 1])? != 0 {
        return Err(std::io::Error::other("more content than the table says"));
    }
    drop(decoder);
    if rest.is_empty() {
        Ok(content)
    } else {
        Err(std::io::Error::other("bytes after the end"))
    }
}

static IDLE: Mutex<Vec<Decompressor<'static>>> = Mutex::new(Vec::new());
const MOST_IDLE: usize = 32;

/// The largest window that a frame may ask of its reader: the most content that it may hold.
const MAX_WINDOW: u64 = MAX_FRAME_CONTENT as u64;

/// Whether these bytes are one frame, with a window that every zstd tool accepts.
fn is_one_plain_frame(stored: &[u8]) -> bool {
    const SINGLE_SEGMENT: u8 = 1 << 5;
    let Some([0x28, 0xb5, 0x2f, 0xfd, descriptor, window, ..]) = stored.first_chunk::<6>() else {
        return false;
    };
    // A frame of one segment has no window but its content, whose size the caller bounds.
    let (log, eighths) = (10 + u32::from(window >> 3), u64::from(window & 7));
    let bounded = descriptor & SINGLE_SEGMENT != 0
        || (1_u64 << log) + ((1_u64 << log) / 8) * eighths <= MAX_WINDOW;
    bounded && zstd_safe::find_frame_compressed_size(stored) == Ok(stored.len())
}

fn decode_zstd(stored: &[u8], capacity: usize) -> std::io::Result<Vec<u8>> {
    if !is_one_plain_frame(stored) {
        return Err(std::io::Error::other("it is not one plain frame"));
    }
    let reused = IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let mut decompressor = match reused {
        Some(decompressor) => decompressor,
        None => Decompressor::new()?,
    };
    let content = decompressor.decompress(stored, capacity)?;
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if idle.len() < MOST_IDLE {
        idle.push(decompressor);
    }
    Ok(content)
}
