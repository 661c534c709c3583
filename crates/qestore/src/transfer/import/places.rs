//! Where the files of the original library are: its index may name them relative to wherever it was
//! written.

use std::collections::HashSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::index::OriginalIndex;
use super::row::Entry;
use crate::{Error, Result};

/// The name of the original index.
const INDEX_FILE: &str = "index.sqlite";
/// How the files of the original library end.
const ENDINGS: [&str; 3] = [".bin.gz", ".bin", ".gz"];

/// A store of the original library.
#[derive(Debug)]
pub(super) struct Places {
    index: PathBuf,
    /// The folder, without links in its name.
    folder: PathBuf,
}

impl Places {
    /// Finds the folder and its index; `path` is either.
    pub(super) fn find(path: &Path) -> Result<Self> {
        let shown = || path.display().to_string();
        let path = fs::canonicalize(path)
            .map_err(|e| Error::io("there is nothing to import", e).concerning(shown()))?;
        let (folder, index) = if path.is_dir() {
            (path.clone(), path.join(INDEX_FILE))
        } else {
            let folder = path.parent().unwrap_or(&path);
            (folder.to_owned(), path.clone())
        };
        if folder.join("qestore.json").exists() {
            return Err(
                Error::invalid("it is a store of qestore, not of the original library")
                    .concerning(shown())
                    .help("copy its artifacts instead"),
            );
        }
        if !index.is_file() {
            return Err(Error::not_found(format!("there is no {INDEX_FILE}"))
                .concerning(shown())
                .help("give the folder that has the `index.sqlite` of the Python library"));
        }
        Ok(Self { index, folder })
    }

    pub(super) fn index(&self) -> &Path {
        &self.index
    }

    /// The file of a row, if it is there: where the row says, seen from several folders, else where
    /// the library puts it. Never outside the folder, whatever the row says.
    pub(super) fn file_of(&self, entry: &Entry) -> Option<PathBuf> {
        let said = entry.storage_path.replace('\\', "/");
        let said = Path::new(&said);
        let mut candidates = Vec::new();
        if said.is_absolute() {
            candidates.push(said.to_owned());
        } else if !entry.storage_path.is_empty() {
            candidates.push(self.folder.join(said));
            candidates.extend(self.folder.parent().map(|parent| parent.join(said)));
        }
        // The end of what it says: the folder may have been moved since.
        let named: Vec<_> = said
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .collect();
        if let [.., job, file] = named.as_slice() {
            candidates.push(self.folder.join(job).join(file));
        }
        if is_plain(&entry.job_id) && is_plain(&entry.artifact_type) {
            let folder = self.folder.join(&entry.job_id);
            candidates.extend(
                ENDINGS
                    .iter()
                    .map(|e| folder.join(format!("{}{e}", entry.artifact_type))),
            );
        }
        candidates.into_iter().find_map(|candidate| {
            let place = fs::canonicalize(candidate).ok()?;
            (place.starts_with(&self.folder) && place.is_file()).then_some(place)
        })
    }

    /// Files of the library's making that no row knows.
    pub(super) fn unlisted(&self, index: &OriginalIndex) -> Result<Vec<PathBuf>> {
        let mut listed = HashSet::new();
        index.for_each(|entry| listed.extend(self.file_of(entry)))?;
        let failed = |e| {
            Error::io("the folder cannot be read", e).concerning(self.folder.display().to_string())
        };
        let mut unlisted = Vec::new();
        for job in fs::read_dir(&self.folder).map_err(failed)? {
            let job = job.map_err(failed)?.path();
            // Links may lead anywhere.
            if job.is_symlink() || !job.is_dir() {
                continue;
            }
            for file in fs::read_dir(&job).map_err(failed)? {
                let file = file.map_err(failed)?.path();
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let theirs = ENDINGS.iter().any(|ending| name.ends_with(ending));
                if theirs && file.is_file() && !listed.contains(&file) {
                    unlisted.push(file);
                }
            }
        }
        unlisted.sort();
        Ok(unlisted)
    }
}

/// Whether a text is the name of one file or folder.
fn is_plain(text: &str) -> bool {
    let mut parts = Path::new(text).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(_)), None)
    ) && !text.contains('\0')
}
