//! Configuration that is wrong in every way: nothing panics, everything is named, and no secret shows.

use std::path::Path;

use proptest::prelude::*;
use qestore::Settings;
use qestore::settings::{Key, Problem};

use crate::settings::{ORIGINAL, Variables};

const CANARY: &str = "C4N4RY";
const FILE: &str = "project/qestore.yml";

fn examine(text: &str, variables: &Variables) -> (Settings, Vec<Problem>) {
    Settings::examine(text, Path::new(FILE), variables)
}

/// A file that gives one key this value.
fn with(key: &Key, value: &str) -> String {
    let parts: Vec<&str> = key.path().split('.').collect();
    let mut text = String::new();
    for (depth, part) in parts.iter().enumerate() {
        text.push_str(&format!("{}{part}:", "  ".repeat(depth)));
        text.push_str(if depth + 1 < parts.len() { "\n" } else { " " });
    }
    format!("{text}{value}\n")
}

/// All that anybody can see of these settings and problems.
fn shown(settings: &Settings, problems: &[Problem]) -> String {
    let mut text = format!("{settings:?}\n{settings:#?}\n{problems:?}\n");
    for (_, setting) in settings.all() {
        if let Some(setting) = setting {
            text.push_str(&format!(
                "{setting:?} {} {}\n",
                setting.value, setting.origin
            ));
            text.push_str(&serde_json::to_string(&setting.value).unwrap());
        }
    }
    for problem in problems.iter().chain(&settings.problems()) {
        text.push_str(&format!(
            "{problem}\n{}\n",
            serde_json::to_string(problem).unwrap()
        ));
    }
    let errors = [Problem::all(problems), settings.config().err()];
    for error in errors.into_iter().flatten() {
        text.push_str(&format!("{error} {error:?} {:?}\n", error.advice()));
    }
    text
}

#[test]
fn every_key_refuses_what_is_wrong_with_place_and_what_is_allowed() {
    let variables = Variables::of(&[("WRONG", "\u{7}\0")]);
    for key in Settings::keys() {
        let line = u32::try_from(key.path().split('.').count()).unwrap();
        for value in ["[1, 2]", "\"${WRONG}\"", "\"\\0\"", "${UNSET}"] {
            let (settings, problems) = examine(&with(key, value), &variables);
            let [problem] = problems.as_slice() else {
                panic!("{} {value}: {problems:?}", key.path());
            };
            assert_eq!(problem.file.as_deref(), Some(Path::new(FILE)));
            assert_eq!(problem.line, Some(line), "{problem}");
            assert_eq!(problem.key.as_deref(), Some(key.path()));
            let says = if value == "${UNSET}" {
                "UNSET is not set".to_owned()
            } else {
                key.allowed()
            };
            let says = if key.path().ends_with(".ttl_days") {
                "a mapping of artifact types"
            } else {
                &says
            };
            assert!(problem.message.contains(says), "{problem}");
            assert!(settings.get(key.path()).is_none());
        }
        let Some(variable) = key.variable() else {
            continue;
        };
        let wrong = Variables::of(&[(variable, "\u{7}\0")]);
        let (settings, problems) = Settings::examine_environment(&wrong);
        let [problem] = problems.as_slice() else {
            panic!("{variable}: {problems:?}");
        };
        assert_eq!(problem.variable.as_deref(), Some(variable));
        assert!(problem.message.contains(&key.allowed()), "{problem}");
        assert!(settings.get(key.path()).is_none());
    }
}

#[test]
fn numbers_and_words_out_of_range_are_refused() {
    let nothing = Variables::of(&[]);
    for key in Settings::keys() {
        let allowed = key.allowed();
        let wrong: &[&str] = if allowed.starts_with("a whole number") {
            &[
                "-1",
                "1.5",
                "010",
                "0x10",
                "1e3",
                "99999999999999999999",
                "ten",
                "true",
            ]
        } else if allowed.starts_with("true") {
            &["1", "0", "maybe", "y"]
        } else if allowed.starts_with("a text") || allowed.starts_with("a path") {
            &["\"a\\0b\""]
        } else if allowed.starts_with("a mapping") {
            &[
                "7",
                "{Videos: 1}",
                "{videos: 0}",
                "{videos: [1]}",
                "{[a]: 1}",
            ]
        } else {
            &["nonsense here", "17"]
        };
        for value in wrong {
            let (_, problems) = examine(&with(key, value), &nothing);
            assert_eq!(problems.len(), 1, "{}: {value}: {problems:?}", key.path());
        }
    }
}

#[test]
fn no_secret_is_ever_shown() {
    let variables = Variables::of(&[("SECRET", CANARY), ("MULTI", "C4N4RY\nC4N4RY")]);
    let secrets: Vec<&Key> = Settings::keys().filter(|key| key.is_secret()).collect();
    assert_eq!(secrets.len(), 2);
    for key in secrets {
        for value in [
            CANARY,
            "'C4N4RY'",
            "${SECRET}",
            "x${SECRET}y",
            "${UNSET:-C4N4RY}",
            "${C4N4RY",
            "${C4N4 RY}C4N4RY",
            "${MULTI}",
            "[C4N4RY]",
            "{C4N4RY: C4N4RY}",
            "\"C4N4RY\\n\"",
            "\"C4N4RY",
            "C4N4RY: C4N4RY",
            "|\n      C4N4RY\n      C4N4RY",
            "!C4N4RY x",
            "&a C4N4RY",
            "*C4N4RY",
        ] {
            let text = with(key, value);
            let (settings, problems) = examine(&text, &variables);
            let shown = shown(&settings, &problems);
            assert!(!shown.contains(CANARY), "{text}\n{shown}");
        }
        let (name, variable) = (
            key.path().rsplit('.').next().unwrap(),
            key.variable().unwrap(),
        );
        for text in [
            // A slip in the key, in the space, in the place, twice, in both places.
            format!("storage: {{s3: {{{name}y: C4N4RY}}}}"),
            format!("storage:\n  s3:\n    {name}:C4N4RY\n"),
            format!("storage:\n  s3:\n    {name}:C4N4RY\n    bucket: b\n"),
            format!("storage:\n  s3:\n    {name}=C4N4RY: b\n"),
            format!("{name}: C4N4RY\n"),
            format!("storage: {{s3: {{{name}: a, {name}: C4N4RY}}}}"),
            format!("s3: {{{name}: C4N4RY}}\nstorage: {{s3: {{{name}: C4N4RY2}}}}"),
            "storage: {s3: {endpoint_url: 'http://u:C4N4RY@host'}}".to_owned(),
            "storage: {s3: {endpoint_url: 'C4N4RY@host'}}".to_owned(),
            format!("storage: {{s3: [{name}, C4N4RY]}}"),
            "storage: {s3: C4N4RY}".to_owned(),
            "retention: {keep_latest_n: '${SECRET}'}".to_owned(),
        ] {
            let (settings, problems) = examine(&text, &variables);
            let shown = shown(&settings, &problems);
            assert!(!shown.contains(CANARY), "{text}\n{shown}");
        }
        for value in [CANARY, "C4N4RY\n", "C4N4RY\0"] {
            let (settings, problems) =
                Settings::examine_environment(&Variables::of(&[(variable, value)]));
            let shown = shown(&settings, &problems);
            assert!(!shown.contains(CANARY), "{variable}\n{shown}");
        }
    }
    let (settings, _) =
        Settings::examine_environment(&Variables::of(&[("QE_S3_SECRET_KEY", CANARY)]));
    match &settings.get("storage.s3.secret_key").unwrap().value {
        qestore::settings::Value::Secret(secret) => assert_eq!(secret.expose(), CANARY),
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_of_a_file_begins_a_line_of_an_error() {
    let text = "\"a\\n::error::x\": 1\nretention: {\"b\\nc\": 1, ttl_days: {\"d\\ne\": 1}}\ncodec: \"x\\ny\"\n";
    let (_, problems) = Settings::examine(text, Path::new("a\nb.yml"), &Variables::of(&[]));
    assert_eq!(problems.len(), 4, "{problems:?}");
    for problem in &problems {
        assert_eq!(problem.to_string().lines().count(), 1, "{problem}");
    }
    let error = Problem::all(&problems).unwrap();
    assert_eq!(error.message().lines().count(), 5, "{error}");
}

/// Words that files are likely to have, right and wrong.
fn word() -> impl Strategy<Value = String> {
    let mut words: Vec<String> = Settings::keys()
        .flat_map(|key| key.path().split('.').map(str::to_owned).collect::<Vec<_>>())
        .collect();
    words.extend(
        [
            "local",
            "zstd:9",
            "gzip",
            "none",
            "0",
            "7",
            "99999999999999999999",
            "true",
            "~",
            "null",
            "''",
            "\"\"",
            "forever",
            "${X}",
            "${X:-1}",
            "${",
            "$$",
            "<<",
            "&a 1",
            "*a",
            "!x y",
            "videos",
            "a b",
            "0 2 * * *",
            "type+tag:branch",
            "[",
            "{",
            "- ",
            "?",
            ":",
            "# c",
            "é🚀",
            "\u{1}",
            "|",
            ">",
            "%YAML 1.2",
            "---",
            "...",
        ]
        .map(str::to_owned),
    );
    prop_oneof![
        8 => proptest::sample::select(words),
        1 => "\\PC{0,12}",
    ]
}

/// A tree in flow style.
fn tree() -> impl Strategy<Value = String> {
    word().prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[{}]", items.join(", "))),
            proptest::collection::vec((word(), inner), 0..6).prop_map(|entries| {
                let entries: Vec<String> = entries
                    .into_iter()
                    .map(|(key, value)| format!("{key}: {value}"))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_trees_are_read_or_refused(top in proptest::collection::vec((word(), tree()), 0..6), x in "\\PC{0,8}") {
        let text: String = top.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
        let variables = Variables::of(&[("X", &x)]);
        let (settings, problems) = examine(&text, &variables);
        for problem in &problems {
            prop_assert_eq!(problem.to_string().lines().count(), 1);
        }
        shown(&settings, &problems);
        prop_assert_eq!(Settings::read(&text, Path::new(FILE), &variables).is_ok(), problems.is_empty());
    }

    #[test]
    fn files_with_a_few_bytes_changed_are_read_or_refused(
        changes in proptest::collection::vec((0..ORIGINAL.len(), any::<u8>(), any::<bool>()), 1..6),
    ) {
        let mut bytes = ORIGINAL.as_bytes().to_vec();
        for (at, byte, insert) in changes {
            if insert { bytes.insert(at, byte) } else { bytes[at] = byte }
        }
        let (settings, problems) = Settings::examine(&bytes, Path::new(FILE), &Variables::of(&[]));
        shown(&settings, &problems);
    }
}
