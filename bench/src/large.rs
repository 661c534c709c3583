//! 1 GiB of log text, streamed from its file, against the `zstd` command; memory of the process
//! that does it.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use qestore::{ArtifactType, Config, NewArtifact, Storage};
use tokio::runtime::Runtime;

use crate::report::{Line, Target};
use crate::timing::{children_cpu, interleaved, median, settle, timed};
use crate::{Bench, Result, material};

/// The hidden first argument of a child that only stores.
pub(crate) const CHILD: &str = "store-and-tell-memory";

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let size: u64 = if bench.quick { 64 << 20 } else { 1 << 30 };
    let path = material::log_file(&bench.machine, size)?;
    let folder = bench.machine.folder()?;
    let runtime = Runtime::new()?;
    let (mut peak, mut cpu) = (0.0_f64, [Cpu::default(); 3]);
    let [durable_cpu, other_cpu, unsynced_cpu] = &mut cpu;
    let mut ours = |synced: &str, cpu: &mut Cpu| {
        let store = folder.path().join("store");
        let already = in_use(&runtime, &store)?;
        let (took, told) = cpu.of(|| {
            let output = Command::new(std::env::current_exe()?)
                .args([CHILD, synced])
                .args([&path, &store])
                .output()?;
            let told = String::from_utf8(output.stdout)?;
            if output.status.success() {
                Ok(told)
            } else {
                Err(told.into())
            }
        })?;
        peak = peak.max(told.trim().parse()?);
        let stored = size_below(&store)? - already;
        fs::remove_dir_all(&store)?;
        settle();
        Ok::<_, crate::Error>((took, stored))
    };
    let ours = std::cell::RefCell::new(&mut ours);
    let (mut stored, mut compressed, mut other_syncs) = (0, 0, Vec::new());
    let mut durable = || {
        let (took, bytes) = (ours.borrow_mut())("synced", durable_cpu)?;
        stored = bytes;
        Ok(took)
    };
    let mut unsynced = || Ok((ours.borrow_mut())("unsynced", unsynced_cpu)?.0);
    let mut other = || {
        let out = folder.path().join("log.zst");
        let (took, ()) = other_cpu.of(|| {
            let status = Command::new("zstd")
                .args(["-3", "-q", &format!("-T{}", bench.machine.cores), "-o"])
                .args([&out, &path])
                .status()?;
            if status.success() {
                Ok(())
            } else {
                Err("zstd failed".into())
            }
        })?;
        other_syncs.push(timed(|| Ok(fs::File::open(&out)?.sync_all()?))?);
        compressed = fs::metadata(&out)?.len();
        fs::remove_file(&out)?;
        settle();
        Ok(took)
    };
    let rounds = if bench.quick { 1 } else { 5 };
    let [durable, other, unsynced] =
        interleaved(rounds, 1, [&mut durable, &mut other, &mut unsynced])?;
    let rate = |took: &[Duration]| size as f64 / (1 << 20) as f64 / median(took).as_secs_f64();
    let seconds = |what: &str, took: &[Duration], cpu: &Cpu| {
        format!("{what}: {:.2} s, {cpu}", median(took).as_secs_f64())
    };
    let speed = Line {
        name: "store-1gib",
        unit: "MiB/s",
        ours: rate(&durable),
        against: format!("zstd -3 -T{}, unsynced", bench.machine.cores),
        other: rate(&other),
        target: Target::AtLeast(0.9),
        notes: vec![
            seconds("ours, synced", &durable, &cpu[0]),
            seconds("ours, not synced", &unsynced, &cpu[2]),
            seconds("zstd", &other, &cpu[1]),
            format!(
                "syncing the file of zstd, not counted: {:.2} s",
                median(&other_syncs).as_secs_f64()
            ),
            format!("{stored} bytes stored, {compressed} by zstd"),
        ],
    };
    let memory = Line {
        name: "store-1gib-memory",
        unit: "MiB",
        ours: peak,
        against: "the limit".to_owned(),
        other: 96.0,
        target: Target::AtMost(1.0),
        notes: vec!["the largest of all rounds, of a process that does only the store".to_owned()],
    };
    Ok(vec![speed, memory])
}

/// Makes a store that has an artifact already: what is measured is storing, not the first start.
/// Gives the bytes of its objects.
fn in_use(runtime: &Runtime, store: &Path) -> Result<u64> {
    let new = NewArtifact::from_bytes("build-0", ArtifactType::BUILD_LOGS, "started\n");
    runtime.block_on(async { Storage::open(Config::local(store)).await?.store(new).await })?;
    settle();
    size_below(store)
}

/// The child: stores one file, then prints the most memory it ever had resident, in MiB.
#[expect(clippy::print_stdout, reason = "the answer of the child")]
pub(crate) fn child(arguments: &[String]) -> Result<ExitCode> {
    let [synced, path, store] = arguments else {
        return Err("synced|unsynced PATH STORE".into());
    };
    let mut config = Config::local(store).max_artifact_bytes(4 << 30);
    if synced != "synced" {
        config = config.not_durable();
    }
    Runtime::new()?.block_on(async {
        let storage = Storage::open(config).await?;
        let new = NewArtifact::from_path("build-1", ArtifactType::BUILD_LOGS, path);
        storage.store(new).await
    })?;
    println!("{}", peak_mib()?);
    Ok(ExitCode::SUCCESS)
}

/// The most memory that this process ever had resident, in MiB.
pub(crate) fn peak_mib() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line
        .ok_or("no VmHWM")?
        .trim()
        .trim_end_matches(" kB")
        .parse()?;
    Ok(kib / 1024.0)
}

/// Bytes of the objects of a store.
fn size_below(store: &Path) -> Result<u64> {
    let mut sum = 0;
    let mut folders = vec![store.join("artifacts")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                sum += entry.metadata()?.len();
            }
        }
    }
    Ok(sum)
}

/// Processor time of children, summed over rounds.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Cpu {
    user: Duration,
    system: Duration,
    rounds: u32,
}

impl Cpu {
    /// Runs `work`, which waits for a child; gives how long it took, and adds the child's time.
    pub(crate) fn of<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<(Duration, T)> {
        let (before, started) = (children_cpu(), Instant::now());
        let done = work()?;
        let (took, after) = (started.elapsed(), children_cpu());
        self.user += after.0.saturating_sub(before.0);
        self.system += after.1.saturating_sub(before.1);
        self.rounds += 1;
        Ok((took, done))
    }
}

impl std::fmt::Display for Cpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let of = |sum: Duration| sum.as_secs_f64() / f64::from(self.rounds.max(1));
        write!(
            f,
            "processor {:.2} s user, {:.2} s system",
            of(self.user),
            of(self.system)
        )
    }
}
