//! The folder that a tree is unpacked into: filled under another name, then given its own. Given
//! up at any moment, also by a caller who stops waiting, it leaves nothing behind.

use std::fs;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::{Error, ErrorKind, Result};

#[derive(Debug)]
pub(super) struct UnpackTarget {
    target: PathBuf,
    partial: PathBuf,
    /// An empty folder that is there stays the same folder: it may be the current one, or a mount.
    exists: bool,
    published: bool,
}

impl UnpackTarget {
    /// Checks that `target` is free: an empty folder, or nothing.
    pub(super) fn prepare(target: &Path) -> Result<Self> {
        let shown = || target.display().to_string();
        let failed = |e| Error::io("the target cannot be read", e).concerning(shown());
        let (exists, taken) = match fs::symlink_metadata(target) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => (false, false),
            Ok(metadata) if metadata.is_dir() => {
                (true, fs::read_dir(target).map_err(failed)?.next().is_some())
            }
            Ok(_) => (true, true),
            Err(e) => return Err(failed(e)),
        };
        if taken {
            return Err(
                Error::new(ErrorKind::AlreadyExists, "there is something already")
                    .concerning(shown())
                    .help("choose another place, or remove what is there"),
            );
        }
        let holder = match target.parent() {
            _ if exists => target,
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(holder)
            .map_err(|e| Error::io("its parent cannot be made", e).concerning(shown()))?;
        let partial = holder.join(format!(".unpacking-{}", Uuid::new_v4().as_simple()));
        let target = target.to_owned();
        Ok(Self {
            target,
            partial,
            exists,
            published: false,
        })
    }

    /// Where to unpack to; does not exist yet.
    pub(super) fn partial(&self) -> &Path {
        &self.partial
    }

    /// Gives the filled folder its name.
    pub(super) fn publish(mut self) -> Result<()> {
        let moved = if self.exists {
            move_entries(&self.partial, &self.target)
        } else {
            fs::rename(&self.partial, &self.target)
        };
        moved.map_err(|e| {
            Error::io("the folder cannot be given its name", e)
                .concerning(self.target.display().to_string())
        })?;
        self.published = true;
        Ok(())
    }
}

impl Drop for UnpackTarget {
    fn drop(&mut self) {
        if !self.published {
            make_writable(&self.partial);
            let _ = fs::remove_dir_all(&self.partial);
        }
    }
}

fn move_entries(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::rename(entry.path(), to.join(entry.file_name()))?;
    }
    fs::remove_dir(from)
}

/// A folder without write permission would keep what is in it.
#[cfg(unix)]
fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

#[cfg(not(unix))]
fn make_writable(_: &Path) {}
