//! What a store has to say besides answers: it never prints, it tells an observer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Something that happened besides what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// The index could not be used and was built anew from the objects.
    IndexRebuilt {
        /// What was wrong with it: `missing`, `damaged`, `of version 3, this program uses 1`.
        reason: String,
        /// Artifacts in the new index.
        artifacts: u64,
        /// Objects whose metadata could not be read.
        damaged: u64,
        /// How long it took.
        took: Duration,
    },
    /// The index cannot be written where it should be, so it is built in memory for this run.
    IndexInMemory {
        /// Why.
        reason: String,
    },
    /// An artifact was stored, but the index could not be told; the next sync finds it.
    IndexBehind {
        /// Why.
        reason: String,
    },
    /// An object that cannot be read was passed over.
    ObjectDamaged {
        /// Its key.
        key: String,
        /// Why.
        reason: String,
    },
    /// Files that killed writers left behind were removed.
    LeftoversRemoved {
        /// How many.
        files: usize,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IndexRebuilt {
                reason,
                artifacts,
                damaged,
                took,
            } => {
                write!(
                    f,
                    "the index was {reason}; built it anew from the objects: {artifacts} artifact{} \
                     in {:.1} s",
                    if *artifacts == 1 { "" } else { "s" },
                    took.as_secs_f64()
                )?;
                match damaged {
                    0 => Ok(()),
                    1 => f.write_str(", 1 damaged object passed over"),
                    many => write!(f, ", {many} damaged objects passed over"),
                }
            }
            Self::IndexInMemory { reason } => {
                write!(f, "the index is built in memory for this run: {reason}")
            }
            Self::IndexBehind { reason } => {
                write!(
                    f,
                    "the artifact is stored; the index will learn of it later: {reason}"
                )
            }
            Self::ObjectDamaged { key, reason } => {
                write!(f, "passed over the damaged object {key}: {reason}")
            }
            Self::LeftoversRemoved { files } => {
                write!(
                    f,
                    "removed {files} unfinished file(s) of interrupted writers"
                )
            }
        }
    }
}

/// Who is told; nobody by default.
#[derive(Clone, Default)]
pub struct Observer(Option<Arc<Tell>>);

type Tell = dyn Fn(&Notice) + Send + Sync;

impl Observer {
    /// Calls `tell` with every notice.
    pub fn new(tell: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(tell)))
    }

    pub(crate) fn tell(&self, notice: &Notice) {
        if let Some(tell) = &self.0 {
            tell(notice);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() {
            "Observer(..)"
        } else {
            "Observer(nobody)"
        })
    }
}
