//! Java properties files, as far as `TeamCity` needs them read.
//!
//! Source: the documentation of `java.util.Properties.load` (Java SE).

use std::collections::BTreeMap;

const BLANKS: [char; 3] = [' ', '\t', '\u{c}'];

/// The entries of the file. Never fails: what Java would reject (a broken `\u`) is kept as text.
pub(super) fn parse(text: &str) -> BTreeMap<String, String> {
    logical_lines(text)
        .iter()
        .map(|line| {
            let (key, value) = split_entry(line);
            (unescape(key), unescape(value))
        })
        .collect()
}

/// The lines without comments and blank ones, continued lines joined.
fn logical_lines(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n");
    let mut lines = Vec::new();
    let mut unfinished: Option<String> = None;
    for natural in text.split(['\n', '\r']) {
        let content = natural.trim_start_matches(BLANKS);
        if unfinished.is_none() && (content.is_empty() || content.starts_with(['#', '!'])) {
            continue;
        }
        let mut line = unfinished.take().unwrap_or_default();
        let backslashes = content.len() - content.trim_end_matches('\\').len();
        if backslashes % 2 == 1 {
            line.push_str(&content[..content.len() - 1]);
            unfinished = Some(line);
        } else {
            line.push_str(content);
            lines.push(line);
        }
    }
    lines.extend(unfinished);
    lines
}

/// The key ends at the first blank, `=` or `:` that no backslash protects.
fn split_entry(line: &str) -> (&str, &str) {
    let mut protected = false;
    let end = line
        .find(|c: char| {
            let ends = !protected && (matches!(c, '=' | ':') || BLANKS.contains(&c));
            protected = c == '\\' && !protected;
            ends
        })
        .unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(BLANKS);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest);
    (key, value.trim_start_matches(BLANKS))
}

fn unescape(text: &str) -> String {
    // Characters beyond U+FFFF are written as two escapes, so the text is put together in UTF-16.
    let mut units: Vec<u16> = Vec::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(first) = rest.next() {
        let character = if first == '\\' {
            match rest.next() {
                None => break,
                Some('t') => '\t',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('f') => '\u{c}',
                Some('u') => {
                    if let Some((unit, after)) = utf16_unit(rest.as_str()) {
                        units.push(unit);
                        rest = after.chars();
                        continue;
                    }
                    'u'
                }
                Some(other) => other,
            }
        } else {
            first
        };
        units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}

fn utf16_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    // The radix parser would also take a sign.
    let all_hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let unit = u16::from_str_radix(digits, 16)
        .ok()
        .filter(|_| all_hexadecimal)?;
    Some((unit, after))
}
