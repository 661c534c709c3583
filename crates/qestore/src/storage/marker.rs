//! `qestore.json`: says that a place is a store, which one, and of which format.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::backend::{Backend, BackendExt as _, PutMode, ReadRange, StoreKey};
use crate::{Error, ErrorKind, Result};

const FORMAT: u32 = 1;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Marker {
    format: u32,
    #[serde(default)]
    requires: Vec<String>,
    pub(super) store_id: String,
    created_at: Timestamp,
}

impl Marker {
    /// Reads the marker; `None` when there is none.
    pub(super) async fn read(backend: &dyn Backend) -> Result<Option<Self>> {
        let key = StoreKey::Marker.to_string();
        let json = match backend.read_bytes(&key, ReadRange::All).await {
            Ok((_, json)) => json,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let broken = |source| {
            Error::corrupt("the store's description is not valid")
                .concerning(&*key)
                .because(source)
        };
        /// Looked at first: a newer store may describe itself otherwise.
        #[derive(Deserialize)]
        struct Version {
            format: u32,
            #[serde(default)]
            requires: Vec<String>,
        }
        let version: Version = serde_json::from_slice(&json).map_err(broken)?;
        let newer = match version.requires.first() {
            Some(feature) => Some(format!("it needs the feature {feature:?}")),
            None if version.format > FORMAT => Some(format!(
                "it has format {}, this one reads {FORMAT}",
                version.format
            )),
            None => None,
        };
        if let Some(why) = newer {
            return Err(Error::new(
                ErrorKind::Unsupported,
                format!("the store was made by a newer version of qestore: {why}"),
            )
            .help("update qestore to use this store"));
        }
        serde_json::from_slice(&json).map(Some).map_err(broken)
    }

    /// Writes a marker, or reads the one that another process wrote a moment earlier.
    pub(super) async fn create(backend: &dyn Backend, now: Timestamp) -> Result<Self> {
        let store_id = Uuid::new_v4().to_string();
        let marker = Self {
            format: FORMAT,
            requires: Vec::new(),
            store_id,
            created_at: now,
        };
        let mut json = serde_json::to_vec_pretty(&marker).map_err(|e| {
            Error::new(
                ErrorKind::Storage,
                "the store's description cannot be written",
            )
            .because(e)
        })?;
        json.push(b'\n');
        let key = StoreKey::Marker.to_string();
        match backend
            .put(&key, vec![Bytes::from(json)], PutMode::Create)
            .await
        {
            Ok(()) => Ok(marker),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Self::read(backend).await?.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }
}
