//! JSON as it is printed: one object, on one line unless a person looks on.

use serde::Serialize;

/// The object as text. Control characters that JSON would let through are escaped too: the text
/// may be looked at on a terminal.
pub(super) fn object(object: &impl Serialize, pretty: bool) -> String {
    let text = if pretty {
        serde_json::to_string_pretty(object)
    } else {
        serde_json::to_string(object)
    };
    // Only maps with keys that are no text can fail, and none is printed here.
    let text = text.unwrap_or_default();
    if !text.chars().any(is_unsafe) {
        return text;
    }
    // Outside of strings JSON has no such characters, so each is inside of one.
    text.chars().fold(String::new(), |mut safe, c| {
        if is_unsafe(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
        safe
    })
}

fn is_unsafe(c: char) -> bool {
    c != '\n' && c.is_control()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_read_back_the_same() {
        let value = serde_json::json!({ "a": "x\u{9b}31m\u{7f}\u{1b}\n" });
        for pretty in [true, false] {
            let text = object(&value, pretty);
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
            let back: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(back, value);
        }
    }
}
