//! Values as they were read: checked, typed, and silent where they are secret.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use crate::artifact::ArtifactType;

/// What is shown instead of a secret.
const MASK: &str = "********";

/// The value of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A whole number, in the unit that the key names.
    Number(u64),
    /// A text or one of several words, codecs, scopes and schedules among them.
    Text(String),
    /// A path; relative to the current folder.
    Path(PathBuf),
    /// How long something is kept.
    Days(Days),
    /// How long artifacts of each type are kept.
    DaysByType(BTreeMap<ArtifactType, Days>),
    /// What is never shown.
    Secret(Secret),
}

/// How long something is kept: some days, or without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Days {
    /// So many days of 24 hours.
    For(u64),
    /// Without end.
    Forever,
}

/// A text that neither `Debug`, `Display` nor `Serialize` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself, for whoever has to sign with it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::For(days) => days.fmt(f),
            Self::Forever => f.write_str("forever"),
        }
    }
}

impl fmt::Display for Value {
    /// The value as a file would have it, a secret as asterisks.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(is) => is.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Path(path) => path.display().fmt(f),
            Self::Days(days) => days.fmt(f),
            Self::DaysByType(types) => {
                for (index, (artifact_type, days)) in types.iter().enumerate() {
                    let comma = if index == 0 { "" } else { ", " };
                    write!(f, "{comma}{artifact_type}: {days}")?;
                }
                Ok(())
            }
            Self::Secret(secret) => secret.fmt(f),
        }
    }
}

impl Serialize for Days {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::For(days) => serializer.serialize_u64(*days),
            Self::Forever => serializer.collect_str(self),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(is) => serializer.serialize_bool(*is),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Days(days) => days.serialize(serializer),
            Self::DaysByType(types) => types.serialize(serializer),
            Self::Text(_) | Self::Path(_) | Self::Secret(_) => serializer.collect_str(self),
        }
    }
}
