//! Reads the end of an object: its metadata, where its frames lie, where its member table is.
//!
//! Nothing read here is believed before its checksum was; nothing is allocated by a claimed size.

use std::ops::Range;

use super::frame::FrameTable;
use super::section::{SectionTag, read_section};
use super::zstd_container::{
    HEADER_FRAME, MEMBERS_FRAME, SeekFooter, ends_with_seek_table, read_skippable, seek_table,
};
use super::{Container, Header, gzip};
use crate::tree::{Member, check_members};
use crate::{Error, Result};

/// No tail of this format is longer; a longer claim is damage.
const MAX_TAIL: u64 = 160 << 20;

/// An object's metadata and layout.
#[derive(Debug, Clone)]
pub(crate) struct ObjectMap {
    pub(crate) header: Header,
    pub(crate) frames: FrameTable,
    /// Where the member table of a tree lies in the object.
    pub(crate) members: Option<Range<u64>>,
    pub(crate) object_size: u64,
}

/// No member table of this format takes more, compressed or not, with what it is wrapped in.
const MAX_MEMBER_REGION: u64 = 260 << 20;

/// What came of reading a tail.
#[derive(Debug)]
pub(crate) enum TailOutcome {
    Complete(Box<ObjectMap>),
    /// The last so many bytes of the object are needed.
    NeedsLast(u64),
}

/// Reads `tail`, the last bytes of an object of `object_size` bytes.
pub(crate) fn parse_tail(tail: &[u8], object_size: u64) -> Result<TailOutcome> {
    let have = tail.len() as u64;
    let smallest = gzip::FOOTER_BYTES as u64;
    if object_size < smallest || have > object_size {
        return Err(Error::corrupt("the object is cut short"));
    }
    if have < smallest {
        return Ok(TailOutcome::NeedsLast(smallest));
    }
    let (container, after_header, needed) = if ends_with_seek_table(tail) {
        let table = SeekFooter::read(tail)?.table_bytes;
        (
            Container::Zstd,
            table,
            table.saturating_add(SeekFooter::header_frame_bytes(tail)?),
        )
    } else if let Some(header_at) = gzip::read_footer(tail) {
        let needed = object_size.checked_sub(header_at).ok_or_else(impossible)?;
        (Container::Gzip, gzip::FOOTER_BYTES as u64, needed)
    } else {
        return Err(Error::corrupt(
            "it does not end as an object does: cut short or overwritten",
        ));
    };
    if needed > object_size || needed > MAX_TAIL || after_header > needed {
        return Err(impossible());
    }
    if needed > have {
        return Ok(TailOutcome::NeedsLast(needed));
    }
    let from_end = |bytes: u64| tail.len() - bytes as usize;
    let described = &tail[from_end(needed)..from_end(after_header)];
    let (frames, header) = match container {
        Container::Zstd => read_described(read_skippable(HEADER_FRAME, described)?)?,
        Container::Gzip => read_described(&gzip::uncarry(described)?)?,
    };
    let map = lay_out(header, frames, container, object_size, needed)?;
    if container == Container::Zstd {
        let mut extra = Vec::new();
        if let Some(members) = &map.members {
            extra.push(usize::try_from(members.end - members.start).map_err(|_| impossible())?);
        }
        extra.push(described.len());
        // Our own table is the one we read by; the public one must say the same.
        if seek_table(&map.frames, &extra)? != tail[from_end(after_header)..] {
            return Err(Error::corrupt(
                "the seek table does not agree with the frame table",
            ));
        }
    }
    Ok(TailOutcome::Complete(Box::new(map)))
}

fn impossible() -> Error {
    Error::corrupt("its tables claim an impossible size")
}

fn read_described(mut bytes: &[u8]) -> Result<(FrameTable, Header)> {
    let frames = read_section(SectionTag::Frames, &mut bytes)?;
    let json = read_section(SectionTag::Header, &mut bytes)?;
    // The version is looked at first: a newer one may place other things here.
    let header = Header::from_json(&json)?;
    let frames = FrameTable::decode(&frames)?;
    if !bytes.is_empty() {
        return Err(Error::corrupt("there are bytes after the metadata"));
    }
    Ok((frames, header))
}

fn lay_out(
    header: Header,
    frames: FrameTable,
    container: Container,
    object_size: u64,
    tail_bytes: u64,
) -> Result<ObjectMap> {
    if header.container() != container {
        return Err(Error::corrupt("its codec does not belong to its container"));
    }
    if frames.content_bytes() != header.size_bytes {
        return Err(Error::corrupt(format!(
            "its frames hold {} bytes of content, its metadata says {}",
            frames.content_bytes(),
            header.size_bytes
        )));
    }
    // Each member takes a block of tar at least: a table of many needs content of that size.
    let fits = |members: u64| {
        members
            .checked_mul(512)
            .is_some_and(|b| b <= header.size_bytes)
    };
    if !header.members.is_none_or(fits) {
        return Err(Error::corrupt("its content is too small for its members"));
    }
    let region = frames.stored_bytes()..object_size - tail_bytes;
    if region.start > region.end || region.is_empty() != header.members.is_none() {
        return Err(Error::corrupt(
            "its frames do not fill the place before its metadata",
        ));
    }
    if region.end - region.start > MAX_MEMBER_REGION {
        return Err(impossible());
    }
    let members = header.members.is_some().then_some(region);
    Ok(ObjectMap {
        header,
        frames,
        members,
        object_size,
    })
}

/// Reads the member table of a tree out of its stored bytes (`map.members`).
pub(crate) fn parse_members(map: &ObjectMap, stored: &[u8]) -> Result<Vec<Member>> {
    let unwrapped;
    let mut section = match map.header.container() {
        Container::Zstd => read_skippable(MEMBERS_FRAME, stored)?,
        Container::Gzip => {
            unwrapped = gzip::uncarry(stored)?;
            unwrapped.as_slice()
        }
    };
    let json = read_section(SectionTag::Members, &mut section)?;
    if !section.is_empty() {
        return Err(Error::corrupt("there are bytes after the member table"));
    }
    let members: Vec<Member> = serde_json::from_slice(&json)
        .map_err(|source| Error::corrupt("the member table is not valid").because(source))?;
    if Some(members.len() as u64) != map.header.members {
        return Err(Error::corrupt(
            "the member table has another length than the metadata says",
        ));
    }
    check_members(&members, map.header.size_bytes)?;
    Ok(members)
}
