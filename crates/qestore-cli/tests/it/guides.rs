//! The guides show what is really printed: their console blocks are run in order, by a shell, in an
//! empty folder beside the examples. Times, spans and sizes of objects are those of one run, and are
//! not compared. `QESTORE_REGENERATE=1 cargo test -p qestore-cli guides::` writes them anew.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Bench;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Runs one line as a reader would; gives everything it prints.
fn run(bench: &Bench, line: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_qestore")).parent().unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{line}")])
        .env_clear()
        .env("PATH", format!("{}:{path}", program.display()))
        .env("USER", "alex")
        .current_dir(bench.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.replace(&format!("{}/", bench.path().display()), "")
}

/// What differs from run to run becomes a mark of its own; spaces that make columns become one.
fn masked(text: &str) -> String {
    let mut words = Vec::new();
    for line in text.lines() {
        let mut masked: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            let bare = word.trim_matches(|c: char| "(),;:".contains(c));
            let number = bare.trim_start_matches(['+', '-']).parse::<f64>().is_ok();
            let unit = ["B", "kB", "MB", "ms", "s", "min", "%", "h", "d"].contains(&bare);
            let instant = bare.len() >= 10
                && bare.starts_with("20")
                && bare
                    .chars()
                    .all(|c| c.is_ascii_digit() || "-:.TZ".contains(c));
            let time = bare.len() >= 8
                && bare.contains(':')
                && bare.chars().all(|c| c.is_ascii_digit() || ":Z".contains(c));
            if unit && masked.last().is_some_and(|last| last == "#") {
                continue;
            }
            let is_block = bare.chars().all(|c| ('▁'..='█').contains(&c));
            let mark = number || instant || time || (is_block && !bare.is_empty());
            masked.push(if mark {
                "#".to_owned()
            } else {
                word.to_owned()
            });
        }
        words.push(masked.join(" "));
    }
    words.join("\n")
}

fn check(name: &str) {
    let path = root().join("docs").join(name);
    let text = fs::read_to_string(&path).unwrap();
    let bench = Bench::new();
    std::os::unix::fs::symlink(
        fs::canonicalize(root().join("examples")).unwrap(),
        bench.path().join("examples"),
    )
    .unwrap();
    std::os::unix::fs::symlink(
        fs::canonicalize(root().join("tools")).unwrap(),
        bench.path().join("tools"),
    )
    .unwrap();
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    let regenerates = std::env::var_os("QESTORE_REGENERATE").is_some();
    let (mut made, mut commands) = (String::new(), 0);
    for (at, part) in text.split("```console\n").enumerate() {
        if at == 0 {
            made.push_str(part);
            continue;
        }
        let (block, rest) = part.split_once("```").expect("a block ends");
        made.push_str("```console\n");
        let lines = block.lines().filter_map(|line| line.strip_prefix("$ "));
        let mut new = String::new();
        for line in lines {
            commands += 1;
            new.push_str(&format!("$ {line}\n{}", run(&bench, line)));
            if !new.ends_with('\n') {
                new.push('\n');
            }
        }
        if !regenerates {
            assert_eq!(
                masked(block),
                masked(&new),
                "{name}: make it anew with QESTORE_REGENERATE=1"
            );
        }
        made.push_str(&new);
        made.push_str("```");
        made.push_str(rest);
    }
    assert!(commands > 5, "{name} shows {commands} commands");
    if regenerates {
        fs::write(&path, made).unwrap();
    }
}

#[test]
fn asking_is_as_the_guide_shows() {
    check("ASKING.md");
}

#[test]
fn keeping_is_as_the_guide_shows() {
    check("KEEPING.md");
}

#[test]
fn moving_is_as_the_guide_shows() {
    check("MOVING.md");
}

#[test]
fn marks_hide_what_differs_and_nothing_else() {
    assert_eq!(
        masked("a  8.6 kB  2026-11-25 20:51:30Z (+2.5 %) junit.xml\n▁▂█ in 12 ms, 3 d 4 h"),
        "a # # # # junit.xml\n# in # # #"
    );
    assert_eq!(masked("tomlkit-0.14.0 pinned"), "tomlkit-0.14.0 pinned");
}
