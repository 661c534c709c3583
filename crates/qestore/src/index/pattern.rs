//! Glob patterns as users write them: `build-*`, `nightly-?`, `release-[0-9]*`.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result};

/// A glob pattern that a whole text must match: `*` is any text, `?` one character, `[a-c]` one of
/// these, `[^a-c]` one that is none of these. A bracket as such is written `[[]`.
///
/// Upper and lower case are different. These are the rules of SQLite's
/// [`GLOB`](https://www.sqlite.org/lang_expr.html#glob).
///
/// ```
/// use qestore::Pattern;
/// let nightly: Pattern = "nightly-202[56]-*".parse()?;
/// assert!(nightly.matches("nightly-2026-11-25") && !nightly.matches("nightly-2024-01-01"));
/// assert!("nightly-[0-9".parse::<Pattern>().is_err());
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

/// What a pattern asks of a text, bit by bit.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Any,
    One,
    Literal(char),
    OneOf {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Part {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Literal(literal) => *literal == c,
            Self::OneOf { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

impl Pattern {
    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut part, mut at) = (0, 0);
        // Where to go on when what follows the latest `*` did not match: one character later.
        let mut again: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.parts.get(part) {
                Some(Part::Any) => {
                    again = Some((part + 1, at));
                    part += 1;
                }
                Some(one) if one.takes(text[at]) => {
                    part += 1;
                    at += 1;
                }
                _ => match &mut again {
                    Some((after, from)) => {
                        *from += 1;
                        (part, at) = (*after, *from);
                    }
                    None => return false,
                },
            }
        }
        self.parts[part..].iter().all(|part| *part == Part::Any)
    }

    /// What every matching text begins with.
    pub(super) fn prefix(&self) -> &str {
        let end = self.text.find(['*', '?', '[']).unwrap_or(self.text.len());
        &self.text[..end]
    }

    /// Whether it matches one text only, which is the pattern itself.
    pub(super) fn is_literal(&self) -> bool {
        self.prefix().len() == self.text.len()
    }
}

/// The least text that is greater than every text that begins with `prefix`; `None` when there is
/// none.
pub(super) fn after_prefix(prefix: &str) -> Option<String> {
    let mut rest: Vec<char> = prefix.chars().collect();
    while let Some(last) = rest.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        if let Some(next) = next {
            rest.push(next);
            return Some(rest.into_iter().collect());
        }
    }
    None
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Pattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let at = text.len() - rest.len();
            rest = &rest[c.len_utf8()..];
            parts.push(match c {
                '*' => Part::Any,
                '?' => Part::One,
                '[' => {
                    let (set, after) = one_of(rest).ok_or_else(|| {
                        Error::invalid(format!("the bracket at byte {at} is not closed"))
                            .concerning(format!("pattern {text:?}"))
                            .help("`[a-c]` is one of these characters; a bracket as such is `[[]`")
                    })?;
                    rest = after;
                    set
                }
                literal => Part::Literal(literal),
            });
        }
        Ok(Self {
            text: text.to_owned(),
            parts,
        })
    }
}

/// Reads a set after its opening bracket; gives it and what follows its closing one.
fn one_of(text: &str) -> Option<(Part, &str)> {
    let (negated, mut rest) = match text.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut ranges: Vec<(char, char)> = Vec::new();
    let mut first = true;
    loop {
        let c = rest.chars().next()?;
        rest = &rest[c.len_utf8()..];
        match c {
            // As the first character it means itself.
            ']' if !first => return Some((Part::OneOf { negated, ranges }, rest)),
            '-' if !first && !rest.starts_with(']') && !ranges.is_empty() => {
                let high = rest.chars().next()?;
                rest = &rest[high.len_utf8()..];
                if let Some((low, _)) = ranges.pop() {
                    ranges.push((low, high));
                }
            }
            c => ranges.push((c, c)),
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn open_brackets_are_refused_by_place() {
        for (text, at) in [
            ("a[b", "byte 1"),
            ("[", "byte 0"),
            ("ü*[]", "byte 3"),
            ("[^]", "byte 0"),
        ] {
            let error = text.parse::<Pattern>().unwrap_err();
            assert!(error.to_string().contains(at), "{error}");
        }
    }

    #[test]
    fn prefixes_end_before_the_first_wildcard() {
        for (text, prefix) in [
            ("build-*", "build-"),
            ("a?b", "a"),
            ("x[12]", "x"),
            ("*", ""),
            ("ü", "ü"),
        ] {
            assert_eq!(text.parse::<Pattern>().unwrap().prefix(), prefix);
        }
        assert_eq!(after_prefix("build-"), Some("build.".to_owned()));
        assert_eq!(after_prefix("a\u{10ffff}"), Some("b".to_owned()));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix("\u{d7ff}"), Some("\u{e000}".to_owned()));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn patterns_match_what_sqlite_matches(
            pattern in "[ab\\[\\]*?^\\-ü]{0,8}",
            text in "[ab\\[\\]^\\-ü]{0,6}",
        ) {
            if let Ok(parsed) = pattern.parse::<Pattern>() {
                let connection = rusqlite::Connection::open_in_memory().unwrap();
                let theirs: bool = connection
                    .query_row("SELECT ?1 GLOB ?2", [&text, &pattern], |row| row.get(0))
                    .unwrap();
                prop_assert_eq!(parsed.matches(&text), theirs, "{} against {}", text, pattern);
                if theirs {
                    prop_assert!(text.starts_with(parsed.prefix()));
                    if let Some(end) = after_prefix(parsed.prefix()) {
                        prop_assert!(text < end);
                    }
                }
            }
        }
    }
}
