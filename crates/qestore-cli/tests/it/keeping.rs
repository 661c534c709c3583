//! `cleanup`, `pin`, `unpin`, `hold` and `log`.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use crate::support::Bench;

/// Ten builds, one a day, the last one today.
fn builds() -> Bench {
    let bench = Bench::new();
    for build in 1..=10 {
        let path = bench.write("junit.xml", format!("<testsuite tests='{build}'/>"));
        let (job, time) = (format!("build-{build}"), format!("{}d", 10 - build));
        bench.ok(&[
            "put",
            "--job",
            &job,
            "--time",
            &time,
            path.to_str().unwrap(),
        ]);
    }
    bench
}

fn count(bench: &Bench) -> usize {
    bench.json(&["ls"])["artifacts"].as_array().unwrap().len()
}

#[test]
fn what_goes_is_said_with_its_rule_and_what_stays_too() {
    let bench = builds();
    let clean = ["cleanup", "--ttl", "5d", "--keep-latest", "3"];
    let dry = bench.ok(&[&clean[..], &["--dry-run"]].concat());
    assert_eq!(dry.matches("would go  build-").count(), 5, "{dry}");
    assert!(
        dry.contains("5 days by default") && !dry.contains("stays"),
        "{dry}"
    );
    assert!(dry.contains("would remove 5 artifacts, and free "), "{dry}");
    let explained = bench.ok(&[&clean[..], &["--dry-run", "--explain"]].concat());
    assert_eq!(
        explained.matches("stays     build-").count(),
        5,
        "{explained}"
    );
    assert!(explained.contains("kept until "), "{explained}");
    assert_eq!(count(&bench), 10);

    bench.ok(&["pin", "build-1", "--reason", "shipped"]);
    bench.ok(&[
        "hold",
        "build-2",
        "test-results",
        "--until",
        "1d",
        "--reason",
        "audit",
    ]);
    let listed = bench.ok(&["ls"]);
    assert!(
        listed.contains("pinned") && listed.contains("held until "),
        "{listed}"
    );
    let objects = || {
        let stats = bench.json(&["stats"]);
        stats["stored_bytes"].as_u64().unwrap()
    };
    let before = objects();
    let done = bench.json(&clean);
    assert_eq!(
        (&done["removed"], &done["verdicts"]),
        (&3.into(), &serde_json::Value::Null)
    );
    assert_eq!(done["kept"]["pinned"], 1);
    assert_eq!(done["freed_bytes"], before - objects());
    assert_eq!(count(&bench), 7);
    let again = bench.ok(&clean);
    assert!(again.contains("removed nothing in "), "{again}");
    assert!(
        again.contains("kept though their time is over: 1 pinned, 1 held"),
        "{again}"
    );

    let log = bench.ok(&["log"]);
    let lines: Vec<_> = log.lines().collect();
    assert!(
        lines[1].contains("removed  3 artifacts") && lines[1].contains("cleanup: 3 expired"),
        "{log}"
    );
    assert!(
        lines[2].contains("held     build-2 test-results junit.xml  audit: until "),
        "{log}"
    );
    assert!(
        lines[3].contains("pinned   build-1 test-results junit.xml  shipped"),
        "{log}"
    );
    let long = bench.ok(&["log", "--action", "removed", "--artifacts"]);
    assert_eq!(long.matches("5 days by default").count(), 3, "{long}");
    assert!(
        long.contains("build-3") && !long.contains("build-1 "),
        "{long}"
    );
    assert_eq!(
        bench.json(&["log", "--job", "build-2"])["events"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let ran = bench.run(&["log", "--since", "2099-01-01"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "note: no events\n"));
}

#[test]
fn pins_and_holds_come_and_go() {
    let bench = builds();
    assert_eq!(
        bench.ok(&["pin", "build-1"]),
        "pinned build-1 test-results junit.xml\n"
    );
    assert_eq!(
        bench.ok(&["pin", "build-1"]),
        "build-1 test-results junit.xml is pinned already\n"
    );
    let said = bench.fails(2, &["rm", "build-1", "test-results"]);
    assert!(
        said.contains("a pin keeps it") && said.contains("qestore unpin build-1"),
        "{said}"
    );
    let shown = bench.ok(&["show", "build-1", "test-results"]);
    assert!(shown.contains("kept        pinned; for ever"), "{shown}");
    bench.ok(&["unpin", "build-1"]);
    let held = bench.ok(&["hold", "build-1", "--until", "2099-01-01"]);
    assert_eq!(
        held,
        "held until 2099-01-01 00:00:00Z: build-1 test-results junit.xml\n"
    );
    assert!(
        bench
            .fails(2, &["rm", "build-1", "test-results"])
            .contains("--release")
    );
    bench.ok(&["hold", "build-1", "--release"]);
    bench.ok(&["rm", "build-1", "test-results"]);
    bench.fails(1, &["pin", "build-1"]);
    bench.fails(1, &["pin", "build-2", "videos"]);
    bench.fails(2, &["hold", "build-2"]);
    let said = bench.fails(2, &["hold", "build-2", "--until", "2020-01-01"]);
    assert!(said.contains("over already"), "{said}");
}

#[test]
fn a_policy_comes_from_the_file_and_options_win() {
    let bench = builds();
    bench.write(
        "qestore.yml",
        "retention:\n  default_ttl_days: 3\n  keep_latest_n: 8\n",
    );
    assert_eq!(bench.json(&["cleanup", "--dry-run"])["removed"], 2);
    assert_eq!(
        bench.json(&["cleanup", "--dry-run", "--keep-latest", "1"])["removed"],
        7
    );
    let listed = bench.json(&["ls", "--limit", "1"]);
    assert_eq!(listed["artifacts"][0]["retention_days"], 3.0);
    assert!(
        bench
            .ok(&["show", "build-1", "test-results"])
            .contains("by the policy")
    );
    bench.write(
        "qestore.yml",
        "retention: {default_ttl_days: 3, enabled: false}",
    );
    let ran = bench.run(&["cleanup"]);
    assert!(
        ran.out.contains("removed nothing") && ran.err.contains("switched off"),
        "{ran:?}"
    );
    let said = bench.fails(2, &["cleanup", "--keep-scope", "type+brnach"]);
    assert!(
        said.contains("type+tag:branch") || said.contains("tag:KEY"),
        "{said}"
    );
}

#[test]
fn nothing_left_is_refused_unless_told() {
    let bench = builds();
    let all = ["cleanup", "--ttl", "1s", "--keep-latest", "0"];
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let said = bench.fails(2, &all);
    assert!(
        said.contains("every artifact") && said.contains("--allow-empty"),
        "{said}"
    );
    assert_eq!(count(&bench), 10);
    let ran = bench.run(&[&all[..], &["--allow-empty"]].concat());
    assert!(ran.out.contains("removed 10 artifacts"), "{ran:?}");
    assert!(
        ran.err.contains("nothing is left of the type test-results"),
        "{ran:?}"
    );
}

#[test]
fn a_schedule_says_when_it_runs_next() {
    let bench = builds();
    let first_line = |arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_qestore"))
            .current_dir(bench.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        line
    };
    let line = first_line(&["cleanup", "--schedule", "30 2 29 2 *"]);
    assert!(
        line.ends_with("Z  next cleanup at 2028-02-29 02:30:00Z\n"),
        "{line}"
    );
    let said = bench.fails(2, &["cleanup", "--schedule"]);
    assert!(said.contains("none is configured"), "{said}");
    bench.write(
        "qestore.yml",
        "retention: {cleanup_schedule_cron: '0 4 1 1 *'}",
    );
    assert!(first_line(&["cleanup", "--schedule"]).contains("-01-01 04:00:00Z"));
    let said = bench.fails(2, &["cleanup", "--schedule", "at two"]);
    assert!(said.contains("not a cron expression"), "{said}");
    bench.fails(2, &["cleanup", "--schedule", "0 2 * * *", "--dry-run"]);
}
