//! Values as people read them: sizes, instants, counts; and text made safe for a terminal.

use std::time::Duration;

use jiff::Timestamp;

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
    fn instants_are_utc_to_the_second() {
        let at: Timestamp = "2026-11-23T18:04:05.999+01:00".parse().unwrap();
        assert_eq!(instant(at), "2026-11-23 17:04:05Z");
    }
}
