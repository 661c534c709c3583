//! `ls`: filters, pages, and tables.

use serde_json::Value;

use crate::support::Bench;

fn names(listing: &Value) -> Vec<&str> {
    let artifacts = listing["artifacts"].as_array().unwrap();
    artifacts
        .iter()
        .map(|artifact| artifact["name"].as_str().unwrap())
        .collect()
}

fn filled() -> Bench {
    let bench = Bench::new();
    bench.write("a.log", "1");
    bench.write("b.xml", "2");
    bench.write("c.log", "3");
    for (job, branch, env, path) in [
        ("one", "main", "ci", "a.log"),
        ("one", "main", "local", "b.xml"),
        ("two", "dev", "ci", "c.log"),
    ] {
        let (branch, env) = (format!("branch={branch}"), format!("env={env}"));
        bench.ok(&["put", "--job", job, "--tag", &branch, "--tag", &env, path]);
    }
    bench
}

#[test]
fn filters_hold_together() {
    let bench = filled();
    for (filter, expected) in [
        (&[][..], &["c.log", "b.xml", "a.log"][..]),
        (&["--job", "one"], &["b.xml", "a.log"]),
        (&["--type", "build-logs"], &["c.log", "a.log"]),
        (&["--name", "b.xml"], &["b.xml"]),
        (&["--tag", "branch=main"], &["b.xml", "a.log"]),
        (&["--tag", "branch=main", "--tag", "env=ci"], &["a.log"]),
        (&["--since", "1h"], &["c.log", "b.xml", "a.log"]),
        (&["--until", "1h"], &[]),
        (
            &["--since", "2020-01-01", "--until", "2020-02-01T10:00+01:00"],
            &[],
        ),
        (&["--job", "none"], &[]),
    ] {
        let mut arguments = vec!["ls"];
        arguments.extend(filter);
        assert_eq!(names(&bench.json(&arguments)), expected, "{filter:?}");
    }
    bench.fails(2, &["ls", "--tag", "env=ci", "--tag", "env=local"]);
    bench.fails(2, &["ls", "--since", "yesterday"]);
    bench.fails(2, &["ls", "--limit", "0"]);
    bench.fails(2, &["ls", "--limit", "5", "--all"]);
    bench.fails(2, &["ls", "--after", "nonsense"]);
}

#[test]
fn pages_follow_each_other() {
    let bench = filled();
    let first = bench.json(&["ls", "--limit", "2"]);
    assert_eq!(names(&first), ["c.log", "b.xml"]);
    let next = first["next"].as_str().expect("there is more");
    let second = bench.json(&["ls", "--limit", "2", "--after", next]);
    assert_eq!(names(&second), ["a.log"]);
    assert_eq!(second["next"], Value::Null);

    let ran = bench.run(&["ls", "--limit", "2"]);
    assert!(
        ran.err.contains("--all") && ran.err.contains(next),
        "{ran:?}"
    );
    assert_eq!(ran.out.lines().count(), 3, "{ran:?}");
    let all = bench.run(&["ls", "--all"]);
    assert_eq!((all.out.lines().count(), all.err.as_str()), (4, ""));
}

#[test]
fn a_listing_of_nothing_says_so_beside_the_answer() {
    let bench = filled();
    let ran = bench.run(&["ls", "--job", "none"]);
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, "", "note: no artifacts\n")
    );
}

#[test]
fn a_piped_table_has_whole_values_and_no_colour() {
    let bench = Bench::new();
    bench.write("x.log", "1");
    let job = "a-long-job-id/".repeat(18);
    bench.ok(&[
        "put",
        "--job",
        &job,
        "--tag",
        &format!("note={}", "y".repeat(300)),
        "x.log",
    ]);
    let out = bench.ok(&["ls"]);
    assert_eq!(out.lines().count(), 2);
    assert!(out.contains(&job) && out.contains(&"y".repeat(300)) && !out.contains('\u{1b}'));
    let colored = bench.ok(&["ls", "--color", "always"]);
    assert!(colored.starts_with("\u{1b}[1mJOB"), "{colored:?}");
}
