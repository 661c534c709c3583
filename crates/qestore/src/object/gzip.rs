//! The gzip container: the tail travels in the extra fields (RFC 1952, section 2.3.1.1) of empty
//! members, which `gzip -d` and browsers pass over. An extra field holds less than 64 KiB, so a
//! long tail takes several; a last one of fixed size says where the header part begins.

use super::xxh64;
use crate::{Error, Result};

/// Bytes of tail that one carrier holds.
const CARRIED: usize = 60 << 10;
/// Member header with FEXTRA, no time, unknown system.
const MEMBER: [u8; 10] = [0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255];
/// An empty deflate block, CRC 0, size 0.
const EMPTY: [u8; 10] = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
/// Member header, length of the extra field, subfield id and length, empty block and trailer.
const OVERHEAD: usize = MEMBER.len() + 2 + 4 + EMPTY.len();
const CARRIER_ID: [u8; 2] = *b"QE";
const FOOTER_ID: [u8; 2] = *b"QF";
const FOOTER_BODY: usize = 32;
/// Bytes of the last member.
pub(crate) const FOOTER_BYTES: usize = OVERHEAD + FOOTER_BODY;

fn empty_member(id: [u8; 2], data: &[u8], out: &mut Vec<u8>) {
    let len = u16::try_from(data.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&MEMBER);
    out.extend_from_slice(&(len + 4).to_le_bytes());
    out.extend_from_slice(&id);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(data);
    out.extend_from_slice(&EMPTY);
}

/// `bytes` in as many carriers as it takes.
pub(crate) fn carry(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + bytes.len().div_ceil(CARRIED) * OVERHEAD);
    for part in bytes.chunks(CARRIED) {
        empty_member(CARRIER_ID, part, &mut out);
    }
    out
}

/// The bytes out of carriers that fill `members` exactly.
pub(crate) fn uncarry(mut members: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(members.len());
    let mut again = Vec::with_capacity(CARRIED + OVERHEAD);
    while !members.is_empty() {
        let taken = members.len().min(CARRIED + OVERHEAD);
        let data = members.get(OVERHEAD - EMPTY.len()..taken - EMPTY.len().min(taken));
        let Some(data) = data else {
            return Err(Error::corrupt(
                "a table of the object is damaged: it is cut short",
            ));
        };
        // Writing it again and comparing leaves no byte unchecked.
        again.clear();
        empty_member(CARRIER_ID, data, &mut again);
        if again != members[..taken] {
            return Err(Error::corrupt(
                "a table of the object is damaged: its gzip member is not valid",
            ));
        }
        bytes.extend_from_slice(data);
        members = &members[taken..];
    }
    Ok(bytes)
}

/// The last member: says where the header part starts in the object.
pub(crate) fn footer(header_at: u64) -> Vec<u8> {
    let mut body = Vec::with_capacity(FOOTER_BODY);
    body.extend_from_slice(b"QEgz");
    body.extend_from_slice(&[0; 12]);
    body.extend_from_slice(&header_at.to_le_bytes());
    body.extend_from_slice(&xxh64(&body).to_le_bytes());
    let mut out = Vec::with_capacity(FOOTER_BYTES);
    empty_member(FOOTER_ID, &body, &mut out);
    out
}

/// Reads the last member: the offset of the header part, or `None` when this is no gzip object.
pub(crate) fn read_footer(tail: &[u8]) -> Option<u64> {
    let at = tail.len().checked_sub(FOOTER_BYTES)?;
    let offset = at + MEMBER.len() + 2 + 4 + 16;
    let header_at = u64::from_le_bytes(tail.get(offset..offset + 8)?.try_into().ok()?);
    (footer(header_at) == tail[at..]).then_some(header_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn carriers_are_invisible_to_gzip_and_come_back() {
        for len in [0, 1, CARRIED, CARRIED + 1, 3 * CARRIED + 5] {
            let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let carried = carry(&bytes);
            let mut content = Vec::new();
            let file = [carried.as_slice(), &footer(0)].concat();
            flate2::read::MultiGzDecoder::new(file.as_slice())
                .read_to_end(&mut content)
                .unwrap();
            assert!(content.is_empty());
            assert_eq!(uncarry(&carried).unwrap(), bytes);
            if len > 0 {
                assert!(uncarry(&carried[..carried.len() - 1]).is_err());
            }
        }
        assert_eq!(read_footer(&footer(77)), Some(77));
        for at in 0..FOOTER_BYTES {
            let mut broken = footer(77);
            broken[at] ^= 1;
            assert_eq!(read_footer(&broken), None, "byte {at}");
        }
    }
}
