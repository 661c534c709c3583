//! What users may call things: job ids, names, tags. Any printable text is allowed, because none
//! of it ever becomes a path; only length and control characters are limited.

use std::collections::BTreeMap;

use crate::{Error, Result};

/// Tags of an artifact: text to text, sorted by key.
pub type Tags = BTreeMap<String, String>;

/// The name an artifact has when nothing else names it.
pub const DEFAULT_NAME: &str = "default";
/// The longest job id, in bytes of UTF-8.
pub const MAX_JOB_ID_BYTES: usize = 255;
/// The longest artifact name, in bytes of UTF-8.
pub const MAX_NAME_BYTES: usize = 255;
/// The longest tag key, in bytes of UTF-8.
pub const MAX_TAG_KEY_BYTES: usize = 255;
/// The longest tag value, in bytes of UTF-8.
pub const MAX_TAG_VALUE_BYTES: usize = 1024;
/// The most tags that one artifact may have.
pub const MAX_TAGS: usize = 100;

/// Checks a job id: 1 to 255 bytes, no control characters.
///
/// # Errors
/// Kind *invalid-input*, saying what is wrong.
pub fn validate_job_id(job_id: &str) -> Result<()> {
    validate_text("job id", job_id, MAX_JOB_ID_BYTES)
}

/// Checks an artifact name: 1 to 255 bytes, no control characters.
///
/// # Errors
/// Kind *invalid-input*, saying what is wrong.
pub fn validate_name(name: &str) -> Result<()> {
    validate_text("artifact name", name, MAX_NAME_BYTES)
}

/// Checks a media type: 1 to 255 bytes, no control characters.
pub(crate) fn validate_media_type(media_type: &str) -> Result<()> {
    validate_text("media type", media_type, MAX_NAME_BYTES)
}

/// Checks tags: at most 100; keys of 1 to 255 bytes without control characters and `=`; values
/// of up to 1,024 bytes, where line breaks and tabs are allowed but no NUL.
///
/// # Errors
/// Kind *invalid-input*, naming the tag.
pub fn validate_tags(tags: &Tags) -> Result<()> {
    if tags.len() > MAX_TAGS {
        return Err(Error::invalid(format!(
            "{} tags given, at most {MAX_TAGS} are allowed",
            tags.len()
        )));
    }
    for (key, value) in tags {
        validate_text("tag key", key, MAX_TAG_KEY_BYTES)?;
        if key.contains('=') {
            return Err(Error::invalid("a tag key cannot contain '='")
                .concerning(format!("tag key {key:?}")));
        }
        if value.len() > MAX_TAG_VALUE_BYTES {
            return Err(Error::invalid(format!(
                "the value has {} bytes, at most {MAX_TAG_VALUE_BYTES} are allowed",
                value.len()
            ))
            .concerning(format!("tag {key:?}")));
        }
        if value.contains('\0') {
            return Err(Error::invalid("the value contains a NUL character")
                .concerning(format!("tag {key:?}")));
        }
    }
    Ok(())
}

fn validate_text(what: &'static str, text: &str, most: usize) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(format!("the {what} is empty")));
    }
    if text.len() > most {
        let start: String = text.chars().take(24).collect();
        return Err(Error::invalid(format!(
            "it has {} bytes, at most {most} are allowed",
            text.len()
        ))
        .concerning(format!("{what} {start:?}…")));
    }
    if let Some((at, bad)) = text.char_indices().find(|(_, c)| c.is_control()) {
        return Err(Error::invalid(format!(
            "it contains the control character U+{:04X} at byte {at}",
            u32::from(bad)
        ))
        .concerning(format!("{what} {text:?}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn any_printable_text_is_a_job_id() {
        let long = "ü".repeat(127);
        for id in [
            "a",
            "../../etc/passwd",
            "pr/12 🚀",
            "בנייה",
            "a%b'\"",
            long.as_str(),
        ] {
            validate_job_id(id).unwrap();
        }
    }

    #[test]
    fn what_is_not_allowed_is_said() {
        let too_long = "x".repeat(256);
        for (id, says) in [
            ("", "empty"),
            (too_long.as_str(), "256 bytes"),
            ("a\nb", "U+000A at byte 1"),
            ("a\u{7f}", "U+007F"),
            ("a\u{85}", "U+0085"),
        ] {
            let error = validate_job_id(id).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn tag_values_may_have_anything_but_nul() {
        let tags = |k: &str, v: &str| Tags::from([(k.to_owned(), v.to_owned())]);
        validate_tags(&tags("note", "it's \"100 %\"\nsecond line")).unwrap();
        validate_tags(&tags("empty", "")).unwrap();
        validate_tags(&tags("v", &"x".repeat(1024))).unwrap();
        assert!(validate_tags(&tags("v", &"x".repeat(1025))).is_err());
        assert!(validate_tags(&tags("v", "\0")).is_err());
        assert!(validate_tags(&tags("a=b", "c")).is_err());
        assert!(validate_tags(&tags("", "c")).is_err());
    }
}
