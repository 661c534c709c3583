//! What is asked of tags besides being a certain value: `key`, `!key`, `key!=value`.

use std::fmt;
use std::str::FromStr;

use crate::artifact::Tags;
use crate::{Error, Result};

/// One condition on the tags of an artifact, written `key=value`, `key!=value`, `key` or `!key`.
///
/// ```
/// use qestore::TagCondition;
/// assert_eq!("branch=main".parse::<TagCondition>()?, TagCondition::is("branch", "main"));
/// assert_eq!("release".parse::<TagCondition>()?, TagCondition::Has("release".to_owned()));
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TagCondition {
    /// The tag has this value.
    Is(String, String),
    /// The tag has another value, or is not there.
    IsNot(String, String),
    /// The tag is there, whatever its value.
    Has(String),
    /// The tag is not there.
    Lacks(String),
}

impl TagCondition {
    /// The tag `key` has this value.
    pub fn is(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self::Is(key.into(), value.into())
    }

    /// Whether these tags meet it.
    #[must_use]
    pub fn holds(&self, tags: &Tags) -> bool {
        match self {
            Self::Is(key, value) => tags.get(key) == Some(value),
            Self::IsNot(key, value) => tags.get(key) != Some(value),
            Self::Has(key) => tags.contains_key(key),
            Self::Lacks(key) => !tags.contains_key(key),
        }
    }
}

impl fmt::Display for TagCondition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(key, value) => write!(f, "{key}={value}"),
            Self::IsNot(key, value) => write!(f, "{key}!={value}"),
            Self::Has(key) => f.write_str(key),
            Self::Lacks(key) => write!(f, "!{key}"),
        }
    }
}

impl FromStr for TagCondition {
    type Err = Error;

    /// The first `=` ends the key; a `!` right before it, or at the very beginning of a key alone,
    /// turns the condition around.
    fn from_str(text: &str) -> Result<Self> {
        let (key, condition): (&str, fn(String, String) -> Self) = match text.split_once('=') {
            Some((key, _)) => match key.strip_suffix('!') {
                Some(key) => (key, Self::IsNot),
                None => (key, Self::Is),
            },
            None => match text.strip_prefix('!') {
                Some(key) => (key, |key, _| Self::Lacks(key)),
                None => (text, |key, _| Self::Has(key)),
            },
        };
        if key.is_empty() {
            return Err(Error::invalid("the tag's key is missing")
                .concerning(format!("{text:?}"))
                .help("conditions are key=value, key!=value, key (has it) and !key (has it not)"));
        }
        let value = text.split_once('=').map_or("", |(_, value)| value);
        Ok(condition(key.to_owned(), value.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_as_they_are_written() {
        for text in [
            "a=b",
            "a=",
            "a=b=c",
            "a!=b",
            "a!=",
            "a",
            "!a",
            "url=https://x/?a=b&c!=d",
            "it's=100 %",
        ] {
            assert_eq!(text.parse::<TagCondition>().unwrap().to_string(), text);
        }
        for text in ["", "=b", "!=b", "!"] {
            assert!(text.parse::<TagCondition>().is_err(), "{text}");
        }
    }

    #[test]
    fn not_a_value_holds_for_what_lacks_the_tag() {
        let tags = Tags::from([("a".to_owned(), "1".to_owned())]);
        for (text, holds) in [
            ("a=1", true),
            ("a=2", false),
            ("b=1", false),
            ("a!=1", false),
            ("a!=2", true),
            ("b!=1", true),
            ("a", true),
            ("b", false),
            ("!a", false),
            ("!b", true),
        ] {
            assert_eq!(
                text.parse::<TagCondition>().unwrap().holds(&tags),
                holds,
                "{text}"
            );
        }
    }
}
