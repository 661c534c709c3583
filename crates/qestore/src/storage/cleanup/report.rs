//! What a cleanup is told, and what it tells.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::Error;
use crate::artifact::{ArtifactMetadata, ArtifactType};
use crate::retention::{RetentionPolicy, Verdict};

type OnVerdict = Arc<dyn Fn(&ArtifactMetadata, &Verdict) + Send + Sync>;

/// How to clean up.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct CleanupOptions {
    /// Only say what would happen.
    pub dry_run: bool,
    /// Remove everything, if that is what the policy says.
    pub allow_empty: bool,
    /// Follow this policy instead of the store's.
    pub policy: Option<RetentionPolicy>,
    /// Tell the verdict over every artifact, not only over those whose time is over.
    pub explain: bool,
    on_verdict: Option<OnVerdict>,
}

impl CleanupOptions {
    /// Only says what would happen.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Removes everything, if that is what the policy says.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.allow_empty = true;
        self
    }

    /// Follows this policy instead of the store's.
    #[must_use]
    pub fn policy(mut self, policy: RetentionPolicy) -> Self {
        self.policy = Some(policy);
        self
    }

    /// Tells the verdict over every artifact, newest first, before the first one goes.
    #[must_use]
    pub fn explain(mut self) -> Self {
        self.explain = true;
        self
    }

    /// Calls `tell` with each artifact that is looked at and the verdict over it; of what goes, when
    /// it is gone, unless everything is explained before.
    #[must_use]
    pub fn on_verdict(
        mut self,
        tell: impl Fn(&ArtifactMetadata, &Verdict) + Send + Sync + 'static,
    ) -> Self {
        self.on_verdict = Some(Arc::new(tell));
        self
    }

    pub(super) fn tell(&self, artifact: &ArtifactMetadata, verdict: &Verdict) {
        if let Some(tell) = &self.on_verdict {
            tell(artifact, verdict);
        }
    }
}

impl fmt::Debug for CleanupOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CleanupOptions")
            .field("dry_run", &self.dry_run)
            .field("allow_empty", &self.allow_empty)
            .field("policy", &self.policy)
            .field("explain", &self.explain)
            .finish_non_exhaustive()
    }
}

/// Artifacts and the bytes of their objects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleCount {
    /// How many.
    pub artifacts: u64,
    /// The bytes of their objects.
    pub stored_bytes: u64,
}

impl RuleCount {
    pub(super) fn add(&mut self, stored_bytes: u64) {
        self.artifacts += 1;
        self.stored_bytes += stored_bytes;
    }
}

/// What a cleanup did, or would do.
#[derive(Debug)]
#[non_exhaustive]
pub struct CleanupReport {
    /// Nothing was done, only looked at.
    pub dry_run: bool,
    /// Whether the policy is switched on at all.
    pub enabled: bool,
    /// Artifacts that went, superseded versions included.
    pub removed: u64,
    /// Bytes that their objects had on storage. What another cleanup removed at the same time
    /// counts there.
    pub freed_bytes: u64,
    /// What went, by the rule's word ([`Verdict::rule`]).
    pub by_rule: BTreeMap<&'static str, RuleCount>,
    /// What stayed though its time is over, by the rule's word.
    pub kept: BTreeMap<&'static str, u64>,
    /// Types of which nothing is left.
    pub emptied_types: Vec<ArtifactType>,
    /// Batches that could not be removed as a whole, and why; the next cleanup tries again.
    pub failures: Vec<Error>,
    /// How long it took.
    pub took: Duration,
}

impl CleanupReport {
    pub(super) fn new(dry_run: bool, enabled: bool) -> Self {
        Self {
            dry_run,
            enabled,
            removed: 0,
            freed_bytes: 0,
            by_rule: BTreeMap::new(),
            kept: BTreeMap::new(),
            emptied_types: Vec::new(),
            failures: Vec::new(),
            took: Duration::ZERO,
        }
    }
}
