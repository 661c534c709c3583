//! What tests share: a folder to work in, and the command with nothing of this machine's environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;

/// A folder to work in, gone with the test.
pub(crate) struct Bench {
    folder: tempfile::TempDir,
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a temporary folder"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file, and the folders it is in.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let place = self.path().join(path);
        fs::create_dir_all(place.parent().expect("a file is in a folder")).expect("folders");
        fs::write(&place, content).expect("a file");
        place
    }

    pub(crate) fn read(&self, path: &str) -> Vec<u8> {
        fs::read(self.path().join(path)).expect("the file is there")
    }

    /// The command, in the folder, with an environment that says nothing.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::cargo_bin("qestore").expect("the command is built");
        command.env_clear();
        #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
        for kept in ["PATH", "SystemRoot", "TEMP", "TMP"] {
            if let Some(value) = std::env::var_os(kept) {
                command.env(kept, value);
            }
        }
        command.current_dir(self.path()).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// Runs what must succeed; gives what it printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Runs what must succeed with `--json`; gives the object.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        serde_json::from_str(&self.ok(&all)).expect("one JSON object")
    }

    /// Runs what must fail with `code`; gives what it said.
    pub(crate) fn fails(&self, code: i32, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {ran:?}");
        assert!(
            ran.err.lines().any(|line| line.starts_with("error: ")),
            "{arguments:?} says no error: {ran:?}"
        );
        ran.err
    }

    /// Stores a small file under job `b`, type test-results.
    pub(crate) fn stored(&self, name: &str, content: &str) -> Value {
        let path = format!("in/{name}");
        self.write(&path, content);
        let put = ["put", "--job", "b", "--type", "test-results", &path];
        self.json(&put)["artifacts"][0].clone()
    }

    /// The file of a stored artifact's object.
    pub(crate) fn object(&self, artifact: &Value) -> PathBuf {
        let key = artifact["storage_path"].as_str().expect("a key");
        self.path().join(".artifacts").join(key)
    }
}

pub(crate) fn ran(command: &mut Command) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the command runs");
    Ran {
        code: status.code().expect("it ended by itself"),
        out: String::from_utf8(stdout).expect("text"),
        err: String::from_utf8(stderr).expect("text"),
    }
}
