//! Which store is used, who makes one, and what is said when there is none.

use std::fs;

use crate::support::{Bench, ran};

#[test]
fn reading_without_a_store_says_where_it_looked() {
    let bench = Bench::new();
    for arguments in [
        &["ls"][..],
        &["show", "b", "custom"],
        &["get", "b", "custom"],
        &["cat", "b", "custom"],
        &["rm", "b", "custom"],
        &["exists", "b", "custom"],
        &["verify"],
        &["reindex"],
    ] {
        let said = bench.fails(2, arguments);
        assert!(
            said.contains(".artifacts") && said.contains("qestore put"),
            "{said}"
        );
        let json = bench.run(&[arguments, &["--json"]].concat());
        assert!(
            json.err.contains("\"no-store\"") && json.out.is_empty(),
            "{json:?}"
        );
    }
    let said = bench.fails(2, &["ls", "--store", "elsewhere"]);
    assert!(
        said.contains("elsewhere") && said.contains("--store"),
        "{said}"
    );
    assert_eq!(bench.path().read_dir().unwrap().count(), 0);
}

#[test]
fn put_makes_a_store_here_that_git_ignores() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    let ran = bench.run(&["put", "--job=b", "a.log"]);
    assert!(ran.err.contains("note: made a store in"), "{ran:?}");
    assert_eq!(bench.read(".artifacts/.gitignore"), b"*\n");
    assert_eq!(bench.run(&["put", "--job=b", "a.log"]).err, "");
}

#[test]
fn a_store_in_a_folder_above_is_found() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    bench.write("deep/down/b.log", "y");
    bench.ok(&["put", "--job=b", "a.log"]);
    let mut put = bench.command(&["put", "--job=c", "b.log"]);
    let put = ran(put.current_dir(bench.path().join("deep/down")));
    assert_eq!((put.code, put.err.as_str()), (0, ""), "{put:?}");
    assert!(!bench.path().join("deep/down/.artifacts").exists());
    assert_eq!(bench.ok(&["cat", "c", "build-logs"]), "y");
}

#[test]
fn the_option_wins_over_the_environment_and_that_over_what_is_found() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    let put = |more: &[&str], environment: Option<&str>| {
        let mut command = bench.command(&["put", "--job=b", "a.log"]);
        command.args(more);
        if let Some(path) = environment {
            command.env("QE_STORAGE_PATH", path);
        }
        assert_eq!(ran(&mut command).code, 0);
    };
    let objects = |store: &str| bench.path().join(store).join("artifacts").exists();
    put(&["--store", "by-option"], Some("by-environment"));
    assert!(objects("by-option") && !objects("by-environment") && !objects(".artifacts"));
    assert!(!bench.path().join("by-option/.gitignore").exists());
    put(&[], Some("by-environment"));
    assert!(objects("by-environment") && !objects(".artifacts"));
    put(&[], Some(""));
    assert!(objects(".artifacts"));
    bench.fails(2, &["ls", "--store", ""]);
}

#[test]
fn a_folder_with_other_things_is_not_made_a_store() {
    let bench = Bench::new();
    bench.write("full/precious.txt", "x");
    bench.write("a.log", "x");
    for arguments in [
        &["put", "--job=b", "--store", "full", "a.log"][..],
        &["ls", "--store", "full"],
    ] {
        let said = bench.fails(2, arguments);
        assert!(said.contains("precious.txt"), "{said}");
    }
    assert!(
        bench
            .fails(2, &["ls", "--store", "a.log"])
            .contains("a file")
    );
    fs::create_dir(bench.path().join("empty")).unwrap();
    bench.fails(2, &["ls", "--store", "empty"]);
    assert_eq!(bench.path().join("full").read_dir().unwrap().count(), 1);
}
