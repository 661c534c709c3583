//! One cleanup of a store at a time on a machine: whoever comes second finds nothing left to do, and
//! should not look for it beside the first. On other machines this says nothing; there, two at
//! once do no harm.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::super::Shared;
use crate::blocking::{blocking, on_own_thread};
use crate::{Error, ErrorKind, Result};

/// Held for as long as a cleanup goes on; the system frees it when the process dies.
#[derive(Debug)]
pub(super) struct CleanupLock {
    _in_process: OwnedMutexGuard<()>,
    _on_machine: Option<File>,
}

impl CleanupLock {
    /// Waits for whoever has it.
    pub(super) async fn wait(shared: &Arc<Shared>) -> Result<Self> {
        let in_process = Arc::clone(&shared.cleaning).lock_owned().await;
        let on_machine = match shared.index.lock_file("cleanup") {
            None => None,
            Some(path) => {
                // Not in the pool of blocking threads: the other cleanup needs it to end.
                let waiting = on_own_thread(move || open(&path).map(|file| (file.lock(), file)))?;
                let gone = |_| Error::new(ErrorKind::Storage, "the waiting thread failed");
                match waiting.await.map_err(gone)?? {
                    (Err(e), _) if e.kind() != std::io::ErrorKind::Unsupported => {
                        return Err(Error::io("the cleanup cannot be locked", e));
                    }
                    // Without locks two cleanups may meet, which does no harm.
                    (_, file) => Some(file),
                }
            }
        };
        Ok(Self {
            _in_process: in_process,
            _on_machine: on_machine,
        })
    }

    /// Takes it unless somebody has it.
    pub(super) async fn take(shared: &Arc<Shared>) -> Result<Option<Self>> {
        let Ok(in_process) = Arc::clone(&shared.cleaning).try_lock_owned() else {
            return Ok(None);
        };
        let on_machine = match shared.index.lock_file("cleanup") {
            None => None,
            Some(path) => {
                let taken = blocking(move || {
                    let file = open(&path)?;
                    Ok((file.try_lock(), file))
                });
                match taken.await? {
                    (Err(TryLockError::WouldBlock), _) => return Ok(None),
                    (_, file) => Some(file),
                }
            }
        };
        Ok(Some(Self {
            _in_process: in_process,
            _on_machine: on_machine,
        }))
    }
}

fn open(path: &Path) -> Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|e| {
            Error::io("the cleanup cannot be locked", e).concerning(path.display().to_string())
        })
}
