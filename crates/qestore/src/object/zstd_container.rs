//! The zstd container: skippable frames for the tail and the seek table of the public *Zstandard
//! seekable format*, which other tools can read.
//!
//! Source: `contrib/seekable_format/zstd_seekable_compression_format.md` of the zstd project.

use super::frame::FrameTable;
use crate::{Error, ErrorKind, Result};

/// Skippable frame with the frame table and the metadata.
pub(crate) const HEADER_FRAME: u32 = 0x184D_2A50;
/// Skippable frame with the member table of a tree.
pub(crate) const MEMBERS_FRAME: u32 = 0x184D_2A51;
const SEEK_TABLE_FRAME: u32 = 0x184D_2A5E;
const SEEKABLE_MAGIC: u32 = 0x8F92_EAB1;
const SKIPPABLE_HEADER: usize = 8;
/// Frame count, descriptor, magic.
pub(crate) const SEEK_FOOTER: usize = 9;
const SEEK_ENTRY: usize = 8;

/// `body` in a skippable frame.
pub(crate) fn skippable(magic: u32, body: &[u8]) -> Result<Vec<u8>> {
    let size = u32::try_from(body.len())
        .map_err(|_| Error::new(ErrorKind::TooLarge, "a table of the object passes 4 GiB"))?;
    let mut frame = Vec::with_capacity(SKIPPABLE_HEADER + body.len());
    frame.extend_from_slice(&magic.to_le_bytes());
    frame.extend_from_slice(&size.to_le_bytes());
    frame.extend_from_slice(body);
    Ok(frame)
}

/// The body of the skippable frame that fills `bytes` exactly.
pub(crate) fn read_skippable(magic: u32, bytes: &[u8]) -> Result<&[u8]> {
    let broken = || Error::corrupt("a table of the object is damaged: its frame is not valid");
    let (header, body) = bytes
        .split_at_checked(SKIPPABLE_HEADER)
        .ok_or_else(broken)?;
    let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]);
    if header[..4] != magic.to_le_bytes() || size as usize != body.len() {
        return Err(broken());
    }
    Ok(body)
}

/// The seek table for the content frames followed by `extra` skippable frames of these sizes.
pub(crate) fn seek_table(frames: &FrameTable, extra: &[usize]) -> Result<Vec<u8>> {
    let count = frames.frames().len() + extra.len();
    let mut body = Vec::with_capacity(count * SEEK_ENTRY + SEEK_FOOTER);
    for frame in frames.frames() {
        body.extend_from_slice(&frame.entry.stored.to_le_bytes());
        body.extend_from_slice(&frame.entry.content.to_le_bytes());
    }
    for &size in extra {
        let size = u32::try_from(size)
            .map_err(|_| Error::new(ErrorKind::TooLarge, "a table of the object passes 4 GiB"))?;
        body.extend_from_slice(&size.to_le_bytes());
        body.extend_from_slice(&0_u32.to_le_bytes());
    }
    let count = u32::try_from(count)
        .map_err(|_| Error::new(ErrorKind::TooLarge, "the object has too many frames"))?;
    body.extend_from_slice(&count.to_le_bytes());
    // Seek_Table_Descriptor: no checksums here, the frames have their own.
    body.push(0);
    body.extend_from_slice(&SEEKABLE_MAGIC.to_le_bytes());
    skippable(SEEK_TABLE_FRAME, &body)
}

/// Whether `tail` ends as a seek table does.
pub(crate) fn ends_with_seek_table(tail: &[u8]) -> bool {
    tail.ends_with(&SEEKABLE_MAGIC.to_le_bytes())
}

/// Where the header frame lies, told by the seek table alone.
pub(crate) struct SeekFooter {
    /// Bytes of the whole seek table frame, at the end of the object.
    pub(crate) table_bytes: u64,
}

impl SeekFooter {
    /// Reads the last nine bytes of an object.
    pub(crate) fn read(tail: &[u8]) -> Result<Self> {
        let cut = || Error::corrupt("the object is cut short");
        let at = tail.len().checked_sub(SEEK_FOOTER).ok_or_else(cut)?;
        let footer = &tail[at..];
        let count = u32::from_le_bytes([footer[0], footer[1], footer[2], footer[3]]);
        if footer[4] != 0 {
            return Err(Error::corrupt(
                "the seek table has flags that this format never sets",
            ));
        }
        let table_bytes =
            u64::from(count) * SEEK_ENTRY as u64 + (SEEK_FOOTER + SKIPPABLE_HEADER) as u64;
        Ok(Self { table_bytes })
    }

    /// The stored size of the last frame before the seek table: the header frame.
    /// `tail` must hold the last entry of the table.
    pub(crate) fn header_frame_bytes(tail: &[u8]) -> Result<u64> {
        let cut = || Error::corrupt("the object is cut short");
        let at = tail
            .len()
            .checked_sub(SEEK_FOOTER + SEEK_ENTRY)
            .ok_or_else(cut)?;
        Ok(u64::from(u32::from_le_bytes([
            tail[at],
            tail[at + 1],
            tail[at + 2],
            tail[at + 3],
        ])))
    }
}
