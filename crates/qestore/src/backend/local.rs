//! The local folder, without help from the `object_store` crate: an object gets its key (and so its
//! time) only when its bytes are on disk, leftovers of killed writers lie in one folder, listing
//! needs names only, not one `stat` per object, most objects are opened and read in one hop to a
//! thread, and many are deleted in one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

use super::local_files::{
    StagedFile, SyncedFolders, make_folders, open_range, remove_files, sweep, write_file,
};
use super::objects::{FILE_CHUNK, read_file};
use super::{Backend, Capabilities, PutMode, ReadRange, Reading, Upload};
use crate::blocking::{blocking, on_own_thread};
use crate::{Error, Result};

/// Where files lie until they have their names; not part of the store.
const STAGING: &str = "staging";
/// Keys that travel at once from the walking thread.
const LIST_BATCH: usize = 1024;

/// Objects as files below a folder.
#[derive(Debug, Clone)]
pub struct LocalBackend {
    root: Arc<PathBuf>,
    durable: bool,
    synced: Arc<SyncedFolders>,
}

impl LocalBackend {
    /// Opens the folder `root`, which is made when `create` is set.
    ///
    /// `durable` (the usual choice) syncs every object and its folder to disk before a write
    /// returns; without it a power failure may take the last objects.
    ///
    /// # Errors
    /// Kind *not-found* when the folder is not there and not to be made; *permission-denied* and
    /// the like from the operating system.
    pub fn open(root: &Path, create: bool, durable: bool) -> Result<Self> {
        let shown = || root.display().to_string();
        let failed = |e| Error::io("the folder cannot be opened", e).concerning(shown());
        // One look: another process may be making the folder at this moment.
        match fs::metadata(root) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                return Err(Error::invalid("it is a file, not a folder").concerning(shown()));
            }
            Err(_) if create => {
                make_folders(root, durable)
                    .map_err(|e| Error::io("the folder cannot be made", e).concerning(shown()))?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(Error::not_found("there is no such folder").concerning(shown()));
            }
            Err(error) => return Err(failed(error)),
        }
        let root = fs::canonicalize(root).map_err(failed)?;
        Ok(Self {
            root: Arc::new(root),
            durable,
            synced: Arc::default(),
        })
    }

    /// A file has its name; makes sure that the way to it is on disk too.
    fn named(&self, place: &Path, key: &str) -> Result<()> {
        if !self.durable {
            return Ok(());
        }
        self.synced
            .sync_above(place, &self.root)
            .map_err(|e| write_error(key, e))
    }

    /// Removes what killed writers left behind; says how many files went.
    #[must_use]
    pub fn sweep(&self, now: SystemTime) -> usize {
        sweep(&self.staging(), now)
    }

    /// The folder, by its full name.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn staging(&self) -> PathBuf {
        self.root.join(STAGING)
    }

    fn place(&self, key: &str) -> PathBuf {
        key.split('/')
            .fold(self.root.as_ref().clone(), |place, part| place.join(part))
    }
}

#[async_trait]
impl Backend for LocalBackend {
    fn describe(&self) -> String {
        format!("folder {}", self.root.display())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::all()
    }

    async fn put(&self, key: &str, parts: Vec<Bytes>, mode: PutMode) -> Result<()> {
        let (staging, place, durable) = (self.staging(), self.place(key), self.durable);
        let (backend, key) = (self.clone(), key.to_owned());
        blocking(move || {
            write_file(&staging, &place, &parts, mode, durable)
                .map_err(|e| write_error(&key, e))?;
            backend.named(&place, &key)
        })
        .await
    }

    async fn upload(&self, _: &str) -> Result<Box<dyn Upload>> {
        let (staging, durable) = (self.staging(), self.durable);
        let file = blocking(move || {
            StagedFile::create(&staging, durable).map_err(|e| write_error(STAGING, e))
        })
        .await?;
        Ok(Box::new(LocalUpload {
            backend: self.clone(),
            file: Some(file),
        }))
    }

    async fn read(&self, key: &str, range: ReadRange) -> Result<Reading> {
        let (place, key) = (self.place(key), key.to_owned());
        // Opening and reading most objects is one hop to a thread that may block.
        let (opened, key) = blocking(move || {
            let opened = open_range(&place, &range, FILE_CHUNK).map_err(|e| read_error(&key, e))?;
            Ok((opened, key))
        })
        .await?;
        let first = futures::stream::iter([Ok(opened.first)]);
        let rest = read_file(opened.file, opened.rest, key);
        Ok(Reading {
            object_size: opened.file_size,
            bytes: first.chain(rest).boxed(),
        })
    }

    fn list(&self, prefix: &str, after: Option<&str>) -> BoxStream<'static, Result<String>> {
        let (send, receive) = mpsc::channel(2);
        let (root, prefix) = (Arc::clone(&self.root), prefix.to_owned());
        let after = after.unwrap_or_default().to_owned();
        let started = on_own_thread(move || {
            let mut walk = KeyWalk {
                root: &root,
                after: &after,
                batch: Vec::new(),
                send: &send,
            };
            // An error reaches the reader as an item; a reader that is gone ends the walk.
            if let Some(error) = walk.folder(&prefix).err().flatten() {
                let _ = send.blocking_send(Err(error));
            } else {
                let batch = std::mem::take(&mut walk.batch);
                let _ = send.blocking_send(Ok(batch));
            }
        });
        if let Err(error) = started {
            return futures::stream::iter([Err(error)]).boxed();
        }
        futures::stream::unfold(receive, |mut receive| async move {
            receive.recv().await.map(|batch| (batch, receive))
        })
        .flat_map(|batch: Result<Vec<String>>| {
            let items: Vec<Result<String>> = match batch {
                Ok(keys) => keys.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            };
            futures::stream::iter(items)
        })
        .boxed()
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        let places: Vec<PathBuf> = keys.iter().map(|key| self.place(key)).collect();
        let (root, keys) = (Arc::clone(&self.root), keys.to_vec());
        blocking(move || {
            remove_files(&root, &places).map_err(|(at, error)| {
                Error::io("the file cannot be removed", error).concerning(keys[at].as_str())
            })
        })
        .await
    }
}

fn read_error(key: &str, error: std::io::Error) -> Error {
    use std::io::ErrorKind as Io;
    let error = match error.kind() {
        // Below another object's key, or the folder of some: no object is there.
        Io::NotFound | Io::NotADirectory | Io::IsADirectory => {
            Error::not_found("there is no such object").because(error)
        }
        Io::InvalidInput => Error::io("the object is shorter than the bytes asked for", error),
        _ => Error::io("the file cannot be read", error),
    };
    error.concerning(key)
}

fn write_error(key: &str, error: std::io::Error) -> Error {
    let message = match error.kind() {
        std::io::ErrorKind::AlreadyExists => "the key is taken",
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => "the disk is full",
        _ => "the file cannot be written",
    };
    Error::io(message, error).concerning(key)
}

struct KeyWalk<'a> {
    root: &'a Path,
    after: &'a str,
    batch: Vec<String>,
    send: &'a mpsc::Sender<Result<Vec<String>>>,
}

impl KeyWalk<'_> {
    /// `Err(None)` means that nobody listens any more.
    fn folder(&mut self, prefix: &str) -> Result<(), Option<Error>> {
        let folder = self.root.join(prefix);
        let failed = |e| Some(Error::io("the folder cannot be read", e).concerning(prefix));
        let entries = match fs::read_dir(&folder) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            other => other.map_err(failed)?,
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            // Keys are ASCII; anything else is not ours.
            if let Ok(mut name) = entry.file_name().into_string() {
                if is_folder {
                    name.push('/');
                }
                names.push(name);
            }
        }
        names.sort_unstable();
        for name in names {
            let key = format!("{prefix}{name}");
            if key.ends_with('/') {
                // A whole folder before the lower bound is not entered.
                if key.as_str() > self.after || self.after.starts_with(&key) {
                    self.folder(&key)?;
                }
            } else if key.as_str() > self.after {
                self.batch.push(key);
                if self.batch.len() == LIST_BATCH {
                    let batch = std::mem::take(&mut self.batch);
                    self.send.blocking_send(Ok(batch)).map_err(|_| None)?;
                }
            }
        }
        Ok(())
    }
}

struct LocalUpload {
    backend: LocalBackend,
    file: Option<StagedFile>,
}

#[async_trait]
impl Upload for LocalUpload {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        let Some(mut file) = self.file.take() else {
            return Err(Error::new(
                crate::ErrorKind::Storage,
                "an earlier write failed",
            ));
        };
        let file = blocking(move || {
            file.write(&bytes).map_err(|e| write_error(STAGING, e))?;
            Ok(file)
        })
        .await?;
        self.file = Some(file);
        Ok(())
    }

    async fn finish(mut self: Box<Self>, key: &str) -> Result<()> {
        let Some(file) = self.file.take() else {
            return Err(Error::new(
                crate::ErrorKind::Storage,
                "an earlier write failed",
            ));
        };
        let (place, key) = (self.backend.place(key), key.to_owned());
        blocking(move || {
            file.publish(&place, PutMode::Overwrite)
                .map_err(|e| write_error(&key, e))?;
            self.backend.named(&place, &key)
        })
        .await
    }

    async fn abort(self: Box<Self>) -> Result<()> {
        blocking(move || {
            drop(self);
            Ok(())
        })
        .await
    }
}
