//! Java properties files.

use super::super::properties::parse;

#[track_caller]
fn assert_entries(text: &str, expected: &[(&str, &str)]) {
    let found = parse(text);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect();
    assert_eq!(found, expected, "{text:?}");
}

#[test]
fn keys_end_at_the_first_unprotected_separator() {
    assert_entries("a=b=c", &[("a", "b=c")]);
    assert_entries("a:b", &[("a", "b")]);
    assert_entries("a b c", &[("a", "b c")]);
    assert_entries("  a \t = \u{c} b ", &[("a", "b ")]);
    assert_entries("a", &[("a", "")]);
    assert_entries("a\\=b\\:c\\ d=e", &[("a=b:c d", "e")]);
    assert_entries("a\\\\=b", &[("a\\", "b")]);
}

#[test]
fn comments_and_blank_lines_are_skipped() {
    assert_entries("# c=d\\\n!e=f\n\n \t\na=b\n", &[("a", "b")]);
    assert_entries("a=#b", &[("a", "#b")]);
}

#[test]
fn escapes_are_resolved() {
    assert_entries(r"p=C\:\\agent\\temp", &[("p", r"C:\agent\temp")]);
    assert_entries(r"a=\t\n\r\f\q", &[("a", "\t\n\r\u{c}q")]);
    assert_entries(r"a=\u00FC\u4e2d", &[("a", "ü中")]);
    assert_entries(r"a=\uD83D\uDE00!", &[("a", "😀!")]);
}

#[test]
fn broken_escapes_are_kept_as_text() {
    assert_entries(r"a=\u12", &[("a", "u12")]);
    assert_entries(r"a=\u+123", &[("a", "u+123")]);
    assert_entries("a=\\u12ü4", &[("a", "u12ü4")]);
    assert_entries(r"a=\uD83D", &[("a", "\u{fffd}")]);
}

#[test]
fn lines_are_continued_after_an_odd_number_of_backslashes() {
    assert_entries("a=b\\\n   c", &[("a", "bc")]);
    assert_entries("a=b\\\r\n   c\r\nd=e", &[("a", "bc"), ("d", "e")]);
    assert_entries("a=b\\\r\tc\rd=e", &[("a", "bc"), ("d", "e")]);
    assert_entries("a=b\\\\\nc=d", &[("a", "b\\"), ("c", "d")]);
    assert_entries("a=b\\\\\\\nc", &[("a", "b\\c")]);
    assert_entries("a=b\\\n# no comment", &[("a", "b# no comment")]);
    assert_entries("a=b\\", &[("a", "b")]);
}

#[test]
fn the_last_of_equal_keys_counts() {
    assert_entries("a=1\na=2", &[("a", "2")]);
}
