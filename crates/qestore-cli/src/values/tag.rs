//! Tags, written `KEY=VALUE`, and conditions on them.

use qestore::TagCondition;

/// A tag: key and value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// Reads `KEY=VALUE`; the value may hold more `=`, and may be empty.
pub(crate) fn parse_tag(text: &str) -> Result<Tag, String> {
    let Some((key, value)) = text.split_once('=') else {
        return Err("a tag is written KEY=VALUE, such as branch=main".to_owned());
    };
    if key.is_empty() {
        return Err("the key before '=' is missing".to_owned());
    }
    Ok(Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    })
}

/// Reads `KEY=VALUE`, `KEY!=VALUE`, `KEY` or `!KEY`.
pub(crate) fn parse_condition(text: &str) -> Result<TagCondition, String> {
    text.parse().map_err(|error: qestore::Error| {
        let help = error.advice().map(|help| format!("; {help}"));
        format!("{}{}", error.message(), help.unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_equals_sign_ends_the_key() {
        let tag = parse_tag("url=https://x/?a=b").unwrap();
        assert_eq!(
            (tag.key.as_str(), tag.value.as_str()),
            ("url", "https://x/?a=b")
        );
        assert_eq!(parse_tag("empty=").unwrap().value, "");
        assert!(parse_tag("=x").is_err() && parse_tag("x").is_err() && parse_tag("").is_err());
    }
}
