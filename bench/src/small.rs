//! 1,000 small artifacts from one process: many in flight against one by one.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use qestore::{ArtifactType, Config, NewArtifact, Storage};
use tokio::runtime::Runtime;

use crate::material::{Noise, reports, vary};
use crate::report::{Line, Target};
use crate::timing::{interleaved, median, settle, timed};
use crate::{Bench, Result};

const IN_FLIGHT: usize = 64;
const BYTES: usize = 2_000;

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let count = if bench.quick { 100 } else { 1_000 };
    let source = reports(&[".json"])?.concat();
    let mut noise = Noise::new(3);
    let contents: Vec<Bytes> = (0..count)
        .map(|_| {
            let from = noise.below((source.len() - BYTES) as u64) as usize;
            let mut content = Vec::new();
            vary(&source[from..from + BYTES], &mut noise, &mut content);
            content.into()
        })
        .collect();
    let runtime = Runtime::new()?;
    let store_all = |in_flight: usize| {
        let folder = bench.machine.folder()?;
        let opened = Storage::open(Config::local(folder.path().join("store")));
        let storage = runtime.block_on(opened)?;
        let stores = contents.iter().enumerate().map(|(number, content)| {
            let new = NewArtifact::from_bytes(
                format!("build-{}", number / 10),
                ArtifactType::TEST_RESULTS,
                content.clone(),
            )
            .name(format!("shard-{}.json", number % 10))
            .tag("branch", "main");
            let storage = storage.clone();
            async move { storage.store(new).await }
        });
        let took = timed(|| {
            let all = futures::stream::iter(stores).buffer_unordered(in_flight);
            let stored = runtime.block_on(all.try_fold(0, async |sum, _| Ok(sum + 1)))?;
            if stored == count {
                Ok(())
            } else {
                Err("some are missing".into())
            }
        });
        drop(folder);
        settle();
        took
    };
    let mut together = || store_all(IN_FLIGHT);
    let mut one_by_one = || store_all(1);
    let rounds = bench.rounds(9);
    let [together, one_by_one] = interleaved(rounds, 1, [&mut together, &mut one_by_one])?;
    let rate = |took: &[_]| count as f64 / median(took).as_secs_f64();
    Ok(vec![Line {
        name: "small-1000",
        unit: "stores/s",
        ours: rate(&together),
        against: "one by one".to_owned(),
        other: rate(&one_by_one),
        target: Target::AtLeast(3.0),
        notes: vec![format!(
            "{IN_FLIGHT} in flight; one by one takes {:.2} ms each",
            1e3 / rate(&one_by_one)
        )],
    }])
}
