//! Opens the index, and starts a new one where there is none, a damaged one, or one of another
//! version or store.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::group::Group;
use super::pool::Pool;
use super::schema::{APPLICATION_ID, VERSION, tables};
use super::{Index, index_error, is_damage, row};
use crate::{Error, Result};

/// How long a process waits for another one's transaction.
const BUSY: Duration = Duration::from_secs(60);

/// Why a database of another program is not used.
const FOREIGN: &str = "not an index of qestore";

/// What was found where the index should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Opened {
    /// An index of this version and store.
    Existing,
    /// None: an empty one was made, which must be filled.
    Fresh,
    /// An unusable one: an empty one took its place, which must be filled.
    Replaced { reason: String },
}

impl Index {
    /// An index in memory, empty.
    pub(crate) fn in_memory() -> Result<Self> {
        let connection = Connection::open_in_memory().map_err(index_error)?;
        steady_plans(&connection).map_err(index_error)?;
        connection.execute_batch(&tables()).map_err(index_error)?;
        Ok(Self {
            path: None,
            pool: Pool::of_one(connection),
            group: Group::default(),
        })
    }

    /// Opens or makes the index file of the store `store_id`.
    pub(crate) fn open(path: &Path, store_id: &str) -> Result<(Self, Opened)> {
        let index = Self {
            path: Some(path.to_owned()),
            pool: Pool::default(),
            group: Group::default(),
        };
        if index
            .usable(store_id)
            .is_ok_and(|unusable| unusable.is_none())
        {
            return Ok((index, Opened::Existing));
        }
        let opened = index.start_anew(path, store_id)?;
        Ok((index, opened))
    }

    /// Why the index cannot be used, or `None` when it can.
    fn usable(&self, store_id: &str) -> Result<Option<String>> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        if !path.exists() {
            return Ok(Some("missing".to_owned()));
        }
        self.with(|connection| {
            let pragma = |name: &str| connection.query_row(name, [], |row| row.get::<_, i32>(0));
            let application = pragma("PRAGMA application_id")?;
            let version = pragma("PRAGMA user_version")?;
            if (application, version) == (0, 0) {
                let tables = "SELECT count(*) FROM sqlite_master";
                let empty = connection.query_row(tables, [], |row| row.get::<_, i64>(0))? == 0;
                return Ok(Some(if empty { "missing" } else { FOREIGN }.to_owned()));
            }
            if application != APPLICATION_ID {
                return Ok(Some(FOREIGN.to_owned()));
            }
            if version != VERSION {
                return Ok(Some(format!(
                    "of version {version}, this program uses {VERSION}"
                )));
            }
            let of: Option<String> = connection
                .query_row("SELECT value FROM state WHERE name = 'store'", [], |row| {
                    row.get(0)
                })
                .optional()?;
            Ok((of.as_deref() != Some(store_id)).then(|| "of another store".to_owned()))
        })
    }

    /// Puts an empty index in place, once, even when several processes find it unusable at once.
    fn start_anew(&self, path: &Path, store_id: &str) -> Result<Opened> {
        let _guard = lock_beside(path)?;
        // Another process may have been here while this one waited.
        let reason = match self.usable(store_id) {
            Ok(None) => return Ok(Opened::Existing),
            Ok(Some(reason)) => reason,
            Err(error) if error.kind() == crate::ErrorKind::Corrupt => "damaged".to_owned(),
            Err(error) => return Err(error),
        };
        self.clear_away(path, &reason)?;
        create(path, store_id)?;
        Ok(if reason == "missing" {
            Opened::Fresh
        } else {
            Opened::Replaced { reason }
        })
    }

    /// Whether every page and every row can be read.
    fn is_sound(&self) -> Result<bool> {
        self.with(|connection| {
            let verdict: String =
                connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
            let all = format!("SELECT {} FROM artifacts a", row::COLUMNS);
            let mut statement = connection.prepare(&all)?;
            for metadata in statement.query_map([], row::read)? {
                metadata?;
            }
            Ok(verdict == "ok")
        })
    }

    /// Removes an unusable index with its companions. What was never ours is put aside instead.
    fn clear_away(&self, path: &Path, reason: &str) -> Result<()> {
        self.pool.clear();
        let ours = reason != FOREIGN && looks_like_sqlite(path);
        let aside = (!ours).then(|| free_name(path));
        for ending in ["", "-wal", "-shm", "-journal"] {
            let file = with_ending(path, ending);
            let cleared = match &aside {
                Some(aside) => fs::rename(&file, with_ending(aside, ending)),
                None => fs::remove_file(&file),
            };
            match cleared {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io("the unusable index cannot be removed", e)
                        .concerning(path.display().to_string()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Replaces a damaged index by an empty one while the store is open.
    pub(crate) fn replace_damaged(&self, store_id: &str) -> Result<Opened> {
        let Some(path) = &self.path else {
            return Err(Error::new(
                crate::ErrorKind::Storage,
                "the index in memory is damaged",
            ));
        };
        self.pool.clear();
        {
            let _guard = lock_beside(path)?;
            // Another process may have replaced it already; only a look at all of it can tell.
            match self.is_sound() {
                Ok(true) => {}
                Ok(false) => self.clear_away(path, "damaged")?,
                Err(error) if is_damage(&error) => self.clear_away(path, "damaged")?,
                // Busy or not allowed: that says nothing against the index.
                Err(error) => return Err(error),
            }
        }
        match self.start_anew(path, store_id)? {
            Opened::Fresh => Ok(Opened::Replaced {
                reason: "damaged".to_owned(),
            }),
            other => Ok(other),
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// A name beside `path` that nothing has yet.
fn free_name(path: &Path) -> PathBuf {
    let mut name = with_ending(path, ".replaced");
    let mut number = 1;
    while name.exists() {
        number += 1;
        name = with_ending(path, &format!(".replaced-{number}"));
    }
    name
}

/// Whether a file begins as databases do; an empty or missing one has nothing to lose.
fn looks_like_sqlite(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut head));
    read.is_err() || head.is_empty() || head == b"SQLite format 3\0"
}

/// Builds the file under another name, so that nobody ever opens half an index.
fn create(path: &Path, store_id: &str) -> Result<()> {
    let mut building = path.as_os_str().to_owned();
    building.push(".new");
    let building = PathBuf::from(building);
    let _ = fs::remove_file(&building);
    let made = Connection::open(&building).and_then(|mut connection| {
        connection.pragma_update(None, "page_size", 8192)?;
        // Nobody has this file open, and half of one is never used: no journal, one transaction.
        connection.pragma_update(None, "journal_mode", "OFF")?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(&tables())?;
        transaction.execute("INSERT INTO state VALUES ('store', ?1)", [store_id])?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
        transaction.commit()?;
        // Kept in the file's header: nobody has to switch it on, which could collide.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.close().map_err(|(_, error)| error)
    });
    let shown = || path.display().to_string();
    made.map_err(|e| index_error(e).concerning(shown()))?;
    fs::rename(&building, path)
        .map_err(|e| Error::io("the index cannot be made", e).concerning(shown()))
}

pub(super) fn connect(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
        connection.busy_timeout(BUSY)?;
        // The index is a view: what a power failure takes, the next sync brings back.
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "cache_size", -16_000)?;
        // Small steps keep the write-ahead log small beside small stores.
        connection.pragma_update(None, "wal_autocheckpoint", 64)?;
        // Short processes should not pay for tidying up; the next writer does it in passing.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        steady_plans(&connection)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    });
    opened.map_err(|e| index_error(e).concerning(path.display().to_string()))
}

/// Plans do not depend on what is bound to a statement: else SQLite prepares a cached statement
/// anew each time it is used.
pub(super) fn steady_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
        .map(drop)
}

/// An exclusive lock on a file beside the index, held until dropped.
fn lock_beside(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let failed =
        |e| Error::io("the index cannot be locked", e).concerning(path.display().to_string());
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&name)
        .map_err(failed)?;
    match file.lock() {
        // Without locks the worst case is an index built twice.
        Err(e) if e.kind() != std::io::ErrorKind::Unsupported => Err(failed(e)),
        _ => Ok(file),
    }
}
