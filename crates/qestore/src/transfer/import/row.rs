//! One row of the original index, as it is and as it is meant.

use jiff::civil::DateTime;
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::artifact_type;
use crate::artifact::{ArtifactType, Tags, validate_job_id, validate_tags};
use crate::{Error, Result};

/// A row, as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Entry {
    pub(super) job_id: String,
    pub(super) artifact_type: String,
    pub(super) timestamp: String,
    pub(super) size_bytes: Option<u64>,
    pub(super) storage_path: String,
    pub(super) checksum: Option<String>,
    pub(super) tags: Option<String>,
    pub(super) retention_days: Option<f64>,
    pub(super) expires_at: Option<String>,
    /// A later row of the same job and type has overwritten its file.
    pub(super) overwritten: bool,
}

/// What a row means.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Artifact {
    pub(super) artifact_type: ArtifactType,
    /// To the microsecond, as it will be stored.
    pub(super) timestamp: Timestamp,
    pub(super) tags: Tags,
    pub(super) ttl: Option<SignedDuration>,
}

impl Entry {
    pub(super) fn read(&self) -> Result<Artifact> {
        validate_job_id(&self.job_id)?;
        let timestamp = instant(&self.timestamp)
            .ok_or_else(|| Error::corrupt(format!("its time {:?} is none", self.timestamp)))?;
        Ok(Artifact {
            artifact_type: artifact_type(&self.artifact_type)?,
            timestamp,
            tags: tags(self.tags.as_deref())?,
            ttl: self.ttl(timestamp)?,
        })
    }

    fn ttl(&self, timestamp: Timestamp) -> Result<Option<SignedDuration>> {
        let second = SignedDuration::from_secs(1);
        if let Some(text) = self.expires_at.as_deref().filter(|text| !text.is_empty()) {
            let at = instant(text)
                .ok_or_else(|| Error::corrupt(format!("its time of expiry {text:?} is none")))?;
            // Whole seconds; what was over before it began is over at once.
            let ttl = SignedDuration::from_secs(at.duration_since(timestamp).as_secs());
            return Ok(Some(ttl.max(second)));
        }
        let days = self.retention_days.filter(|days| *days > 0.0);
        let ttl = days.map(|days| SignedDuration::try_from_secs_f64(days * 86_400.0));
        match ttl {
            None => Ok(None),
            Some(Ok(ttl)) => Ok(Some(SignedDuration::from_secs(ttl.as_secs()).max(second))),
            Some(Err(_)) => Err(Error::corrupt("its number of days to keep it is none")),
        }
    }
}

/// An instant as Python's `isoformat` writes it; UTC where no offset is given.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Offset::UTC.to_timestamp(civil).ok()
    })?;
    Timestamp::from_microsecond(at.as_microsecond()).ok()
}

/// Tags from JSON. Values that are no text are written as JSON writes them, and `null` as nothing.
fn tags(json: Option<&str>) -> Result<Tags> {
    let Some(json) = json.map(str::trim).filter(|json| !json.is_empty()) else {
        return Ok(Tags::new());
    };
    let broken = || Error::corrupt("its tags are no JSON object");
    let tags = match serde_json::from_str(json).map_err(|e| broken().because(e))? {
        Value::Null => Tags::new(),
        Value::Object(object) => object
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) => (key, text),
                Value::Null => (key, String::new()),
                other => (key, other.to_string()),
            })
            .collect(),
        _ => return Err(broken()),
    };
    validate_tags(&tags)?;
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_instants_are_utc_without_an_offset() {
        for (text, at) in [
            ("2025-11-07T12:30:45.123456", "2025-11-07T12:30:45.123456Z"),
            ("2025-11-07T12:30:45", "2025-11-07T12:30:45Z"),
            ("2025-11-07 12:30:45.5", "2025-11-07T12:30:45.5Z"),
            ("2025-11-07T12:30:45+02:00", "2025-11-07T10:30:45Z"),
            (
                "2025-11-07T12:30:45.123456+00:00",
                "2025-11-07T12:30:45.123456Z",
            ),
            ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ] {
            assert_eq!(instant(text), Some(at.parse().unwrap()), "{text}");
        }
        for text in ["", "yesterday", "2025-02-29T00:00:00", "1730980000"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }

    #[test]
    fn tags_are_text_whatever_they_were() {
        let read = |json| tags(Some(json)).unwrap().into_iter().collect::<Vec<_>>();
        let pair = |k: &str, v: &str| (k.to_owned(), v.to_owned());
        assert_eq!(
            read(r#"{"a": "x", "n": 87.5, "ok": true, "none": null}"#),
            [
                pair("a", "x"),
                pair("n", "87.5"),
                pair("none", ""),
                pair("ok", "true")
            ]
        );
        assert!(read("null").is_empty() && read("{}").is_empty() && read("").is_empty());
        for json in ["[]", "{", "3", r#"{"a=b": "x"}"#, "{'a': 'x'}"] {
            assert!(tags(Some(json)).is_err(), "{json}");
        }
    }

    #[test]
    fn expiry_is_kept_to_the_second() {
        let ttl = |days, expires: Option<&str>| {
            let entry = Entry {
                job_id: "j".to_owned(),
                artifact_type: "test_results".to_owned(),
                timestamp: "2025-11-07T12:00:00.5".to_owned(),
                retention_days: days,
                expires_at: expires.map(str::to_owned),
                ..Entry::default()
            };
            entry
                .read()
                .map(|artifact| artifact.ttl.map(|ttl| ttl.as_secs()))
        };
        assert_eq!(
            ttl(Some(30.0), Some("2025-11-08T12:00:00.5")).unwrap(),
            Some(86_400)
        );
        assert_eq!(ttl(Some(30.0), None).unwrap(), Some(30 * 86_400));
        assert_eq!(ttl(Some(0.0), None).unwrap(), None);
        assert_eq!(ttl(None, None).unwrap(), None);
        assert_eq!(ttl(None, Some("2025-11-01T00:00:00")).unwrap(), Some(1));
        assert!(ttl(None, Some("soon")).is_err());
        assert!(ttl(Some(f64::MAX), None).is_err());
    }

    #[test]
    fn types_are_ours_in_other_letters() {
        for (theirs, ours) in [
            ("test_results", "test-results"),
            ("ArtifactType.COVERAGE_REPORT", "coverage-report"),
            ("security-findings", "security-findings"),
            ("My Own Type", "my-own-type"),
        ] {
            assert_eq!(artifact_type(theirs).unwrap().as_str(), ours);
        }
        assert!(artifact_type("").is_err() && artifact_type("__").is_err());
    }
}
