//! One entry of a tree, and what makes a list of entries acceptable.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::links::stays_inside;
use crate::artifact::Sha256Digest;
use crate::{Error, Result};

/// The longest path of a member and target of a link, in bytes.
const MAX_PATH_BYTES: usize = 4096;

/// The longest name of a file or folder, in bytes: more than any usual file system allows.
const MAX_PART_BYTES: usize = 1024;
/// The last second that the octal digits of a tar header can say.
pub(super) const MAX_MTIME: i64 = (1 << 33) - 1;

/// What a member of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A folder, empty or not.
    Folder,
    /// A symbolic link that stays inside the tree.
    Link,
}

impl fmt::Display for MemberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::File => "file",
            Self::Folder => "folder",
            Self::Link => "link",
        })
    }
}

/// One file, folder or link of a stored tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Member {
    /// Slash-separated path inside the tree, never absolute, without `.` and `..`.
    pub path: String,
    /// File, folder or link.
    pub kind: MemberKind,
    /// Permission bits, as in `chmod`.
    pub mode: u32,
    /// When it was last changed, in seconds since 1970, UTC.
    pub mtime: i64,
    /// For a file, its size in bytes; else 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub size: u64,
    /// For a file, where its bytes start in the tar stream.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub offset: u64,
    /// For a file, the SHA-256 of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Sha256Digest>,
    /// For a link, what it points to, relative to the folder it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature serde asks for"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Refuses a member table that no tree packed by this format can have: paths that leave the tree,
/// are there twice or come before the folder they are in; links that leave; bytes outside the
/// content.
pub(crate) fn check_members(members: &[Member], content_bytes: u64) -> Result<()> {
    let refuse = |member: &Member, why: &str| {
        Err(Error::corrupt(format!(
            "the member {:?} {why}",
            member.path
        )))
    };
    let mut kinds = HashMap::with_capacity(members.len());
    let mut end = 0;
    for member in members {
        if !is_plain_path(&member.path) {
            return refuse(member, "has a path that is not allowed in a tree");
        }
        // Each parent is checked once, so a deep tree takes no longer than a flat one.
        if let Some((parent, _)) = member.path.rsplit_once('/')
            && kinds.get(parent) != Some(&MemberKind::Folder)
        {
            return refuse(member, "does not come after the folder that it is in");
        }
        if kinds.insert(member.path.as_str(), member.kind).is_some() {
            return refuse(member, "is there twice");
        }
        if member.mode > 0o7777 || !(0..=MAX_MTIME).contains(&member.mtime) {
            return refuse(member, "has permission bits or a time that tar cannot say");
        }
        let is_file = member.kind == MemberKind::File;
        if is_file != member.sha256.is_some()
            || (!is_file && (member.size, member.offset) != (0, 0))
        {
            return refuse(
                member,
                "has a size or a checksum that does not fit its kind",
            );
        }
        match (member.kind, &member.target) {
            (MemberKind::Link, Some(target)) if is_plain_link(&member.path, target) => {}
            (MemberKind::Link, Some(_)) => return refuse(member, "links to outside of the tree"),
            (MemberKind::File | MemberKind::Folder, None) => {}
            _ => return refuse(member, "has a link target that does not fit its kind"),
        }
        if is_file {
            let member_end = member
                .offset
                .checked_add(member.size)
                .filter(|&e| e <= content_bytes);
            match member_end {
                Some(member_end) if member.offset >= end => end = member_end,
                _ => return refuse(member, "claims bytes that are not its own"),
            }
        }
    }
    Ok(())
}

pub(super) fn is_plain_link(path: &str, target: &str) -> bool {
    target.len() <= MAX_PATH_BYTES && stays_inside(path, target)
}

pub(super) fn is_plain_path(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES
        && !path.contains('\0')
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.len() <= MAX_PART_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, offset: u64, size: u64) -> Member {
        Member {
            path: path.to_owned(),
            kind: MemberKind::File,
            mode: 0o644,
            mtime: 0,
            size,
            offset,
            sha256: Some(Sha256Digest::of(b"")),
            target: None,
        }
    }

    fn folder(path: &str) -> Member {
        Member {
            kind: MemberKind::Folder,
            sha256: None,
            ..file(path, 0, 0)
        }
    }

    fn link(path: &str, target: &str) -> Member {
        let target = Some(target.to_owned());
        Member {
            kind: MemberKind::Link,
            sha256: None,
            target,
            ..file(path, 0, 0)
        }
    }

    #[test]
    fn hostile_tables_are_refused() {
        for (members, why) in [
            (vec![file("/etc/passwd", 0, 1)], "absolute"),
            (vec![file("../x", 0, 1)], "parent"),
            (vec![file("a/../../x", 0, 1)], "parent inside"),
            (vec![file("a//b", 0, 1)], "empty part"),
            (vec![file("", 0, 1)], "empty"),
            (vec![file("a\0b", 0, 1)], "nul"),
            (vec![file("a", 0, 1), file("a", 1, 1)], "twice"),
            (vec![file("a", 0, 1), file("a/b", 1, 1)], "below a file"),
            (vec![file("a/b", 1, 1)], "without its folder"),
            (vec![file("a/b", 1, 1), folder("a")], "before its folder"),
            (
                vec![Member {
                    mode: 0o10_000,
                    ..folder("a")
                }],
                "mode",
            ),
            (
                vec![Member {
                    mtime: -1,
                    ..folder("a")
                }],
                "time",
            ),
            (vec![link("a", &"t".repeat(4097))], "long target"),
            (vec![link("a", "b"), file("a/b", 1, 1)], "through a link"),
            (vec![file("a", 99, 2)], "past the end"),
            (vec![file("a", u64::MAX, 2)], "overflow"),
            (vec![file("a", 0, 10), file("b", 5, 1)], "overlap"),
            (vec![link("a", "/etc")], "absolute link"),
            (vec![link("a", "../x")], "leaving link"),
        ] {
            assert!(check_members(&members, 100).is_err(), "{why}");
        }
        check_members(
            &[
                folder("a"),
                file("a/b", 0, 10),
                link("l", "a/b"),
                file("c", 10, 90),
            ],
            100,
        )
        .unwrap();
    }
}
