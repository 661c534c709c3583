//! Stores as the original Python library makes them, for the tests of the import.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use qestore::Sha256Digest;
use rusqlite::{Connection, params};

/// A store of the original library in a folder.
pub(crate) struct Original {
    pub(crate) folder: PathBuf,
    connection: Connection,
}

/// One artifact of it.
#[derive(Debug, Clone)]
pub(crate) struct Row<'a> {
    pub(crate) job: &'a str,
    pub(crate) of_type: &'a str,
    pub(crate) at: &'a str,
    pub(crate) content: &'a [u8],
    pub(crate) compressed: bool,
    pub(crate) tags: &'a str,
    pub(crate) retention_days: Option<i64>,
    pub(crate) expires_at: Option<&'a str>,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Self {
            job: "build-1",
            of_type: "test_results",
            at: "2025-11-07T12:30:45.123456",
            content: b"<testsuite/>",
            compressed: true,
            tags: "{}",
            retention_days: Some(30),
            expires_at: None,
        }
    }
}

pub(crate) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

impl Original {
    pub(crate) fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        let connection = Connection::open(folder.join("index.sqlite")).unwrap();
        connection
            .execute_batch(
                "CREATE TABLE artifacts (
                    id INTEGER PRIMARY KEY AUTOINCREMENT,
                    job_id TEXT NOT NULL, artifact_type TEXT NOT NULL, timestamp TEXT NOT NULL,
                    size_bytes INTEGER NOT NULL, compressed_size_bytes INTEGER NOT NULL,
                    compression_ratio REAL NOT NULL, storage_path TEXT NOT NULL,
                    checksum TEXT NOT NULL, tags TEXT, retention_days INTEGER NOT NULL,
                    expires_at TEXT, UNIQUE (job_id, artifact_type, timestamp));
                CREATE INDEX idx_timestamp ON artifacts (timestamp);",
            )
            .unwrap();
        Self {
            folder: folder.to_owned(),
            connection,
        }
    }

    /// Stores an artifact as the library does; gives its file.
    pub(crate) fn add(&self, row: &Row<'_>) -> PathBuf {
        let file = self
            .folder
            .join(row.job)
            .join(format!("{}.bin.gz", row.of_type));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let stored = if row.compressed {
            gzip(row.content)
        } else {
            row.content.to_vec()
        };
        fs::write(&file, &stored).unwrap();
        let path = file.to_str().unwrap().to_owned();
        self.insert(
            row,
            &path,
            &Sha256Digest::of(row.content).to_string(),
            stored.len(),
        );
        file
    }

    /// Adds a row that says whatever it says.
    pub(crate) fn insert(&self, row: &Row<'_>, path: &str, checksum: &str, stored: usize) {
        self.connection
            .execute(
                "INSERT INTO artifacts (job_id, artifact_type, timestamp, size_bytes, \
                 compressed_size_bytes, compression_ratio, storage_path, checksum, tags, \
                 retention_days, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
                params![
                    row.job,
                    row.of_type,
                    row.at,
                    i64::try_from(row.content.len()).unwrap(),
                    i64::try_from(stored).unwrap(),
                    0.5,
                    path,
                    checksum,
                    row.tags,
                    row.retention_days.unwrap_or(0),
                    row.expires_at
                ],
            )
            .unwrap();
    }

    /// Changes the index by hand.
    pub(crate) fn sql(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    /// All files with their bytes and times: to see that nothing changes.
    pub(crate) fn snapshot(&self) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
        let mut files = Vec::new();
        let mut folders = vec![self.folder.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let modified = fs::metadata(&path).unwrap().modified().unwrap();
                    files.push((path.clone(), fs::read(&path).unwrap(), modified));
                }
            }
        }
        files.sort();
        files
    }
}
