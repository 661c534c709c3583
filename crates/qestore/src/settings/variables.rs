//! `${VAR}` and `${VAR:-default}` in the text values of a file; `$$` is a dollar.
//!
//! It works on values that have been read, so a variable can never add structure to a file.

use crate::ci::Surroundings;

/// `text` with its variables replaced, and whether there were any. The error never repeats text.
pub(super) fn expand(
    text: &str,
    surroundings: &dyn Surroundings,
) -> Result<(String, bool), String> {
    let mut expanded = String::new();
    let mut any = false;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some(after) = after.strip_prefix('{') {
            let (inside, after) = after
                .split_once('}')
                .ok_or("`${` has no `}`; a plain dollar before a brace is `$$`")?;
            expanded.push_str(&value(inside, surroundings)?);
            any = true;
            rest = after;
        } else {
            expanded.push('$');
            rest = after;
        }
    }
    expanded.push_str(rest);
    Ok((expanded, any))
}

fn value(inside: &str, surroundings: &dyn Surroundings) -> Result<String, String> {
    let (name, default) = match inside.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (inside, None),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(word)
    {
        return Err(
            "between `${` and `}` stands a variable's name (letters, digits, _), or NAME:-default"
                .to_owned(),
        );
    }
    let set = surroundings
        .variable(name)
        .filter(|value| !value.trim().is_empty());
    match (set, default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(format!(
            "the variable {name} is not set; set it, or write ${{{name}:-default}}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Variables;
    use super::*;

    #[test]
    fn variables_are_replaced_once() {
        let variables = Variables::of(&[("A", "1"), ("B", "${A}"), ("BLANK", " ")]);
        for (text, expected, any) in [
            ("plain", "plain", false),
            ("${A}", "1", true),
            ("x${A}y${A}", "x1y1", true),
            ("${B}", "${A}", true),
            ("${NONE:-7}", "7", true),
            ("${BLANK:-7}", "7", true),
            ("${A:-7}", "1", true),
            ("${NONE:-}", "", true),
            ("$$", "$", false),
            ("$${A}", "${A}", false),
            ("$A $ 5$", "$A $ 5$", false),
        ] {
            assert_eq!(
                expand(text, &variables),
                Ok((expected.to_owned(), any)),
                "{text}"
            );
        }
        for (text, part) in [
            ("${NONE}", "the variable NONE is not set"),
            ("${BLANK}", "the variable BLANK is not set"),
            ("${", "no `}`"),
            ("${}", "a variable's name"),
            ("${1A}", "a variable's name"),
            ("${A B}", "a variable's name"),
            ("${A-x}", "a variable's name"),
        ] {
            let error = expand(text, &variables).unwrap_err();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
