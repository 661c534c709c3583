//! Collects the frames of an object under construction and writes its tail.

use super::frame::{FrameEntry, FrameTable};
use super::section::{SectionTag, write_section};
use super::zstd_container::{HEADER_FRAME, MEMBERS_FRAME, seek_table, skippable};
use super::{Codec, Container, Header, gzip};
use crate::Result;

/// The bookkeeping of one object while its frames are written.
#[derive(Debug)]
pub(crate) struct Assembly {
    container: Container,
    table: FrameTable,
}

impl Assembly {
    pub(crate) fn new(codec: Codec) -> Self {
        Self {
            container: codec.container(),
            table: FrameTable::default(),
        }
    }

    /// Records the frame that was just written.
    pub(crate) fn push(&mut self, entry: FrameEntry) {
        self.table.push(entry);
    }

    /// Bytes that all frames so far take in the object.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.table.stored_bytes()
    }

    /// Everything that follows the frames: member table, metadata, seek table.
    pub(crate) fn finish(self, header: &Header, members: Option<&[u8]>) -> Result<Vec<u8>> {
        let container = self.container;
        let members = members
            .map(|json| write_section(SectionTag::Members, json, container))
            .transpose()?;
        let mut described = write_section(SectionTag::Frames, &self.table.encode(), container)?;
        described.extend(write_section(
            SectionTag::Header,
            &header.to_json()?,
            container,
        )?);

        let mut tail = Vec::new();
        match container {
            Container::Zstd => {
                let mut extra = Vec::new();
                if let Some(members) = members {
                    tail.extend(skippable(MEMBERS_FRAME, &members)?);
                    extra.push(tail.len());
                }
                let frame = skippable(HEADER_FRAME, &described)?;
                extra.push(frame.len());
                tail.extend(frame);
                tail.extend(seek_table(&self.table, &extra)?);
            }
            Container::Gzip => {
                if let Some(members) = members {
                    tail.extend(gzip::carry(&members));
                }
                let header_at = self.table.stored_bytes() + tail.len() as u64;
                tail.extend(gzip::carry(&described));
                tail.extend(gzip::footer(header_at));
            }
        }
        Ok(tail)
    }
}
