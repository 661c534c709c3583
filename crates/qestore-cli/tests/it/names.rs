//! Job ids, names and tags with every sort of text; nothing of it becomes a path or reaches a
//! terminal raw.

use crate::support::{Bench, ran};

#[test]
fn any_printable_text_is_stored_and_found_again() {
    let bench = Bench::new();
    let long = "x".repeat(255);
    let wide = format!("{}x", "ü".repeat(127));
    let texts = [
        "a/b",
        "../..",
        "..",
        "with space",
        "🚀🧪",
        "בנייה 12",
        "it's \"100 %\"",
        "-dash",
        "C:\\nul",
        "*",
        long.as_str(),
        wide.as_str(),
    ];
    for text in texts {
        let (job, name) = (format!("--job={text}"), format!("--name={text}"));
        let put = ["put", &job, &name, "--type=custom", "-"];
        let put = ran(bench.command(&put).write_stdin(text));
        assert_eq!(put.code, 0, "{text}: {put:?}");
        let out = bench.ok(&["cat", &name, "--", text, "custom"]);
        assert_eq!(out, text);
        let listing = bench.json(&["ls", &job, &name]);
        assert_eq!(listing["artifacts"][0]["job_id"], text);
    }
    let all = bench.json(&["ls"]);
    assert_eq!(all["artifacts"].as_array().unwrap().len(), texts.len());
    assert!(bench.ok(&["verify"]).starts_with("all sound"));
}

#[test]
fn content_is_written_inside_the_current_folder_whatever_its_name() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path().join("here")).unwrap();
    for (name, file) in [
        ("../escape", ".._escape"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "_"),
        ("a\\b", "a_b"),
        ("\u{202e}fdp.exe", "_fdp.exe"),
    ] {
        let option = format!("--name={name}");
        let put = ["put", "--job=b", "--type=custom", &option, "-"];
        assert_eq!(ran(bench.command(&put).write_stdin("x")).code, 0);
        let mut get = bench.command(&["get", "b", "custom", &option]);
        let got = ran(get.current_dir(bench.path().join("here")));
        assert_eq!(got.code, 0, "{got:?}");
        assert_eq!(bench.read(&format!("here/{file}")), b"x", "{name:?}");
    }
    let outside: Vec<_> = bench.path().read_dir().unwrap().collect();
    assert_eq!(outside.len(), 2, "{outside:?}");
}

#[test]
fn text_that_is_not_allowed_is_said_to_be() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    let long = "x".repeat(256);
    for (option, text, says) in [
        ("--job", "", "empty"),
        ("--job", long.as_str(), "256 bytes"),
        ("--job", "a\nb", "U+000A"),
        ("--name", "", "empty"),
        ("--name", long.as_str(), "256 bytes"),
        ("--name", "\u{1b}[2J", "U+001B"),
        ("--tag", "k\u{7}=v", "U+0007"),
    ] {
        let job = if option == "--job" {
            "--quiet"
        } else {
            "--job=b"
        };
        let said = bench.fails(2, &["put", job, &format!("{option}={text}"), "a.log"]);
        assert!(said.contains(says), "{option} {text:?}: {said}");
        assert!(
            said.chars().all(|c| c == '\n' || !c.is_control()),
            "{said:?}"
        );
    }
    let value = format!("--tag=k={}", "v".repeat(1025));
    assert!(
        bench
            .fails(2, &["put", "--job=b", &value, "a.log"])
            .contains("1025 bytes")
    );
    bench.ok(&["put", "--job=b", "a.log"]);
    for command in ["cat", "get", "show", "rm", "exists"] {
        let said = bench.fails(2, &[command, "a\u{1b}[2Jb", "custom"]);
        assert!(
            said.contains("U+001B") && !said.contains('\u{1b}'),
            "{said:?}"
        );
    }
}

#[test]
fn escape_sequences_in_tags_never_reach_the_terminal() {
    let bench = Bench::new();
    bench.write("a.log", "x");
    let tag = "--tag=title=\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}";
    let put = bench.ok(&["put", "--job=b", tag, "a.log"]);
    let outputs = [
        put,
        bench.ok(&["ls"]),
        bench.ok(&["ls", "--json"]),
        bench.ok(&["show", "b", "build-logs"]),
        bench.ok(&["show", "b", "build-logs", "--json"]),
    ];
    for out in &outputs {
        assert!(out.chars().all(|c| c == '\n' || !c.is_control()), "{out:?}");
    }
    assert!(
        outputs[1].contains("title=\\u{1b}]0;owned"),
        "{}",
        outputs[1]
    );
    let back = bench.json(&["show", "b", "build-logs"]);
    assert_eq!(
        back["artifact"]["tags"]["title"],
        "\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_no_text_needs_a_name() {
    use std::os::unix::ffi::OsStrExt as _;
    let bench = Bench::new();
    let name = std::ffi::OsStr::from_bytes(b"bad\xff.log");
    std::fs::write(bench.path().join(name), "x").unwrap();
    let refused = ran(bench.command(&["put", "--job=b"]).arg(name));
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("--name"), "{refused:?}");
    let stored = ran(bench
        .command(&["put", "--job=b", "--name=ok.log"])
        .arg(name));
    assert_eq!(stored.code, 0, "{stored:?}");
    assert_eq!(bench.ok(&["cat", "b", "build-logs"]), "x");
}
