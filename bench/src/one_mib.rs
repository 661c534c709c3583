//! 1 MiB of real reports, stored durably and read back verified, against floors that do the same
//! work on the bare system.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use qestore::{ArtifactType, Config, NewArtifact, Storage};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;
use zstd::bulk::{Compressor, Decompressor};

use crate::report::{Line, Target};
use crate::timing::{interleaved, median, millis, spread, timed};
use crate::{Bench, Result, material};

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let content = Bytes::from(material::one_mib()?);
    let folder = bench.machine.folder()?;
    let runtime = Runtime::new()?;
    let storage = runtime.block_on(Storage::open(Config::local(folder.path().join("store"))))?;
    let floor_folder = folder.path().join("floor");
    fs::create_dir(&floor_folder)?;
    let rounds = bench.rounds(200);
    let store = store(&runtime, &storage, &content, &floor_folder, rounds)?;
    let retrieve = retrieve(&runtime, &storage, content.len(), &floor_folder, rounds)?;
    Ok(vec![store, retrieve])
}

fn store(
    runtime: &Runtime,
    storage: &Storage,
    content: &Bytes,
    folder: &Path,
    rounds: usize,
) -> Result<Line> {
    let (mut number, mut floor_number) = (0, 0);
    let mut compressor = Compressor::new(3)?;
    let mut without_sync = Vec::new();
    let mut ours = || {
        number += 1;
        let new = NewArtifact::from_bytes(
            format!("build-{number}"),
            ArtifactType::TEST_RESULTS,
            content.clone(),
        )
        .tag("branch", "main");
        timed(|| Ok(runtime.block_on(storage.store(new))?))
    };
    let mut floor = || {
        floor_number += 1;
        let place = folder.join(floor_number.to_string());
        let mut before_sync = Duration::ZERO;
        let took = timed(|| {
            let staged = folder.join("staged");
            let mut file = File::create_new(&staged)?;
            before_sync = timed(|| {
                std::hint::black_box(Sha256::digest(content));
                Ok(file.write_all(&compressor.compress(content)?)?)
            })?;
            file.sync_all()?;
            fs::rename(&staged, &place)?;
            Ok(File::open(folder)?.sync_all()?)
        })?;
        without_sync.push(before_sync);
        Ok(took)
    };
    let [ours, floor] = interleaved(rounds, 5, [&mut ours, &mut floor])?;
    let stored = fs::metadata(folder.join("1"))?.len();
    Ok(Line {
        name: "store-1mib",
        unit: "ms",
        ours: millis(median(&ours)),
        against: "SHA-256, zstd 3, write, sync file and folder".to_owned(),
        other: millis(median(&floor)),
        target: Target::AtMost(1.5),
        notes: vec![
            spread("ours", &ours),
            spread("floor", &floor),
            spread("floor before its syncs", &without_sync),
            format!("{stored} bytes stored"),
        ],
    })
}

fn retrieve(
    runtime: &Runtime,
    storage: &Storage,
    size: usize,
    folder: &Path,
    rounds: usize,
) -> Result<Line> {
    let mut decompressor = Decompressor::new()?;
    let mut ours = || {
        timed(|| {
            let found = runtime.block_on(async {
                let found = storage.retrieve(("build-1", ArtifactType::TEST_RESULTS));
                match found.await? {
                    Some(artifact) => artifact.bytes().await.map(Some),
                    None => Ok(None),
                }
            })?;
            let found = found.ok_or("what was stored is not there")?;
            Ok(std::hint::black_box(found.len()))
        })
    };
    let mut floor = || {
        timed(|| {
            let content = decompressor.decompress(&fs::read(folder.join("1"))?, size)?;
            Ok(std::hint::black_box(Sha256::digest(&content)))
        })
    };
    let [ours, floor] = interleaved(rounds, 5, [&mut ours, &mut floor])?;
    Ok(Line {
        name: "retrieve-1mib",
        unit: "ms",
        ours: millis(median(&ours)),
        against: "read, decompress, SHA-256".to_owned(),
        other: millis(median(&floor)),
        target: Target::AtMost(1.5),
        notes: vec![spread("ours", &ours), spread("floor", &floor)],
    })
}
