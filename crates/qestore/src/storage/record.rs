//! Writing events: the object first, which makes the event true for everyone, then the index.

use std::sync::Arc;

use bytes::Bytes;

use super::Shared;
use crate::Result;
use crate::artifact::ArtifactMetadata;
use crate::backend::{PutMode, StoreKey};
use crate::events::EventRecord;
use crate::index::Applied;

impl Shared {
    /// Writes the object of an event; from then on it has happened. Gives its JSON.
    pub(super) async fn write_event(&self, event: &EventRecord) -> Result<String> {
        let body = event.to_json()?;
        let key = StoreKey::Event { id: event.id }.to_string();
        let bytes = vec![Bytes::from(body.clone())];
        self.backend.put(&key, bytes, PutMode::Create).await?;
        Ok(body)
    }

    /// Carries out a removal: the event, then the objects, then the rows. An event whose objects
    /// cannot be deleted stays unknown to the index, so that the next sync tries again.
    pub(super) async fn remove(
        self: &Arc<Self>,
        event: EventRecord,
        artifacts: &[ArtifactMetadata],
    ) -> Result<Applied> {
        let body = self.write_event(&event).await?;
        let keys: Vec<String> = artifacts.iter().map(|a| a.storage_path.clone()).collect();
        self.backend.delete(&keys).await?;
        self.on_sound_index(move |index| index.apply(&event, &body))
            .await
    }
}
