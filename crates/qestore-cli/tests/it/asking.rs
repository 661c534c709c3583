//! `stats`, `trend` and `compare`, and the filters that many commands have.

use std::fs;

use crate::support::Bench;

/// Five builds, a day apart, whose results grow.
fn builds() -> Bench {
    let bench = Bench::new();
    for build in 1..=5_usize {
        bench.write("junit.xml", "<testsuite/>".repeat(build * 10));
        bench.write("run.log", "line\n".repeat(20));
        let (job, time) = (format!("build-{build}"), format!("{}d", 10 - build));
        let branch = if build == 4 {
            "branch=dev"
        } else {
            "branch=main"
        };
        bench.ok(&[
            "put",
            "--job",
            &job,
            "--time",
            &time,
            "--tag",
            branch,
            "junit.xml",
            "run.log",
        ]);
    }
    bench
}

fn jobs(bench: &Bench, filter: &[&str]) -> Vec<String> {
    let mut arguments = vec!["ls", "--type", "test-results"];
    arguments.extend(filter);
    let listed = bench.json(&arguments);
    let artifacts = listed["artifacts"].as_array().unwrap().iter();
    artifacts
        .map(|a| a["job_id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn listings_take_patterns_conditions_and_sizes() {
    let bench = builds();
    for (filter, expected) in [
        (
            &["--job", "build-[1-3]"][..],
            &["build-3", "build-2", "build-1"][..],
        ),
        (&["--job", "*-5"], &["build-5"]),
        (&["--name", "*.xml", "--job", "build-1"], &["build-1"]),
        (&["--tag", "branch!=main"], &["build-4"]),
        (&["--tag", "branch", "--limit", "1"], &["build-5"]),
        (&["--tag", "!branch"], &[]),
        (&["--min-size", "481", "--max-size", "600B"], &["build-5"]),
        (&["--max-size", "0.12KB"], &["build-1"]),
        (&["--since", "7d"], &["build-5", "build-4"]),
        (&["--pinned"], &[]),
    ] {
        assert_eq!(jobs(&bench, filter), expected, "{filter:?}");
    }
    let said = bench.fails(2, &["ls", "--job", "build-[1"]);
    assert!(
        said.contains("the bracket at byte 6 is not closed"),
        "{said}"
    );
    bench.fails(2, &["ls", "--tag", "!=x"]);
    bench.fails(2, &["ls", "--min-size", "many"]);
    let said = bench.fails(2, &["ls", "--min-size", "2KB", "--max-size", "1KB"]);
    assert!(said.contains("nothing can be between"), "{said}");
    bench.fails(2, &["ls", "--since", "1d", "--until", "5d"]);
}

#[test]
fn statistics_add_up() {
    let bench = builds();
    bench.write("junit.xml", "newer");
    bench.ok(&["put", "--job", "build-5", "junit.xml"]);
    let stats = bench.json(&["stats"]);
    assert_eq!(stats["total_artifacts"], 10);
    assert_eq!(stats["artifacts_by_type"]["build-logs"]["size_bytes"], 500);
    assert_eq!(stats["superseded_artifacts"], 1);
    let all: u64 = bench.json(&["ls", "--all", "--superseded"])["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|artifact| artifact["compressed_size_bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(stats["stored_bytes"], all);
    let text = bench.ok(&["stats"]);
    for part in [
        "10 artifacts: ",
        "test-results",
        "RATIO",
        "superseded      1, ",
        "pinned or held  0",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let only = bench.json(&["stats", "--type", "build-logs"]);
    assert_eq!(only["artifacts_by_type"].as_object().unwrap().len(), 1);
    bench.fails(1, &["stats", "--type", "videos"]);
}

#[test]
fn a_trend_is_a_line_a_table_and_a_picture() {
    let bench = builds();
    let text = bench.ok(&["trend", "test-results", "--limit", "2"]);
    assert!(
        text.contains("test-results of the last 30 days: 5 artifacts"),
        "{text}"
    );
    assert!(text.contains("▁▃▅▇█"), "{text}");
    assert!(
        text.contains("120 B to 600 B, the latest 600 B (+400.0 %) since the first"),
        "{text}"
    );
    assert!(
        text.contains("build-5") && !text.contains("build-3"),
        "{text}"
    );
    assert!(text.contains("+120 B (+25.0 %)"), "{text}");
    let main = bench.json(&[
        "trend",
        "test-results",
        "--tag",
        "branch=main",
        "--days",
        "8",
    ]);
    let jobs: Vec<_> = main["points"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| p["job_id"].clone())
        .collect();
    assert_eq!(jobs, ["build-3", "build-5"]);

    bench.ok(&["trend", "test-results", "--svg", "t.svg"]);
    let svg = String::from_utf8(bench.read("t.svg")).unwrap();
    assert!(
        svg.starts_with("<svg") && svg.contains("Size of test-results"),
        "{svg}"
    );
    let said = bench.fails(2, &["trend", "test-results", "--svg", "t.svg"]);
    assert!(said.contains("--force"), "{said}");
    bench.ok(&["trend", "test-results", "--svg", "t.svg", "--force"]);
    assert!(
        bench
            .ok(&["trend", "test-results", "--svg", "-"])
            .starts_with("<svg")
    );
    assert_eq!(
        fs::read_dir(bench.path()).unwrap().count(),
        4,
        "a partial file is left"
    );
    let ran = bench.run(&["trend", "videos"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "note: no videos of the last 30 days that fits\n")
    );
    bench.fails(
        2,
        &["trend", "test-results", "--svg", "no/such/folder/t.svg"],
    );
}

#[test]
fn a_comparison_names_what_changed_and_what_is_missing() {
    let bench = builds();
    let text = bench.ok(&["compare", "build-5", "latest:branch=main", "test-results"]);
    assert!(
        text.contains("build-3") && text.contains("+240 B (+66.7 %)"),
        "{text}"
    );
    assert!(text.contains("2 d 0 h"), "{text}");
    assert!(text.ends_with("1 artifact compared: 1 grew\n"), "{text}");
    let text = bench.ok(&["compare", "build-2", "build-1"]);
    assert!(text.contains("same content"), "{text}");
    assert!(
        text.ends_with("2 artifacts compared: 1 grew, 1 the same\n"),
        "{text}"
    );
    bench.write("other.xml", "x");
    bench.ok(&["put", "--job", "build-2", "--type", "videos", "other.xml"]);
    let text = bench.ok(&["compare", "build-2", "build-1"]);
    assert!(
        text.contains("new: build-2 videos other.xml  1 B"),
        "{text}"
    );
    let text = bench.ok(&["compare", "build-1", "build-2"]);
    assert!(text.contains("gone: build-2 videos other.xml"), "{text}");
    bench.ok(&["put", "--job", "lonely", "--type", "custom", "other.xml"]);
    for (current, baseline, says) in [
        (
            "build-1",
            "lonely",
            "nothing in job lonely has the type and name",
        ),
        ("build-9", "build-1", "the current is missing: job build-9"),
        ("build-1", "build-9", "the baseline is missing: job build-9"),
        (
            "build-1",
            "latest:branch=main",
            "the baseline is missing: no other job",
        ),
    ] {
        let said = bench.fails(1, &["compare", current, baseline]);
        assert!(said.contains(says) && said.contains("qestore ls"), "{said}");
    }
    bench.fails(2, &["compare", "build-1", "latest:=x"]);
}
