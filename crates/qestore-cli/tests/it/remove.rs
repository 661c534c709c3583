//! `rm` and `exists`.

use crate::support::Bench;

#[test]
fn what_is_removed_is_gone_with_its_versions() {
    let bench = Bench::new();
    bench.stored("r.xml", "old");
    let stored = bench.stored("r.xml", "new");
    let out = bench.ok(&["rm", "b", "test-results"]);
    assert_eq!(out, "removed b test-results r.xml\n");
    bench.fails(1, &["rm", "b", "test-results"]);
    bench.fails(1, &["cat", "b", "test-results"]);
    assert_eq!(bench.run(&["ls", "--superseded"]).out, "");
    assert!(!bench.object(&stored).exists());
    bench.ok(&["reindex"]);
    assert_eq!(bench.run(&["ls", "--superseded"]).out, "");
}

#[test]
fn exists_answers_by_its_exit_code_alone() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    for (arguments, code) in [
        (&["exists", "b", "test-results"][..], 0),
        (&["exists", "b", "test-results", "--name", "r.xml"], 0),
        (&["exists", "b", "test-results", "--name", "s.xml"], 1),
        (&["exists", "c", "test-results"], 1),
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}");
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    }
    let ran = bench.run(&["exists", "c", "test-results", "--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, "{\"exists\":false}\n"));
}
