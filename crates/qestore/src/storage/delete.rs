//! Removing: the event first, then the objects, then the rows. The event wins: from the moment it
//! is there, every index drops the artifact, and whoever comes next finishes the deletion.

use std::sync::Arc;

use super::Shared;
use crate::artifact::{ArtifactId, ArtifactMetadata};
use crate::events::{EventAction, EventRecord};
use crate::sync::Depth;
use crate::{Error, ErrorKind, Result};

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
    let now = shared.clock.now();
    if let Some(protected) = versions.iter().find(|version| version.is_protected(now)) {
        return Err(refusal(protected));
    }
    let id = ArtifactId::new(now);
    let mut event = EventRecord::new(id, now, EventAction::Removed, &versions, "asked for");
    event.by.clone_from(&shared.actor);
    shared.remove(event, &versions).await?;
    Ok(Some(metadata))
}

fn refusal(protected: &ArtifactMetadata) -> Error {
    let (why, help) = match protected.held_until {
        _ if protected.pinned => ("a pin keeps it".to_owned(), "unpin it first"),
        Some(until) => (format!("a hold keeps it until {until}"), "release it first"),
        None => ("it is kept".to_owned(), "free it first"),
    };
    Error::new(ErrorKind::Protected, why).help(help)
}
