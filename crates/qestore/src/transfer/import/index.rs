//! The index of the original library, opened so that nothing there changes.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use std::sync::Mutex;

use super::row::{Entry, instant};
use crate::{Error, ErrorKind, Result};

/// Columns that the table has in every version of the library.
const NEEDED: [&str; 4] = ["job_id", "artifact_type", "timestamp", "storage_path"];
/// Columns that some versions have.
const OPTIONAL: [&str; 5] = [
    "size_bytes",
    "checksum",
    "tags",
    "retention_days",
    "expires_at",
];

#[derive(Debug)]
pub(super) struct OriginalIndex {
    connection: Mutex<Connection>,
    /// The columns in the order in which [`Entry`] is read, each by name or `NULL`.
    columns: String,
    /// All rows, the oldest artifact first.
    rows: Vec<i64>,
    /// Rows whose file a later one has overwritten.
    overwritten: HashSet<i64>,
}

impl OriginalIndex {
    pub(super) fn open(path: &Path, scratch: Option<&Path>) -> Result<Self> {
        let shown = || path.display().to_string();
        let wal = with_ending(path, "-wal");
        let unclean = fs::metadata(&wal).is_ok_and(|wal| wal.len() > 0)
            || with_ending(path, "-journal").exists();
        let opened = if unclean {
            // Its last changes lie beside it, and reading them there would write there.
            let scratch = scratch.ok_or_else(|| {
                Error::invalid(
                    "the index was not closed cleanly, and there is no folder to copy it to",
                )
                .concerning(shown())
            })?;
            copied(path, scratch)?
        } else {
            path.to_owned()
        };
        let failed = |e| not_theirs().because(e).concerning(shown());
        let flags = OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = if unclean {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE;
            Connection::open_with_flags(&opened, flags)
        } else {
            let flags = flags | OpenFlags::SQLITE_OPEN_READ_ONLY;
            Connection::open_with_flags(uri(&opened)?, flags)
        };
        let connection = connection.map_err(failed)?;
        let present = columns(&connection).map_err(failed)?;
        if let Some(missing) = NEEDED.iter().find(|column| !present.contains(**column)) {
            let what = if present.is_empty() {
                "it has no table of artifacts".to_owned()
            } else {
                format!("its table of artifacts has no column {missing}")
            };
            return Err(not_theirs()
                .because(Error::invalid(what))
                .concerning(shown()));
        }
        let select = NEEDED.iter().chain(&OPTIONAL).map(|column| {
            if present.contains(*column) {
                *column
            } else {
                "NULL"
            }
        });
        let columns = select.collect::<Vec<_>>().join(", ");
        let (rows, overwritten) = rows(&connection).map_err(failed)?;
        Ok(Self {
            connection: Mutex::new(connection),
            columns,
            rows,
            overwritten,
        })
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The rows in lots of `size`, the oldest artifact first.
    pub(super) fn batches(&self, size: usize) -> impl Iterator<Item = Vec<i64>> {
        self.rows.chunks(size).map(<[i64]>::to_vec)
    }

    pub(super) fn entries(&self, rows: &[i64]) -> Result<Vec<Entry>> {
        let connection = self
            .connection
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let sql = format!("SELECT {} FROM artifacts WHERE rowid = ?1", self.columns);
        let read = || {
            let mut statement = connection.prepare_cached(&sql)?;
            let entries = rows.iter().map(|row| {
                let entry = statement.query_row([row], entry)?;
                let overwritten = self.overwritten.contains(row);
                Ok(Entry {
                    overwritten,
                    ..entry
                })
            });
            entries.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(|e| Error::corrupt("the original index cannot be read").because(e))
    }

    /// Every place that a row names.
    pub(super) fn for_each(&self, mut look: impl FnMut(&Entry)) -> Result<()> {
        for batch in self.batches(1_000) {
            for entry in self.entries(&batch)? {
                look(&entry);
            }
        }
        Ok(())
    }
}

fn not_theirs() -> Error {
    Error::invalid("it is not an index of the original library").help(
        "import reads a folder with the `index.sqlite` of the Python library, and the artifacts beside it",
    )
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Copies the index and what lies beside it.
fn copied(path: &Path, scratch: &Path) -> Result<PathBuf> {
    let copy = scratch.join("original.sqlite");
    for ending in ["", "-wal", "-journal"] {
        let from = with_ending(path, ending);
        match fs::copy(&from, with_ending(&copy, ending)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !ending.is_empty() => {}
            Err(e) => {
                return Err(Error::io("the original index cannot be copied", e)
                    .concerning(from.display().to_string()));
            }
            Ok(_) => {}
        }
    }
    Ok(copy)
}

/// A file name for SQLite that makes it touch nothing beside the file.
fn uri(path: &Path) -> Result<String> {
    let path = path.to_str().ok_or_else(|| {
        let message = "the path is not UTF-8";
        Error::new(ErrorKind::Unsupported, message).concerning(path.display().to_string())
    })?;
    let mut uri = "file:".to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    Ok(uri)
}

fn columns(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info('artifacts')")?;
    let names = statement.query_map([], |row| row.get(0))?;
    names.collect()
}

/// All rows by the instant of their artifact, and those whose file a later row has overwritten.
fn rows(connection: &Connection) -> rusqlite::Result<(Vec<i64>, HashSet<i64>)> {
    let mut statement = connection
        .prepare("SELECT rowid, CAST(timestamp AS TEXT), job_id, artifact_type FROM artifacts")?;
    let read = statement.query_map([], |row| {
        let at: Option<String> = row.get(1)?;
        let part = |column| row.get_ref(column).map(|part| format!("{part:?}"));
        // The library has one file for each job and type.
        let file = hash(&format!("{} {}", part(2)?, part(3)?));
        Ok((at.as_deref().and_then(instant), row.get(0)?, file))
    })?;
    let mut rows: Vec<(_, i64, u64)> = read.collect::<rusqlite::Result<_>>()?;
    rows.sort_unstable();
    let mut last = HashMap::new();
    for (_, row, file) in &rows {
        last.insert(*file, *row);
    }
    let overwritten = rows
        .iter()
        .filter(|(_, row, file)| last.get(file) != Some(row));
    let overwritten = overwritten.map(|(_, row, _)| *row).collect();
    Ok((
        rows.into_iter().map(|(_, row, _)| row).collect(),
        overwritten,
    ))
}

fn hash(text: &str) -> u64 {
    twox_hash::XxHash64::oneshot(0, text.as_bytes())
}

/// Reads a row, whatever types its values have: SQLite lets every column hold anything.
fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let text = |column| -> rusqlite::Result<Option<String>> {
        Ok(match row.get_ref(column)? {
            ValueRef::Null => None,
            ValueRef::Integer(number) => Some(number.to_string()),
            ValueRef::Real(number) => Some(number.to_string()),
            ValueRef::Text(text) | ValueRef::Blob(text) => {
                Some(String::from_utf8_lossy(text).into_owned())
            }
        })
    };
    let number =
        |column| Ok::<_, rusqlite::Error>(text(column)?.and_then(|text| text.parse().ok()));
    Ok(Entry {
        job_id: text(0)?.unwrap_or_default(),
        artifact_type: text(1)?.unwrap_or_default(),
        timestamp: text(2)?.unwrap_or_default(),
        storage_path: text(3)?.unwrap_or_default(),
        size_bytes: text(4)?.and_then(|text| text.parse().ok()),
        checksum: text(5)?.filter(|text| !text.is_empty()),
        tags: text(6)?,
        retention_days: number(7)?,
        expires_at: text(8)?,
        overwritten: false,
    })
}
