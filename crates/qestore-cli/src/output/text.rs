//! Values as people read them: sizes, instants, counts; and text made safe for a terminal.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use qestore::ArtifactMetadata;

/// `text` with everything escaped that could steer a terminal or turn text around on it.
pub(crate) fn escaped(text: &str) -> String {
    if !text.chars().any(is_unsafe) {
        return text.to_owned();
    }
    text.chars().fold(String::new(), |mut safe, c| {
        match c {
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            c if is_unsafe(c) => safe.extend(c.escape_unicode()),
            c => safe.push(c),
        }
        safe
    })
}

/// Control characters, and the invisible ones that change the direction of what follows.
pub(crate) fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// `text` in an ANSI style, where colours are on.
pub(super) fn styled(text: &str, style: &str, color: bool) -> String {
    if color {
        format!("\u{1b}[{style}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// A size: `999 B`, `1.2 MB`.
pub(crate) fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // In whole numbers, rounded before the unit is chosen: 999,950 bytes are 1.0 MB.
    let mut unit = 0;
    let mut divisor = 100_u128;
    let mut tenths = (u128::from(bytes) + divisor / 2) / divisor;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        unit += 1;
        divisor *= 1000;
        tenths = (u128::from(bytes) + divisor / 2) / divisor;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// An instant in UTC, to the second: `2026-11-23 17:04:05Z`.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

/// How long an artifact is kept, where there is something to say: `pinned`, `until 2026-12-25`.
pub(crate) fn kept(artifact: &ArtifactMetadata, now: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d").to_string();
    match (artifact.held_until, artifact.expires_at()) {
        _ if artifact.pinned => "pinned".to_owned(),
        (Some(until), _) if until > now => format!("held until {}", day(until)),
        (_, Some(at)) if at <= now => "expired".to_owned(),
        (_, Some(at)) => format!("until {}", day(at)),
        (_, None) => String::new(),
    }
}

/// A difference in bytes: `+1.2 MB`, `-30 B`, `0 B`.
pub(crate) fn difference(by: i64) -> String {
    let sign = match by.cmp(&0) {
        std::cmp::Ordering::Less => "-",
        std::cmp::Ordering::Equal => "",
        std::cmp::Ordering::Greater => "+",
    };
    format!("{sign}{}", bytes(by.unsigned_abs()))
}

/// ` (+12.5 %)`: a difference as a share of what was; nothing where there was nothing.
pub(crate) fn percent(by: Option<f64>) -> String {
    by.map_or_else(String::new, |by| format!(" ({by:+.1} %)"))
}

/// A span of time in its two largest units: `3 d 4 h`, `12 s`.
pub(crate) fn span(span: SignedDuration) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut rest = span.as_secs().unsigned_abs();
    let mut parts = Vec::new();
    for (unit, seconds) in units {
        let number = rest / seconds;
        rest %= seconds;
        if number > 0 || (!parts.is_empty() && parts.len() < 2) {
            parts.push(format!("{number} {unit}"));
        }
    }
    parts.truncate(2);
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    let sign = if span.is_negative() { "-" } else { "" };
    format!("{sign}{}", parts.join(" "))
}

/// ` (12 %)`: what compression has left, with one place below ten. Nothing where nothing was won.
pub(crate) fn share(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent >= 100.0 {
        String::new()
    } else if percent < 9.95 {
        format!(" ({percent:.1} %)")
    } else {
        format!(" ({percent:.0} %)")
    }
}

/// How long something took.
pub(crate) fn duration(took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 90.0 {
        format!("{seconds:.1} s")
    } else {
        format!("{:.1} min", seconds / 60.0)
    }
}

/// `1 artifact`, `2 artifacts`.
pub(crate) fn count(number: u64, one: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {one}s")
    }
}

/// `text` as one word of a shell, for hints that can be copied.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_steered() {
        assert_eq!(escaped("a\u{1b}[2Jb\u{9b}"), "a\\u{1b}[2Jb\\u{9b}");
        assert_eq!(escaped("a\nb\tc\u{7f}"), "a\\nb\\tc\\u{7f}");
        assert_eq!(escaped("gpj\u{202e}exe"), "gpj\\u{202e}exe");
        assert_eq!(escaped("בנייה 🚀 ü"), "בנייה 🚀 ü");
    }

    #[test]
    fn sizes_are_rounded_into_the_unit_that_fits() {
        for (size, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (1049, "1.0 kB"),
            (1050, "1.1 kB"),
            (37_150, "37.2 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (1_234_567, "1.2 MB"),
            (5_000_000_000, "5.0 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(shell_word("build-1"), "build-1");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(shell_word("$(rm)"), "'$(rm)'");
    }

    #[test]
    fn shares_and_spans_are_short() {
        assert_eq!(share(0.0512), " (5.1 %)");
        assert_eq!(share(0.123), " (12 %)");
        assert_eq!(share(160.3), "");
        assert_eq!(duration(Duration::from_millis(12)), "12 ms");
        assert_eq!(duration(Duration::from_secs(3)), "3.0 s");
        assert_eq!(duration(Duration::from_secs(180)), "3.0 min");
        assert_eq!(
            (count(1, "file"), count(0, "file")),
            ("1 file".to_owned(), "0 files".to_owned())
        );
    }

    #[test]
    fn differences_have_a_sign_and_spans_two_units() {
        assert_eq!(
            (
                difference(1_200),
                difference(-30),
                difference(0),
                difference(i64::MIN)
            ),
            (
                "+1.2 kB".to_owned(),
                "-30 B".to_owned(),
                "0 B".to_owned(),
                "-9.2 EB".to_owned()
            )
        );
        assert_eq!(
            (percent(Some(12.34)), percent(Some(-0.04)), percent(None)),
            (
                " (+12.3 %)".to_owned(),
                " (-0.0 %)".to_owned(),
                String::new()
            )
        );
        let of = |seconds| span(SignedDuration::from_secs(seconds));
        for (seconds, text) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min 0 s"),
            (3_661, "1 h 1 min"),
            (86_400, "1 d 0 h"),
            (273_600, "3 d 4 h"),
            (-90, "-1 min 30 s"),
        ] {
            assert_eq!(of(seconds), text);
        }
    }

    #[test]
    fn instants_are_utc_to_the_second() {
        let at: Timestamp = "2026-11-23T18:04:05.999+01:00".parse().unwrap();
        assert_eq!(instant(at), "2026-11-23 17:04:05Z");
    }
}
