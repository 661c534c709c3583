//! Stores that are newer, damaged or not ours to write, readers that go away: clear ends, no panic.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::support::Bench;

#[test]
fn a_store_of_a_newer_version_is_refused_by_name() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    let marker = bench.path().join(".artifacts/qestore.json");
    let json = fs::read_to_string(&marker).unwrap();
    fs::write(&marker, json.replace("\"format\": 1", "\"format\": 99")).unwrap();
    bench.write("a.log", "x");
    for arguments in [&["ls"][..], &["put", "--job=b", "a.log"]] {
        let said = bench.fails(3, arguments);
        assert!(
            said.contains("newer version") && said.contains("99"),
            "{said}"
        );
    }
    fs::write(&marker, "{").unwrap();
    bench.fails(1, &["ls"]);
}

#[test]
fn a_damaged_index_is_built_anew_with_a_note() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    let index = bench.path().join(".artifacts/index.sqlite");
    let break_it = || {
        for ending in ["-wal", "-shm"] {
            let _ = fs::remove_file(index.with_file_name(format!("index.sqlite{ending}")));
        }
        fs::write(&index, "garbage ".repeat(2000)).unwrap();
    };
    break_it();
    let ran = bench.run(&["ls"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("r.xml"), "{ran:?}");
    assert!(ran.err.starts_with("note: the index was "), "{ran:?}");
    break_it();
    let quiet = bench.run(&["ls", "--quiet"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""), "{quiet:?}");
    break_it();
    let json = bench.run(&["ls", "--json"]);
    let note: serde_json::Value = serde_json::from_str(json.err.trim()).expect("a note as JSON");
    assert!(note["note"].as_str().unwrap().contains("index"), "{json:?}");
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let bench = Bench::new();
    // More than a pipe holds.
    bench.write("big.log", "0123456789abcdef\n".repeat(100_000));
    bench.ok(&["put", "--job=b", "big.log"]);
    for number in 0..300 {
        bench.write(&format!("many/{number}-{}.log", "n".repeat(200)), "x");
    }
    bench.ok(&["put", "--job=c", "--type=custom", "many"]);
    for arguments in [
        &["cat", "b", "build-logs"][..],
        &["get", "b", "build-logs", "-o", "-"],
        &["cat", "b", "build-logs", "--json"],
        &["show", "c", "custom"],
        &["completions", "zsh"],
    ] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("qestore"))
            .args(arguments)
            .current_dir(bench.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = child.stdout.take().unwrap();
        let mut first = [0; 1];
        out.read_exact(&mut first).unwrap();
        drop(out);
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(
            (ended.status.code(), &*said),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_under_the_output_is_a_failure_of_the_storage() {
    let bench = Bench::new();
    bench.stored("r.xml", &"x".repeat(10_000));
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let ended = Command::new(assert_cmd::cargo::cargo_bin("qestore"))
        .args(["cat", "b", "test-results"])
        .current_dir(bench.path())
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(3), "{said}");
    assert!(
        said.contains("error: the output cannot be written"),
        "{said}"
    );
}

#[test]
fn wrong_options_are_errors_of_usage_in_either_form() {
    let bench = Bench::new();
    assert!(bench.fails(2, &["ls", "--bogus"]).contains("--bogus"));
    assert!(bench.fails(2, &["lst"]).contains("ls"));
    bench.fails(2, &["show", "b"]);
    assert_eq!(bench.run(&[]).code, 2);
    let ran = bench.run(&["--json", "ls", "--bogus"]);
    let error: serde_json::Value = serde_json::from_str(ran.err.trim()).expect("an error as JSON");
    assert_eq!((ran.code, &error["error"]["kind"]), (2, &"usage".into()));
    assert!(
        error["error"]["message"]
            .as_str()
            .unwrap()
            .contains("--bogus")
    );
}
