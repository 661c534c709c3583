//! A section of the tail: a tagged, checksummed and possibly compressed run of bytes.
//!
//! ```text
//! 0   4  tag            8   4  stored length     16  …  body, as stored
//! 4   1  version (1)    12  4  content length        8  XXH64 of everything before
//! 5   1  encoding       6   2  zero
//! ```
//! All numbers little-endian. Encodings: 0 plain, 1 zstd, 2 zlib.

use std::io::Read as _;

use super::{Container, xxh64};
use crate::{Error, ErrorKind, Result};

const FIXED: usize = 16;
const CHECKSUM: usize = 8;
/// Below this a body is kept plain: a person with a hex viewer can read it.
const COMPRESS_FROM: usize = 2048;
/// The largest window that a zstd section may ask of its reader: 8 MiB, as RFC 8878 recommends.
const MAX_WINDOW_LOG: u32 = 23;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SectionTag {
    Frames,
    Header,
    Members,
}

impl SectionTag {
    fn bytes(self) -> [u8; 4] {
        *match self {
            Self::Frames => b"QEft",
            Self::Header => b"QEmd",
            Self::Members => b"QEmb",
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Frames => "frame table",
            Self::Header => "metadata",
            Self::Members => "member table",
        }
    }

    /// The most bytes of content that a reader accepts.
    fn limit(self) -> u32 {
        match self {
            // 4 million frames: 16 TiB of content at the usual frame size.
            Self::Frames => 64 << 20,
            Self::Header => 1 << 20,
            Self::Members => 256 << 20,
        }
    }
}

/// Packs `body`; `container` decides the compression, so that each object needs one codec only.
pub(crate) fn write_section(tag: SectionTag, body: &[u8], container: Container) -> Result<Vec<u8>> {
    let content = u32::try_from(body.len())
        .ok()
        .filter(|&len| len <= tag.limit());
    let Some(content) = content else {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!(
                "the {} would take {} bytes, the format allows {}",
                tag.describe(),
                body.len(),
                tag.limit()
            ),
        ));
    };
    let compress = body.len() >= COMPRESS_FROM && tag != SectionTag::Frames;
    let failed = |source| Error::io("compressing the metadata failed", source);
    let packed = match container {
        _ if !compress => None,
        Container::Zstd => Some((1, zstd::bulk::compress(body, 3).map_err(failed)?)),
        Container::Gzip => {
            let mut packed = Vec::new();
            flate2::bufread::ZlibEncoder::new(body, flate2::Compression::new(6))
                .read_to_end(&mut packed)
                .map_err(failed)?;
            Some((2, packed))
        }
    };
    let (encoding, stored) = match &packed {
        Some((encoding, packed)) => (*encoding, packed.as_slice()),
        None => (0, body),
    };
    let mut section = Vec::with_capacity(FIXED + stored.len() + CHECKSUM);
    section.extend_from_slice(&tag.bytes());
    section.extend_from_slice(&[1, encoding, 0, 0]);
    section.extend_from_slice(
        &u32::try_from(stored.len())
            .unwrap_or(u32::MAX)
            .to_le_bytes(),
    );
    section.extend_from_slice(&content.to_le_bytes());
    section.extend_from_slice(stored);
    section.extend_from_slice(&xxh64(&section).to_le_bytes());
    Ok(section)
}

/// Takes one section of the given tag off the front of `bytes`.
pub(crate) fn read_section(tag: SectionTag, bytes: &mut &[u8]) -> Result<Vec<u8>> {
    let what = tag.describe();
    let broken = |why: &str| Error::corrupt(format!("the {what} is damaged: {why}"));
    let Some((fixed, _)) = bytes.split_at_checked(FIXED) else {
        return Err(broken("it is cut short"));
    };
    if fixed[..4] != tag.bytes() {
        return Err(broken("its tag is missing"));
    }
    let number =
        |at: usize| u32::from_le_bytes([fixed[at], fixed[at + 1], fixed[at + 2], fixed[at + 3]]);
    let (stored_len, content_len) = (number(8) as usize, number(12));
    let end = stored_len.checked_add(FIXED + CHECKSUM);
    let Some(section) = end.and_then(|end| bytes.get(..end)) else {
        return Err(broken("it is cut short"));
    };
    let whole = section.len() - CHECKSUM;
    if section[whole..] != xxh64(&section[..whole]).to_le_bytes() {
        return Err(broken("its checksum does not match"));
    }
    if fixed[4] != 1 {
        return Err(newer(format!("its {what} has version {}", fixed[4])));
    }
    if content_len > tag.limit() || fixed[6..8] != [0, 0] {
        return Err(broken("it claims an impossible size"));
    }
    let body = unpack(fixed[5], &section[FIXED..whole], content_len)
        .map_err(|source| broken("it does not decompress").because(source))?;
    let Some(body) = body else {
        return Err(newer(format!("its {what} has encoding {}", fixed[5])));
    };
    if body.len() as u64 != u64::from(content_len) {
        return Err(broken("it has another size than it says"));
    }
    *bytes = &bytes[whole + CHECKSUM..];
    Ok(body)
}

/// Reads at most one byte more than `len`, growing as bytes come: a lying size allocates nothing.
fn unpack(encoding: u8, stored: &[u8], len: u32) -> std::io::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    let most = u64::from(len) + 1;
    match encoding {
        0 => body.extend_from_slice(stored),
        1 => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(stored)?;
            decoder.window_log_max(MAX_WINDOW_LOG)?;
            decoder.take(most).read_to_end(&mut body)?;
        }
        2 => {
            flate2::bufread::ZlibDecoder::new(stored)
                .take(most)
                .read_to_end(&mut body)?;
        }
        _ => return Ok(None),
    }
    Ok(Some(body))
}

pub(crate) fn newer(why: impl Into<String>) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("made by a newer version of qestore: {}", why.into()),
    )
    .help("update qestore to read it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_come_back_and_damage_is_found() {
        for container in [Container::Zstd, Container::Gzip] {
            for len in [0, 10, 5000] {
                let body = vec![b'x'; len];
                let bytes = write_section(SectionTag::Header, &body, container).unwrap();
                let mut rest = bytes.as_slice();
                assert_eq!(read_section(SectionTag::Header, &mut rest).unwrap(), body);
                assert!(rest.is_empty());
                for at in 0..bytes.len() {
                    let mut broken = bytes.clone();
                    broken[at] ^= 0x10;
                    let error =
                        read_section(SectionTag::Header, &mut broken.as_slice()).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Corrupt, "byte {at}: {error}");
                    assert!(read_section(SectionTag::Header, &mut &bytes[..at]).is_err());
                }
            }
        }
    }
}
