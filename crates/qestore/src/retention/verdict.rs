//! What happens to one artifact, and the rule that says so. Pure: policy, artifact and instant in,
//! verdict out.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::{KeepScope, RetentionPolicy};
use crate::artifact::ArtifactMetadata;

/// What a cleanup does with an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It stays, by this rule.
    Keep(KeepRule),
    /// It goes, by this rule.
    Remove(RemoveRule),
}

/// Why an artifact stays.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeepRule {
    /// The policy is switched off.
    Disabled,
    /// A pin keeps it.
    Pinned,
    /// A hold keeps it until then.
    Held(Timestamp),
    /// Nothing gives it an end.
    NoLimit,
    /// Its time is not over before then.
    NotExpired(Timestamp),
    /// Its time is over, but it is one of the latest of its group.
    Latest {
        /// How many are kept.
        n: u64,
        /// Of what.
        scope: KeepScope,
    },
    /// A newer version took its place, not long ago; it goes then.
    Superseded(Timestamp),
}

/// Why an artifact goes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RemoveRule {
    /// Its time is over.
    Expired {
        /// Since when.
        since: Timestamp,
        /// How long it was to be kept.
        ttl: SignedDuration,
        /// Who said so.
        set_by: TtlSource,
    },
    /// A newer version took its place then, and the grace period is over.
    Superseded(Timestamp),
}

/// Who said how long an artifact is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum TtlSource {
    /// Whoever stored it.
    Artifact,
    /// The policy, for its type.
    Type,
    /// The policy, for everything.
    Default,
}

impl Verdict {
    /// Whether the artifact goes.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        matches!(self, Self::Remove(_))
    }

    /// Whether it stays though its time may be over.
    pub(crate) fn overrides_time(&self) -> bool {
        matches!(
            self,
            Self::Keep(KeepRule::Pinned | KeepRule::Held(_) | KeepRule::Latest { .. })
        )
    }

    /// The rule as a stable word, for programs.
    #[must_use]
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Keep(KeepRule::Disabled) => "disabled",
            Self::Keep(KeepRule::Pinned) => "pinned",
            Self::Keep(KeepRule::Held(_)) => "held",
            Self::Keep(KeepRule::NoLimit) => "no-limit",
            Self::Keep(KeepRule::NotExpired(_)) => "not-expired",
            Self::Keep(KeepRule::Latest { .. }) => "latest",
            Self::Keep(KeepRule::Superseded(_)) => "grace",
            Self::Remove(RemoveRule::Expired { .. }) => "expired",
            Self::Remove(RemoveRule::Superseded(_)) => "superseded",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep(KeepRule::Disabled) => f.write_str("retention is switched off"),
            Self::Keep(KeepRule::Pinned) => f.write_str("pinned"),
            Self::Keep(KeepRule::Held(until)) => write!(f, "held until {}", instant(*until)),
            Self::Keep(KeepRule::NoLimit) => f.write_str("no limit"),
            Self::Keep(KeepRule::NotExpired(at)) => write!(f, "kept until {}", instant(*at)),
            Self::Keep(KeepRule::Latest { n, scope }) => match n {
                1 => write!(f, "the latest of {}", groups(scope)),
                n => write!(f, "one of the latest {n} of {}", groups(scope)),
            },
            Self::Keep(KeepRule::Superseded(until)) => {
                write!(f, "superseded, kept until {}", instant(*until))
            }
            Self::Remove(RemoveRule::Expired { since, ttl, set_by }) => {
                let set_by = match set_by {
                    TtlSource::Artifact => "when it was stored",
                    TtlSource::Type => "for its type",
                    TtlSource::Default => "by default",
                };
                write!(f, "expired {}: {} {set_by}", instant(*since), Span(*ttl))
            }
            Self::Remove(RemoveRule::Superseded(at)) => {
                write!(
                    f,
                    "superseded {}, and the grace period is over",
                    instant(*at)
                )
            }
        }
    }
}

/// To the second, UTC.
fn instant(at: Timestamp) -> impl fmt::Display {
    at.strftime("%Y-%m-%d %H:%M:%SZ")
}

/// What a scope groups by, in words.
fn groups(scope: &KeepScope) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(scope.by_type.then(|| "type".to_owned()));
    words.extend(scope.by_name.then(|| "name".to_owned()));
    words.extend(scope.by_tags.iter().cloned());
    if words.is_empty() {
        "all".to_owned()
    } else {
        format!("each {}", words.join(" and "))
    }
}

/// A time to keep, in the largest unit that says it without a fraction.
struct Span(SignedDuration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let units = [(86_400, "day"), (3_600, "hour"), (60, "minute")];
        let fits = units.into_iter().find(|(unit, _)| seconds % unit == 0);
        let (number, word) =
            fits.map_or((seconds, "second"), |(unit, word)| (seconds / unit, word));
        let plural = if number == 1 { "" } else { "s" };
        write!(f, "{number} {word}{plural}")
    }
}

/// Decides over one artifact. `superseded_at` is when a newer version took its place, if one did;
/// `is_latest` is asked only when the answer depends on it.
pub(crate) fn verdict(
    policy: &RetentionPolicy,
    artifact: &ArtifactMetadata,
    superseded_at: Option<Timestamp>,
    now: Timestamp,
    is_latest: impl FnOnce() -> bool,
) -> Verdict {
    if !policy.enabled {
        return Verdict::Keep(KeepRule::Disabled);
    }
    if artifact.pinned {
        return Verdict::Keep(KeepRule::Pinned);
    }
    if let Some(until) = artifact.held_until.filter(|until| *until > now) {
        return Verdict::Keep(KeepRule::Held(until));
    }
    let expiry = expiry(policy, artifact);
    let expired = expiry
        .filter(|expiry| expiry.at <= now)
        .map(|expiry| RemoveRule::Expired {
            since: expiry.at,
            ttl: expiry.ttl,
            set_by: expiry.set_by,
        });
    if let Some(at) = superseded_at {
        let ends = at
            .checked_add(policy.superseded_grace)
            .unwrap_or(Timestamp::MAX);
        return match expired {
            _ if ends <= now => Verdict::Remove(RemoveRule::Superseded(at)),
            Some(rule) => Verdict::Remove(rule),
            None => Verdict::Keep(KeepRule::Superseded(
                expiry.map_or(ends, |expiry| ends.min(expiry.at)),
            )),
        };
    }
    match (expiry, expired) {
        (None, _) => Verdict::Keep(KeepRule::NoLimit),
        (Some(expiry), None) => Verdict::Keep(KeepRule::NotExpired(expiry.at)),
        (Some(_), Some(_)) if policy.keep_latest_n > 0 && is_latest() => {
            Verdict::Keep(KeepRule::Latest {
                n: policy.keep_latest_n,
                scope: policy.keep_scope.clone(),
            })
        }
        (Some(_), Some(rule)) => Verdict::Remove(rule),
    }
}

/// When the time of an artifact is over, and who said so.
#[derive(Debug, Clone, Copy)]
struct Expiry {
    at: Timestamp,
    ttl: SignedDuration,
    set_by: TtlSource,
}

fn expiry(policy: &RetentionPolicy, artifact: &ArtifactMetadata) -> Option<Expiry> {
    if artifact.keep_forever {
        return None;
    }
    let (ttl, set_by) = match artifact.ttl {
        Some(ttl) => (ttl, TtlSource::Artifact),
        None => match policy.ttl_by_type.get(&artifact.artifact_type) {
            Some(of_type) => ((*of_type)?, TtlSource::Type),
            None => (policy.default_ttl?, TtlSource::Default),
        },
    };
    let at = artifact.timestamp.checked_add(ttl);
    Some(Expiry {
        at: at.unwrap_or(Timestamp::MAX),
        ttl,
        set_by,
    })
}
