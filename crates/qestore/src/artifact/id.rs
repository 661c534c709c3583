//! The identity of an artifact: a UUID of version 7, so that ids (and keys) sort by time.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::{Error, Result};

/// A time-ordered unique id (UUIDv7, [RFC 9562](https://www.rfc-editor.org/rfc/rfc9562)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ArtifactId(Uuid);

impl ArtifactId {
    /// A new id for something that becomes ready at `now`. Instants before 1970 count as 1970.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        // No shared counter: ids of one process need not be strictly increasing within a
        // millisecond, and a counter would tie every clock in the process together.
        Self(Uuid::new_v7(uuid::Timestamp::from_unix(
            uuid::NoContext,
            seconds,
            nanos,
        )))
    }

    /// The smallest possible id of instant `at`, to look for ids from then on.
    #[must_use]
    pub fn lowest_at(at: Timestamp) -> Self {
        let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
    }

    /// When the id was made, to the millisecond, UTC.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        let millis = self.0.as_bytes()[..6]
            .iter()
            .fold(0_i64, |sum, b| sum << 8 | i64::from(*b));
        Timestamp::from_millisecond(millis).unwrap_or(Timestamp::MAX)
    }

    /// A new id of the millisecond after this one's.
    pub(crate) fn next_millisecond(self) -> Option<Self> {
        let next = Timestamp::from_millisecond(self.timestamp().as_millisecond() + 1);
        next.ok().map(Self::new)
    }

    /// The 16 bytes, which sort as the ids do.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for ArtifactId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let uuid = Uuid::try_parse(text).map_err(|_| {
            Error::invalid("an id is a UUID such as 0199b5a4-7c00-7abc-8def-0123456789ab")
                .concerning(format!("{text:?}"))
        })?;
        // One spelling only: an object key must lead to one id and back.
        if uuid.get_version_num() != 7 || uuid.as_hyphenated().to_string() != text {
            return Err(
                Error::invalid("not an id of this store: a lower-case UUID of version 7")
                    .concerning(format!("{text:?}")),
            );
        }
        Ok(Self(uuid))
    }
}

impl<'de> Deserialize<'de> for ArtifactId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_carry_their_time_and_sort_by_it() {
        let early: Timestamp = "2026-11-23T17:59:59.999Z".parse().unwrap();
        let late: Timestamp = "2026-11-23T18:00:00Z".parse().unwrap();
        let (a, b) = (ArtifactId::new(early), ArtifactId::new(late));
        assert_eq!(a.timestamp(), early);
        assert!(a < b && a.to_string() < b.to_string());
        assert!(ArtifactId::lowest_at(late) <= b && ArtifactId::lowest_at(late) > a);
        assert_eq!(a.to_string().parse::<ArtifactId>().unwrap(), a);
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        let id = ArtifactId::new(Timestamp::UNIX_EPOCH).to_string();
        assert!(id.to_uppercase().parse::<ArtifactId>().is_err());
        let json = format!("{id:?}").to_uppercase();
        assert!(serde_json::from_str::<ArtifactId>(&json).is_err());
        assert!(id.replace('-', "").parse::<ArtifactId>().is_err());
        assert!(
            "6f1c3a50-0f5e-4c5e-9c3a-0a1b2c3d4e5f"
                .parse::<ArtifactId>()
                .is_err()
        );
    }
}
