//! File names for job ids and names, which may be any text: one component each, that every common
//! file system takes and that leads nowhere else.

use crate::artifact::{ArtifactId, Sha256Digest};

/// The longest name that is written out; 255 bytes is the limit of most file systems.
const LONGEST: usize = 200;
/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// `text` as the name of one file or folder. What is not allowed is written as `%` and two
/// hexadecimal digits a byte, as in addresses; different texts give different names. A long name
/// ends in a part of the digest of the text instead of its end.
pub(super) fn file_name(text: &str) -> String {
    let mut name = String::new();
    for (at, c) in text.char_indices() {
        let last = at + c.len_utf8() == text.len();
        let bad = matches!(
            c,
            '/' | '\\' | '%' | ':' | '*' | '?' | '"' | '<' | '>' | '|'
        ) || c.is_control()
            || (at == 0 && matches!(c, '.' | ' '))
            || (last && matches!(c, '.' | ' '));
        push(&mut name, c, bad);
    }
    if is_device(text) {
        let first = name.remove(0);
        let mut encoded = String::new();
        push(&mut encoded, first, true);
        name.insert_str(0, &encoded);
    }
    if name.len() <= LONGEST {
        return name;
    }
    let digest = Sha256Digest::of(text.as_bytes()).to_string();
    let mut end = LONGEST - 17;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    // Not through the middle of an encoded byte.
    let cut = name[..end]
        .rfind('%')
        .filter(|at| end - at < 3)
        .unwrap_or(end);
    format!("{}~{}", &name[..cut], &digest[..16])
}

/// Another name for the same, where the first is taken.
pub(super) fn with_id(name: &str, id: ArtifactId) -> String {
    let mut end = name.len().min(LONGEST);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}~{id}", &name[..end])
}

fn push(name: &mut String, c: char, encoded: bool) {
    if encoded {
        let mut buffer = [0; 4];
        for byte in c.encode_utf8(&mut buffer).bytes() {
            name.push_str(&format!("%{byte:02X}"));
        }
    } else {
        name.push(c);
    }
}

fn is_device(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text).trim().to_lowercase();
    let numbered = |word: &str| {
        let rest = stem.strip_prefix(word);
        rest.is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    #[test]
    fn names_are_readable_and_lead_nowhere() {
        for (text, name) in [
            ("junit.xml", "junit.xml"),
            ("build-1", "build-1"),
            ("../../etc/passwd", "%2E.%2F..%2Fetc%2Fpasswd"),
            ("..", "%2E%2E"),
            (".", "%2E"),
            (".hidden", "%2Ehidden"),
            ("a/b\\c", "a%2Fb%5Cc"),
            ("100 %", "100 %25"),
            ("end. ", "end.%20"),
            ("con", "%63on"),
            ("COM1.txt", "%43OM1.txt"),
            ("company", "company"),
            ("בנייה 🚀", "בנייה 🚀"),
            ("C:\\x", "C%3A%5Cx"),
        ] {
            assert_eq!(file_name(text), name);
        }
        let long = "ü".repeat(127);
        assert!(file_name(&long).len() <= LONGEST);
        assert_ne!(file_name(&long), file_name(&"ü".repeat(126)));
    }

    proptest! {
        #[test]
        fn any_text_is_one_component_and_no_other_texts(a in "\\PC{1,255}", b in "\\PC{1,20}") {
            for text in [&a, &b] {
                let name = file_name(text);
                let parts: Vec<_> = Path::new(&name).components().collect();
                prop_assert!(matches!(parts.as_slice(), [Component::Normal(_)]), "{name}");
                prop_assert!(name.len() <= LONGEST);
            }
            prop_assert!(a == b || file_name(&a) != file_name(&b));
        }
    }
}
