//! Group commit: rows that arrive while a transaction is under way go into the next one together.
//!
//! Without it, threads of one process would contend for SQLite's write lock, which is waited for
//! by sleeping, and each small store would pay for a transaction of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Index;
use crate::artifact::ArtifactMetadata;
use crate::{Error, ErrorKind, Result};

/// Rows of one caller, and where it finds the outcome.
#[derive(Debug)]
struct Waiting {
    artifacts: Vec<ArtifactMetadata>,
    outcome: Arc<Mutex<Option<Result<usize>>>>,
}

/// The rows that wait, and the right to write them.
#[derive(Debug, Default)]
pub(super) struct Group {
    waiting: Mutex<Vec<Waiting>>,
    writer: Mutex<()>,
}

impl Index {
    /// Adds artifacts, in any order, however often; says how many were new. What an event has
    /// removed stays out.
    pub(crate) fn insert(&self, artifacts: Vec<ArtifactMetadata>) -> Result<usize> {
        let outcome = Arc::new(Mutex::new(None));
        let mine = Waiting {
            artifacts,
            outcome: Arc::clone(&outcome),
        };
        locked(&self.group.waiting).push(mine);
        // Whoever comes here first writes for all who are waiting by then.
        let _writer = locked(&self.group.writer);
        if let Some(done) = locked(&outcome).take() {
            return done;
        }
        let batch = std::mem::take(&mut *locked(&self.group.waiting));
        let together = self.insert_all(batch.iter().map(|w| w.artifacts.as_slice()));
        let alone = |waiting: &Waiting| self.insert_all([waiting.artifacts.as_slice()]);
        let results: Vec<Result<usize>> = match together {
            Ok(counts) => counts.into_iter().map(Ok).collect(),
            // One caller's trouble is not the others'.
            Err(_) => batch
                .iter()
                .map(|w| alone(w).map(|counts| counts.iter().sum()))
                .collect(),
        };
        for (waiting, result) in batch.iter().zip(results) {
            *locked(&waiting.outcome) = Some(result);
        }
        locked(&outcome).take().unwrap_or_else(|| {
            Err(Error::new(
                ErrorKind::Storage,
                "the rows' writer failed: they may be missing",
            ))
        })
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
