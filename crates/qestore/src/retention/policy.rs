//! What a store is told about keeping: how long, how many at least, and how superseded versions go.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::KeepScope;
use crate::artifact::ArtifactType;

/// How long artifacts are kept, and which are kept whatever their age.
///
/// An artifact goes when its time is over and nothing keeps it. Its time is the one it was stored
/// with, else the one of its type, else the default; without any it has no end. The latest
/// `keep_latest_n` of each group stay whatever their age, and so does what is pinned or held.
///
/// ```
/// use jiff::SignedDuration;
/// use qestore::{ArtifactType, KeepScope, RetentionPolicy};
///
/// let policy = RetentionPolicy::default()
///     .default_ttl(SignedDuration::from_hours(30 * 24))
///     .ttl_of(ArtifactType::SECURITY_FINDINGS, SignedDuration::from_hours(365 * 24))
///     .keep_latest_n(10)
///     .keep_scope("type+tag:branch".parse::<KeepScope>()?);
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetentionPolicy {
    /// Whether cleanups remove anything at all.
    pub enabled: bool,
    /// How long an artifact is kept that says nothing itself; `None` is without end.
    pub default_ttl: Option<SignedDuration>,
    /// How long artifacts of these types are kept instead; `None` is without end.
    pub ttl_by_type: BTreeMap<ArtifactType, Option<SignedDuration>>,
    /// How many of each group stay whatever their age, the newest first.
    pub keep_latest_n: u64,
    /// What a group is.
    pub keep_scope: KeepScope,
    /// How long a version stays after a newer one under the same job, type and name took its place.
    pub superseded_grace: SignedDuration,
    /// Whether a cleanup may remove the last artifact of a store.
    pub allow_empty: bool,
}

impl Default for RetentionPolicy {
    /// Nothing has an end that was not given one when it was stored, the latest ten of each type
    /// stay, and superseded versions go after a day.
    fn default() -> Self {
        Self {
            enabled: true,
            default_ttl: None,
            ttl_by_type: BTreeMap::new(),
            keep_latest_n: 10,
            keep_scope: KeepScope::default(),
            superseded_grace: SignedDuration::from_hours(24),
            allow_empty: false,
        }
    }
}

impl RetentionPolicy {
    /// Keeps artifacts so long that say nothing themselves.
    #[must_use]
    pub fn default_ttl(mut self, ttl: SignedDuration) -> Self {
        self.default_ttl = Some(ttl);
        self
    }

    /// Keeps artifacts of this type so long instead.
    #[must_use]
    pub fn ttl_of(mut self, artifact_type: ArtifactType, ttl: SignedDuration) -> Self {
        self.ttl_by_type.insert(artifact_type, Some(ttl));
        self
    }

    /// Keeps the latest `n` of each group whatever their age; 0 keeps none for that reason.
    #[must_use]
    pub fn keep_latest_n(mut self, n: u64) -> Self {
        self.keep_latest_n = n;
        self
    }

    /// Says what a group is.
    #[must_use]
    pub fn keep_scope(mut self, scope: KeepScope) -> Self {
        self.keep_scope = scope;
        self
    }

    /// Keeps superseded versions so long after a newer one took their place.
    #[must_use]
    pub fn superseded_grace(mut self, grace: SignedDuration) -> Self {
        self.superseded_grace = grace;
        self
    }

    /// Lets a cleanup remove the last artifact of a store.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// How long an artifact of this type is kept that says nothing itself.
    #[must_use]
    pub fn ttl_for(&self, artifact_type: &ArtifactType) -> Option<SignedDuration> {
        if !self.enabled {
            return None;
        }
        match self.ttl_by_type.get(artifact_type) {
            Some(of_type) => *of_type,
            None => self.default_ttl,
        }
    }
}
