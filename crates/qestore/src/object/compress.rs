//! One chunk of content to one frame, and the choice to keep a chunk raw when it does not shrink.

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use flate2::{Compression, GzBuilder};
use zstd::bulk::Compressor;
use zstd::zstd_safe::CParameter;

use super::frame::FrameEntry;
use super::raw_frame::raw_zstd_frame;
use super::{Codec, xxh64};
use crate::{Error, Result};

/// Compression is worth it when it saves at least 5 %.
const WORTH: (usize, usize) = (95, 100);
/// A sample is this many slices of this many bytes, spread over the chunk.
const SLICES: usize = 4;
const SLICE_BYTES: usize = 16 << 10;

/// A frame as stored, and its entry for the table.
#[derive(Debug)]
pub(crate) struct EncodedFrame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) entry: FrameEntry,
}

/// Compresses `chunk` (at least one byte, at most the format's frame limit).
pub(crate) fn encode_frame(codec: Codec, chunk: &[u8]) -> Result<EncodedFrame> {
    let bytes = match codec {
        Codec::None => raw_zstd_frame(chunk),
        Codec::Zstd { level } => {
            if is_incompressible(chunk)? {
                raw_zstd_frame(chunk)
            } else {
                let frame = with_compressor(level, |compressor| {
                    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
                    compressor.compress(chunk)
                })?;
                if is_worth(frame.len(), chunk.len()) {
                    frame
                } else {
                    raw_zstd_frame(chunk)
                }
            }
        }
        Codec::Gzip { level } => {
            let level = if is_incompressible(chunk)? { 0 } else { level };
            gzip_member(chunk, level)?
        }
    };
    let too_large = |_| Error::invalid("a chunk is over the frame limit of the format");
    let entry = FrameEntry {
        stored: u32::try_from(bytes.len()).map_err(too_large)?,
        content: u32::try_from(chunk.len()).map_err(too_large)?,
        checksum: xxh64(&bytes),
    };
    Ok(EncodedFrame { bytes, entry })
}

fn is_worth(compressed: usize, raw: usize) -> bool {
    compressed * WORTH.1 <= raw * WORTH.0
}

/// Whether a chunk is not worth compressing, told by its looks and by a sample.
///
/// Text is not sampled: it always shrinks, and small reports are the common case.
fn is_incompressible(chunk: &[u8]) -> Result<bool> {
    let head = &chunk[..chunk.len().min(512)];
    let text = head
        .iter()
        .all(|&b| b >= 0x20 || matches!(b, b'\t' | b'\n' | b'\r' | 0x1b));
    if text {
        return Ok(false);
    }
    let sample = sample_of(chunk);
    let compressed = with_compressor(1, |compressor| compressor.compress(&sample))?;
    Ok(!is_worth(compressed.len(), sample.len()))
}

fn sample_of(chunk: &[u8]) -> Vec<u8> {
    if chunk.len() <= SLICES * SLICE_BYTES {
        return chunk.to_vec();
    }
    let stride = (chunk.len() - SLICE_BYTES) / (SLICES - 1);
    (0..SLICES)
        .flat_map(|n| &chunk[n * stride..n * stride + SLICE_BYTES])
        .copied()
        .collect()
}

fn gzip_member(chunk: &[u8], level: u32) -> Result<Vec<u8>> {
    let buffer = Vec::with_capacity(chunk.len() / 4 + 1024);
    // No time and no host system in the header: equal content gives equal bytes.
    let mut writer = GzBuilder::new()
        .operating_system(255)
        .write(buffer, Compression::new(level));
    writer
        .write_all(chunk)
        .and_then(|()| writer.finish())
        .map_err(|source| Error::io("gzip compression failed", source))
}

/// Idle contexts by level: making one costs more than compressing a small report.
static IDLE: Mutex<Vec<(i32, Compressor<'static>)>> = Mutex::new(Vec::new());
const MOST_IDLE: usize = 32;

fn with_compressor<T>(
    level: i32,
    work: impl FnOnce(&mut Compressor<'static>) -> std::io::Result<T>,
) -> Result<T> {
    let failed = |source| Error::io("zstd compression failed", source);
    let reused = {
        let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
        idle.iter()
            .position(|(of, _)| *of == level)
            .map(|at| idle.swap_remove(at).1)
    };
    let mut compressor = match reused {
        Some(compressor) => compressor,
        None => Compressor::new(level).map_err(failed)?,
    };
    let result = work(&mut compressor).map_err(failed)?;
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    if idle.len() < MOST_IDLE {
        idle.push((level, compressor));
    }
    Ok(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(len: usize) -> Vec<u8> {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let step = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        };
        std::iter::repeat_with(step).take(len).collect()
    }

    #[test]
    fn noise_is_kept_raw_and_text_is_not() {
        let noise = noise(300_000);
        for codec in [Codec::default(), Codec::None, Codec::Gzip { level: 6 }] {
            let frame = encode_frame(codec, &noise).unwrap();
            assert!(frame.bytes.len() > noise.len());
            assert!(frame.bytes.len() < noise.len() + 200);
        }
        let text = b"<testcase name=\"t\"/>\n".repeat(10_000);
        for codec in [Codec::default(), Codec::Gzip { level: 1 }] {
            assert!(encode_frame(codec, &text).unwrap().bytes.len() < text.len() / 50);
        }
    }

    #[test]
    fn a_compressible_middle_is_not_missed() {
        let mut chunk = noise(100_000);
        chunk.extend(std::iter::repeat_n(b'a', 400_000));
        let frame = encode_frame(Codec::default(), &chunk).unwrap();
        assert!(frame.bytes.len() < 150_000, "{}", frame.bytes.len());
    }
}
