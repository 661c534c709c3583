//! Storing: check what was said, send the content through, write the object, then the row.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::Shared;
use super::new_artifact::NewArtifact;
use super::pipeline::{Encoding, ObjectSink, encode};
use super::source::Source;
use crate::artifact::{
    ArtifactId, ArtifactKind, ArtifactMetadata, ArtifactRef, ArtifactType, guess_media_type,
    validate_job_id, validate_media_type, validate_name, validate_tags,
};
use crate::backend::StoreKey;
use crate::blocking::blocking;
use crate::config::Notice;
use crate::object::{Header, WRITER};
use crate::tree::check_members;
use crate::{Error, Result};

pub(super) async fn store(shared: &Arc<Shared>, new: NewArtifact) -> Result<ArtifactMetadata> {
    let name = new.chosen_name();
    validate_job_id(&new.job_id)?;
    validate_name(&name)?;
    validate_tags(&new.tags)?;
    let ttl_seconds = new.ttl.flatten().map(checked_ttl).transpose()?;
    let keep_forever = matches!(new.ttl, Some(None));
    let codec = new.codec.unwrap_or(shared.codec);

    let limit = shared.max_artifact_bytes;
    let mut source = Source::open(new.content, new.links, limit).await?;
    let kind = if source.members.is_some() {
        ArtifactKind::Tree
    } else {
        ArtifactKind::File
    };
    let media_type = new.media_type.unwrap_or_else(|| match kind {
        ArtifactKind::Tree => "application/x-tar".to_owned(),
        ArtifactKind::File => guess_media_type(&name, &source.first).to_owned(),
    });

    validate_media_type(&media_type)?;

    let key_for = |id| StoreKey::artifact(id, kind, codec).to_string();
    // Not below `artifacts/`: what is not finished must not look like an artifact.
    let provisional = format!("staging/{}", ArtifactId::new(shared.clock.now()));
    let mut sink = ObjectSink::new(Arc::clone(&shared.backend), provisional);
    let encoding = Encoding {
        codec,
        workers: shared.workers,
        limit,
        progress: new.progress,
    };
    let encoded = match encode(&mut source, &encoding, &mut sink).await {
        Ok(encoded) => encoded,
        Err(error) => {
            sink.abort().await;
            return Err(error);
        }
    };
    let members = match source.members.take() {
        None => None,
        Some(members) => Some(members.await.map_err(|_| {
            Error::new(
                crate::ErrorKind::Storage,
                "the folder could not be read to its end",
            )
        })?),
    };

    // All bytes are ready: this is the instant that the id, and so the key, tells.
    let now = shared.clock.now();
    let id = id_for(shared, now, (&new.job_id, &new.artifact_type, &name)).await;
    let key = key_for(id);
    let header = Header {
        format: crate::object::FORMAT_VERSION,
        requires: Vec::new(),
        writer: WRITER.to_owned(),
        id,
        job_id: new.job_id,
        artifact_type: new.artifact_type,
        name,
        kind,
        media_type,
        created_at: to_microsecond(new.timestamp.unwrap_or(now)),
        size_bytes: encoded.size,
        sha256: encoded.sha256,
        codec,
        members: members.as_ref().map(|members| members.len() as u64),
        tags: new.tags,
        ttl_seconds,
        keep_forever,
    };
    let assembly = encoded.assembly;
    let finished = blocking(move || {
        if let Some(members) = &members {
            // The last guard: nothing is stored that no reader would take.
            check_members(members, header.size_bytes)
                .map_err(|e| Error::invalid(e.message().to_owned()))?;
        }
        let members = members
            .map(|members| serde_json::to_vec(&members))
            .transpose();
        let members = members.map_err(|e| {
            Error::new(
                crate::ErrorKind::Storage,
                "the member table cannot be written",
            )
            .because(e)
        })?;
        let frames = assembly.stored_bytes();
        let tail = assembly.finish(&header, members.as_deref())?;
        Ok((header, frames + tail.len() as u64, tail))
    })
    .await;
    let (header, object_size, tail) = match finished {
        Ok(finished) => finished,
        Err(error) => {
            sink.abort().await;
            return Err(error);
        }
    };
    if let Some(most) = shared.backend.capabilities().largest_object
        && object_size > most
    {
        sink.abort().await;
        return Err(Error::new(
            crate::ErrorKind::TooLarge,
            format!("the object has {object_size} bytes, this storage takes at most {most}"),
        ));
    }
    sink.finish(&key, tail).await?;
    let mut metadata = header.into_metadata(object_size, key);
    let row = metadata.clone();
    shared.apply_policy(&mut metadata);
    let indexed = shared
        .on_sound_index(move |index| index.insert(vec![row.clone()]))
        .await;
    if let Err(error) = indexed {
        // The artifact is there, and the next sync finds it: storing it has not failed.
        shared.observer.tell(&Notice::IndexBehind {
            reason: error.to_string(),
        });
    }
    Ok(metadata)
}

/// An id of `now`, or of a moment later when an earlier version has one that sorts after it: made in
/// the same millisecond, or before the clock was set back. The newest version must win.
async fn id_for(
    shared: &Arc<Shared>,
    now: Timestamp,
    (job_id, artifact_type, name): (&str, &ArtifactType, &str),
) -> ArtifactId {
    let id = ArtifactId::new(now);
    let of = ArtifactRef::new(job_id, artifact_type.clone()).named(name);
    // An index that cannot answer must not keep anybody from storing.
    let found = shared.on_index(move |index| index.find(&of, 1)).await;
    let earlier = found.ok().and_then(|found| found.first().map(|m| m.id));
    match earlier {
        Some(earlier) if earlier >= id => earlier.next_millisecond().unwrap_or(id),
        _ => id,
    }
}

fn checked_ttl(ttl: SignedDuration) -> Result<i64> {
    if ttl.as_secs() >= 1 {
        return Ok(ttl.as_secs());
    }
    Err(Error::invalid(
        "the time to keep it must be at least one second",
    ))
}

/// What the format can say, so that what is returned is what will be read.
fn to_microsecond(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}
