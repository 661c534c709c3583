//! Any store of the `object_store` crate as a backend: memory now, clouds by the same code.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    GetOptions, GetRange, GetResultPayload, MultipartUpload, ObjectStore, ObjectStoreExt as _,
    PutOptions, PutPayload,
};

use super::{Backend, Capabilities, PutMode, ReadRange, Reading, Upload};
use crate::blocking::blocking;
use crate::{Error, ErrorKind, Result};

/// Bytes of a file that are read at once.
pub(super) const FILE_CHUNK: u64 = 8 << 20;

/// A backend over any [`ObjectStore`].
#[derive(Debug, Clone)]
pub struct ObjectStoreBackend {
    store: Arc<dyn ObjectStore>,
    description: String,
    capabilities: Capabilities,
}

impl ObjectStoreBackend {
    /// Wraps `store`, called `description` in messages.
    #[must_use]
    pub fn new(
        store: Arc<dyn ObjectStore>,
        description: impl Into<String>,
        capabilities: Capabilities,
    ) -> Self {
        Self {
            store,
            description: description.into(),
            capabilities,
        }
    }

    /// A store in memory, gone with its last handle.
    #[must_use]
    pub fn memory() -> Self {
        let capabilities = Capabilities {
            late_key: false,
            ..Capabilities::all()
        };
        Self::new(
            Arc::new(object_store::memory::InMemory::new()),
            "memory",
            capabilities,
        )
    }
}

#[async_trait]
impl Backend for ObjectStoreBackend {
    fn describe(&self) -> String {
        self.description.clone()
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn put(&self, key: &str, parts: Vec<Bytes>, mode: PutMode) -> Result<()> {
        let mode = match mode {
            PutMode::Overwrite => object_store::PutMode::Overwrite,
            PutMode::Create => object_store::PutMode::Create,
        };
        let options = PutOptions {
            mode,
            ..PutOptions::default()
        };
        let payload: PutPayload = parts.into_iter().collect();
        let put = self
            .store
            .put_opts(&Path::from(key), payload, options)
            .await;
        put.map(drop).map_err(|e| map_error(e).concerning(key))
    }

    async fn upload(&self, provisional_key: &str) -> Result<Box<dyn Upload>> {
        let started = self.store.put_multipart(&Path::from(provisional_key)).await;
        let upload = started.map_err(|e| map_error(e).concerning(provisional_key))?;
        let store = Arc::clone(&self.store);
        Ok(Box::new(ObjectUpload {
            store,
            upload,
            key: provisional_key.to_owned(),
        }))
    }

    async fn read(&self, key: &str, range: ReadRange) -> Result<Reading> {
        read_object(self.store.as_ref(), key, range).await
    }

    fn list(&self, prefix: &str, after: Option<&str>) -> BoxStream<'static, Result<String>> {
        let (folder, offset) = (Path::from(prefix), Path::from(after.unwrap_or_default()));
        let folder = (!prefix.is_empty()).then_some(&folder);
        let listed = if after.is_some() {
            self.store.list_with_offset(folder, &offset)
        } else {
            self.store.list(folder)
        };
        listed
            .map_ok(|object| object.location.to_string())
            .map_err(map_error)
            .boxed()
    }

    async fn delete(&self, keys: &[String]) -> Result<()> {
        delete_objects(self.store.as_ref(), keys).await
    }
}

pub(super) async fn read_object(
    store: &dyn ObjectStore,
    key: &str,
    range: ReadRange,
) -> Result<Reading> {
    let range = match range {
        ReadRange::All => None,
        ReadRange::Bytes(range) => Some(GetRange::Bounded(range)),
        ReadRange::Last(most) => Some(GetRange::Suffix(most)),
    };
    let options = GetOptions {
        range,
        ..GetOptions::default()
    };
    let got = store.get_opts(&Path::from(key), options).await;
    let got = got.map_err(|e| map_error(e).concerning(key))?;
    let object_size = got.meta.size;
    let bytes = match got.payload {
        GetResultPayload::File(file, _) => read_file(file, got.range, key.to_owned()),
        GetResultPayload::Stream(stream) => stream.map_err(map_error).boxed(),
    };
    Ok(Reading { object_size, bytes })
}

/// Reads a file in large pieces: one system call and one thread hop for most objects.
pub(super) fn read_file(
    file: std::fs::File,
    range: std::ops::Range<u64>,
    key: String,
) -> BoxStream<'static, Result<Bytes>> {
    futures::stream::try_unfold((file, range, key), |(mut file, range, key)| async move {
        if range.is_empty() {
            return Ok(None);
        }
        blocking(move || {
            use std::io::{Read as _, Seek as _, SeekFrom};
            let failed = |e| Error::io("the file cannot be read", e);
            let most = FILE_CHUNK.min(range.end - range.start);
            let mut buffer = Vec::with_capacity(most as usize);
            file.seek(SeekFrom::Start(range.start))
                .and_then(|_| (&mut file).take(most).read_to_end(&mut buffer))
                .map_err(|e| failed(e).concerning(key.as_str()))?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let start = range.start + buffer.len() as u64;
            Ok(Some((Bytes::from(buffer), (file, start..range.end, key))))
        })
        .await
    })
    .boxed()
}

pub(super) async fn delete_objects(store: &dyn ObjectStore, keys: &[String]) -> Result<()> {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| Ok(Path::from(key.as_str())))
        .collect();
    let mut deleted = store.delete_stream(futures::stream::iter(keys).boxed());
    let mut failed = None;
    // One failure must not keep the others from being deleted.
    while let Some(result) = deleted.next().await {
        match result {
            Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => failed = failed.or(Some(map_error(error))),
        }
    }
    failed.map_or(Ok(()), Err)
}

struct ObjectUpload {
    store: Arc<dyn ObjectStore>,
    upload: Box<dyn MultipartUpload>,
    key: String,
}

#[async_trait]
impl Upload for ObjectUpload {
    async fn write(&mut self, bytes: Bytes) -> Result<()> {
        self.upload
            .put_part(PutPayload::from(bytes))
            .await
            .map_err(map_error)
    }

    async fn finish(mut self: Box<Self>, key: &str) -> Result<()> {
        let done = self.upload.complete().await;
        done.map_err(|e| map_error(e).concerning(self.key.as_str()))?;
        if key == self.key {
            return Ok(());
        }
        let renamed = self
            .store
            .rename(&Path::from(self.key.as_str()), &Path::from(key))
            .await;
        renamed.map_err(|e| map_error(e).concerning(key))
    }

    async fn abort(mut self: Box<Self>) -> Result<()> {
        self.upload.abort().await.map_err(map_error)
    }
}

/// An error of `object_store` with a kind that callers can act on.
pub(super) fn map_error(error: object_store::Error) -> Error {
    use object_store::Error as E;
    let (kind, message) = match &error {
        E::NotFound { .. } => (ErrorKind::NotFound, "there is no such object"),
        E::AlreadyExists { .. } => (ErrorKind::AlreadyExists, "the key is taken"),
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
            (ErrorKind::PermissionDenied, "the storage refuses access")
        }
        E::NotSupported { .. } | E::NotImplemented { .. } => {
            (ErrorKind::Unsupported, "the storage cannot do this")
        }
        _ => match io_cause(&error) {
            // A key below another object's key.
            Some(std::io::ErrorKind::NotADirectory) => {
                (ErrorKind::NotFound, "there is no such object")
            }
            Some(io) => return Error::io("the storage failed", io.into()).because(error),
            None => (ErrorKind::Storage, "the storage failed"),
        },
    };
    Error::new(kind, message).because(error)
}

fn io_cause(error: &object_store::Error) -> Option<std::io::ErrorKind> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(io) = current.downcast_ref::<std::io::Error>() {
            return Some(io.kind());
        }
        cause = current.source();
    }
    None
}
