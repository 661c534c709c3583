//! Configuration: which file is read, who wins, and what `qestore config` says about it.

use std::fs;

use serde_json::Value;

use crate::support::{Bench, Ran, ran};

const ORIGINAL: &str = r#"storage: {backend: local, local: {path: .artifacts/, create_if_missing: true}}
retention: {default_ttl_days: 30, keep_latest_n: 10, cleanup_schedule_cron: "0 2 * * *", enabled: true}
compression_enabled: true
compression_level: 6
max_artifact_size_mb: 100
"#;

/// The row of a key in `config show --json`.
fn row(shown: &Value, key: &str) -> (Value, String) {
    let rows = shown["settings"].as_array().unwrap();
    let row = rows.iter().find(|row| row["key"] == key).unwrap();
    (
        row["value"].clone(),
        row["from"].as_str().unwrap().to_owned(),
    )
}

fn with(bench: &Bench, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = bench.command(arguments);
    command.envs(variables.iter().copied());
    ran(&mut command)
}

#[test]
fn the_file_of_the_original_is_used_by_every_command() {
    let bench = Bench::new();
    bench.write(".qe-fleet-storage.yml", ORIGINAL);
    bench.write("deep/down/a.log", "x");
    let mut put = bench.command(&["put", "--job=b", "a.log", "--json"]);
    let put = ran(put.current_dir(bench.path().join("deep/down")));
    assert_eq!(put.code, 0, "{put:?}");
    let stored: Value = serde_json::from_str(&put.out).unwrap();
    let stored = &stored["artifacts"][0];
    assert_eq!(
        (&stored["codec"], &stored["retention_days"]),
        (&"zstd:6".into(), &30.0.into())
    );
    // The store is where the file says, and git ignores it.
    assert_eq!(bench.read(".artifacts/.gitignore"), b"*\n");
    assert_eq!(bench.ok(&["cat", "b", "build-logs"]), "x");
    let checked = bench.ok(&["config", "check"]);
    assert_eq!(checked, ".qe-fleet-storage.yml: no problems\n");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    bench.write("qestore.yml", "storage: {local: {path: of-file}}\ncodec: gzip\nretention: {default_ttl_days: 30}\nmax_artifact_size_mb: 1\n");
    let put = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = [&["put", "--job=b", "a.log", "--json"], arguments].concat();
        let put = with(&bench, &all, variables);
        assert_eq!(put.code, 0, "{put:?}");
        let stored: Value = serde_json::from_str(&put.out).unwrap();
        let stored = &stored["artifacts"][0];
        (
            stored["codec"].as_str().unwrap().to_owned(),
            stored["retention_days"].as_f64(),
        )
    };
    let there = |store: &str| bench.path().join(store).join("qestore.json").exists();
    assert_eq!(put(&[], &[]), ("gzip:6".to_owned(), Some(30.0)));
    assert!(there("of-file"));
    let environment = [
        ("QE_STORAGE_PATH", "of-env"),
        ("QE_RETENTION_TTL_DAYS", "7"),
    ];
    assert_eq!(put(&[], &environment), ("gzip:6".to_owned(), Some(7.0)));
    assert!(there("of-env"));
    let flags = ["--store", "of-flag", "--codec", "none", "--ttl", "2d"];
    assert_eq!(put(&flags, &environment), ("none".to_owned(), Some(2.0)));
    assert!(there("of-flag"));
    bench.write("large.bin", "x".repeat((1 << 20) + 1));
    let said = bench.fails(2, &["put", "--job=b", "large.bin"]);
    assert!(
        said.contains("--max-size") && said.contains("max_artifact_size_mb"),
        "{said}"
    );
    bench.ok(&["put", "--job=b", "--max-size=2MiB", "large.bin"]);
}

#[test]
fn the_file_is_given_or_named_or_found() {
    let bench = Bench::new();
    bench.write("qestore.yml", "codec: gzip:1");
    bench.write("other.yml", "codec: gzip:2");
    bench.write("given.yml", "codec: gzip:3");
    bench.write("below/qestore.yaml", "codec: gzip:4");
    bench.write("below/.qe-fleet-storage.yml", "codec: gzip:5");
    let codec = |ran: &Ran| {
        assert_eq!(ran.code, 0, "{ran:?}");
        row(&serde_json::from_str(&ran.out).unwrap(), "codec")
    };
    let show = ["config", "show", "--json"];
    let expect = |value: &str, from: &str| (Value::from(value), from.to_owned());
    assert_eq!(codec(&bench.run(&show)), expect("gzip:1", "qestore.yml:1"));
    let named = [("QE_CONFIG", "other.yml")];
    assert_eq!(
        codec(&with(&bench, &show, &named)),
        expect("gzip:2", "other.yml:1")
    );
    assert_eq!(
        codec(&with(&bench, &show, &[("QE_CONFIG", " ")])).0,
        "gzip:1"
    );
    let given = [&show[..], &["--config", "given.yml"]].concat();
    assert_eq!(
        codec(&with(&bench, &given, &named)),
        expect("gzip:3", "given.yml:1")
    );
    let mut below = bench.command(&show);
    let below = ran(below.current_dir(bench.path().join("below")));
    assert_eq!(codec(&below), expect("gzip:4", "qestore.yaml:1"));
    assert!(
        below
            .err
            .contains(".qe-fleet-storage.yml beside it is not read"),
        "{below:?}"
    );
    for (arguments, variables, part) in [
        (
            &["ls", "--config", "none.yml"][..],
            &[][..],
            "none.yml (--config)",
        ),
        (
            &["ls"],
            &[("QE_CONFIG", "none.yml")],
            "none.yml (QE_CONFIG)",
        ),
        (&["ls", "--config", ""], &[], "'--config <FILE>'"),
        (&["ls", "--config", "below"], &[], "cannot be read"),
    ] {
        let ran = with(&bench, arguments, variables);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(part), "{ran:?}");
    }
}

#[test]
fn messages_say_who_named_the_store() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    bench.write("qestore.yml", "storage:\n  local:\n    path: kept\n");
    let said = bench.fails(2, &["ls"]);
    assert!(
        said.contains("looked at kept, named by qestore.yml:3"),
        "{said}"
    );
    bench.write(
        "qestore.yml",
        "storage:\n  local:\n    path: kept\n    create_if_missing: false\n",
    );
    let said = bench.fails(2, &["put", "--job=b", "a.log"]);
    assert!(
        said.contains("no store at kept, named by qestore.yml:3")
            && said.contains("qestore.yml:4 says create_if_missing: false"),
        "{said}"
    );
    assert!(!bench.path().join("kept").exists());
    // A store that is there is used.
    bench.write("made.yml", "storage: {local: {path: kept}}");
    bench.ok(&["put", "--job=b", "a.log", "--config", "made.yml"]);
    bench.ok(&["put", "--job=c", "a.log"]);
}

#[test]
fn a_wrong_file_stops_every_command_that_needs_it() {
    let bench = Bench::new();
    bench.write(
        "qestore.yml",
        "codec: zstd:99\nretention: {keep_lastest_n: 3}\n",
    );
    bench.write("a.log", "x");
    for arguments in [
        &["ls"][..],
        &["put", "--job=b", "a.log"],
        &["verify"],
        &["config", "show"],
    ] {
        let said = bench.fails(2, arguments);
        assert!(
            said.contains("error: the configuration has 2 problems:\n  qestore.yml:1:8: codec: ")
                && said.contains("\n  qestore.yml:2:13: retention.keep_lastest_n: ")
                && said.contains("did you mean retention.keep_latest_n?"),
            "{said}"
        );
    }
    let json = bench.run(&["ls", "--json"]);
    let error: Value = serde_json::from_str(&json.err).unwrap();
    assert_eq!(error["error"]["kind"], "invalid-input");
    // These need none.
    bench.ok(&["completions", "bash"]);
    bench.ok(&["config", "schema"]);
}

#[test]
fn check_lists_everything_with_its_place() {
    let bench = Bench::new();
    bench.write("bad.yml", "storage: {backend: s4}\ncolour: red\n");
    let checked = with(
        &bench,
        &["config", "check", "bad.yml"],
        &[("QE_RETENTION_KEEP_LATEST", "all")],
    );
    assert_eq!((checked.code, checked.err.as_str()), (2, ""), "{checked:?}");
    let lines: Vec<&str> = checked.out.lines().collect();
    assert_eq!(lines.len(), 4, "{checked:?}");
    assert!(lines[0].starts_with("bad.yml:1:20: storage.backend: \"s4\" is not allowed"));
    assert!(lines[1].starts_with("bad.yml:2:1: colour: there is no such key"));
    assert!(lines[2].starts_with("QE_RETENTION_KEEP_LATEST: \"all\" is not allowed"));
    assert_eq!(lines[3], "bad.yml: 3 problems");
    let json = bench.run(&["config", "check", "bad.yml", "--json"]);
    assert_eq!(json.code, 2);
    let json: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(json["problems"][1]["line"], 2);
    assert_eq!(
        bench.ok(&["config", "check"]),
        "no configuration file; the environment: no problems\n"
    );
    bench.fails(2, &["config", "check", "none.yml"]);
    fs::write(bench.path().join("latin.yml"), b"codec: \xe9\n").unwrap();
    let latin = bench.run(&["config", "check", "latin.yml"]);
    assert!(
        latin
            .out
            .contains("latin.yml:1:1: the file is not valid UTF-8"),
        "{latin:?}"
    );
}

#[test]
fn another_backend_is_checked_and_shown_and_not_opened() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    bench.write(
        "qestore.yml",
        "storage:\n  backend: s3\n  s3: {bucket: b, access_key: AKIA, secret_key: C4N4RY}\n",
    );
    for arguments in [&["ls"][..], &["put", "--job=b", "a.log"]] {
        let said = bench.fails(3, arguments);
        assert!(
            said.contains("does not open the backend s3 (set by qestore.yml:2)"),
            "{said}"
        );
    }
    let checked = bench.run(&["config", "check"]);
    assert_eq!(
        (checked.code, checked.out.as_str()),
        (0, "qestore.yml: no problems\n")
    );
    assert!(
        checked.err.contains("note: this version does not open"),
        "{checked:?}"
    );
    let shown = bench.run(&["config", "show"]);
    assert!(
        shown.out.contains("********") && !shown.out.contains("C4N4RY"),
        "{shown:?}"
    );
    let shown = bench.json(&["config", "show"]);
    assert_eq!(row(&shown, "storage.s3.secret_key").0, "********");
    // A folder given by hand needs no bucket.
    bench.ok(&["put", "--job=b", "--store", "s", "a.log"]);
}

#[test]
fn secrets_of_the_environment_are_never_printed() {
    let bench = Bench::new();
    let variables = [
        ("QE_S3_ACCESS_KEY", "C4N4RY1"),
        ("QE_S3_SECRET_KEY", "C4N4RY2"),
        ("QE_S3_ENDPOINT", "http://me:C4N4RY3@host"),
        ("TOKEN", "C4N4RY4"),
    ];
    bench.write(
        "qestore.yml",
        "retention: {keep_latest_n: '${TOKEN}'}\nstorage: {s3: {secret_key: [C4N4RY5]}}\n",
    );
    for arguments in [&["config", "show"][..], &["config", "check"], &["ls"]] {
        for more in [&[][..], &["--json"]] {
            let ran = with(&bench, &[arguments, more].concat(), &variables);
            assert_eq!(ran.code, 2, "{ran:?}");
            assert!(!format!("{ran:?}").contains("C4N4RY"), "{ran:?}");
        }
    }
    fs::remove_file(bench.path().join("qestore.yml")).unwrap();
    let shown = with(&bench, &["config", "show"], &variables[..2]);
    assert_eq!(shown.code, 0, "{shown:?}");
    assert!(
        shown.out.contains("********") && !shown.out.contains("C4N4RY"),
        "{shown:?}"
    );
}

#[test]
fn init_writes_a_file_that_is_right_and_overwrites_none() {
    let bench = Bench::new();
    let made = bench.run(&["config", "init"]);
    assert_eq!(
        (made.out.as_str(), made.err.as_str()),
        ("wrote qestore.yml\n", "")
    );
    assert_eq!(bench.ok(&["config", "check"]), "qestore.yml: no problems\n");
    let text = String::from_utf8(bench.read("qestore.yml")).unwrap();
    let schema: Value = serde_json::from_str(&bench.ok(&["config", "schema"])).unwrap();
    let first = text.lines().next().unwrap();
    assert_eq!(
        first,
        format!(
            "# yaml-language-server: $schema={}",
            schema["$id"].as_str().unwrap()
        )
    );
    bench.write("qestore.yml", "mine");
    let said = bench.fails(2, &["config", "init"]);
    assert!(said.contains("there already"), "{said}");
    assert_eq!(bench.read("qestore.yml"), b"mine");
    fs::create_dir(bench.path().join("ci")).unwrap();
    bench.ok(&["config", "init", "ci", "--schema", "../s.json"]);
    assert!(
        bench
            .read("ci/qestore.yml")
            .starts_with(b"# yaml-language-server: $schema=../s.json\n")
    );
    let named = bench.run(&["config", "init", "store.yml"]);
    assert!(named.err.contains("--config"), "{named:?}");
    let hiding = bench.run(&["config", "init", ".qe-fleet-storage.yml"]);
    assert!(
        hiding
            .err
            .contains("there is qestore.yml in the same folder"),
        "{hiding:?}"
    );
    bench.fails(2, &["config", "init", "--schema", "a\nb", "x.yml"]);
}

#[test]
fn show_knows_the_store_that_was_found() {
    let bench = Bench::new();
    let path = |bench: &Bench, variables: &[(&str, &str)], more: &[&str]| {
        let ran = with(
            bench,
            &[&["config", "show", "--json"], more].concat(),
            variables,
        );
        row(
            &serde_json::from_str(&ran.out).unwrap(),
            "storage.local.path",
        )
        .1
    };
    assert_eq!(path(&bench, &[], &[]), "default");
    bench.stored("a.xml", "x");
    assert_eq!(path(&bench, &[], &[]), "found");
    assert_eq!(
        path(&bench, &[("QE_STORAGE_PATH", "e")], &[]),
        "QE_STORAGE_PATH"
    );
    assert_eq!(path(&bench, &[], &["--store", "s"]), "--store");
    assert!(
        bench
            .run(&["config", "show"])
            .err
            .contains("`qestore config init` writes one")
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_named_and_a_path_may_be_one() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let bench = Bench::new();
    bench.write("a.log", "x");
    let odd = OsStr::from_bytes(b"st\xffre");
    let mut list = bench.command(&["ls"]);
    let list = ran(list.env("QE_S3_BUCKET", odd));
    assert_eq!(list.code, 2, "{list:?}");
    assert!(
        list.err
            .contains("QE_S3_BUCKET: its value is not valid UTF-8"),
        "{list:?}"
    );
    let mut put = bench.command(&["put", "--job=b", "a.log"]);
    assert_eq!(ran(put.env("QE_STORAGE_PATH", odd)).code, 0);
    assert!(bench.path().join(odd).join("qestore.json").exists());
}
