//! Reading back: is everything that was stored still there, and still what it was?

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt as _;

use super::{Artifact, Shared, Storage};
use crate::artifact::ArtifactMetadata;
use crate::index::Filter;
use crate::sync::Depth;
use crate::{Error, ErrorKind, Result};

/// What to read back.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// The share of artifacts to read, 0 to 1, drawn at random; `None` is all.
    pub sample: Option<f64>,
    /// Which artifacts; superseded versions are always included.
    pub filter: Filter,
    progress: Option<Arc<dyn Fn(u64, u64) + Send + Sync>>,
}

impl VerifyOptions {
    /// Reads only so large a share, and one at least: 0.05 is every twentieth, from another start
    /// each time.
    #[must_use]
    pub fn sample(mut self, share: f64) -> Self {
        self.sample = Some(share);
        self
    }

    /// Reads only what the filter lets through.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Calls `tell` with the artifacts and the bytes of content read so far.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }
}

impl fmt::Debug for VerifyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyOptions")
            .field("sample", &self.sample)
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

/// Something that is not as it was stored.
#[derive(Debug)]
#[non_exhaustive]
pub struct Damage {
    /// The artifact, where its metadata is known.
    pub artifact: Option<ArtifactMetadata>,
    /// The key of its object.
    pub key: String,
    /// What is wrong.
    pub error: Error,
}

/// What reading back has shown.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct VerifyReport {
    /// Artifacts that were read back.
    pub verified: u64,
    /// Artifacts that were left out because only a sample was asked for.
    pub left_out: u64,
    /// Bytes of content that were read back.
    pub content_bytes: u64,
    /// What is damaged or missing.
    pub damaged: Vec<Damage>,
    /// How long it took.
    pub took: Duration,
}

impl VerifyReport {
    /// Whether everything that was looked at is as it was stored.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty()
    }
}

pub(super) async fn verify(shared: &Arc<Shared>, options: VerifyOptions) -> Result<VerifyReport> {
    if let Some(share) = options.sample
        && !(share > 0.0 && share <= 1.0)
    {
        return Err(Error::invalid(
            "the share to read must be over 0 and at most 1 (100 %)",
        ));
    }
    let started = shared.clock.now();
    let looked = shared.sync_soundly(Depth::Check, &|_| {}).await?;
    let mut report = VerifyReport::default();
    let whole_store = options.filter == Filter::default();
    if whole_store {
        for (key, error) in looked.damaged {
            report.damaged.push(Damage {
                artifact: None,
                key,
                error,
            });
        }
    }
    let seed = u64::try_from(started.as_nanosecond() & i128::from(u32::MAX)).unwrap_or(0);
    let mut draw = Draw::new(options.sample, seed);
    let storage = Storage {
        shared: Arc::clone(shared),
    };
    let filter = options.filter.clone().with_superseded();
    let left_out = std::sync::atomic::AtomicU64::new(0);
    let chosen = storage.list_all(&filter).try_filter(|_| {
        let drawn = draw.next();
        if !drawn {
            left_out.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        futures::future::ready(drawn)
    });
    let mut checks = std::pin::pin!(
        chosen
            .map_ok(|metadata| async {
                let artifact = Artifact::new(Arc::clone(shared), metadata.clone());
                let checked = artifact.verify().await;
                Ok((metadata, checked))
            })
            .try_buffer_unordered(shared.workers.get())
    );
    while let Some((metadata, checked)) = checks.try_next().await? {
        match checked {
            Ok(()) => {
                report.verified += 1;
                report.content_bytes += metadata.size_bytes;
            }
            Err(error)
                if error.kind() == ErrorKind::NotFound && is_removed(shared, &metadata).await? => {}
            Err(error) => {
                let key = metadata.storage_path.clone();
                report.damaged.push(Damage {
                    artifact: Some(metadata),
                    key,
                    error,
                });
            }
        }
        if let Some(tell) = &options.progress {
            tell(
                report.verified + report.damaged.len() as u64,
                report.content_bytes,
            );
        }
    }
    report.left_out = left_out.load(std::sync::atomic::Ordering::Relaxed);
    report.damaged.sort_by(|a, b| a.key.cmp(&b.key));
    report.took = shared.clock.now().duration_since(started).unsigned_abs();
    Ok(report)
}

/// Whether somebody has removed an artifact since it was listed.
async fn is_removed(shared: &Arc<Shared>, metadata: &ArtifactMetadata) -> Result<bool> {
    shared.sync_soundly(Depth::Recent, &|_| {}).await?;
    let id = metadata.id;
    let rows = shared.on_index(move |index| index.by_ids(&[id])).await?;
    Ok(rows.is_empty())
}

/// Draws a share of a sequence, evenly spread from a random start: the right number of it, and the
/// first at least.
struct Draw {
    share: f64,
    carried: f64,
    first: bool,
}

impl Draw {
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    fn new(share: Option<f64>, seed: u64) -> Self {
        let start = twox_hash::XxHash64::oneshot(seed, b"draw") as f64 / u64::MAX as f64;
        Self {
            share: share.unwrap_or(1.0),
            carried: start,
            first: true,
        }
    }

    fn next(&mut self) -> bool {
        self.carried += self.share;
        let all = self.share >= 1.0;
        let drawn = all || self.carried >= 1.0 || std::mem::take(&mut self.first);
        if self.carried >= 1.0 {
            self.carried -= 1.0;
        }
        self.first = false;
        drawn
    }
}
