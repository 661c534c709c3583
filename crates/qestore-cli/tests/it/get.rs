//! `get`: to a file, a folder or standard output; nothing overwritten, nothing half written.

use std::fs;

use crate::support::Bench;

fn with_tree() -> Bench {
    let bench = Bench::new();
    bench.write("htmlcov/index.html", "<html>");
    bench.write("htmlcov/deep/page.html", "deep");
    bench.ok(&["put", "--job", "b", "htmlcov"]);
    fs::remove_dir_all(bench.path().join("htmlcov")).unwrap();
    bench
}

#[test]
fn a_file_comes_back_under_its_name_and_is_not_overwritten() {
    let bench = Bench::new();
    bench.stored("r.xml", "<content/>");
    let out = bench.ok(&["get", "b", "test-results"]);
    assert!(
        out.starts_with("r.xml") && out.contains("verified"),
        "{out}"
    );
    assert_eq!(bench.read("r.xml"), b"<content/>");

    bench.write("r.xml", "mine");
    let said = bench.fails(2, &["get", "b", "test-results"]);
    assert!(said.contains("r.xml") && said.contains("--force"), "{said}");
    assert_eq!(bench.read("r.xml"), b"mine");
    bench.ok(&["get", "b", "test-results", "--force"]);
    assert_eq!(bench.read("r.xml"), b"<content/>");

    bench.ok(&["get", "b", "test-results", "-o", "other.xml"]);
    assert_eq!(bench.read("other.xml"), b"<content/>");
    fs::create_dir(bench.path().join("out")).unwrap();
    bench.ok(&["get", "b", "test-results", "-o", "out"]);
    assert_eq!(bench.read("out/r.xml"), b"<content/>");
    let said = bench.fails(2, &["get", "b", "test-results", "-o", "nowhere/r.xml"]);
    assert!(said.contains("nowhere"), "{said}");
    assert_eq!(
        bench.ok(&["get", "b", "test-results", "-o", "-"]),
        "<content/>"
    );
    let left: Vec<_> = bench
        .path()
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".qestore-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_file_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    bench.ok(&["get", "b", "test-results"]);
    let usual = bench.write("usual", "x");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(bench.path().join("r.xml")), mode(usual));
}

#[test]
fn a_tree_is_unpacked_into_a_folder() {
    let bench = with_tree();
    bench.ok(&["get", "b", "coverage-report"]);
    assert_eq!(bench.read("htmlcov/deep/page.html"), b"deep");

    bench.write("htmlcov/mine.txt", "mine");
    let said = bench.fails(2, &["get", "b", "coverage-report"]);
    assert!(said.contains("--force"), "{said}");
    assert_eq!(bench.read("htmlcov/mine.txt"), b"mine");
    bench.ok(&["get", "b", "coverage-report", "--force"]);
    assert!(!bench.path().join("htmlcov/mine.txt").exists());
    assert_eq!(bench.read("htmlcov/index.html"), b"<html>");

    fs::create_dir(bench.path().join("empty")).unwrap();
    bench.ok(&["get", "b", "coverage-report", "-o", "empty"]);
    assert_eq!(bench.read("empty/index.html"), b"<html>");
}

#[test]
fn force_does_not_take_the_current_folder_away() {
    let bench = with_tree();
    bench.write("sub/mine.txt", "mine");
    let get = ["get", "b", "coverage-report", "--force", "-o", "."];
    let out = bench
        .command(&get)
        .current_dir(bench.path().join("sub"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert!(
        out.status.code() == Some(2) && said.contains("current folder"),
        "{said}"
    );
    assert_eq!(bench.read("sub/mine.txt"), b"mine");
}

#[test]
fn force_touches_neither_the_store_nor_what_holds_it() {
    let bench = with_tree();
    bench.stored("r.xml", "x");
    bench.write("precious.txt", "mine");
    let outside = tempfile::tempdir().unwrap();
    let store = bench.path().join(".artifacts");
    let store = store.to_str().unwrap();
    for (artifact, target) in [
        ("coverage-report", bench.path().to_path_buf()),
        ("coverage-report", bench.path().join(".artifacts")),
        ("coverage-report", bench.path().join(".artifacts/new")),
        ("test-results", bench.path().join(".artifacts/qestore.json")),
        ("test-results", bench.path().join(".artifacts")),
    ] {
        let target = target.to_str().unwrap();
        let get = ["--store", store, "get", "b", artifact, "-f", "-o", target];
        let out = bench
            .command(&get)
            .current_dir(outside.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stderr);
        assert!(
            out.status.code() == Some(2) && said.contains("the store itself"),
            "{said}"
        );
    }
    assert_eq!(bench.read("precious.txt"), b"mine");
    assert!(bench.ok(&["verify"]).starts_with("all sound: 2 artifacts"));
}

#[test]
fn a_tree_on_standard_output_is_a_tar_stream() {
    let bench = with_tree();
    let out = bench
        .command(&["get", "b", "coverage-report", "-o", "-"])
        .output()
        .unwrap();
    assert!(out.status.success());
    assert_eq!(&out.stdout[257..262], b"ustar");
    assert_eq!(out.stdout.len() % 512, 0);
}

#[test]
fn the_stored_object_comes_as_it_is() {
    let bench = with_tree();
    let stored = bench.stored("r.xml", &"text ".repeat(500));
    let out = bench.json(&["get", "b", "test-results", "--stored"]);
    assert_eq!(out["path"], "r.xml.zst");
    assert_eq!(
        bench.read("r.xml.zst"),
        fs::read(bench.object(&stored)).unwrap()
    );
    bench.ok(&["get", "b", "coverage-report", "--stored"]);
    assert!(bench.path().join("htmlcov.tar.zst").is_file());
}

#[test]
fn json_and_content_do_not_share_standard_output() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    let ran = bench.run(&["get", "b", "test-results", "-o", "-", "--json"]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("\"usage\""), "{ran:?}");
}

#[test]
fn what_is_not_there_is_an_answer_of_no() {
    let bench = Bench::new();
    bench.stored("r.xml", "x");
    for command in ["get", "cat", "show", "rm"] {
        let said = bench.fails(1, &[command, "no-job", "test-results"]);
        assert!(
            said.contains("no-job") && said.contains("qestore ls"),
            "{said}"
        );
        bench.fails(1, &[command, "b", "test-results", "--name", "other"]);
    }
}

#[test]
fn several_of_one_type_need_a_name() {
    let bench = Bench::new();
    bench.stored("r1.xml", "1");
    bench.stored("r2.xml", "2");
    for command in ["get", "cat", "show", "rm", "exists"] {
        let said = bench.fails(2, &[command, "b", "test-results"]);
        for part in ["r1.xml", "r2.xml", "--name"] {
            assert!(said.contains(part), "{said}");
        }
    }
    assert_eq!(
        bench.ok(&["cat", "b", "test-results", "--name", "r2.xml"]),
        "2"
    );
}
