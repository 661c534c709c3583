//! A plan for artifacts in hand. Pure: a policy, all artifacts and an instant in, a verdict for
//! each out. A cleanup of a store decides the same, without having all artifacts in memory.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;

use super::verdict::{KeepRule, RemoveRule, Verdict, verdict};
use super::{KeepScope, RetentionPolicy};
use crate::artifact::{ArtifactId, ArtifactMetadata};

impl RetentionPolicy {
    /// What this policy does at `now` with a store of exactly these artifacts, superseded versions
    /// included: one verdict for each, in their order.
    ///
    /// ```
    /// use jiff::{SignedDuration, Timestamp};
    /// use qestore::RetentionPolicy;
    /// let policy = RetentionPolicy::default().default_ttl(SignedDuration::from_hours(24));
    /// assert!(policy.plan(&[], Timestamp::UNIX_EPOCH).is_empty());
    /// ```
    #[must_use]
    pub fn plan(&self, artifacts: &[ArtifactMetadata], now: Timestamp) -> Vec<Verdict> {
        let (superseded, newest) = versions(artifacts);
        let latest = self.latest(artifacts, &superseded);
        let decided = artifacts.iter().enumerate().map(|(at, artifact)| {
            let superseded_at = superseded.get(&artifact.id).copied();
            verdict(self, artifact, superseded_at, now, || latest[at])
        });
        let mut verdicts: Vec<Verdict> = decided.collect();
        let going: HashSet<ArtifactId> = artifacts
            .iter()
            .zip(&verdicts)
            .filter(|(_, verdict)| verdict.is_removal())
            .map(|(artifact, _)| artifact.id)
            .collect();
        for (artifact, verdict) in artifacts.iter().zip(&mut verdicts) {
            let newest = newest.get(&artifact.id);
            let at = superseded.get(&artifact.id);
            if let (Verdict::Keep(KeepRule::Superseded(_)), Some(at)) = (&verdict, at)
                && newest.is_some_and(|newest| going.contains(newest))
            {
                // Without the version that took its place, it would come back to light.
                *verdict = Verdict::Remove(RemoveRule::Superseded(*at));
            }
        }
        verdicts
    }

    /// Which artifacts are among the latest of their group.
    fn latest(
        &self,
        artifacts: &[ArtifactMetadata],
        superseded: &HashMap<ArtifactId, Timestamp>,
    ) -> Vec<bool> {
        let mut newest_first: Vec<usize> = (0..artifacts.len())
            .filter(|at| !superseded.contains_key(&artifacts[*at].id))
            .collect();
        newest_first.sort_by_key(|at| {
            let artifact = &artifacts[*at];
            std::cmp::Reverse((artifact.timestamp, artifact.id))
        });
        let mut taken: HashMap<Group, u64> = HashMap::new();
        let mut latest = vec![false; artifacts.len()];
        for at in newest_first {
            let of_group = taken
                .entry(self.keep_scope.group(&artifacts[at]))
                .or_default();
            *of_group += 1;
            latest[at] = *of_group <= self.keep_latest_n;
        }
        latest
    }
}

/// What the members of a group have in common; `None` where the scope does not ask.
pub(crate) type Group = (
    Option<String>,
    Option<String>,
    BTreeMap<String, Option<String>>,
);

impl KeepScope {
    /// The group of an artifact: type, name, and the values of the tags.
    pub(crate) fn group(&self, artifact: &ArtifactMetadata) -> Group {
        let tags = self.by_tags.iter();
        (
            self.by_type
                .then(|| artifact.artifact_type.as_str().to_owned()),
            self.by_name.then(|| artifact.name.clone()),
            tags.map(|key| (key.clone(), artifact.tags.get(key).cloned()))
                .collect(),
        )
    }
}

/// When each superseded version was superseded (the instant of the next version's id), and which
/// version is the newest.
fn versions(
    artifacts: &[ArtifactMetadata],
) -> (
    HashMap<ArtifactId, Timestamp>,
    HashMap<ArtifactId, ArtifactId>,
) {
    let mut versions: BTreeMap<(&str, &str, &str), Vec<ArtifactId>> = BTreeMap::new();
    for a in artifacts {
        let of = (a.job_id.as_str(), a.artifact_type.as_str(), a.name.as_str());
        versions.entry(of).or_default().push(a.id);
    }
    let (mut superseded, mut newest) = (HashMap::new(), HashMap::new());
    for mut ids in versions.into_values() {
        ids.sort_unstable();
        for pair in ids.windows(2) {
            superseded.insert(pair[0], pair[1].timestamp());
        }
        if let Some(last) = ids.last().copied() {
            newest.extend(ids.iter().map(|id| (*id, last)));
        }
    }
    (superseded, newest)
}
