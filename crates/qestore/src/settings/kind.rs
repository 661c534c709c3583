//! What values a key takes: how they are read, what is allowed in words and as JSON Schema.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::value::{Days, Secret, Value};
use crate::artifact::MAX_TAG_VALUE_BYTES;
use crate::object::Codec;
use crate::retention::{CleanupSchedule, KeepScope};

/// A sort of value.
#[derive(Debug)]
pub(super) enum Kind {
    Bool,
    Number { least: u64, most: u64 },
    Words(&'static [&'static str]),
    Text,
    Path,
    Url,
    Codec,
    Schedule,
    Scope,
    Days { least: u64, most: u64 },
    DaysByType { least: u64, most: u64 },
    Secret,
}

/// The pattern of the words that artifact types are.
const TYPE_PATTERN: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";

impl Kind {
    /// Reads a scalar. The error says why it is not allowed, without the value.
    pub(super) fn read(&self, text: &str) -> Result<Value, Option<String>> {
        let no = |why: &str| Err(Some(why.to_owned()));
        let why = |error: crate::Error| Some(error.message().to_owned());
        let number = |least: u64, most: u64| {
            whole(text)
                .filter(|n| (least..=most).contains(n))
                .ok_or(None)
        };
        Ok(match self {
            Self::Bool => Value::Bool(boolean(text).ok_or(None)?),
            Self::Number { least, most } => Value::Number(number(*least, *most)?),
            Self::Days { least, most } => Value::Days(match text {
                "forever" => Days::Forever,
                _ => Days::For(number(*least, *most)?),
            }),
            Self::Words(words) if words.contains(&text) => Value::Text(text.to_owned()),
            Self::Words(_) | Self::DaysByType { .. } => return Err(None),
            Self::Text => match text {
                text if text.chars().any(char::is_control) => {
                    return no("it has control characters");
                }
                text if text.len() > MAX_TAG_VALUE_BYTES => return no("it is too long"),
                text => Value::Text(text.to_owned()),
            },
            Self::Path => {
                if text.contains('\0') {
                    return no("it has a NUL character");
                }
                if text == "~" || text.starts_with("~/") {
                    return no("~ is not expanded, write ${HOME}");
                }
                Value::Path(PathBuf::from(text))
            }
            Self::Url => {
                url(text)?;
                Value::Text(text.to_owned())
            }
            Self::Codec => {
                text.parse::<Codec>().map_err(|_| None)?;
                Value::Text(text.to_owned())
            }
            Self::Schedule => {
                Value::Text(text.parse::<CleanupSchedule>().map_err(why)?.to_string())
            }
            Self::Scope => Value::Text(text.parse::<KeepScope>().map_err(|_| None)?.to_string()),
            Self::Secret => match text {
                text if text.chars().any(char::is_control) => {
                    return no("it has control characters, a line break perhaps");
                }
                text => Value::Secret(Secret::new(text)),
            },
        })
    }

    /// Whether a wrong value may be repeated in an error: not what may hold a password.
    pub(super) fn may_be_repeated(&self) -> bool {
        !matches!(self, Self::Secret | Self::Url)
    }

    /// The words it takes, where they can be counted.
    pub(super) fn words(&self) -> &'static [&'static str] {
        match self {
            Self::Words(words) => words,
            Self::Codec => &["zstd", "gzip", "none"],
            Self::Days { .. } => &["forever"],
            Self::Bool => &["true", "false"],
            Self::Scope => &["type", "global", "type+name"],
            _ => &[],
        }
    }

    /// What is allowed, in words.
    pub(super) fn allowed(&self) -> String {
        match self {
            Self::Bool => "true or false".to_owned(),
            Self::Number { least, most } => {
                format!("a whole number from {least} to {}", grouped(*most))
            }
            Self::Words(words) => match words.split_last() {
                Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
                None => String::new(),
            },
            Self::Text => format!("a text of one line, up to {MAX_TAG_VALUE_BYTES} bytes"),
            Self::Path => "a path; in a file, relative to the folder of the file".to_owned(),
            Self::Url => {
                "an address that begins with http:// or https://, without user and password"
                    .to_owned()
            }
            Self::Codec => "zstd, gzip or none, with a level as in zstd:9".to_owned(),
            Self::Schedule => {
                "a cron expression in UTC (minute, hour, day of month, month, day of week), such as \
                 \"0 2 * * *\""
                    .to_owned()
            }
            Self::Scope => {
                "global, or some of type, name and tag:KEY joined by +, such as type+tag:branch"
                    .to_owned()
            }
            Self::Days { least, most } => {
                format!("a whole number of days from {least} to {}, or forever", grouped(*most))
            }
            Self::DaysByType { least, most } => format!(
                "a mapping of artifact types to days ({least} to {}, or forever), such as \
                 security-findings: 365",
                grouped(*most)
            ),
            Self::Secret => "a text of one line, or better ${VAR}".to_owned(),
        }
    }

    /// The JSON Schema of it. Where a number or a word is wanted, `${VAR}` may stand as well.
    pub(super) fn schema(&self) -> Json {
        let or_variable = |schema: Json| {
            let variable = json!({ "type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*" });
            json!({ "anyOf": [schema, variable, { "type": "null" }] })
        };
        match self {
            Self::Bool => or_variable(json!({ "type": "boolean" })),
            Self::Number { least, most } => {
                or_variable(json!({ "type": "integer", "minimum": least, "maximum": most }))
            }
            Self::Words(words) => or_variable(json!({ "enum": words })),
            Self::Text | Self::Secret => json!({
                "type": ["string", "null"], "maxLength": MAX_TAG_VALUE_BYTES
            }),
            Self::Path => json!({ "type": ["string", "null"], "not": { "pattern": "^~(/|$)" } }),
            Self::Url => {
                or_variable(json!({ "type": "string", "pattern": "^https?://[^/@]+(/[^@]*)?$" }))
            }
            Self::Codec => or_variable(json!({
                "type": "string", "pattern": "^(none|zstd(:([1-9]|1[0-9]))?|gzip(:[1-9])?)$"
            })),
            Self::Schedule => json!({ "type": ["string", "null"], "minLength": 1 }),
            Self::Scope => or_variable(json!({
                "type": "string",
                "pattern": r"^(global|(type|name|tag:[^+=]+)(\+(type|name|tag:[^+=]+))*)$"
            })),
            Self::Days { least, most } => or_variable(days(*least, *most)),
            Self::DaysByType { least, most } => json!({
                "type": ["object", "null"],
                "propertyNames": { "pattern": TYPE_PATTERN, "maxLength": 64 },
                "additionalProperties": or_variable(days(*least, *most)),
            }),
        }
    }
}

fn days(least: u64, most: u64) -> Json {
    json!({ "anyOf": [
        { "type": "integer", "minimum": least, "maximum": most },
        { "const": "forever" },
    ] })
}

/// A whole number in decimal digits. A leading zero is octal to some readers of YAML: refused.
fn whole(text: &str) -> Option<u64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let octal = text.len() > 1 && text.starts_with('0');
    if digits && !octal {
        text.parse().ok()
    } else {
        None
    }
}

/// A boolean in the words of YAML 1.1, which files of the original library may have.
fn boolean(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn url(text: &str) -> Result<(), Option<String>> {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"))
        .ok_or(None)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if rest.contains('@') {
        return Err(Some(
            "user and password do not belong there; access_key and secret_key are for them"
                .to_owned(),
        ));
    }
    let blank = |c: char| c.is_whitespace() || c.is_control();
    if host.is_empty() || host.starts_with(':') || text.chars().any(blank) {
        return Err(Some("it names no server".to_owned()));
    }
    Ok(())
}

/// `36500` as `36,500`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimal_and_in_range() {
        let kind = Kind::Number { least: 1, most: 19 };
        assert_eq!(kind.read("19"), Ok(Value::Number(19)));
        for text in [
            "0",
            "20",
            "010",
            "0x1",
            "1_0",
            "+1",
            "-1",
            "1.0",
            "1e1",
            "",
            "99999999999999999999",
        ] {
            assert!(kind.read(text).is_err(), "{text}");
        }
        assert_eq!(grouped(36_500), "36,500");
        assert_eq!(grouped(1_000_000_000), "1,000,000,000");
        assert_eq!(grouped(400), "400");
    }

    #[test]
    fn addresses_have_a_server_and_no_password() {
        for good in ["http://localhost:9000", "https://s3.example.org/base"] {
            assert!(Kind::Url.read(good).is_ok(), "{good}");
        }
        for bad in [
            "localhost:9000",
            "ftp://x",
            "https://",
            "https://:9",
            "https://a b",
            "http://u:p@h",
            "s3://b",
        ] {
            assert!(Kind::Url.read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn booleans_may_be_those_of_yaml_1_1() {
        for (text, is) in [
            ("true", true),
            ("True", true),
            ("yes", true),
            ("off", false),
        ] {
            assert_eq!(Kind::Bool.read(text), Ok(Value::Bool(is)));
        }
        assert!(Kind::Bool.read("1").is_err());
        assert!(Kind::Bool.read("y").is_err());
    }
}
