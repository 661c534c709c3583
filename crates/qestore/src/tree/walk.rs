//! Lists a folder in a fixed order: by name, a folder before what is in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::member::{MAX_MTIME, is_plain_link, is_plain_path};
use super::{Member, MemberKind};
use crate::{Error, ErrorKind, Result};

/// What to do with symbolic links when a folder is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Links {
    /// Keep a link as a link; one that leaves the folder is an error that names it.
    #[default]
    Keep,
    /// Store what links point to, as if it were there.
    Follow,
}

/// A member to be, and where its bytes come from.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) member: Member,
    pub(crate) source: PathBuf,
}

/// Everything below `root`, without `root` itself.
pub(crate) fn walk(root: &Path, links: Links) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut above = Vec::new();
    walk_folder(root, "", links, &mut above, &mut found)?;
    Ok(found)
}

fn walk_folder(
    folder: &Path,
    prefix: &str,
    links: Links,
    above: &mut Vec<PathBuf>,
    found: &mut Vec<Found>,
) -> Result<()> {
    let unreadable =
        |source| Error::io("the folder cannot be read", source).concerning(shown(folder));
    if links == Links::Follow {
        let real = fs::canonicalize(folder).map_err(unreadable)?;
        if above.contains(&real) {
            return Err(
                Error::invalid("following its links leads around in a circle")
                    .concerning(shown(folder)),
            );
        }
        above.push(real);
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string().map_err(|_| {
            Error::invalid("the name is not valid UTF-8")
                .concerning(shown(&entry.path()))
                .help("rename the file")
        })?;
        names.push(name);
    }
    names.sort_unstable();
    for name in names {
        let source = folder.join(&name);
        let path = format!("{prefix}{name}");
        let member = describe(&source, path, links)?;
        let (is_folder, below) = (
            member.kind == MemberKind::Folder,
            format!("{}/", member.path),
        );
        found.push(Found {
            member,
            source: source.clone(),
        });
        if is_folder {
            walk_folder(&source, &below, links, above, found)?;
        }
    }
    if links == Links::Follow {
        above.pop();
    }
    Ok(())
}

fn describe(source: &Path, path: String, links: Links) -> Result<Member> {
    if !is_plain_path(&path) {
        return Err(Error::invalid("its path is too long for a tree").concerning(shown(source)));
    }
    let metadata = match links {
        Links::Keep => fs::symlink_metadata(source),
        Links::Follow => fs::metadata(source),
    }
    .map_err(|e| {
        let dangling = links == Links::Follow && fs::symlink_metadata(source).is_ok();
        let what = if dangling && e.kind() == std::io::ErrorKind::NotFound {
            "the link points to nothing"
        } else {
            "the file cannot be read"
        };
        Error::io(what, e).concerning(shown(source))
    })?;
    let file_type = metadata.file_type();
    let mut target = None;
    let kind = if file_type.is_file() {
        MemberKind::File
    } else if file_type.is_dir() {
        MemberKind::Folder
    } else if file_type.is_symlink() {
        target = Some(link_target(source, &path)?);
        MemberKind::Link
    } else {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "it is neither a file, a folder nor a link (a socket, pipe or device)",
        )
        .concerning(shown(source)));
    };
    let mtime = metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .map_or(0, |age| {
            i64::try_from(age.as_secs()).unwrap_or(0).min(MAX_MTIME)
        });
    let size = if kind == MemberKind::File {
        metadata.len()
    } else {
        0
    };
    let mode = mode_of(&metadata, kind);
    Ok(Member {
        path,
        kind,
        mode,
        mtime,
        size,
        offset: 0,
        sha256: None,
        target,
    })
}

fn link_target(source: &Path, path: &str) -> Result<String> {
    let target = fs::read_link(source)
        .map_err(|e| Error::io("the link cannot be read", e).concerning(shown(source)))?;
    let text = target.to_str().map(|text| {
        if cfg!(windows) {
            text.replace('\\', "/")
        } else {
            text.to_owned()
        }
    });
    text.filter(|text| is_plain_link(path, text))
        .ok_or_else(|| {
            let why = if target.is_relative() && !target.starts_with("..") {
                "the link's target goes up after a name, which may lead anywhere"
            } else {
                "the link points out of the folder"
            };
            Error::invalid(format!("{why}: {}", target.display()))
                .concerning(shown(source))
                .help(
                    "follow links to store what they point to (--follow-links), or remove the link",
                )
        })
}

#[cfg(unix)]
fn mode_of(metadata: &fs::Metadata, _: MemberKind) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode_of(metadata: &fs::Metadata, kind: MemberKind) -> u32 {
    match kind {
        MemberKind::File if metadata.permissions().readonly() => 0o444,
        MemberKind::File => 0o644,
        MemberKind::Folder => 0o755,
        MemberKind::Link => 0o777,
    }
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
