//! A process of its own that stores artifacts until it has stored enough or is killed; the tests of
//! `tests/it/processes.rs` start it. Each line it prints is an artifact that was acknowledged. For
//! the job `clean` it cleans up instead, and keeps the latest artifacts only, `count` of them.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "part of a test")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use qestore::{ArtifactType, Config, NewArtifact, Notice, RetentionPolicy, Storage};

/// Small, of one frame, and of several frames: more than a single put takes.
const SIZES: [usize; 5] = [0, 300, 70_000, 1 << 20, 9 << 20];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = move || arguments.next().unwrap();
    let (store, job, count) = (PathBuf::from(next()), next(), next());
    let (seed, go) = (next().parse().unwrap(), PathBuf::from(next()));
    // Several workers are to begin at the same moment.
    while !go.exists() {
        std::thread::sleep(Duration::from_millis(1));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if job == "clean" {
        return runtime.block_on(clean(&store, count.parse().unwrap()));
    }
    runtime.block_on(work(&store, &job, count.parse().unwrap(), seed, &go));
}

async fn work(store: &Path, job: &str, count: u64, seed: u64, tree: &Path) {
    // Whatever a store has to say is a fault here: a locked index, an index built twice.
    let config = Config::local(store).observer(|notice| {
        if !matches!(notice, Notice::LeftoversRemoved { .. }) {
            eprintln!("{notice}");
        }
    });
    let storage = Storage::open(config).await.unwrap();
    print("open");
    let mut random = seed;
    for n in 0..count {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let name = format!("{n}.bin");
        // Without a seed: as many small ones as possible.
        let small = seed == 0;
        let new = if !small && random.is_multiple_of(5) {
            NewArtifact::from_path(job, ArtifactType::COVERAGE_REPORT, tree).name(name)
        } else {
            let most = if small {
                300
            } else {
                SIZES[(random >> 8) as usize % SIZES.len()]
            };
            let len = most - most / 3 * usize::from(random.is_multiple_of(2));
            let content = noise(len, random | 1);
            NewArtifact::from_bytes(job, ArtifactType::TEST_RESULTS, content).name(name)
        };
        let stored = storage.store(new.tag("n", n.to_string())).await.unwrap();
        print(&format!("{} {}", stored.id, stored.checksum));
    }
}

async fn clean(store: &Path, keep: u64) {
    let policy = RetentionPolicy::default()
        .default_ttl(SignedDuration::from_hours(1))
        .keep_latest_n(keep);
    let config = Config::local(store).must_exist().retention(policy);
    let storage = Storage::open(config).await.unwrap();
    print("open");
    let report = storage.cleanup_expired().await.unwrap();
    assert!(report.failures.is_empty(), "{report:?}");
    print(&format!("removed {}", report.removed));
}

fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

fn noise(len: usize, mut state: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}
