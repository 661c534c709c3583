//! The frame table: where each independently compressed frame lies, in the object and in the
//! content, and the checksum of its stored bytes.

use std::ops::Range;

use crate::{Error, Result};

/// The most content that one frame may hold; a reader never allocates more for a frame.
pub(crate) const MAX_FRAME_CONTENT: u32 = 16 << 20;

/// Bytes of one entry in the stored table: stored size, content size, checksum.
const ENTRY_BYTES: usize = 16;

/// One frame: its sizes in bytes and the XXH64 of its stored bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameEntry {
    pub(crate) stored: u32,
    pub(crate) content: u32,
    pub(crate) checksum: u64,
}

/// A frame and where it starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlacedFrame {
    pub(crate) entry: FrameEntry,
    /// Offset of its stored bytes in the object.
    pub(crate) stored_at: u64,
    /// Offset of its content in the whole content.
    pub(crate) content_at: u64,
}

impl PlacedFrame {
    pub(crate) fn stored_range(&self) -> Range<u64> {
        self.stored_at..self.stored_at + u64::from(self.entry.stored)
    }

    pub(crate) fn content_range(&self) -> Range<u64> {
        self.content_at..self.content_at + u64::from(self.entry.content)
    }
}

/// All frames of an object, in order, without gaps from its first byte on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FrameTable {
    frames: Vec<PlacedFrame>,
}

impl FrameTable {
    pub(crate) fn push(&mut self, entry: FrameEntry) {
        let (stored_at, content_at) = (self.stored_bytes(), self.content_bytes());
        self.frames.push(PlacedFrame {
            entry,
            stored_at,
            content_at,
        });
    }

    pub(crate) fn frames(&self) -> &[PlacedFrame] {
        &self.frames
    }

    /// Bytes that all frames take in the object.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.frames.last().map_or(0, |last| last.stored_range().end)
    }

    /// Bytes of content in all frames.
    pub(crate) fn content_bytes(&self) -> u64 {
        self.frames
            .last()
            .map_or(0, |last| last.content_range().end)
    }

    /// The frames that hold any byte of `range` of the content.
    pub(crate) fn covering(&self, range: &Range<u64>) -> &[PlacedFrame] {
        if range.is_empty() {
            return &[];
        }
        let first = self
            .frames
            .partition_point(|f| f.content_range().end <= range.start);
        let end = self.frames.partition_point(|f| f.content_at < range.end);
        &self.frames[first..end.max(first)]
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.frames.len() * ENTRY_BYTES);
        for PlacedFrame { entry, .. } in &self.frames {
            bytes.extend_from_slice(&entry.stored.to_le_bytes());
            bytes.extend_from_slice(&entry.content.to_le_bytes());
            bytes.extend_from_slice(&entry.checksum.to_le_bytes());
        }
        bytes
    }

    /// Reads a stored table, refusing frames that are empty or larger than the format allows.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Self> {
        if !bytes.len().is_multiple_of(ENTRY_BYTES) {
            return Err(Error::corrupt("the frame table is cut short"));
        }
        let mut table = Self {
            frames: Vec::with_capacity(bytes.len() / ENTRY_BYTES),
        };
        for (number, raw) in bytes.chunks_exact(ENTRY_BYTES).enumerate() {
            let entry = FrameEntry {
                stored: u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]),
                content: u32::from_le_bytes([raw[4], raw[5], raw[6], raw[7]]),
                checksum: u64::from_le_bytes([
                    raw[8], raw[9], raw[10], raw[11], raw[12], raw[13], raw[14], raw[15],
                ]),
            };
            let most_stored = entry
                .content
                .saturating_add(entry.content / 8)
                .saturating_add(1024);
            let plausible = entry.content > 0
                && entry.content <= MAX_FRAME_CONTENT
                && entry.stored > 0
                && entry.stored <= most_stored;
            if !plausible {
                return Err(Error::corrupt(format!(
                    "frame {number} claims {} stored and {} content bytes",
                    entry.stored, entry.content
                )));
            }
            table.push(entry);
        }
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(sizes: &[(u32, u32)]) -> FrameTable {
        let mut table = FrameTable::default();
        for &(stored, content) in sizes {
            table.push(FrameEntry {
                stored,
                content,
                checksum: 7,
            });
        }
        table
    }

    #[test]
    fn covering_touches_only_the_frames_of_the_range() {
        let table = table(&[(5, 10), (6, 10), (7, 3)]);
        let touched = |range| {
            table
                .covering(&range)
                .iter()
                .map(|f| f.content_at)
                .collect::<Vec<_>>()
        };
        assert_eq!(touched(0..10), [0]);
        assert_eq!(touched(9..11), [0, 10]);
        assert_eq!(touched(10..23), [10, 20]);
        assert_eq!(touched(22..23), [20]);
        assert_eq!(touched(4..4), [0_u64; 0]);
        assert_eq!((table.stored_bytes(), table.content_bytes()), (18, 23));
        assert_eq!(FrameTable::decode(&table.encode()).unwrap(), table);
    }

    #[test]
    fn implausible_frames_are_refused() {
        for sizes in [
            (0, 10),
            (10, 0),
            (u32::MAX, 10),
            (10, MAX_FRAME_CONTENT + 1),
        ] {
            let bytes = {
                let mut b = Vec::new();
                b.extend_from_slice(&u32::to_le_bytes(sizes.0));
                b.extend_from_slice(&u32::to_le_bytes(sizes.1));
                b.extend_from_slice(&[0; 8]);
                b
            };
            assert!(FrameTable::decode(&bytes).is_err(), "{sizes:?}");
        }
        assert!(FrameTable::decode(&[0; 15]).is_err());
    }
}
