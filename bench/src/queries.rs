//! Questions to an index of 1,000,000 artifacts against the same to one of 10,000, and statistics.
//!
//! Each question has the same number of answers in both: what is measured is what the size of the
//! index costs, not what more answers cost.

use std::time::Duration;

use jiff::SignedDuration;
use qestore::{
    ArtifactQuery, ArtifactType, CleanupOptions, Clock as _, Config, Cursor, Filter, Page, Pattern,
    RetentionPolicy, Storage, SystemClock,
};
use tokio::runtime::Runtime;

use crate::list::many;
use crate::report::{Line, Target};
use crate::timing::{interleaved, median, millis, spread, timed};
use crate::{Bench, Result, rows};

/// Rows of the small store.
const FEW: u64 = 10_000;
/// Artifacts of one answer.
const PAGE: usize = 10;
/// A question may take so long at a million, and statistics so long.
const MOST_MILLIS: f64 = 5.0;
const MOST_STATS_MILLIS: f64 = 20.0;

/// A question: its line in the table, and what it asks.
struct Question {
    name: &'static str,
    filter: Filter,
    /// Answers are there in both stores.
    answers: usize,
    /// After so many pages.
    pages: usize,
}

fn questions() -> Result<Vec<Question>> {
    let any = Filter::default;
    let day = SignedDuration::from_hours(24);
    let pattern = |text: &str| text.parse::<Pattern>();
    let question = |name, filter, pages| Question {
        name,
        filter,
        answers: PAGE,
        pages,
    };
    let now = SystemClock.now();
    Ok(vec![
        question(
            "query-type",
            any().artifact_type(ArtifactType::TEST_RESULTS),
            0,
        ),
        question(
            "query-rare-tag",
            any().tag("branch", "main").tag("release", "yes"),
            0,
        ),
        question(
            "query-dates",
            any().since(now - day * 4).until(now - day * 3),
            0,
        ),
        question(
            "query-job-prefix",
            any().job_pattern(pattern("nightly-*")?),
            0,
        ),
        question(
            "query-job-glob",
            any().job_pattern(pattern("night?y-[2-7]*")?),
            0,
        ),
        question(
            "query-size",
            any()
                .min_size(rows::LARGE.unsigned_abs())
                .max_size(u64::MAX >> 1),
            0,
        ),
        question("query-page-1000", any(), 999),
    ])
}

pub(crate) fn run(bench: &Bench) -> Result<Vec<Line>> {
    let runtime = Runtime::new()?;
    let few = open(bench, &runtime, FEW)?;
    let many_rows = many(bench);
    let many = open(bench, &runtime, many_rows)?;
    let mut lines = Vec::new();
    for question in questions()? {
        let ask = |storage: &Storage, after: Option<Cursor>| {
            let page = after.map_or(Page::first(PAGE), |after| Page::after(PAGE, after));
            timed(|| {
                let listing = runtime.block_on(storage.list(&question.filter, &page))?;
                match listing.artifacts.len() {
                    found if found == question.answers => Ok(()),
                    found => Err(format!("{}: {found} answers", question.name).into()),
                }
            })
        };
        let (in_few, in_many) = (
            place(&runtime, &few, &question)?,
            place(&runtime, &many, &question)?,
        );
        let [few_took, many_took] = interleaved(
            bench.rounds(300),
            10,
            [&mut || ask(&few, in_few), &mut || ask(&many, in_many)],
        )?;
        lines.extend(compared(question.name, &few_took, &many_took));
    }
    if let Some(last) = lines.last_mut() {
        last.notes.extend(harder(&runtime, &many)?);
    }
    lines.push(statistics(bench, &runtime, &many)?);
    Ok(lines)
}

/// Two lines: against the small index, and against what a person does not notice.
fn compared(name: &'static str, few: &[Duration], many: &[Duration]) -> Vec<Line> {
    let ours = millis(median(many));
    vec![
        Line {
            name,
            unit: "ms",
            ours,
            against: "the same of 10,000".to_owned(),
            other: millis(median(few)),
            target: Target::AtMost(2.0),
            notes: vec![spread("of few rows", few), spread("of many rows", many)],
        },
        Line {
            name,
            unit: "ms",
            ours,
            against: format!("{MOST_MILLIS} ms"),
            other: MOST_MILLIS,
            target: Target::AtMost(1.0),
            notes: Vec::new(),
        },
    ]
}

/// Where the page of a question begins: pages before it are turned, not jumped over.
fn place(runtime: &Runtime, storage: &Storage, question: &Question) -> Result<Option<Cursor>> {
    let mut after = None;
    for _ in 0..question.pages {
        let page = after.map_or(Page::first(PAGE), |after| Page::after(PAGE, after));
        let listing = runtime.block_on(storage.list(&question.filter, &page))?;
        // The last page of the small store has none after it: its own place will do.
        match listing.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(after)
}

/// Questions without a target, to know what they take.
fn harder(runtime: &Runtime, storage: &Storage) -> Result<Vec<String>> {
    let any = Filter::default;
    let pattern = |text: &str| text.parse::<Pattern>();
    let mut notes = Vec::new();
    for (what, filter) in [
        (
            "a glob that begins with *, 20 matches",
            any().job_pattern(pattern("*-1234*5")?),
        ),
        (
            "a glob that begins with *, no match",
            any().job_pattern(pattern("*nothing*")?),
        ),
        (
            "a prefix of 100,000 old matches",
            any().job_pattern(pattern("build-1*")?),
        ),
        (
            "a tag's key that few have",
            any().tag_condition("release".parse()?),
        ),
        (
            "a tag that all but few have not",
            any().tag_condition("!shard".parse()?),
        ),
        (
            "a common tag and a type that never meet",
            any()
                .tag("shard", "3")
                .artifact_type(ArtifactType::TEST_RESULTS),
        ),
    ] {
        let mut took = Vec::new();
        let mut found = 0;
        for _ in 0..7 {
            took.push(timed(|| {
                found = runtime
                    .block_on(storage.list(&filter, &Page::first(PAGE)))?
                    .artifacts
                    .len();
                Ok(())
            })?);
        }
        notes.push(format!(
            "{what}: {:.1} ms, {found} shown",
            millis(median(&took))
        ));
    }
    let policy = RetentionPolicy::default().default_ttl(SignedDuration::from_hours(24 * 260));
    let options = CleanupOptions::default().dry_run().policy(policy);
    let mut removed = 0;
    let took = timed(|| {
        removed = runtime.block_on(storage.cleanup(options.clone()))?.removed;
        Ok(())
    })?;
    notes.push(format!(
        "cleanup --dry-run that finds {removed} to remove: {:.2} s",
        took.as_secs_f64()
    ));
    Ok(notes)
}

fn statistics(bench: &Bench, runtime: &Runtime, storage: &Storage) -> Result<Line> {
    let query = ArtifactQuery::new(storage);
    let mut ask = || {
        timed(|| {
            let stats = runtime.block_on(query.get_storage_stats())?;
            match stats.total_artifacts {
                0 => Err("no artifacts".into()),
                _ => Ok(()),
            }
        })
    };
    let [took] = interleaved(bench.rounds(100), 5, [&mut ask])?;
    Ok(Line {
        name: "stats",
        unit: "ms",
        ours: millis(median(&took)),
        against: format!("{MOST_STATS_MILLIS} ms"),
        other: MOST_STATS_MILLIS,
        target: Target::AtMost(1.0),
        notes: vec![spread("of many rows", &took)],
    })
}

fn open(bench: &Bench, runtime: &Runtime, count: u64) -> Result<Storage> {
    let folder = rows::store_with(&bench.machine, runtime, count)?;
    let policy = RetentionPolicy::default().default_ttl(SignedDuration::from_hours(24 * 30));
    Ok(runtime.block_on(Storage::open(Config::local(folder).retention(policy)))?)
}
