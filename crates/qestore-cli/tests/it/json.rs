//! What `--json` prints has the keys that docs/JSON.md shows, and of the same sorts.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::Bench;

/// Stands for an artifact, which is shown in full once.
const ARTIFACT: &str = "(an artifact)";

/// The example of each section of docs/JSON.md, by the section's title.
fn examples() -> Vec<(String, Value)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/JSON.md");
    let text = fs::read_to_string(path).unwrap();
    let sections = text.split("\n## ").skip(1);
    sections
        .filter_map(|section| {
            let title = section.lines().next()?.trim_matches('`').to_owned();
            let (_, rest) = section.split_once("```json\n")?;
            let (json, _) = rest.split_once("```")?;
            let value = serde_json::from_str(json).unwrap_or_else(|e| panic!("{title}: {e}"));
            Some((title, value))
        })
        .collect()
}

fn example(title: &str) -> Value {
    let found = examples().into_iter().find(|(name, _)| name == title);
    found
        .unwrap_or_else(|| panic!("docs/JSON.md has no {title}"))
        .1
}

/// Both have the same keys, all the way down; null stands for any sort.
fn compare(at: &str, documented: &Value, printed: &Value) {
    if documented == ARTIFACT {
        return compare(at, &example("put")["artifacts"][0], printed);
    }
    match (documented, printed) {
        (Value::Object(documented), Value::Object(printed)) => {
            // Their keys are the user's own.
            if at.ends_with(".tags")
                || at.ends_with("[].value")
                || at.ends_with(".by_rule")
                || at.ends_with(".kept")
                || at.ends_with("_by_type")
            {
                return;
            }
            let keys = |object: &serde_json::Map<String, Value>| {
                object.keys().cloned().collect::<Vec<_>>()
            };
            assert_eq!(keys(documented), keys(printed), "{at}");
            for (key, value) in documented {
                compare(&format!("{at}.{key}"), value, &printed[key]);
            }
        }
        (Value::Array(documented), Value::Array(printed)) => {
            for (documented, printed) in documented.iter().zip(printed) {
                compare(&format!("{at}[]"), documented, printed);
            }
        }
        (Value::Null, _) | (_, Value::Null) => {}
        (documented, printed) => assert_eq!(
            std::mem::discriminant(documented),
            std::mem::discriminant(printed),
            "{at}: {documented} and {printed}"
        ),
    }
}

/// The first line of a schedule, which is then ended.
fn scheduled(bench: &Bench) -> Value {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_qestore"))
        .current_dir(bench.path())
        .args(["cleanup", "--schedule", "0 2 * * *", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    out.read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    serde_json::from_str(&line).unwrap()
}

/// A store of the original library with an artifact whose file is missing.
fn original(bench: &Bench) -> &'static str {
    fs::create_dir(bench.path().join("original")).unwrap();
    let index = rusqlite::Connection::open(bench.path().join("original/index.sqlite")).unwrap();
    index
        .execute_batch(
            "CREATE TABLE artifacts (job_id, artifact_type, timestamp, size_bytes, storage_path, \
             checksum, tags, retention_days, expires_at); \
             INSERT INTO artifacts VALUES ('b', 'test_results', '2025-11-07T12:00:00', 1, \
             'b/test_results.bin.gz', '00', '{}', 30, NULL);",
        )
        .unwrap();
    "original"
}

#[test]
fn every_command_prints_what_is_documented() {
    let bench = Bench::new();
    bench.write("junit.xml", "<testsuite/>");
    bench.write("htmlcov/index.html", "<html>");
    let put = [
        "put",
        "--job",
        "b",
        "--tag",
        "branch=main",
        "--ttl",
        "90d",
        "junit.xml",
        "htmlcov",
    ];
    let mut checked = Vec::new();
    let mut check = |title: &str, arguments: &[&str]| {
        compare(title, &example(title), &bench.json(arguments));
        checked.push(title.to_owned());
    };
    check("put", &put);
    check("ls", &["ls", "--limit", "1"]);
    check("show", &["show", "b", "coverage-report"]);
    check("cat", &["cat", "b", "coverage-report", "index.html"]);
    check("get", &["get", "b", "test-results", "-o", "out.xml"]);
    check("exists", &["exists", "b", "test-results"]);
    check("completions", &["completions", "bash"]);
    check("man", &["man", "pages"]);
    check("config init", &["config", "init"]);
    check("config show", &["config", "show"]);
    bench.ok(&[
        "put",
        "--job",
        "c",
        "--time",
        "400d",
        "--name",
        "junit.xml",
        "junit.xml",
    ]);
    check("compare", &["compare", "b", "c", "test-results"]);
    check("trend", &["trend", "test-results"]);
    check("stats", &["stats"]);
    let clean = [
        "cleanup",
        "--dry-run",
        "--explain",
        "--ttl",
        "30d",
        "--keep-latest",
        "1",
    ];
    check("cleanup", &clean);
    check("pin", &["pin", "b", "--reason", "release 1.0"]);
    bench.ok(&["unpin", "b"]);
    check("log", &["log"]);
    check("export", &["export", "out"]);
    check("copy", &["copy", ".artifacts", "other"]);
    check("rm", &["rm", "b", "coverage-report"]);
    bench.ok(&["rm", "c", "test-results"]);
    checked.push("cleanup --schedule".to_owned());
    let line = scheduled(&bench);
    compare("cleanup --schedule", &example("cleanup --schedule"), &line);
    let ran = bench.run(&["import", "--json", original(&bench)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let printed: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(printed["missing"].as_array().unwrap().len(), 1, "{printed}");
    compare("import", &example("import"), &printed);
    checked.push("import".to_owned());

    let object = &bench.json(&["ls"])["artifacts"][0];
    let object = bench.object(object);
    let bytes = fs::read(&object).unwrap();
    fs::write(&object, &bytes[..bytes.len() - 1]).unwrap();
    for (title, arguments) in [
        ("verify", ["verify", "--json"]),
        ("reindex", ["reindex", "--json"]),
    ] {
        if title == "reindex" {
            fs::remove_file(bench.path().join(".artifacts/index.sqlite")).unwrap();
        }
        let ran = bench.run(&arguments);
        assert_eq!(ran.code, 1, "{ran:?}");
        let printed: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(printed["damaged"].as_array().unwrap().len(), 1, "{printed}");
        compare(title, &example(title), &printed);
        checked.push(title.to_owned());
    }

    bench.write("wrong.yml", "codec: brotli");
    let ran = bench.run(&["config", "check", "wrong.yml", "--json"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    let printed: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        printed["problems"].as_array().unwrap().len(),
        1,
        "{printed}"
    );
    compare("config check", &example("config check"), &printed);
    checked.push("config check".to_owned());

    for (title, arguments) in [
        ("errors", &["show", "none", "custom", "--json"][..]),
        ("notes", &["ls", "--json", "--limit", "1"]),
    ] {
        if title == "notes" {
            fs::write(
                bench.path().join(".artifacts/index.sqlite"),
                "garbage".repeat(999),
            )
            .unwrap();
        }
        let ran = bench.run(arguments);
        let line = ran.err.lines().last().expect("something on standard error");
        compare(title, &example(title), &serde_json::from_str(line).unwrap());
        checked.push(title.to_owned());
    }
    let documented: Vec<_> = examples().into_iter().map(|(title, _)| title).collect();
    checked.sort_unstable();
    let mut sorted = documented.clone();
    sorted.sort_unstable();
    assert_eq!(checked, sorted, "what is documented is what was compared");
}

#[test]
fn one_object_is_printed_on_one_line() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    for arguments in [
        &["ls", "--json"][..],
        &["show", "b", "test-results", "--json"],
    ] {
        assert_eq!(bench.ok(arguments).lines().count(), 1, "{arguments:?}");
    }
}
