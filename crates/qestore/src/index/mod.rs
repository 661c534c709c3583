//! The index: an SQLite view over the objects, for finding. It can be rebuilt from them at any
//! time, so nothing here is the only copy of anything.
//!
//! All functions block; callers are on threads that may.

mod candidates;
mod condition;
mod events;
mod filter;
mod group;
mod lead;
mod open;
mod pattern;
mod pool;
mod query;
mod row;
mod schema;
mod select;
mod statistics;
#[cfg(test)]
mod tests;
mod write;

use std::path::PathBuf;

use rusqlite::Connection;

use crate::{Error, ErrorKind, Result};

pub(crate) use candidates::{Candidate, Stage};
pub use condition::TagCondition;
pub(crate) use events::Applied;
pub use filter::{Cursor, Filter, Listing, Page};
pub(crate) use open::Opened;
pub use pattern::Pattern;
pub(crate) use statistics::{Sum, Sums};

/// The index of one store; many processes may have the same one open.
#[derive(Debug)]
pub(crate) struct Index {
    /// `None`: in memory, one connection for ever.
    path: Option<PathBuf>,
    pool: pool::Pool,
    group: group::Group,
}

impl Index {
    /// A file beside the index to lock for `purpose`; none for an index in memory.
    pub(crate) fn lock_file(&self, purpose: &str) -> Option<PathBuf> {
        let mut name = self.path.as_ref()?.as_os_str().to_owned();
        name.push(format!(".{purpose}.lock"));
        Some(name.into())
    }

    /// Runs `work` with a connection. An error leaves the connection unused afterwards.
    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T> {
        let Some(path) = &self.path else {
            let result = self.pool.with_only(work);
            let gone = || Error::new(ErrorKind::Storage, "the index in memory is gone");
            return result.ok_or_else(gone)?.map_err(index_error);
        };
        let mut pooled = self.pool.take(path, || open::connect(path))?;
        let result = work(&mut pooled.connection)
            .map_err(|e| index_error(e).concerning(path.display().to_string()))?;
        self.pool.give_back(pooled);
        Ok(result)
    }
}

const DAMAGED: &str = "the index is damaged";

/// Whether an error means that the index itself must be built anew.
pub(crate) fn is_damage(error: &Error) -> bool {
    error.kind() == ErrorKind::Corrupt && error.message() == DAMAGED
}

/// *Corrupt* means: rebuild the index and try again.
fn index_error(error: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode as Code;
    let (kind, message) = match error.sqlite_error_code() {
        Some(Code::DatabaseCorrupt | Code::NotADatabase) => (ErrorKind::Corrupt, DAMAGED),
        Some(Code::DatabaseBusy | Code::DatabaseLocked) => (
            ErrorKind::Unavailable,
            "another process has kept the index busy for too long",
        ),
        Some(Code::DiskFull) => (ErrorKind::StorageFull, "the disk is full"),
        Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => (
            ErrorKind::PermissionDenied,
            "the index cannot be opened for writing",
        ),
        // A row that does not read is damage as well.
        None if !matches!(error, rusqlite::Error::QueryReturnedNoRows) => {
            (ErrorKind::Corrupt, DAMAGED)
        }
        Some(Code::Unknown) | None | Some(_) => {
            let text = error.to_string();
            // A table or column that is not there: made by something else under our version.
            if text.contains("no such table") || text.contains("no such column") {
                (ErrorKind::Corrupt, DAMAGED)
            } else {
                (ErrorKind::Storage, "the index failed")
            }
        }
    };
    Error::new(kind, message).because(error)
}
