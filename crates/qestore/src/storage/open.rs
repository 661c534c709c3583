//! Opening: the backend, the store's description, the index, and a first sync.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

use super::marker::Marker;
use super::{Shared, Storage};
use crate::backend::{Backend, LocalBackend, ObjectStoreBackend};
use crate::blocking::blocking;
use crate::config::{Config, Location, Notice};
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
                    Ok((backend, path.join(INDEX_FILE)))
                });
                let (backend, index) = opened.await?;
                (Arc::new(backend), Some(index), create)
            }
        };
    let marker = match Marker::read(backend.as_ref()).await? {
        Some(marker) => marker,
        None => {
            if let Location::Local { path, .. } = &config.location {
                let path = path.clone();
                let free = blocking(move || check_free(&path, may_create)).await;
                // What is in the way may be of a process that has just made this store.
                match (free, Marker::read(backend.as_ref()).await?) {
                    (_, Some(marker)) => marker,
                    (Err(error), None) => return Err(error),
                    (Ok(()), None) => Marker::create(backend.as_ref(), now).await?,
                }
            } else {
                Marker::create(backend.as_ref(), now).await?
            }
        }
    };
    let index_path = config.index_path.or(usual_index);
    let (index, opened) = open_index(index_path, &marker.store_id, &config.observer).await?;
    let shared = Arc::new(Shared {
        backend,
        index: Arc::new(index),
        store_id: marker.store_id,
        codec: config.codec,
        max_artifact_bytes: config.max_artifact_bytes,
        default_ttl: config.default_ttl,
        overlap: config.sync_overlap,
        workers: config.workers,
        clock: config.clock,
        observer: config.observer,
    });
    let (depth, reason) = match opened {
        Opened::Existing => (Depth::Recent, None),
        Opened::Fresh => (Depth::Full, Some("missing".to_owned())),
        Opened::Replaced { reason } => (Depth::Full, Some(reason)),
    };
    let report = shared.sync_soundly(depth, &|_| {}).await?;
    for (key, error) in &report.damaged {
        let notice = Notice::ObjectDamaged {
            key: key.clone(),
            reason: error.to_string(),
        };
        shared.observer.tell(&notice);
    }
    if let Some(reason) = reason.filter(|reason| reason != "missing" || report.objects > 0) {
        shared.tell_rebuilt(reason, &report);
    }
    Ok(Storage { shared })
}

async fn open_index(
    path: Option<PathBuf>,
    store_id: &str,
    observer: &crate::config::Observer,
) -> Result<(Index, Opened)> {
    let Some(path) = path else {
        return Ok((Index::in_memory()?, Opened::Fresh));
    };
    let store_id = store_id.to_owned();
    match blocking(move || Index::open(&path, &store_id)).await {
        // A store that may only be read is read with an index of our own.
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            observer.tell(&Notice::IndexInMemory {
                reason: error.to_string(),
            });
            Ok((Index::in_memory()?, Opened::Fresh))
        }
        other => other,
    }
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
            // Objects of a store that lost its description: they are the truth, so it is one.
            "artifacts" | "events" => return Ok(()),
            // Other processes may be making the same store at this moment.
            "staging" | ".gitignore" | ".gitkeep" | "qestore.json" => {}
            _ => others.push(name),
        }
    }
    if !others.is_empty() {
        others.sort();
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
        .help("choose an empty or a new folder"));
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
