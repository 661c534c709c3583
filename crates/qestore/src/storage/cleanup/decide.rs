//! Verdicts over candidates: the pure rules, and where the latest of each group begin.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use crate::Result;
use crate::artifact::ArtifactMetadata;
use crate::index::{Candidate, Cursor, Filter, Index, TagCondition};
use crate::retention::{Group, KeepRule, RemoveRule, RetentionPolicy, Verdict, verdict};

/// Groups that are remembered; memory stays flat however many there are.
const REMEMBERED: usize = 10_000;

/// Decides over candidates, one after the other.
#[derive(Debug)]
pub(super) struct Decider {
    policy: Arc<RetentionPolicy>,
    now: Timestamp,
    /// The oldest of the latest of each group; `None` where there are fewer than are kept.
    latest_from: HashMap<Group, Option<Cursor>>,
}

impl Decider {
    pub(super) fn new(policy: RetentionPolicy, now: Timestamp) -> Self {
        Self {
            policy: Arc::new(policy),
            now,
            latest_from: HashMap::new(),
        }
    }

    pub(super) fn decide(
        &mut self,
        index: &Index,
        candidates: Vec<Candidate>,
    ) -> Result<Vec<(Candidate, Verdict)>> {
        let mut decided = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            let verdict = self.verdict(index, &candidate.artifact, candidate.superseded_at)?;
            let verdict = match (&verdict, candidate.superseded_at) {
                (Verdict::Keep(KeepRule::Superseded(_)), Some(at)) => {
                    // Without the version that took its place, it would come back to light.
                    let versions = index.versions(&candidate.artifact)?;
                    match versions.first() {
                        Some(newest) if self.verdict(index, newest, None)?.is_removal() => {
                            Verdict::Remove(RemoveRule::Superseded(at))
                        }
                        _ => verdict,
                    }
                }
                _ => verdict,
            };
            decided.push((candidate, verdict));
        }
        Ok(decided)
    }

    fn verdict(
        &mut self,
        index: &Index,
        artifact: &ArtifactMetadata,
        superseded_at: Option<Timestamp>,
    ) -> Result<Verdict> {
        let mut failed = None;
        let (policy, now) = (Arc::clone(&self.policy), self.now);
        let verdict = verdict(&policy, artifact, superseded_at, now, || {
            self.is_latest(index, artifact).unwrap_or_else(|error| {
                failed = Some(error);
                true
            })
        });
        failed.map_or(Ok(verdict), Err)
    }

    fn is_latest(&mut self, index: &Index, artifact: &ArtifactMetadata) -> Result<bool> {
        let group = self.policy.keep_scope.group(artifact);
        let from = match self.latest_from.get(&group) {
            Some(from) => *from,
            None => {
                let n = usize::try_from(self.policy.keep_latest_n).unwrap_or(usize::MAX);
                let from = index.nth_newest(&members(&group, artifact), n)?;
                if self.latest_from.len() >= REMEMBERED {
                    self.latest_from.clear();
                }
                self.latest_from.insert(group, from);
                from
            }
        };
        Ok(from.is_none_or(|from| Cursor::at(artifact) >= from))
    }
}

/// What finds the members of a group, of which `artifact` is one.
fn members((of_type, name, tags): &Group, artifact: &ArtifactMetadata) -> Filter {
    let mut filter = Filter {
        artifact_type: of_type.as_ref().map(|_| artifact.artifact_type.clone()),
        name: name.clone(),
        ..Filter::default()
    };
    for (key, value) in tags {
        filter = filter.tag_condition(match value {
            Some(value) => TagCondition::is(key, value),
            None => TagCondition::Lacks(key.clone()),
        });
    }
    filter
}
