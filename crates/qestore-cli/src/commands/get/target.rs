//! Where content is written to: names that are safe as file names, and nothing overwritten.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use qestore::{Artifact, Error, ErrorKind};
use tempfile::NamedTempFile;

use crate::edge::current_folder;
use crate::failure::Failure;

/// The longest file name that common file systems take, in bytes.
const MOST_BYTES: usize = 255;
/// Room for `.tar.zst` behind a name.
const ROOM: usize = 8;

/// `name` as the name of one file, on every system: no separators, no way up, nothing invisible.
pub(super) fn safe_file_name(name: &str) -> String {
    let replaced: String = name
        .chars()
        .map(|c| match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
            c if crate::output::is_unsafe(c) => '_',
            c => c,
        })
        .collect();
    let mut end = replaced.len().min(MOST_BYTES - ROOM);
    while !replaced.is_char_boundary(end) {
        end -= 1;
    }
    // Windows drops dots and spaces at the end, and `..` leads out of the folder.
    let kept = replaced[..end].trim_end_matches(['.', ' ']);
    let stem = kept.split('.').next().unwrap_or_default().to_uppercase();
    let device = matches!(stem.trim_end(), "CON" | "PRN" | "AUX" | "NUL")
        || (stem.len() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")));
    if kept.is_empty() || device {
        return format!("_{kept}");
    }
    kept.to_owned()
}

/// Refuses a target that is there, or that has no folder to be in.
pub(super) fn refuse_taken(target: &Path, force: bool) -> Result<(), Failure> {
    let folder = parent(target);
    if !folder.is_dir() {
        return Err(Failure::usage("there is no such folder to write to")
            .concerning(folder.display().to_string()));
    }
    match fs::symlink_metadata(target) {
        Err(_) => Ok(()),
        Ok(_) if force => Ok(()),
        Ok(metadata) if metadata.is_dir() && is_empty(target) => Ok(()),
        Ok(_) => Err(taken(target)),
    }
}

pub(super) fn taken(target: &Path) -> Failure {
    Failure::from(
        Error::new(ErrorKind::AlreadyExists, "it is there already")
            .concerning(target.display().to_string()),
    )
    .help("--force replaces it; -o names another place")
}

/// A file beside `target` that will get its name; gone with the process if it does not.
pub(crate) fn partial_file(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".qestore-").suffix(".partial");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As a file that any other program would make: the user's umask decides.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(parent(target))
}

/// Unpacks a tree to `target`; with `force` it takes the place of what is there, as a whole.
pub(super) async fn unpack(artifact: &Artifact, target: &Path, force: bool) -> Result<(), Failure> {
    let there = fs::symlink_metadata(target).is_ok();
    if !force || !there || is_empty(target) {
        artifact.unpack(target).await?;
        return Ok(());
    }
    refuse_where_we_are(target)?;
    let failed = |error| {
        let error = Error::io("the folder cannot be replaced", error);
        Failure::from(error.concerning(target.display().to_string()))
    };
    let beside = tempfile::Builder::new()
        .prefix(".qestore-")
        .tempdir_in(parent(target))
        .map_err(failed)?;
    let (new, old) = (beside.path().join("new"), beside.path().join("old"));
    artifact.unpack(&new).await?;
    fs::rename(target, &old).map_err(failed)?;
    if let Err(error) = fs::rename(&new, target) {
        // Better the old one than none.
        let _ = fs::rename(&old, target);
        return Err(failed(error));
    }
    beside.close().map_err(failed)
}

/// What is written must not be, hold or lie in the store itself.
pub(crate) fn refuse_the_store(target: &Path, store: &Path) -> Result<(), Failure> {
    let Ok(store) = fs::canonicalize(store) else {
        return Ok(());
    };
    // What is not there yet lies where its folder does.
    let real = fs::canonicalize(target).or_else(|_| {
        let folder = fs::canonicalize(parent(target))?;
        Ok::<_, io::Error>(folder.join(target.file_name().unwrap_or_default()))
    });
    let Ok(real) = real else { return Ok(()) };
    let why = if real.starts_with(&store) {
        "that is inside the store itself"
    } else if store.starts_with(&real) && real.is_dir() && !is_empty(&real) {
        "the store itself lies in this folder: it cannot be replaced"
    } else {
        return Ok(());
    };
    Err(Failure::usage(why)
        .concerning(target.display().to_string())
        .help("-o names another place"))
}

/// `--force` must not take away the folder that the command, or its user, stands in.
fn refuse_where_we_are(target: &Path) -> Result<(), Failure> {
    let here = fs::canonicalize(current_folder()?).ok();
    let target_real = fs::canonicalize(target).ok();
    match (here, target_real) {
        (Some(here), Some(real)) if here.starts_with(&real) => Err(Failure::usage(
            "the current folder is in there: it cannot be replaced",
        )
        .concerning(target.display().to_string())
        .help("unpack into a new folder")),
        _ => Ok(()),
    }
}

fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_one_file() {
        for (name, file) in [
            ("junit.xml", "junit.xml"),
            ("../../etc/passwd", ".._.._etc_passwd"),
            ("..", "_"),
            (".", "_"),
            ("...", "_"),
            (".coverage", ".coverage"),
            ("a/b\\c:d", "a_b_c_d"),
            ("nul.txt", "_nul.txt"),
            ("COM1", "_COM1"),
            ("end. .", "end"),
            ("\u{202e}gpj.exe", "_gpj.exe"),
            ("בנייה 🚀", "בנייה 🚀"),
        ] {
            assert_eq!(safe_file_name(name), file, "{name:?}");
        }
        let long = safe_file_name(&"ü".repeat(127));
        assert!(long.len() <= MOST_BYTES - ROOM && long.starts_with('ü'));
    }
}
