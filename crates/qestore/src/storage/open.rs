//! Opening: the backend, the store's description, the index, and a first sync.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::TryStreamExt as _;
use jiff::Timestamp;

use super::marker::Marker;
use super::{Shared, Storage};
use crate::backend::{Backend, LocalBackend, ObjectStoreBackend, StoreKey};
use crate::blocking::blocking;
use crate::config::{Config, Location, Notice, Observer};
use crate::index::{Index, Opened};
use crate::sync::Depth;
use crate::{Error, ErrorKind, Result};

/// The index file of a local store.
const INDEX_FILE: &str = "index.sqlite";

pub(super) async fn open(config: Config) -> Result<Storage> {
    let now = config.clock.now();
    let (backend, usual_index, may_create): (Arc<dyn Backend>, Option<PathBuf>, bool) =
        match &config.location {
            Location::Memory => (Arc::new(ObjectStoreBackend::memory()), None, true),
            Location::Custom(backend) => (Arc::clone(backend), None, true),
            Location::Local {
                path,
                create_if_missing,
                durable,
            } => {
                let (path, create, durable) = (path.clone(), *create_if_missing, *durable);
                let observer = config.observer.clone();
                let opened = blocking(move || {
                    let backend = LocalBackend::open(&path, create, durable)?;
                    let files = backend.sweep(system_time(now));
                    if files > 0 {
                        observer.tell(&Notice::LeftoversRemoved { files });
                    }
                    let index = backend.root().join(INDEX_FILE);
                    Ok((backend, index))
                });
                let (backend, index) = opened.await?;
                (Arc::new(backend), Some(index), create)
            }
        };
    let marker = open_marker(backend.as_ref(), &config.location, may_create, now).await?;
    // The current folder may change while the store is open.
    let index_path = match config.index_path {
        Some(path) => Some(std::path::absolute(&path).unwrap_or(path)),
        None => usual_index,
    };
    let (index, opened) = open_index(index_path, &marker.store_id, &config.observer).await?;
    let (depth, mut reason) = match opened {
        Opened::Existing => (Depth::Recent, None),
        Opened::Fresh => (Depth::Full, Some("missing".to_owned())),
        Opened::Replaced { reason } => (Depth::Full, Some(reason)),
    };
    let share = |index: Index| {
        Arc::new(Shared {
            backend: Arc::clone(&backend),
            index: Arc::new(index),
            store_id: marker.store_id.clone(),
            codec: config.codec,
            max_artifact_bytes: config.max_artifact_bytes,
            retention: config.retention.clone(),
            cleaning: Arc::default(),
            overlap: config.sync_overlap,
            workers: config.workers,
            clock: Arc::clone(&config.clock),
            actor: config.actor.clone(),
            observer: config.observer.clone(),
        })
    };
    let mut shared = share(index);
    let mut synced = shared.sync_soundly(depth, &|_| {}).await;
    if let Err(error) = &synced
        && is_unwritable(error)
    {
        // Found out only now that there was something to write.
        shared = share(index_in_memory(error, &config.observer)?);
        reason = None;
        synced = shared.sync_soundly(Depth::Full, &|_| {}).await;
    }
    let report = synced?;
    for (key, error) in &report.damaged {
        let notice = Notice::ObjectDamaged {
            key: key.clone(),
            reason: error.message().to_owned(),
        };
        shared.observer.tell(&notice);
    }
    if let Some(reason) = reason.filter(|reason| reason != "missing" || report.objects > 0) {
        shared.tell_rebuilt(reason, &report);
    }
    Ok(Storage { shared })
}

/// Reads the store's description, or writes one where a store may be made.
async fn open_marker(
    backend: &dyn Backend,
    location: &Location,
    may_create: bool,
    now: Timestamp,
) -> Result<Marker> {
    let named = |error: Error| error.on_behalf_of(backend.describe());
    if let Some(marker) = Marker::read(backend).await.map_err(named)? {
        return Ok(marker);
    }
    let lost = has_objects(backend).await.map_err(named)?;
    if lost && !may_create {
        return Err(named(Error::not_found(
            "its description qestore.json is gone, though there are objects",
        ))
        .help("storing something writes a new one"));
    }
    // Objects of a store that lost its description: they are the truth, so it is one.
    if let Location::Local { path, .. } = location
        && !lost
    {
        let path = path.clone();
        let free = blocking(move || check_free(&path, may_create)).await;
        // What is in the way may be of a process that has just made this store.
        match (free, Marker::read(backend).await.map_err(named)?) {
            (_, Some(marker)) => return Ok(marker),
            (Err(error), None) => return Err(error),
            (Ok(()), None) => {}
        }
    }
    Marker::create(backend, now).await.map_err(named)
}

async fn open_index(
    path: Option<PathBuf>,
    store_id: &str,
    observer: &Observer,
) -> Result<(Index, Opened)> {
    let Some(path) = path else {
        // Empty, so without a watermark: the first sync fills it. Nothing was lost, nothing to tell.
        return Ok((Index::in_memory()?, Opened::Existing));
    };
    let store_id = store_id.to_owned();
    match blocking(move || Index::open(&path, &store_id)).await {
        Err(error) if is_unwritable(&error) => {
            Ok((index_in_memory(&error, observer)?, Opened::Existing))
        }
        other => other,
    }
}

/// A store that may only be read, or whose disk is full, is read with an index of our own.
fn is_unwritable(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied | ErrorKind::StorageFull
    )
}

fn index_in_memory(why: &Error, observer: &Observer) -> Result<Index> {
    observer.tell(&Notice::IndexInMemory {
        reason: why.to_string(),
    });
    Index::in_memory()
}

/// Whether there is any object or event of a store.
async fn has_objects(backend: &dyn Backend) -> Result<bool> {
    for prefix in [StoreKey::ARTIFACTS, StoreKey::EVENTS] {
        let mut keys = backend.list(prefix, None);
        while let Some(key) = keys.try_next().await? {
            if StoreKey::id_in(&key).is_some() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Refuses to turn a folder with other things in it into a store.
fn check_free(root: &Path, may_create: bool) -> Result<()> {
    let shown = || root.display().to_string();
    let failed = |e| Error::io("the folder cannot be read", e).concerning(shown());
    let mut others = Vec::new();
    for entry in fs::read_dir(root).map_err(failed)? {
        let name = entry
            .map_err(failed)?
            .file_name()
            .to_string_lossy()
            .into_owned();
        match name.as_str() {
            // Other processes may be making the same store at this moment.
            "staging" | ".gitignore" | ".gitkeep" | "qestore.json" => {}
            _ => others.push(name),
        }
    }
    if !others.is_empty() {
        others.sort();
        let help = if others.iter().any(|name| name == "index.sqlite") {
            "it may be the folder of another artifact library, which is not touched: choose another"
        } else {
            "choose an empty or a new folder"
        };
        let names = others
            .iter()
            .take(3)
            .map(|name| format!("{name:?}"))
            .collect::<Vec<_>>();
        return Err(Error::invalid(format!(
            "the folder is no store, and has other things in it ({}…)",
            names.join(", ")
        ))
        .concerning(shown())
        .help(help));
    }
    if !may_create {
        return Err(Error::not_found("the folder is empty, not a store").concerning(shown()));
    }
    Ok(())
}

/// Instants before 1970 count as 1970: they only decide what is old enough to sweep.
fn system_time(at: Timestamp) -> SystemTime {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    UNIX_EPOCH + Duration::from_millis(millis)
}
