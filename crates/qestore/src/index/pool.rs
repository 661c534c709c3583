//! Idle connections to the index file, each to the file that is there now: another process may
//! have replaced it since, and a connection to the file before would answer from the past.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::Result;

/// Tells one file from another under the same name; `None` where files cannot be replaced while
/// they are open.
type FileId = Option<(u64, u64)>;

/// A connection, and the file that it is to.
#[derive(Debug)]
pub(super) struct Pooled {
    file: FileId,
    pub(super) connection: Connection,
}

#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Pooled>>);

impl Pool {
    /// A pool of one connection that is never taken out: an index in memory lives in it.
    pub(super) fn of_one(connection: Connection) -> Self {
        let file = None;
        Self(Mutex::new(vec![Pooled { file, connection }]))
    }

    /// Works with the only connection.
    pub(super) fn with_only<T>(&self, work: impl FnOnce(&mut Connection) -> T) -> Option<T> {
        self.locked()
            .first_mut()
            .map(|pooled| work(&mut pooled.connection))
    }

    /// A connection to the file that is at `path` now: an idle one, else what `connect` gives.
    pub(super) fn take(
        &self,
        path: &Path,
        connect: impl FnOnce() -> Result<Connection>,
    ) -> Result<Pooled> {
        let file = file_id(path);
        let reused = {
            let mut idle = self.locked();
            idle.retain(|pooled| pooled.file == file);
            idle.pop()
        };
        match reused {
            Some(pooled) => Ok(pooled),
            None => Ok(Pooled {
                file,
                connection: connect()?,
            }),
        }
    }

    pub(super) fn give_back(&self, pooled: Pooled) {
        self.locked().push(pooled);
    }

    pub(super) fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Pooled>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> FileId {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(path)
        .ok()
        .map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn file_id(_: &Path) -> FileId {
    None
}
