//! Stores whose index is full of made-up rows, made once and kept.
//!
//! The rows are written as `crates/qestore/src/index/write.rs` writes them, without objects: a
//! million stores would take hours and say nothing more about listing.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use qestore::{ArtifactType, Clock as _, Config, Storage, SystemClock};
use rusqlite::{Connection, params};
use tokio::runtime::Runtime;

use crate::Result;
use crate::machine::Machine;
use crate::material::Noise;

/// Rows of one job.
const PER_JOB: u64 = 20;
/// The same number of rows in every store has these, however large it is.
pub(crate) const RARE: u64 = 20;
/// Jobs of a family of their own: `nightly-0` to `nightly-9`, in stores of more than their rows.
const NIGHTLY_JOBS: u64 = 10;
/// Sizes from here on are of few rows only.
pub(crate) const LARGE: i64 = 10_000_000;
/// Between two rows: a million of them cover most of a year.
const STEP_MILLIS: i64 = 25_000;
/// The newest row is so old: later than any sync looks.
const NEWEST_AGE_MILLIS: i64 = 2 * 24 * 3_600_000;

/// The folder of a store whose index has `count` rows.
pub(crate) fn store_with(machine: &Machine, runtime: &Runtime, count: u64) -> Result<PathBuf> {
    let folder = machine.data.join(format!("rows-{count}"));
    let config = Config::local(&folder);
    if folder.join("index.sqlite").exists() {
        // Opening makes an index of another version anew, and then it is empty.
        drop(runtime.block_on(Storage::open(config.clone()))?);
        if rows_of(&folder)? == count {
            return Ok(folder);
        }
        fs::remove_dir_all(&folder)?;
    }
    drop(runtime.block_on(Storage::open(config))?);
    fill(&folder, count)?;
    Ok(folder)
}

fn rows_of(folder: &Path) -> Result<u64> {
    let connection = Connection::open(folder.join("index.sqlite"))?;
    let last = "SELECT coalesce(max(row), 0) FROM artifacts";
    let rows: i64 = connection.query_row(last, [], |row| row.get(0))?;
    Ok(u64::try_from(rows)?)
}

fn fill(folder: &Path, count: u64) -> Result<()> {
    let mut connection = Connection::open(folder.join("index.sqlite"))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -2_000_000)?;
    let newest = SystemClock.now().as_millisecond() - NEWEST_AGE_MILLIS;
    let first = newest - i64::try_from(count)? * STEP_MILLIS;
    let mut noise = Noise::new(4);
    let transaction = connection.transaction()?;
    {
        let mut artifact = transaction.prepare(
            "INSERT INTO artifacts (id, job_id, artifact_type, name, kind, media_type, created_at, \
             ttl_seconds, size_bytes, stored_bytes, sha256, codec, members, tags, key, expires_at, \
             keep_forever, pinned, held_until, current) VALUES (?1, ?2, ?3, ?4, 'file', \
             'application/json', ?5, NULL, ?6, ?7, ?8, 'zstd:3', NULL, ?9, ?10, NULL, 0, 0, NULL, 1)",
        )?;
        let mut tag = transaction.prepare("INSERT INTO tags VALUES (?1, ?2, ?3, ?4)")?;
        for number in 0..count {
            let at = first + i64::try_from(number)? * STEP_MILLIS;
            let id = id_at(at, &mut noise);
            let created = at * 1000;
            let tags = tags(number, count);
            let rare = is_rare(number, count);
            let size = i64::try_from(2_000 + noise.below(200_000))?;
            let size = if rare { LARGE + size } else { size };
            let mut sha256 = [0; 32];
            for part in sha256.chunks_exact_mut(8) {
                part.copy_from_slice(&noise.next().to_le_bytes());
            }
            artifact.execute(params![
                id,
                job(number, count),
                ArtifactType::KNOWN[(number % 10) as usize].as_str(),
                format!("report-{}.json", number % PER_JOB),
                created,
                size,
                size / 8,
                sha256,
                serde_json::to_string(&tags)?,
                key(at, &id)?,
            ])?;
            for (name, value) in &tags {
                tag.execute(params![name, value, created, id])?;
            }
        }
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Whether a row is one of the few, spread evenly, that have a rare tag and a large size.
fn is_rare(number: u64, count: u64) -> bool {
    number % (count / RARE).max(1) == 7
}

/// One job in a hundred of the newest thousand is a nightly one: as many rows in every store.
fn job(number: u64, count: u64) -> String {
    let job = number / PER_JOB;
    let from_end = (count - 1 - number) / PER_JOB;
    if count > 1_000 && from_end % 5 == 3 && from_end / 5 < NIGHTLY_JOBS {
        format!("nightly-{}", from_end / 5)
    } else {
        format!("build-{job}")
    }
}

fn tags(number: u64, count: u64) -> std::collections::BTreeMap<&'static str, String> {
    let job = number / PER_JOB;
    let branch = match job % 10 {
        0..5 => "main".to_owned(),
        other => format!("feature-{}", job / 100 * 10 + other),
    };
    [
        ("attempt", (1 + job % 3).to_string()),
        ("branch", branch),
        ("ci", "github-actions".to_owned()),
        (
            "commit",
            format!("{:040x}", u128::from(job) * 0x9E37_79B9_7F4A_7C15_1234_5677),
        ),
        if is_rare(number, count) {
            ("release", "yes".to_owned())
        } else {
            ("shard", (number % PER_JOB).to_string())
        },
    ]
    .into()
}

/// A version 7 UUID of that instant.
fn id_at(millis: i64, noise: &mut Noise) -> [u8; 16] {
    let mut id = [0; 16];
    id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    id[6..14].copy_from_slice(&noise.next().to_le_bytes());
    id[14..].copy_from_slice(&noise.next().to_le_bytes()[..2]);
    id[6] = 0x70 | (id[6] & 0x0F);
    id[8] = 0x80 | (id[8] & 0x3F);
    id
}

fn key(millis: i64, id: &[u8; 16]) -> Result<String> {
    let hex: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    let hour = Timestamp::from_millisecond(millis)?
        .strftime("%Y/%m/%d/%H")
        .to_string();
    let (a, b, c, d, e) = (
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    );
    Ok(format!("artifacts/{hour}/{a}-{b}-{c}-{d}-{e}.zst"))
}
