//! How a store is opened: typed values, made at the edges of a program.

mod notice;

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::SignedDuration;

use crate::backend::Backend;
use crate::clock::{Clock, SystemClock};
use crate::object::Codec;
use crate::retention::RetentionPolicy;

pub use notice::{Notice, Observer};

/// The largest content by default: 100 MiB.
pub const DEFAULT_MAX_ARTIFACT_BYTES: u64 = 100 << 20;

/// Where the objects of a store live.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Location {
    /// A folder.
    Local {
        /// The folder.
        path: PathBuf,
        /// Make it when it is not there.
        create_if_missing: bool,
        /// Sync every object to disk before a store returns.
        durable: bool,
    },
    /// Memory: gone with the last handle.
    Memory,
    /// A backend of the caller's; its index lives in memory unless a path is given.
    Custom(Arc<dyn Backend>),
}

/// How a store is opened.
///
/// ```
/// use qestore::{Codec, Config};
/// let config = Config::local(".artifacts")
///     .codec(Codec::gzip(6)?)
///     .max_artifact_bytes(1 << 30);
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where the objects live.
    pub location: Location,
    /// Where the index lives; `None` is the usual place: `index.sqlite` in a local store's folder,
    /// memory elsewhere.
    pub index_path: Option<PathBuf>,
    /// How content is compressed unless an artifact says otherwise.
    pub codec: Codec,
    /// The largest content in bytes; larger is refused while it streams in.
    pub max_artifact_bytes: u64,
    /// What cleanups keep and remove.
    pub retention: RetentionPolicy,
    /// How far back a sync looks for uploads that were under way and clocks that differ.
    pub sync_overlap: SignedDuration,
    /// How many frames are compressed or decompressed at once.
    pub workers: NonZero<usize>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Who or what uses the store, for the log: a person, a CI job.
    pub actor: Option<String>,
    /// Is told what happens besides what was asked for.
    pub observer: Observer,
}

impl Config {
    /// A store in a folder, made when missing, synced to disk.
    pub fn local(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self::at(Location::Local {
            path,
            create_if_missing: true,
            durable: true,
        })
    }

    /// A store in memory, for tests.
    #[must_use]
    pub fn memory() -> Self {
        Self::at(Location::Memory)
    }

    /// A store on a backend of the caller's.
    pub fn custom(backend: Arc<dyn Backend>) -> Self {
        Self::at(Location::Custom(backend))
    }

    fn at(location: Location) -> Self {
        Self {
            location,
            index_path: None,
            codec: Codec::default(),
            max_artifact_bytes: DEFAULT_MAX_ARTIFACT_BYTES,
            retention: RetentionPolicy::default(),
            sync_overlap: SignedDuration::from_hours(1),
            workers: std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN),
            clock: Arc::new(SystemClock),
            actor: None,
            observer: Observer::default(),
        }
    }

    /// For a local store: do not make the folder; a missing one is an error of kind *not-found*.
    #[must_use]
    pub fn must_exist(mut self) -> Self {
        if let Location::Local {
            create_if_missing, ..
        } = &mut self.location
        {
            *create_if_missing = false;
        }
        self
    }

    /// For a local store: do not sync to disk. A power failure may then take the last objects.
    #[must_use]
    pub fn not_durable(mut self) -> Self {
        if let Location::Local { durable, .. } = &mut self.location {
            *durable = false;
        }
        self
    }

    /// The same in memory, for a look at what would happen.
    #[must_use]
    pub fn in_memory(mut self) -> Self {
        (self.location, self.index_path) = (Location::Memory, None);
        self
    }

    /// Keeps the index in this file.
    #[must_use]
    pub fn index_path(mut self, path: impl Into<PathBuf>) -> Self {
        self.index_path = Some(path.into());
        self
    }

    /// Compresses like this unless an artifact says otherwise.
    #[must_use]
    pub fn codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// Refuses content over so many bytes.
    #[must_use]
    pub fn max_artifact_bytes(mut self, most: u64) -> Self {
        self.max_artifact_bytes = most;
        self
    }

    /// Says what cleanups keep and remove.
    #[must_use]
    pub fn retention(mut self, policy: RetentionPolicy) -> Self {
        self.retention = policy;
        self
    }

    /// Compresses and decompresses so many frames at once.
    #[must_use]
    pub fn workers(mut self, workers: NonZero<usize>) -> Self {
        self.workers = workers;
        self
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Says who or what uses the store, for the log.
    #[must_use]
    pub fn actor(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// Tells `observer` what happens besides what was asked for.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Notice) + Send + Sync + 'static) -> Self {
        self.observer = Observer::new(observer);
        self
    }
}
