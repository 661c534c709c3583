//! `put`: paths, standard input, options, and what is refused before anything is stored.

use crate::support::{Bench, ran};

#[test]
fn files_and_folders_are_stored_with_the_types_their_names_tell() {
    let bench = Bench::new();
    bench.write("junit.xml", "<testsuite/>");
    bench.write("htmlcov/index.html", "<html>87 %</html>");
    let out = bench.ok(&["put", "--job", "b", "junit.xml", "htmlcov"]);
    assert!(out.contains("stored b test-results junit.xml"), "{out}");
    assert!(out.contains("stored b coverage-report htmlcov"), "{out}");
    assert!(out.contains("type guessed by name"), "{out}");
    let shown = bench.json(&["show", "b", "coverage-report"]);
    assert_eq!(shown["artifact"]["kind"], "tree");
    assert_eq!(shown["members"][0]["path"], "index.html");
}

#[test]
fn options_reach_the_artifact() {
    let bench = Bench::new();
    bench.write("run.log", "line\n".repeat(1000));
    let put = bench.json(&[
        "put",
        "--job",
        "b",
        "--type",
        "load-profile",
        "--name",
        "n",
        "--tag",
        "branch=main",
        "--tag",
        "note=a=b",
        "--ttl",
        "36h",
        "--codec",
        "gzip:9",
        "run.log",
    ]);
    let stored = &put["artifacts"][0];
    assert_eq!(stored["artifact_type"], "load-profile");
    assert_eq!(stored["name"], "n");
    assert_eq!(stored["codec"], "gzip:9");
    assert_eq!(stored["retention_days"], 1.5);
    assert_eq!(stored["tags"]["branch"], "main");
    assert_eq!(stored["tags"]["note"], "a=b");
    let put = bench.json(&["put", "--job", "b", "--ttl", "forever", "run.log"]);
    assert_eq!(put["artifacts"][0]["expires_at"], serde_json::Value::Null);
}

#[test]
fn standard_input_needs_a_type_or_a_name_that_tells_it() {
    let bench = Bench::new();
    let put = |arguments: &[&str]| ran(bench.command(arguments).write_stdin("from a pipe\n"));
    let refused = put(&["put", "--job", "b", "-"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("--type"), "{refused:?}");
    assert_eq!(put(&["put", "--job", "b", "--name", "x.bin", "-"]).code, 2);
    assert_eq!(put(&["put", "--job", "b", "--name", "t.log", "-"]).code, 0);
    assert_eq!(put(&["put", "--job", "b", "--type", "custom", "-"]).code, 0);
    assert_eq!(bench.ok(&["cat", "b", "build-logs"]), "from a pipe\n");
    let shown = bench.json(&["show", "b", "custom"]);
    assert_eq!(shown["artifact"]["name"], "default");
}

#[test]
fn dot_is_called_as_its_folder_is() {
    let bench = Bench::new();
    bench.write("coverage/a/index.html", "x");
    let store = bench.path().join("store");
    let store = store.to_str().unwrap();
    for (from, path) in [("coverage", "."), ("coverage/a", "..")] {
        let mut command = bench.command(&["put", "--store", store, "--job", "b", path, "--json"]);
        let ran = ran(command.current_dir(bench.path().join(from)));
        assert_eq!(ran.code, 0, "{ran:?}");
        let put: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(put["artifacts"][0]["name"], "coverage");
        assert_eq!(put["artifacts"][0]["artifact_type"], "coverage-report");
    }
}

#[test]
fn wrong_arguments_are_refused_before_anything_is_stored() {
    let bench = Bench::new();
    bench.write("a/junit.xml", "1");
    bench.write("b/junit.xml", "2");
    let put = |more: &[&str]| {
        let mut all = vec!["put", "--job", "j"];
        all.extend(more);
        bench.fails(2, &all)
    };
    let said = put(&["a/junit.xml", "b/junit.xml"]);
    assert!(
        said.contains("a/junit.xml") && said.contains("b/junit.xml"),
        "{said}"
    );
    assert!(put(&["--name", "n", "a", "b"]).contains("--name"));
    assert!(put(&["a/junit.xml", "not-there"]).contains("not-there"));
    assert!(put(&["--tag", "x=1", "--tag", "x=2", "a"]).contains("twice"));
    assert!(put(&["--tag", "x", "a"]).contains("KEY=VALUE"));
    assert!(put(&["--ttl", "soon", "a"]).contains("forever"));
    assert!(put(&["--codec", "zstd:20", "a"]).contains("1 to 19"));
    assert!(put(&["--codec", "rar", "a"]).contains("gzip"));
    assert!(put(&["--type", "Test Results", "a"]).contains("test-results"));
    assert!(put(&["--max-size", "huge", "a"]).contains("100KB"));
    assert!(put(&["-", "-", "--type", "custom"]).contains("both"));
    assert!(!bench.path().join(".artifacts").exists());
}

#[test]
fn a_store_is_not_stored_in_itself() {
    let bench = Bench::new();
    bench.write("reports/junit.xml", "1");
    let said = bench.fails(2, &["put", "--job", "b", "."]);
    assert!(said.contains("the store itself"), "{said}");
    bench.ok(&["put", "--job", "b", "reports"]);
    bench.fails(2, &["put", "--job", "b", ".artifacts"]);
    assert!(
        bench
            .fails(2, &["put", "--job", "b", "."])
            .contains("--store")
    );
}

#[test]
fn content_over_the_limit_is_refused_and_leaves_nothing() {
    let bench = Bench::new();
    bench.write("big.log", vec![b'x'; 100_001]);
    let said = bench.fails(2, &["put", "--job", "b", "--max-size", "100KB", "big.log"]);
    assert!(
        said.contains("100000 bytes") && said.contains("--max-size"),
        "{said}"
    );
    assert_eq!(bench.json(&["ls"])["artifacts"], serde_json::json!([]));
    let staging = bench.path().join(".artifacts/staging");
    let left = staging.read_dir().map_or(0, Iterator::count);
    assert_eq!(left, 0, "something is left in {}", staging.display());
    bench.ok(&["put", "--job", "b", "--max-size", "100001", "big.log"]);
}

#[test]
fn of_several_paths_one_that_fails_does_not_stop_the_others() {
    let bench = Bench::new();
    bench.write("a.log", "1");
    bench.write("big.log", vec![b'x'; 2000]);
    bench.write("z.log", "3");
    let put = [
        "put",
        "--job",
        "b",
        "--max-size",
        "1KB",
        "a.log",
        "big.log",
        "z.log",
    ];
    let ran = bench.run(&put);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.err.contains("big.log"), "{ran:?}");
    assert_eq!(ran.out.lines().count(), 2, "{ran:?}");
    assert_eq!(
        bench.json(&["ls"])["artifacts"].as_array().unwrap().len(),
        2
    );
}

#[test]
fn every_failure_is_an_object_of_its_own_with_json() {
    let bench = Bench::new();
    bench.write("a.log", "1");
    bench.write("big.log", vec![b'x'; 2000]);
    bench.write("big.xml", vec![b'x'; 2000]);
    let put = |paths: &[&str]| {
        let options = ["put", "--json", "--quiet", "--job=b", "--max-size=1KB"];
        bench.run(&[&options, paths].concat())
    };
    let some = put(&["big.log", "a.log", "big.xml"]);
    let kinds: Vec<serde_json::Value> = some
        .err
        .lines()
        .map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap()["error"]["kind"].take()
        })
        .collect();
    assert_eq!(kinds, ["too-large", "too-large"], "{some:?}");
    let stored: serde_json::Value = serde_json::from_str(&some.out).unwrap();
    assert_eq!(stored["artifacts"].as_array().unwrap().len(), 1);
    let none = put(&["big.log"]);
    assert_eq!((none.code, none.out.as_str()), (2, ""), "{none:?}");
}

#[test]
fn quiet_prints_nothing() {
    let bench = Bench::new();
    bench.write("a.log", "1");
    let ran = bench.run(&["put", "--quiet", "--job", "b", "a.log"]);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
}

#[cfg(unix)]
#[test]
fn links_out_of_a_folder_are_refused_or_followed() {
    let bench = Bench::new();
    bench.write("outside.txt", "outside");
    bench.write("site/index.html", "in");
    std::os::unix::fs::symlink("../outside.txt", bench.path().join("site/link.txt")).unwrap();
    let said = bench.fails(2, &["put", "--job", "b", "--type", "custom", "site"]);
    assert!(
        said.contains("link.txt") && said.contains("--follow-links"),
        "{said}"
    );
    bench.ok(&[
        "put",
        "--job",
        "b",
        "--type",
        "custom",
        "--follow-links",
        "site",
    ]);
    assert_eq!(bench.ok(&["cat", "b", "custom", "link.txt"]), "outside");
}

#[test]
fn a_second_put_takes_the_place_of_the_first() {
    let bench = Bench::new();
    bench.stored("r.xml", "old");
    bench.stored("r.xml", "new");
    assert_eq!(bench.ok(&["cat", "b", "test-results"]), "new");
    let len = |arguments: &[&str]| bench.json(arguments)["artifacts"].as_array().unwrap().len();
    assert_eq!(len(&["ls"]), 1);
    assert_eq!(len(&["ls", "--superseded"]), 2);
}

#[test]
fn a_type_that_looks_like_a_slip_is_stored_and_questioned() {
    let bench = Bench::new();
    bench.write("r.xml", "x");
    let ran = bench.run(&["put", "--job", "b", "--type", "test-result", "r.xml"]);
    assert!(
        ran.code == 0 && ran.err.contains("was test-results meant?"),
        "{ran:?}"
    );
    let ran = bench.run(&["put", "--job", "b", "--type", "load-profile", "r.xml"]);
    assert!(ran.code == 0 && !ran.err.contains("meant?"), "{ran:?}");
}
