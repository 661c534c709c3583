//! The `qestore` command as whole processes, from start to exit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tokio::runtime::Runtime;

use crate::material::reports;
use crate::report::{Line, Target};
use crate::timing::{interleaved, median, millis, spread, timed};
use crate::{Bench, Result, list, rows};

const ROUNDS: usize = 30;
/// What the whole process may take, in milliseconds.
const LIMIT: f64 = 15.0;

pub(crate) fn put(bench: &Bench) -> Result<Vec<Line>> {
    let program = bench.machine.program("qestore")?;
    let folder = bench.machine.folder()?;
    let report = folder.path().join("report.json");
    let all = reports(&[".json"])?.concat();
    fs::write(&report, &all[..2_000])?;
    let store = folder.path().join("store");
    let mut number = 0;
    let mut ours = || {
        number += 1;
        let job = format!("build-{number}");
        let arguments = ["put", "--job", &job, "--type", "test-results"];
        process(&program, &store, &arguments, Some(&report))
    };
    let mut help = || process(&program, &store, &["--version"], None);
    let [ours, start] = interleaved(bench.rounds(ROUNDS), 3, [&mut ours, &mut help])?;
    Ok(vec![line("cli-put", &ours, &start)])
}

pub(crate) fn ls(bench: &Bench) -> Result<Vec<Line>> {
    let program = bench.machine.program("qestore")?;
    let runtime = Runtime::new()?;
    let store = rows::store_with(&bench.machine, &runtime, list::many(bench))?;
    let mut ours = || process(&program, &store, &["ls"], None);
    let mut help = || process(&program, &store, &["--version"], None);
    let [ours, start] = interleaved(bench.rounds(ROUNDS), 3, [&mut ours, &mut help])?;
    Ok(vec![line("cli-ls", &ours, &start)])
}

fn line(name: &'static str, ours: &[Duration], start: &[Duration]) -> Line {
    Line {
        name,
        unit: "ms",
        ours: millis(median(ours)),
        against: "the limit".to_owned(),
        other: LIMIT,
        target: Target::AtMost(1.0),
        notes: vec![
            spread("ours", ours),
            spread("a process that does nothing", start),
        ],
    }
}

fn process(
    program: &PathBuf,
    store: &Path,
    arguments: &[&str],
    path: Option<&Path>,
) -> Result<Duration> {
    let mut command = Command::new(program);
    // A bare environment: what a CI system sets must not add tags here and there.
    command
        .env_clear()
        .env("QE_STORAGE_PATH", store)
        .args(arguments)
        .args(path)
        .stdin(Stdio::null());
    timed(|| {
        let output = command.output()?;
        if output.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("qestore {}: {}: {said}", arguments.join(" "), output.status).into())
    })
}
