//! Reads an object that is wholly in memory: for tools, tests and fuzzing.

use sha2::{Digest as _, Sha256};

use super::{ObjectMap, TailOutcome, decode_frame, parse_members, parse_tail};
use crate::artifact::{ArtifactMetadata, Sha256Digest};
use crate::tree::{Member, TreeCheck};
use crate::{Error, ErrorKind, Result};

/// An object's metadata and verified content.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct WholeObject {
    /// What is known of the artifact. `storage_path` is empty: bytes do not know where they lie.
    pub metadata: ArtifactMetadata,
    /// The content; for a tree, its tar stream.
    pub content: Vec<u8>,
    /// The members of a tree.
    pub members: Option<Vec<Member>>,
}

/// Reads and verifies the object that `bytes` are, giving at most `most_content` bytes.
///
/// # Errors
/// Kind *corrupt* when any byte is not as it was written, *unsupported* when a newer version wrote
/// it, *too-large* when the content is over the limit.
pub fn read_whole(bytes: &[u8], most_content: u64) -> Result<WholeObject> {
    let map = match parse_tail(bytes, bytes.len() as u64)? {
        TailOutcome::Complete(map) => map,
        TailOutcome::NeedsLast(_) => return Err(Error::corrupt("the object is cut short")),
    };
    if map.header.size_bytes > most_content {
        return Err(Error::new(
            ErrorKind::TooLarge,
            format!(
                "the content has {} bytes, the limit is {most_content}",
                map.header.size_bytes
            ),
        ));
    }
    let mut content = Vec::new();
    for frame in map.frames.frames() {
        let range = frame.stored_range();
        let stored = bytes.get(range.start as usize..range.end as usize);
        let stored = stored.ok_or_else(|| Error::corrupt("the object is cut short"))?;
        content.extend(decode_frame(map.header.container(), frame, stored)?);
    }
    verify_digest(&map, Sha256::digest(&content).into())?;
    let members = match &map.members {
        Some(range) => {
            let members = parse_members(&map, &bytes[range.start as usize..range.end as usize])?;
            let mut check = TreeCheck::new(members.as_slice().into());
            check.feed(&content)?;
            check.finish()?;
            Some(members)
        }
        None => None,
    };
    let metadata = map.header.into_metadata(map.object_size, String::new());
    Ok(WholeObject {
        metadata,
        content,
        members,
    })
}

/// Compares the digest of the whole content with the metadata.
pub(crate) fn verify_digest(map: &ObjectMap, found: [u8; 32]) -> Result<()> {
    let found = Sha256Digest::from_bytes(found);
    if found == map.header.sha256 {
        return Ok(());
    }
    Err(Error::corrupt(format!(
        "the content has SHA-256 {found}, the metadata says {}",
        map.header.sha256
    )))
}
