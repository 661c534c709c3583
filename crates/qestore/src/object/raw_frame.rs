//! A zstd frame of raw blocks, for content that does not shrink. Written by hand because the
//! zstd library cannot be told not to try; the layout is RFC 8878, section 3.1.1.

use super::xxh64;

const MAGIC: u32 = 0xFD2F_B528;
/// The largest block of the format.
const BLOCK_BYTES: usize = 128 << 10;

/// `content` (at least one byte) as one zstd frame with content size and content checksum.
pub(crate) fn raw_zstd_frame(content: &[u8]) -> Vec<u8> {
    let blocks = content.len().div_ceil(BLOCK_BYTES);
    let mut frame = Vec::with_capacity(content.len() + blocks * 3 + 18);
    frame.extend_from_slice(&MAGIC.to_le_bytes());
    // Frame_Header_Descriptor: 8-byte content size, single segment, content checksum.
    frame.push(0b1110_0100);
    frame.extend_from_slice(&(content.len() as u64).to_le_bytes());
    for (number, block) in content.chunks(BLOCK_BYTES).enumerate() {
        let last = u32::from(number + 1 == blocks);
        // Block_Header: last block, type raw (0), size.
        let header = last | u32::try_from(block.len()).unwrap_or(0) << 3;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.extend_from_slice(block);
    }
    frame.extend_from_slice(&xxh64(content).to_le_bytes()[..4]);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_zstd_library_reads_raw_frames() {
        for len in [1, 255, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES] {
            let content: Vec<u8> = (0..len).map(|i| (i * 31 % 251) as u8).collect();
            let frame = raw_zstd_frame(&content);
            assert_eq!(zstd::decode_all(frame.as_slice()).unwrap(), content);
            let mut broken = frame.clone();
            let middle = broken.len() / 2;
            broken[middle] ^= 1;
            assert!(
                zstd::decode_all(broken.as_slice()).is_err(),
                "checksum must be checked"
            );
        }
    }
}
