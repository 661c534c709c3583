//! The layout of a store, in one place: every key that is ever written comes from here. Identical
//! on every backend, so that a store can be copied with ordinary tools.

use std::fmt;

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::artifact::{ArtifactId, ArtifactKind};
use crate::object::{Codec, Container};

/// The kinds of keys in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKey {
    /// The store's own description, written once.
    Marker,
    /// An artifact's object.
    Artifact {
        id: ArtifactId,
        kind: ArtifactKind,
        container: Container,
    },
    /// Something that happened to artifacts later.
    Event { id: ArtifactId },
}

impl StoreKey {
    pub(crate) const ARTIFACTS: &'static str = "artifacts/";
    pub(crate) const EVENTS: &'static str = "events/";

    pub(crate) fn artifact(id: ArtifactId, kind: ArtifactKind, codec: Codec) -> Self {
        Self::Artifact {
            id,
            kind,
            container: codec.container(),
        }
    }

    /// The id in a key below `artifacts/` or `events/`; `None` for keys that are not ours.
    pub(crate) fn id_in(key: &str) -> Option<ArtifactId> {
        let (_, file) = key.rsplit_once('/')?;
        let id: ArtifactId = file.split('.').next()?.parse().ok()?;
        let folder = hour_folder(id.timestamp());
        let ending = file.strip_prefix(&id.to_string())?;
        let (rest, known) = match key.strip_prefix(Self::ARTIFACTS) {
            Some(rest) => (
                rest,
                matches!(ending, ".zst" | ".tar.zst" | ".gz" | ".tar.gz"),
            ),
            None => (key.strip_prefix(Self::EVENTS)?, ending == ".json"),
        };
        (known && rest == format!("{folder}/{file}")).then_some(id)
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Marker => f.write_str("qestore.json"),
            Self::Artifact {
                id,
                kind,
                container,
            } => {
                let folder = hour_folder(id.timestamp());
                let ending = match (kind, container) {
                    (ArtifactKind::File, Container::Zstd) => "zst",
                    (ArtifactKind::File, Container::Gzip) => "gz",
                    (ArtifactKind::Tree, Container::Zstd) => "tar.zst",
                    (ArtifactKind::Tree, Container::Gzip) => "tar.gz",
                };
                write!(f, "{}{folder}/{id}.{ending}", Self::ARTIFACTS)
            }
            Self::Event { id } => {
                write!(
                    f,
                    "{}{}/{id}.json",
                    Self::EVENTS,
                    hour_folder(id.timestamp())
                )
            }
        }
    }
}

/// `2026/11/23/17`: the UTC hour of an instant.
fn hour_folder(at: Timestamp) -> String {
    let at = Offset::UTC.to_datetime(at);
    format!(
        "{:04}/{:02}/{:02}/{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour()
    )
}

/// A key that sorts before every key of an id made at `since` or later, under `prefix`.
pub(crate) fn lower_bound(prefix: &str, since: Timestamp) -> String {
    let since = since.max(Timestamp::UNIX_EPOCH);
    format!(
        "{prefix}{}/{}",
        hour_folder(since),
        ArtifactId::lowest_at(since)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_of_time_and_id_and_lead_back() {
        let at: Timestamp = "2026-03-01T07:59:59.123Z".parse().unwrap();
        let id = ArtifactId::new(at);
        let key = StoreKey::artifact(id, ArtifactKind::Tree, Codec::default()).to_string();
        assert_eq!(key, format!("artifacts/2026/03/01/07/{id}.tar.zst"));
        assert_eq!(StoreKey::id_in(&key), Some(id));
        assert_eq!(StoreKey::id_in(&key.replace("/07/", "/08/")), None);
        assert_eq!(StoreKey::id_in(&key.replace(".tar.zst", ".tmp")), None);
        assert_eq!(StoreKey::id_in("artifacts/readme.txt"), None);
        assert_eq!(StoreKey::id_in(&key.replace(".tar.zst", ".json")), None);
        let event = StoreKey::Event { id }.to_string();
        assert_eq!(StoreKey::id_in(&event), Some(id));
        assert!(lower_bound(StoreKey::ARTIFACTS, at) < key);
        let next = Timestamp::from_millisecond(at.as_millisecond() + 1).unwrap();
        assert!(lower_bound(StoreKey::ARTIFACTS, next) > key);
    }
}
