//! Groups of artifacts of which the latest are kept: `type`, `global`, `type+name`,
//! `type+tag:branch`.

use std::fmt;
use std::str::FromStr;

use crate::artifact::MAX_TAG_KEY_BYTES;
use crate::{Error, Result};

/// What makes two artifacts members of one group; written `global`, or parts joined by `+`:
/// `type`, `name`, `tag:KEY`.
///
/// Artifacts without a tag that the scope names form a group of their own.
///
/// ```
/// use qestore::KeepScope;
/// let scope: KeepScope = "type+tag:branch".parse()?;
/// assert_eq!(scope.to_string(), "type+tag:branch");
/// assert_eq!(KeepScope::default().to_string(), "type");
/// assert!("type+brnach".parse::<KeepScope>().is_err());
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct KeepScope {
    /// Artifacts of different types are in different groups.
    pub by_type: bool,
    /// Artifacts of different names are in different groups.
    pub by_name: bool,
    /// Artifacts with different values of these tags are in different groups, sorted by key.
    pub by_tags: Vec<String>,
}

impl Default for KeepScope {
    /// A group for each type.
    fn default() -> Self {
        Self {
            by_type: true,
            by_name: false,
            by_tags: Vec::new(),
        }
    }
}

impl KeepScope {
    /// One group of everything.
    #[must_use]
    pub fn global() -> Self {
        Self {
            by_type: false,
            ..Self::default()
        }
    }
}

impl fmt::Display for KeepScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [(self.by_type, "type"), (self.by_name, "name")];
        let mut parts: Vec<String> = parts
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word.to_owned())
            .collect();
        parts.extend(self.by_tags.iter().map(|key| format!("tag:{key}")));
        if parts.is_empty() {
            return f.write_str("global");
        }
        f.write_str(&parts.join("+"))
    }
}

impl FromStr for KeepScope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = |part: &str| {
            Error::invalid(format!(
                "a scope is global, or some of type, name and tag:KEY joined by +, not {part:?}"
            ))
            .concerning(format!("scope {text:?}"))
            .help("such as type, type+name or type+tag:branch")
        };
        let mut scope = Self::global();
        if text == "global" {
            return Ok(scope);
        }
        for part in text.split('+') {
            let twice = match part {
                "type" => std::mem::replace(&mut scope.by_type, true),
                "name" => std::mem::replace(&mut scope.by_name, true),
                _ => {
                    let key = part.strip_prefix("tag:").ok_or_else(|| wrong(part))?;
                    if key.is_empty() || key.len() > MAX_TAG_KEY_BYTES || key.contains('=') {
                        return Err(wrong(part));
                    }
                    scope.by_tags.push(key.to_owned());
                    false
                }
            };
            if twice {
                return Err(wrong(part));
            }
        }
        scope.by_tags.sort();
        scope.by_tags.dedup();
        Ok(scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for text in [
            "global",
            "type",
            "type+name",
            "name",
            "tag:branch",
            "type+tag:branch",
            "type+name+tag:a+tag:b",
        ] {
            assert_eq!(text.parse::<KeepScope>().unwrap().to_string(), text);
        }
        let sorted = "tag:b+tag:a+type".parse::<KeepScope>().unwrap();
        assert_eq!(sorted.to_string(), "type+tag:a+tag:b");
        for text in [
            "",
            "Type",
            "type+",
            "type+type",
            "tag:",
            "global+type",
            "branch",
            "tag:a=b",
        ] {
            let error = text.parse::<KeepScope>().unwrap_err();
            assert!(error.to_string().contains("a scope is global"), "{error}");
        }
    }
}
