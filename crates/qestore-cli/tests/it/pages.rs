//! Completions, manual pages, help and version.

use crate::support::Bench;

const COMMANDS: [&str; 23] = [
    "put",
    "get",
    "cat",
    "ls",
    "show",
    "rm",
    "compare",
    "trend",
    "stats",
    "cleanup",
    "pin",
    "unpin",
    "hold",
    "log",
    "import",
    "export",
    "copy",
    "exists",
    "verify",
    "reindex",
    "config",
    "completions",
    "man",
];

#[test]
fn every_shell_gets_completions() {
    let bench = Bench::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = bench.ok(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} misses {command}");
        }
    }
    bench.fails(2, &["completions", "cmd"]);
}

#[test]
fn every_command_has_a_manual_page() {
    let bench = Bench::new();
    assert!(bench.ok(&["man"]).contains(".TH qestore 1"));
    bench.ok(&["man", "made/man1"]);
    let main = String::from_utf8(bench.read("made/man1/qestore.1")).unwrap();
    for command in COMMANDS {
        let page =
            String::from_utf8(bench.read(&format!("made/man1/qestore-{command}.1"))).unwrap();
        assert!(page.contains(&format!(".TH qestore-{command} 1")), "{page}");
        assert!(
            main.contains(&format!("qestore\\-{command}(1)")),
            "{command}"
        );
    }
    let listed = bench.json(&["man", "made/man1"]);
    assert_eq!(
        listed["pages"].as_array().unwrap().len(),
        COMMANDS.len() + 5
    );
    // Commands below a command have pages of their own.
    let page = String::from_utf8(bench.read("made/man1/qestore-config-show.1")).unwrap();
    assert!(page.contains(".TH qestore-config-show 1"), "{page}");
}

#[test]
fn every_command_helps_shortly_and_at_length() {
    let bench = Bench::new();
    for command in COMMANDS {
        let (short, long) = (bench.ok(&[command, "-h"]), bench.ok(&[command, "--help"]));
        assert!(short.contains("Usage: qestore"), "{short}");
        assert!(long.len() > short.len(), "{command}: {long}");
        if command != "reindex" {
            assert!(
                long.contains("Examples:") && !short.contains("Examples:"),
                "{command}"
            );
        }
    }
    assert!(bench.ok(&["--help"]).contains("Exit codes:"));
    assert!(bench.ok(&["put", "--help"]).contains("matrix"));
    let version = bench.ok(&["--version"]);
    assert_eq!(version, format!("qestore {}\n", env!("CARGO_PKG_VERSION")));
}
