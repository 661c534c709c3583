//! A folder of 5,000 files as one artifact, against `tar | zstd`; and one file read out of it.

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use qestore::backend::LocalBackend;
use qestore::{ArtifactType, Config, NewArtifact, Storage};
use tokio::runtime::Runtime;

use crate::counting::Counting;
use crate::report::{Line, Target};
use crate::timing::{interleaved, median, settle, timed};
use crate::{Bench, Result, material};

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let count = if bench.quick { 500 } else { 5_000 };
    let tree = material::report_folder(&bench.machine, count)?;
    let folder = bench.machine.folder()?;
    let store = folder.path().join("store");
    let runtime = Runtime::new()?;
    let mut object = Default::default();
    let mut ours = |durable: bool| {
        if store.exists() {
            fs::remove_dir_all(&store)?;
            settle();
        }
        let mut config = Config::local(&store).max_artifact_bytes(4 << 30);
        if !durable {
            config = config.not_durable();
        }
        let storage = runtime.block_on(Storage::open(config))?;
        let new = NewArtifact::from_path("build-1", ArtifactType::COVERAGE_REPORT, &tree);
        let took = timed(|| {
            object = Some(runtime.block_on(storage.store(new))?);
            Ok(())
        });
        settle();
        took
    };
    let ours = std::cell::RefCell::new(&mut ours);
    let mut unsynced = || (ours.borrow_mut())(false);
    let mut durable = || (ours.borrow_mut())(true);
    let mut compressed = 0;
    let mut other = || {
        let out = folder.path().join("tree.tar.zst");
        let took = timed(|| tar_zstd(&tree, bench.machine.cores, &out));
        compressed = fs::metadata(&out)?.len();
        fs::remove_file(&out)?;
        settle();
        took
    };
    let rounds = if bench.quick { 1 } else { 5 };
    let [other, unsynced, durable] =
        interleaved(rounds, 1, [&mut other, &mut unsynced, &mut durable])?;
    let object = object.ok_or("nothing was stored")?;
    let storing = Line {
        name: "tree-5000",
        unit: "s",
        ours: median(&durable).as_secs_f64(),
        against: format!("tar and zstd -3 -T{}, unsynced", bench.machine.cores),
        other: median(&other).as_secs_f64(),
        target: Target::AtMost(1.3),
        notes: vec![
            format!("ours, not synced: {:.2} s", median(&unsynced).as_secs_f64()),
            format!(
                "{} bytes as {} bytes, {compressed} by zstd",
                object.size_bytes, object.compressed_size_bytes
            ),
        ],
    };
    let reading = runtime.block_on(one_member(&store, &tree, count))?;
    Ok(vec![storing, reading])
}

fn tar_zstd(tree: &Path, cores: usize, out: &Path) -> Result<()> {
    let script = "set -e; tar cf - -C \"$1\" . | zstd -3 -q \"-T$2\" -o \"$3\"";
    let status = Command::new("sh")
        .args(["-c", script, "sh"])
        .arg(tree)
        .arg(cores.to_string())
        .arg(out)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err("tar | zstd failed".into())
    }
}

/// Reads one file out of the stored tree and compares the content bytes that were read with the
/// frames that hold it, as the public seek table tells them.
async fn one_member(store: &Path, tree: &Path, count: usize) -> Result<Line> {
    let counting = Counting::new(LocalBackend::open(store, false, true)?);
    let config = Config::custom(Arc::new(counting.clone())).index_path(store.join("index.sqlite"));
    let storage = Storage::open(config).await?;
    let artifact = storage.retrieve(("build-1", ArtifactType::COVERAGE_REPORT));
    let artifact = artifact.await?.ok_or("the tree is not there")?;
    let number = count / 2;
    let path = format!("part-{:02}/report-{number:04}.html", number / 100);
    let members = artifact.members().await?;
    let member = members.iter().find(|member| member.path == path);
    let member = member.ok_or("the member is not there")?;
    let content = member.offset..member.offset + member.size;
    // A handle of its own: nothing is known of the object yet.
    let artifact = storage.artifact(artifact.metadata().clone());
    counting.take();
    let bytes = artifact.member(&path).await?;
    let reads = counting.take();
    if bytes != fs::read(tree.join(&path))? {
        return Err("the member is not what was stored".into());
    }
    let object = fs::read(store.join(&artifact.metadata().storage_path))?;
    let (frames_end, covering) = covering(&object, &content)?;
    let of_content = reads.iter().filter(|read| read.start < frames_end);
    let of_content: u64 = of_content
        .map(|read| read.end.min(frames_end) - read.start)
        .sum();
    let all: u64 = reads.iter().map(|read| read.end - read.start).sum();
    Ok(Line {
        name: "tree-member",
        unit: "bytes",
        ours: of_content as f64,
        against: "the frames that hold the file".to_owned(),
        other: (covering.end - covering.start) as f64,
        target: Target::AtMost(1.0),
        notes: vec![format!(
            "a file of {} bytes: {} reads of {all} bytes in all, tables included, of {} stored",
            member.size,
            reads.len(),
            object.len()
        )],
    })
}

/// Where the content frames end in an object, and the stored range of those that cover `content`.
fn covering(object: &[u8], content: &Range<u64>) -> Result<(u64, Range<u64>)> {
    const FOOTER: usize = 9;
    const ENTRY: usize = 8;
    let number = |at: usize| -> Result<u64> {
        let bytes = object.get(at..at + 4).ok_or("no seek table")?;
        Ok(u64::from(u32::from_le_bytes(bytes.try_into()?)))
    };
    let footer = object.len().checked_sub(FOOTER).ok_or("no seek table")?;
    let count = number(footer)? as usize;
    let (mut stored_at, mut content_at, mut covering) = (0, 0, None::<Range<u64>>);
    for entry in 0..count {
        let at = footer - (count - entry) * ENTRY;
        let (stored, raw) = (number(at)?, number(at + 4)?);
        if raw == 0 {
            break;
        }
        if content_at < content.end && content_at + raw > content.start {
            let from = covering.map_or(stored_at, |range| range.start);
            covering = Some(from..stored_at + stored);
        }
        stored_at += stored;
        content_at += raw;
    }
    Ok((stored_at, covering.ok_or("no frame holds the member")?))
}
