//! The front door: opening a store, and everything that is asked of it.

mod artifact;
mod cleanup;
mod content;
mod delete;
mod keeping;
mod log;
mod marker;
mod new_artifact;
mod open;
mod pipeline;
mod protect;
mod record;
mod source;
mod store;
mod unpack_target;
mod verify;

use std::num::NonZero;
use std::sync::Arc;

use futures::stream::{Stream, TryStreamExt as _};
use jiff::{SignedDuration, Timestamp};

use crate::artifact::{ArtifactMetadata, ArtifactRef};
use crate::backend::Backend;
use crate::blocking::blocking;
use crate::clock::Clock;
use crate::config::{Config, Notice, Observer};
use crate::index::{Filter, Index, Listing, Opened, Page, is_damage};
use crate::object::Codec;
use crate::retention::RetentionPolicy;
use crate::sync::{Depth, SyncReport};
use crate::{Error, ErrorKind, Result};

pub use artifact::Artifact;
pub use cleanup::{CleanupOptions, CleanupReport, RuleCount, ScheduledRun};
pub use new_artifact::NewArtifact;
pub use verify::{Damage, VerifyOptions, VerifyReport};

/// An open store. Cheap to clone; clones share everything.
///
/// ```
/// use qestore::{ArtifactType, Config, NewArtifact, Storage};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let storage = Storage::open(Config::memory()).await?;
/// let report = b"<testsuite tests=\"1\"/>".to_vec();
/// let stored = storage
///     .store(
///         NewArtifact::from_bytes("build-123", ArtifactType::TEST_RESULTS, report.clone())
///             .tag("branch", "main"),
///     )
///     .await?;
/// assert_eq!(stored.size_bytes, report.len() as u64);
///
/// let found = storage.retrieve(("build-123", ArtifactType::TEST_RESULTS)).await?;
/// assert_eq!(found.expect("it was stored").bytes().await?, report);
/// # Ok::<(), qestore::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct Storage {
    pub(crate) shared: Arc<Shared>,
}

/// What all handles of a store share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) index: Arc<Index>,
    pub(crate) store_id: String,
    pub(crate) codec: Codec,
    pub(crate) max_artifact_bytes: u64,
    pub(crate) retention: RetentionPolicy,
    /// Held by the cleanup that is under way.
    pub(crate) cleaning: Arc<tokio::sync::Mutex<()>>,
    pub(crate) overlap: SignedDuration,
    pub(crate) workers: NonZero<usize>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) actor: Option<String>,
    pub(crate) observer: Observer,
}

impl Storage {
    /// Opens the store that `config` describes: finds or makes it, and brings its index up to date.
    ///
    /// # Errors
    /// Kind *not-found* when there is no store and none is to be made; *invalid-input* when the
    /// folder holds other things; *unsupported* when a newer version made the store;
    /// *permission-denied* and the like from the storage.
    pub async fn open(config: Config) -> Result<Self> {
        open::open(config)
            .await
            .map_err(|e| e.during("open the store"))
    }

    /// Stores an artifact. When this returns, it is on storage, whole, and found by everyone.
    ///
    /// Under the job, type and name of an earlier one it takes that one's place for readers.
    ///
    /// # Errors
    /// Kind *invalid-input* for names and tags that are not allowed, *too-large* over the size
    /// limit, *storage-full*, *permission-denied*; nothing is left behind then.
    pub async fn store(&self, artifact: NewArtifact) -> Result<ArtifactMetadata> {
        let subject = artifact.subject();
        let stored = store::store(&self.shared, artifact).await;
        stored.map_err(|e| e.during("store").concerning(subject))
    }

    /// Finds an artifact; `None` when there is none.
    ///
    /// # Errors
    /// Kind *ambiguous*, listing the names, when the job has several artifacts of that type, none
    /// of them is called `default`, and no name was given.
    pub async fn retrieve(&self, reference: impl Into<ArtifactRef>) -> Result<Option<Artifact>> {
        let reference = reference.into();
        let found = self.find(&reference).await;
        let found = found.map_err(|e| e.during("retrieve").concerning(reference.to_string()))?;
        Ok(found.map(|metadata| Artifact::new(Arc::clone(&self.shared), metadata)))
    }

    /// Whether there is such an artifact. Errors as [`Storage::retrieve`].
    ///
    /// # Errors
    /// As [`Storage::retrieve`].
    pub async fn exists(&self, reference: impl Into<ArtifactRef>) -> Result<bool> {
        let reference = reference.into();
        let found = self.find(&reference).await;
        let found = found.map_err(|e| e.during("look for").concerning(reference.to_string()))?;
        Ok(found.is_some())
    }

    /// Removes an artifact, older versions of it included; `None` when there was none.
    ///
    /// # Errors
    /// As [`Storage::retrieve`], kind *protected* when a pin or a hold keeps it, and from the
    /// storage.
    pub async fn delete(
        &self,
        reference: impl Into<ArtifactRef>,
    ) -> Result<Option<ArtifactMetadata>> {
        let reference = reference.into();
        let deleted = delete::delete(&self.shared, self.find(&reference).await).await;
        deleted.map_err(|e| e.during("remove").concerning(reference.to_string()))
    }

    /// One page of the artifacts that `filter` lets through, newest first.
    ///
    /// # Errors
    /// From the index only.
    pub async fn list(&self, filter: &Filter, page: &Page) -> Result<Listing> {
        let (filter, page) = (filter.clone(), page.clone());
        let listing = self
            .shared
            .on_sound_index(move |index| index.list(&filter, &page))
            .await;
        let mut listing = listing.map_err(|e| e.during("list artifacts"))?;
        for metadata in &mut listing.artifacts {
            self.shared.apply_policy(metadata);
        }
        Ok(listing)
    }

    /// All artifacts that `filter` lets through, newest first, fetched page by page.
    pub fn list_all(
        &self,
        filter: &Filter,
    ) -> impl Stream<Item = Result<ArtifactMetadata>> + use<> {
        const PAGE: usize = 500;
        let (storage, filter) = (self.clone(), filter.clone());
        let pages = futures::stream::try_unfold(Some(Page::first(PAGE)), move |page| {
            let (storage, filter) = (storage.clone(), filter.clone());
            async move {
                let Some(page) = page else { return Ok(None) };
                let listing = storage.list(&filter, &page).await?;
                let next = listing.next.map(|cursor| Page::after(PAGE, cursor));
                let artifacts = futures::stream::iter(listing.artifacts.into_iter().map(Ok));
                Ok::<_, Error>(Some((artifacts, next)))
            }
        });
        pages.try_flatten()
    }

    /// The content of an artifact whose metadata came from [`Storage::list`].
    #[must_use]
    pub fn artifact(&self, metadata: ArtifactMetadata) -> Artifact {
        Artifact::new(Arc::clone(&self.shared), metadata)
    }

    /// Brings the index in step with what other processes and machines have stored since.
    ///
    /// # Errors
    /// From the storage and the index.
    pub async fn sync(&self) -> Result<SyncReport> {
        let report = self.shared.sync_soundly(Depth::Recent, &|_| {}).await;
        report.map_err(|e| e.during("sync the index"))
    }

    /// Compares the whole index with all objects, adding and dropping rows; `progress` is called
    /// with the number of objects seen so far.
    ///
    /// # Errors
    /// From the storage and the index; single damaged objects are in the report instead.
    pub async fn reindex(&self, progress: impl Fn(u64) + Sync) -> Result<SyncReport> {
        let report = self.shared.sync_soundly(Depth::Full, &progress).await;
        report.map_err(|e| e.during("rebuild the index"))
    }

    /// Reads objects back, all or a sample, and reports what is damaged or missing.
    ///
    /// # Errors
    /// From the storage and the index; damage is in the report instead.
    pub async fn verify(&self, options: VerifyOptions) -> Result<VerifyReport> {
        verify::verify(&self.shared, options)
            .await
            .map_err(|e| e.during("verify the store"))
    }

    /// The store's own id, made when it was.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.store_id
    }

    /// Where the store is, in words for people, without secrets.
    #[must_use]
    pub fn location(&self) -> String {
        self.shared.backend.describe()
    }

    /// What the store's clock says.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    async fn find(&self, reference: &ArtifactRef) -> Result<Option<ArtifactMetadata>> {
        reference.validate()?;
        if let Some(found) = self.shared.find(reference).await? {
            return Ok(Some(found));
        }
        // Another process may have been killed between its object and its row.
        self.shared.sync_soundly(Depth::Recent, &|_| {}).await?;
        self.shared.find(reference).await
    }
}

impl Shared {
    /// Runs `work` on the index, off the async threads.
    pub(crate) async fn on_index<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Index) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let index = Arc::clone(&self.index);
        blocking(move || work(&index)).await
    }

    /// The same, building a damaged index anew and trying once more.
    pub(crate) async fn on_sound_index<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl Fn(&Index) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        match self.on_index(work.clone()).await {
            Err(error) if is_damage(&error) => {
                self.heal_index().await?;
                self.on_index(work).await
            }
            other => other,
        }
    }

    /// A sync that builds a damaged index anew.
    pub(crate) async fn sync_soundly(
        self: &Arc<Self>,
        depth: Depth,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<SyncReport> {
        match self.sync(depth, progress).await {
            Err(error) if is_damage(&error) => self.heal_index().await,
            other => other,
        }
    }

    async fn heal_index(self: &Arc<Self>) -> Result<SyncReport> {
        let store_id = self.store_id.clone();
        let opened = self
            .on_index(move |index| index.replace_damaged(&store_id))
            .await?;
        let report = self.sync(Depth::Full, &|_| {}).await?;
        if let Opened::Replaced { reason } = opened {
            self.tell_rebuilt(reason, &report);
        }
        Ok(report)
    }

    fn tell_rebuilt(&self, reason: String, report: &SyncReport) {
        self.observer.tell(&Notice::IndexRebuilt {
            reason,
            artifacts: report.added,
            damaged: report.damaged.len() as u64,
            took: report.took,
        });
    }

    /// Adds what the policy says of an artifact to what the index knows.
    pub(crate) fn apply_policy(&self, metadata: &mut ArtifactMetadata) {
        metadata.policy_ttl = self.retention.ttl_for(&metadata.artifact_type);
    }

    async fn find(self: &Arc<Self>, reference: &ArtifactRef) -> Result<Option<ArtifactMetadata>> {
        let mut found = self.find_in_index(reference).await?;
        if let Some(metadata) = &mut found {
            self.apply_policy(metadata);
        }
        Ok(found)
    }

    async fn find_in_index(
        self: &Arc<Self>,
        reference: &ArtifactRef,
    ) -> Result<Option<ArtifactMetadata>> {
        /// How many names an error lists.
        const SHOWN: usize = 20;
        let asked = reference.clone();
        let mut found = self
            .on_sound_index(move |index| index.find(&asked, SHOWN + 1))
            .await?;
        if found.len() <= 1 {
            return Ok(found.pop());
        }
        let default = reference.clone().named(crate::artifact::DEFAULT_NAME);
        let default = self
            .on_index(move |index| index.find(&default, 1))
            .await?
            .pop();
        if default.is_some() {
            return Ok(default);
        }
        let more = if found.len() > SHOWN { ", …" } else { "" };
        let names: Vec<_> = found
            .iter()
            .take(SHOWN)
            .map(|m| format!("{:?}", m.name))
            .collect();
        Err(Error::new(
            ErrorKind::Ambiguous,
            format!(
                "there are several of that type, named {}{more}",
                names.join(", ")
            ),
        )
        .help("say which one by its name"))
    }
}
