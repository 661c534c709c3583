//! Where objects live: the backend trait, its capabilities, and the backends.
//!
//! [`Backend`] is for people who write one: few methods, streaming, no convenience. What callers
//! want on top lives in [`BackendExt`]. Checks (sizes, digests, names) are made above, once.

mod ext;
mod keys;
mod local;
mod local_files;
mod objects;

use std::fmt;
use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;

use crate::Result;

pub use ext::BackendExt;
pub(crate) use keys::{StoreKey, lower_bound};
pub use local::LocalBackend;
pub use objects::ObjectStoreBackend;

/// What a backend can and cannot do; callers ask before they rely on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// A part of an object can be read without the rest.
    pub ranged_reads: bool,
    /// Objects can be deleted.
    pub delete: bool,
    /// [`PutMode::Create`] refuses atomically to replace an object.
    pub create_only: bool,
    /// The key of an upload may be chosen when it finishes, at no cost.
    pub late_key: bool,
    /// The largest object in bytes, where there is a limit.
    pub largest_object: Option<u64>,
}

impl Capabilities {
    /// Everything, without limits: what a folder can do.
    #[must_use]
    pub const fn all() -> Self {
        Self {
            ranged_reads: true,
            delete: true,
            create_only: true,
            late_key: true,
            largest_object: None,
        }
    }
}

/// Whether a put may replace what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PutMode {
    /// Replace what is there.
    Overwrite,
    /// Kind *already-exists* when the key is taken.
    Create,
}

/// Which bytes of an object to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadRange {
    /// All of it.
    All,
    /// These, which must lie inside the object.
    Bytes(Range<u64>),
    /// The last so many, or all when it is shorter.
    Last(u64),
}

/// An object being read.
pub struct Reading {
    /// The size of the whole object in bytes, not only of what is read.
    pub object_size: u64,
    /// The requested bytes, in order.
    pub bytes: BoxStream<'static, Result<Bytes>>,
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reading")
            .field("object_size", &self.object_size)
            .finish_non_exhaustive()
    }
}

/// A place where immutable objects live under slash-separated keys.
///
/// Contract, held by the conformance suite (`qestore::testkit`):
/// - an object is there as a whole or not at all, and once `put` or `finish` has returned it
///   stays, also after a power failure where the backend can promise that;
/// - `list` gives keys in byte order, with everything whose `put` returned before it was called;
/// - errors have a kind that callers can act on: *not-found*, *already-exists*,
///   *permission-denied*, *storage-full*, *unavailable* (worth another try), else *storage*;
/// - what the capabilities deny is refused with kind *unsupported*, and an object over the largest
///   one with kind *too-large*.
#[async_trait]
pub trait Backend: fmt::Debug + Send + Sync {
    /// What to call this place in messages, without secrets: `folder .artifacts`.
    fn describe(&self) -> String;

    /// What it can and cannot do.
    fn capabilities(&self) -> Capabilities;

    /// Writes an object of the concatenated `parts`.
    async fn put(&self, key: &str, parts: Vec<Bytes>, mode: PutMode) -> Result<()>;

    /// Starts an object whose size is not known yet. `provisional_key` is where it goes when the
    /// backend needs to know early; [`Upload::finish`] has the last word.
    async fn upload(&self, provisional_key: &str) -> Result<Box<dyn Upload>>;

    /// Reads an object or a part of it. Kind *not-found* when it is not there.
    async fn read(&self, key: &str, range: ReadRange) -> Result<Reading>;

    /// The keys that start with `prefix` (empty or ending in `/`) and sort after `after`, in order.
    fn list(&self, prefix: &str, after: Option<&str>) -> BoxStream<'static, Result<String>>;

    /// Deletes objects; a key that is not there is no error.
    async fn delete(&self, keys: &[String]) -> Result<()>;
}

/// An object being written. Dropping it leaves nothing behind, or only what the backend sweeps.
#[async_trait]
pub trait Upload: Send {
    /// Appends bytes.
    async fn write(&mut self, bytes: Bytes) -> Result<()>;

    /// Makes the object visible under `key`, whole.
    async fn finish(self: Box<Self>, key: &str) -> Result<()>;

    /// Gives up and removes what was written.
    async fn abort(self: Box<Self>) -> Result<()>;
}
