//! A store for everything that quality engineering produces: test results, coverage, security
//! findings, benchmarks, logs, screenshots, videos.
//!
//! An artifact is one file or one folder tree under a job, a type and a name. It is stored as one
//! immutable object that holds content and metadata together and opens with `zstd -d` or
//! `gzip -d`; an SQLite index, which can be rebuilt at any time, finds it again.
//!
//! ```
//! use qestore::{ArtifactType, Config, Filter, NewArtifact, Page, Storage};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join(".artifacts");
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let storage = Storage::open(Config::local(path)).await?;
//!
//! let report = br#"{"total": 150, "passed": 145, "failed": 3, "skipped": 2}"#;
//! let stored = storage
//!     .store(
//!         NewArtifact::from_bytes("build-123", ArtifactType::TEST_RESULTS, report.as_slice())
//!             .name("results.json")
//!             .tag("branch", "main"),
//!     )
//!     .await?;
//! println!("{} bytes as {} bytes", stored.size_bytes, stored.compressed_size_bytes);
//!
//! let newest = storage.list(&Filter::default().tag("branch", "main"), &Page::first(10)).await?;
//! let artifact = storage.artifact(newest.artifacts[0].clone());
//! assert_eq!(artifact.bytes().await?, report.as_slice());
//! # Ok::<(), qestore::Error>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The library never reads the terminal, the environment, the home folder or the machine's clock
//! by itself: they come in through [`Config`] and [`ci::Surroundings`], for which edges have
//! [`ProcessEnvironment`] and [`SystemClock`].

mod artifact;
pub mod backend;
mod blocking;
pub mod chart;
pub mod ci;
mod clock;
mod config;
mod environment;
mod error;
mod events;
mod index;
pub mod object;
mod query;
mod retention;
pub mod settings;
mod storage;
mod sync;
#[cfg(feature = "testkit")]
pub mod testkit;
mod transfer;
mod tree;

pub use artifact::{
    ArtifactId, ArtifactKind, ArtifactMetadata, ArtifactRef, ArtifactType, DEFAULT_NAME,
    MAX_JOB_ID_BYTES, MAX_NAME_BYTES, MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES, MAX_TAGS,
    Sha256Digest, Tags, validate_job_id, validate_name, validate_tags,
};
pub use clock::{Clock, FixedClock, SystemClock};
pub use config::{Config, DEFAULT_MAX_ARTIFACT_BYTES, Location, Notice, Observer};
pub use environment::ProcessEnvironment;
pub use error::{Error, ErrorKind, Result};
pub use events::{Event, EventAction, EventArtifact, EventFilter};
pub use index::{Cursor, Filter, Listing, Page, Pattern, TagCondition};
pub use object::Codec;
pub use query::{
    ArtifactComparison, ArtifactQuery, Comparison, Compression, CompressionStats, Search, Selector,
    SizePoint, StorageStats, TypeStats,
};
pub use retention::{
    CleanupSchedule, KeepRule, KeepScope, RemoveRule, RetentionPolicy, TtlSource, Verdict,
};
pub use settings::Settings;
pub use storage::{
    Artifact, CleanupOptions, CleanupReport, Damage, NewArtifact, RuleCount, ScheduledRun, Storage,
    VerifyOptions, VerifyReport,
};
pub use sync::SyncReport;
pub use transfer::{
    CopyOptions, CopyReport, ExportOptions, ExportReport, ImportOptions, ImportProblem,
    ImportReport, check_original,
};
pub use tree::{Links, Member, MemberKind};
