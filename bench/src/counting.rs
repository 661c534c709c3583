//! A backend that notes which bytes are read through it.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use qestore::Result;
use qestore::backend::{Backend, Capabilities, PutMode, ReadRange, Reading, Upload};

/// Passes everything on to the backend that it wraps.
#[derive(Debug, Clone)]
pub(crate) struct Counting {
    inner: Arc<dyn Backend>,
    reads: Arc<Mutex<Vec<Range<u64>>>>,
}

impl Counting {
    pub(crate) fn new(inner: impl Backend + 'static) -> Self {
        Self {
            inner: Arc::new(inner),
            reads: Arc::default(),
        }
    }

    /// The ranges read since this was last asked.
    pub(crate) fn take(&self) -> Vec<Range<u64>> {
        std::mem::take(&mut *self.reads.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Counting {
    fn describe(&self) -> String {
        self.inner.describe()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn put(&self, key: &str, parts: Vec<Bytes>, mode: PutMode) -> Result<()> {
        self.inner.put(key, parts, mode).await
    }

    async fn upload(&self, provisional_key: &str) -> Result<Box<dyn Upload>> {
        self.inner.upload(provisional_key).await
    }

    async fn read(&self, key: &str, range: ReadRange) -> Result<Reading> {
        let reading = self.inner.read(key, range.clone()).await?;
        let size = reading.object_size;
        let read = match range {
            ReadRange::All => 0..size,
            ReadRange::Bytes(range) => range,
            ReadRange::Last(most) => size.saturating_sub(most)..size,
        };
        let mut reads = self.reads.lock().unwrap_or_else(PoisonError::into_inner);
        reads.push(read);
        drop(reads);
        Ok(reading)
    }

    fn list(&self, prefix: &str, after: Option<&str>) -> BoxStream<'static, Result<String>> {
        self.inner.list(prefix, after)
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        self.inner.delete(keys).await
    }
}
