//! `cat` and `show`: content and metadata of files and trees.

use crate::support::Bench;

#[test]
fn files_and_members_are_printed_byte_for_byte() {
    let bench = Bench::new();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    bench.write("shots/a.png", &bytes);
    bench.write("shots/empty", "");
    bench.write("one.png", &bytes);
    bench.ok(&["put", "--job", "b", "--type", "custom", "shots"]);
    bench.ok(&["put", "--job", "b", "one.png"]);
    for arguments in [
        &["cat", "b", "custom", "a.png"][..],
        &["cat", "b", "screenshots"],
    ] {
        let out = bench.command(arguments).output().unwrap();
        assert!(out.status.success() && out.stdout == bytes, "{arguments:?}");
    }
    assert_eq!(bench.ok(&["cat", "b", "custom", "empty"]), "");
}

#[test]
fn a_tree_without_member_says_how_to_list_them() {
    let bench = Bench::new();
    bench.write("site/index.html", "x");
    bench.ok(&["put", "--job", "the job", "--type", "api-docs", "site"]);
    let said = bench.fails(2, &["cat", "the job", "api-docs"]);
    assert!(
        said.contains("`qestore show 'the job' api-docs --name site`"),
        "{said}"
    );
    bench.fails(1, &["cat", "the job", "api-docs", "no.html"]);
    let shown = bench.ok(&["show", "the job", "api-docs"]);
    assert!(
        shown.contains("index.html") && shown.contains("tree of 1 members"),
        "{shown}"
    );
}

#[test]
fn a_file_has_no_members_to_print() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    let said = bench.fails(2, &["cat", "b", "test-results", "index.html"]);
    assert!(said.contains("it is a file"), "{said}");
}

#[test]
fn json_holds_text_as_text_and_other_content_in_base64() {
    let bench = Bench::new();
    bench.stored("r.xml", "ü\u{1b}");
    let text = bench.json(&["cat", "b", "test-results"]);
    assert_eq!(
        (&text["encoding"], &text["content"]),
        (&"utf-8".into(), &"ü\u{1b}".into())
    );
    bench.write("x.bin", [0xff, 0xfe, 0x00]);
    bench.ok(&["put", "--job", "b", "x.bin"]);
    let binary = bench.json(&["cat", "b", "custom"]);
    assert_eq!(
        (&binary["encoding"], &binary["content"]),
        (&"base64".into(), &"//4A".into())
    );
}

#[test]
fn show_tells_all_that_is_known() {
    let bench = Bench::new();
    bench.write("run.log", "line\n".repeat(200));
    bench.ok(&[
        "put",
        "--job",
        "b",
        "--tag",
        "branch=main",
        "--ttl",
        "1d",
        "run.log",
    ]);
    let shown = bench.ok(&["show", "b", "build-logs"]);
    for part in [
        "run.log",
        "1.0 kB (1000 bytes)",
        "zstd:3",
        "until 20",
        "branch=main",
        "artifacts/20",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
