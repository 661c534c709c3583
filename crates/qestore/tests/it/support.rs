//! What tests share: stores in folders of their own, real reports, made-up content.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use qestore::{ArtifactType, Clock, Config, NewArtifact, Storage};

pub(crate) const RESULTS: ArtifactType = ArtifactType::TEST_RESULTS;

/// A clock that a test sets; clones tell the same time.
#[derive(Debug, Clone)]
pub(crate) struct SetClock(Arc<Mutex<Timestamp>>);

impl SetClock {
    pub(crate) fn at(instant: &str) -> Self {
        Self(Arc::new(Mutex::new(instant.parse().expect("an instant"))))
    }

    pub(crate) fn set(&self, at: Timestamp) {
        *self.0.lock().expect("no test panicked with it") = at;
    }

    /// Goes forward, or back.
    pub(crate) fn go(&self, by: SignedDuration) {
        self.set(self.now() + by);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("no test panicked with it")
    }
}

pub(crate) fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// A store in a folder that goes with the test.
pub(crate) async fn local() -> (tempfile::TempDir, Storage) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let storage = open(folder.path()).await;
    (folder, storage)
}

pub(crate) fn config(folder: &Path) -> Config {
    Config::local(folder.join("store"))
}

pub(crate) async fn open(folder: &Path) -> Storage {
    Storage::open(config(folder))
        .await
        .expect("the store opens")
}

pub(crate) fn bytes(job: &str, name: &str, content: &[u8]) -> NewArtifact {
    NewArtifact::from_bytes(job, RESULTS, content.to_vec()).name(name)
}

/// The folder of real reports, with their own figures. `QESTORE_CORPUS` names it when it does not
/// lie beside the project.
pub(crate) fn corpus() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    let corpus = std::env::var_os("QESTORE_CORPUS").map_or(beside, PathBuf::from);
    assert!(
        corpus.join("expected.json").is_file(),
        "no corpus of real reports at {}: put it there, or set QESTORE_CORPUS to its folder",
        corpus.display()
    );
    corpus
}

/// Bytes that do not compress, the same for the same seed.
pub(crate) fn noise(len: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
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

/// Text like a log's, `len` bytes of it.
pub(crate) fn log_text(len: usize) -> Vec<u8> {
    let mut text = Vec::with_capacity(len + 100);
    let mut line = 0_u64;
    while text.len() < len {
        let took = line.wrapping_mul(2_654_435_761) % 10_007;
        text.extend_from_slice(
            format!(
                "2026-11-23T17:{:02}:{:02}Z test_{line} PASSED in {took} ms\n",
                line / 60 % 60,
                line % 60
            )
            .as_bytes(),
        );
        line += 1;
    }
    text.truncate(len);
    text
}
