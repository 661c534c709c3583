//! Removing: the event first, then the objects, then the rows. The event wins: from the moment it
//! is there, every index drops the artifact, and whoever comes next finishes the deletion.

use std::sync::Arc;

use bytes::Bytes;

use super::Shared;
use crate::Result;
use crate::artifact::{ArtifactId, ArtifactMetadata};
use crate::backend::{PutMode, StoreKey};
use crate::index::Removal;
use crate::sync::{Depth, Event};

pub(super) async fn delete(
    shared: &Arc<Shared>,
    found: Result<Option<ArtifactMetadata>>,
) -> Result<Option<ArtifactMetadata>> {
    let Some(metadata) = found? else {
        return Ok(None);
    };
    let of = metadata.clone();
    // An older version left behind would come back to light: also one that this index lacks.
    shared.sync_soundly(Depth::Recent, &|_| {}).await?;
    let versions = shared
        .on_sound_index(move |index| index.versions(&of))
        .await?;
    let ids: Vec<ArtifactId> = versions.iter().map(|version| version.id).collect();
    let keys: Vec<String> = versions
        .into_iter()
        .map(|version| version.storage_path)
        .collect();

    let now = shared.clock.now();
    let event = Event::removed(ArtifactId::new(now), now, ids, "asked for");
    let body = event.to_json()?;
    let key = StoreKey::Event { id: event.id }.to_string();
    shared
        .backend
        .put(&key, vec![Bytes::from(body.clone())], PutMode::Create)
        .await?;
    shared.backend.delete(&keys).await?;
    shared
        .on_sound_index(move |index| {
            let (id, artifacts) = (event.id, event.removes());
            index.remove(&Removal {
                event: id,
                body: &body,
                artifacts,
            })
        })
        .await?;
    Ok(Some(metadata))
}
