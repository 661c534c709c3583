//! Writes the members of a tree into a new folder, and nowhere else.
//!
//! The folder is new and ours while it is filled, links are made last, and the table was checked
//! for paths that leave or lead through links: so nothing can be written outside.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::read::TreeSink;
use super::walk::shown;
use super::{Member, MemberKind};
use crate::{Error, ErrorKind, Result};

/// Unpacks into a folder of its own.
#[derive(Debug)]
pub(crate) struct Unpacker {
    root: PathBuf,
    open: Option<(PathBuf, File)>,
    links: Vec<(PathBuf, String)>,
    folders: Vec<(PathBuf, u32, i64)>,
}

impl Unpacker {
    /// `root` is made here and must not exist.
    pub(crate) fn new(root: PathBuf) -> Result<Self> {
        fs::create_dir(&root)
            .map_err(|e| Error::io("the folder cannot be made", e).concerning(shown(&root)))?;
        Ok(Self {
            root,
            open: None,
            links: Vec::new(),
            folders: Vec::new(),
        })
    }

    fn place(&self, member_path: &str) -> Result<PathBuf> {
        let mut place = self.root.clone();
        for part in member_path.split('/') {
            refuse_special_on_windows(part)?;
            place.push(part);
        }
        Ok(place)
    }

    /// Makes the links, then sets what would have been in the way earlier: folder permissions.
    pub(crate) fn finish(self) -> Result<()> {
        for (place, target) in &self.links {
            make_link(place, target)
                .map_err(|e| Error::io("the link cannot be made", e).concerning(shown(place)))?;
        }
        for (place, mode, mtime) in self.folders.iter().rev() {
            set_mtime_of_folder(place, *mtime);
            set_mode(place, *mode)?;
        }
        Ok(())
    }
}

impl TreeSink for Unpacker {
    fn begin(&mut self, member: &Member) -> Result<()> {
        let place = self.place(&member.path)?;
        let failed = |what: &str, e| Error::io(what, e).concerning(shown(&place));
        match member.kind {
            MemberKind::Folder => {
                fs::create_dir(&place).map_err(|e| failed("the folder cannot be made", e))?;
                self.folders.push((place, member.mode, member.mtime));
            }
            MemberKind::Link => {
                let target = member.target.clone().unwrap_or_default();
                for part in target
                    .split('/')
                    .filter(|part| !matches!(*part, "" | "." | ".."))
                {
                    refuse_special_on_windows(part)?;
                }
                self.links.push((place, target));
            }
            MemberKind::File => {
                let file = OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .open(&place)
                    .map_err(|e| failed("the file cannot be made", e))?;
                self.open = Some((place, file));
            }
        }
        Ok(())
    }

    fn data(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some((place, file)) = &mut self.open {
            file.write_all(bytes)
                .map_err(|e| Error::io("the file cannot be written", e).concerning(shown(place)))?;
        }
        Ok(())
    }

    fn end(&mut self, member: &Member) -> Result<()> {
        if let Some((place, file)) = self.open.take() {
            // A file system that cannot keep times still keeps the file.
            let _ = file.set_modified(instant(member.mtime));
            drop(file);
            set_mode(&place, member.mode)?;
        }
        Ok(())
    }
}

fn instant(seconds: i64) -> SystemTime {
    let since = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    UNIX_EPOCH.checked_add(since).unwrap_or(UNIX_EPOCH)
}

fn set_mtime_of_folder(folder: &Path, mtime: i64) {
    if cfg!(unix)
        && let Ok(file) = File::open(folder)
    {
        let _ = file.set_modified(instant(mtime));
    }
}

#[cfg(unix)]
fn set_mode(place: &Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    // Permission bits only: never set-user-id and the like from a stored tree.
    fs::set_permissions(place, fs::Permissions::from_mode(mode & 0o777))
        .map_err(|e| Error::io("the permissions cannot be set", e).concerning(shown(place)))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<()> {
    Ok(())
}

#[cfg(unix)]
fn make_link(place: &Path, target: &str) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, place)
}

#[cfg(windows)]
fn make_link(place: &Path, target: &str) -> std::io::Result<()> {
    let resolved = place.parent().map(|parent| parent.join(target));
    if resolved.is_some_and(|resolved| resolved.is_dir()) {
        std::os::windows::fs::symlink_dir(target, place)
    } else {
        std::os::windows::fs::symlink_file(target, place)
    }
}

/// On Windows a file name can mean a drive, a stream, a device or a path of its own.
fn refuse_special_on_windows(part: &str) -> Result<()> {
    if !cfg!(windows) {
        return Ok(());
    }
    let stem = part
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let device = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")));
    if device
        || part.contains(['\\', ':', '*', '?', '"', '<', '>', '|'])
        || part.ends_with(['.', ' '])
    {
        return Err(Error::new(
            ErrorKind::Unsupported,
            format!("the name {part:?} is not possible on Windows"),
        ));
    }
    Ok(())
}
