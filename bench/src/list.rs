//! The newest 1,000 of 1,000 rows against the newest 1,000 of 1,000,000.

use std::time::Duration;

use qestore::{ArtifactType, Config, Filter, Page, Storage};
use tokio::runtime::Runtime;

use crate::report::{Line, Target};
use crate::timing::{interleaved, median, millis, spread, timed};
use crate::{Bench, Result, rows};

/// Rows that a page holds.
const PAGE: usize = 1_000;

/// Rows of the large store.
pub(crate) fn many(bench: &Bench) -> u64 {
    if bench.quick { 50_000 } else { 1_000_000 }
}

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let runtime = Runtime::new()?;
    let few = open(bench, &runtime, PAGE as u64)?;
    let many = open(bench, &runtime, many(bench))?;
    let everything = Filter::default();
    let list = |storage: &Storage, filter: &Filter| -> Result<Duration> {
        let mut listed = 0;
        let took = timed(|| {
            let listing = runtime.block_on(storage.list(filter, &Page::first(PAGE)))?;
            listed = listing.artifacts.len();
            Ok(())
        })?;
        if listed == PAGE {
            Ok(took)
        } else {
            Err(format!("{listed} rows instead of {PAGE}").into())
        }
    };
    let by_type = Filter::default().artifact_type(ArtifactType::TEST_RESULTS);
    let by_tag = Filter::default().tag("branch", "main");
    let [few, many, of_type, of_tag] = interleaved(
        bench.rounds(200),
        5,
        [
            &mut || list(&few, &everything),
            &mut || list(&many, &everything),
            &mut || list(&many, &by_type),
            &mut || list(&many, &by_tag),
        ],
    )?;
    Ok(vec![Line {
        name: "list-newest",
        unit: "ms",
        ours: millis(median(&many)),
        against: "the newest 1,000 of 1,000".to_owned(),
        other: millis(median(&few)),
        target: Target::AtMost(1.5),
        notes: vec![
            spread("of few rows", &few),
            spread("of many rows", &many),
            spread("of many rows, one type", &of_type),
            spread("of many rows, one tag", &of_tag),
        ],
    }])
}

fn open(bench: &Bench, runtime: &Runtime, count: u64) -> Result<Storage> {
    let folder = rows::store_with(&bench.machine, runtime, count)?;
    Ok(runtime.block_on(Storage::open(Config::local(folder)))?)
}
