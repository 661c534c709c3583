//! Moving in from the original Python library: its index says what there is, its files are checked
//! against it, and nothing of it is changed.

mod content;
mod index;
mod places;
mod row;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};

use crate::artifact::{ArtifactType, DEFAULT_NAME};
use crate::blocking::blocking;
use crate::index::Filter;
use crate::storage::{NewArtifact, Storage};
use crate::{Error, ErrorKind, Result};

use content::Checked;
use index::OriginalIndex;
use places::Places;
use row::Entry;

/// Rows that are read together.
const BATCH: usize = 200;

type OnProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// How to import.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ImportOptions {
    /// Only say what would be imported.
    pub dry_run: bool,
    /// An empty folder of the caller's, for a copy of an index that was not closed cleanly.
    pub scratch: Option<PathBuf>,
    progress: Option<OnProgress>,
}

impl ImportOptions {
    /// Only says what would be imported; everything is checked all the same.
    #[must_use]
    pub fn dry_run(mut self) -> Self {
        self.dry_run = true;
        self
    }

    /// Uses this folder for a copy of an index that was not closed cleanly.
    #[must_use]
    pub fn scratch(mut self, folder: impl Into<PathBuf>) -> Self {
        self.scratch = Some(folder.into());
        self
    }

    /// Calls `tell` with the artifacts looked at and the bytes of content imported so far.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }
}

impl fmt::Debug for ImportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImportOptions")
            .field("dry_run", &self.dry_run)
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

/// An artifact of the original library that could not be imported.
#[derive(Debug)]
#[non_exhaustive]
pub struct ImportProblem {
    /// Its job, as the original index says it.
    pub job_id: String,
    /// Its type, as the original index says it.
    pub artifact_type: String,
    /// Its file, as the original index says it.
    pub path: String,
    /// What is wrong.
    pub error: Error,
}

/// What an import did, or would do.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ImportReport {
    /// Artifacts that were imported.
    pub imported: u64,
    /// Bytes of their content.
    pub imported_bytes: u64,
    /// Artifacts that an earlier import has brought.
    pub already_there: u64,
    /// Artifacts of which a newer version is here, or has overwritten their file there.
    pub older: u64,
    /// Artifacts whose file or row is not what it should be.
    pub damaged: Vec<ImportProblem>,
    /// Artifacts whose file is not there.
    pub missing: Vec<ImportProblem>,
    /// Files that the original index does not know; they are not imported.
    pub unlisted: Vec<PathBuf>,
    /// How long it took.
    pub took: Duration,
}

/// What became of one artifact.
enum Outcome {
    Imported(u64),
    AlreadyThere,
    Older,
    Damaged(ImportProblem),
    Missing(ImportProblem),
}

async fn open(path: &Path, options: &ImportOptions) -> Result<(Arc<OriginalIndex>, Arc<Places>)> {
    let (path, scratch) = (path.to_owned(), options.scratch.clone());
    blocking(move || {
        let places = Places::find(&path)?;
        let index = OriginalIndex::open(places.index(), scratch.as_deref())?;
        Ok((Arc::new(index), Arc::new(places)))
    })
    .await
}

/// Whether there is a store of the original Python library at `path` that can be read; for those who
/// make a store to import it into only then. Gives the number of artifacts that its index has.
///
/// # Errors
/// As [`Storage::import_original`].
pub async fn check_original(path: &Path, options: &ImportOptions) -> Result<u64> {
    let opened = open(path, options).await;
    let (index, _) = opened.map_err(|e| e.during("import"))?;
    Ok(index.len())
}

pub(crate) async fn import(
    storage: &Storage,
    path: &Path,
    options: &ImportOptions,
) -> Result<ImportReport> {
    let started = storage.now();
    let (index, places) = open(path, options).await?;
    let mut report = ImportReport::default();
    let mut seen = 0;
    for batch in index.batches(BATCH) {
        let of = Arc::clone(&index);
        let entries = blocking(move || of.entries(&batch)).await?;
        seen += entries.len() as u64;
        // What has the same job and type is stored in the order in which it was made.
        let mut groups: BTreeMap<(String, String), Vec<Entry>> = BTreeMap::new();
        for entry in entries {
            let of = (entry.job_id.clone(), entry.artifact_type.clone());
            groups.entry(of).or_default().push(entry);
        }
        let imports = futures::stream::iter(groups.into_values()).map(|entries| async {
            let mut outcomes = Vec::new();
            for entry in entries {
                outcomes.push(import_one(storage, &places, entry, options.dry_run).await?);
            }
            Ok::<_, Error>(outcomes)
        });
        let mut imports = std::pin::pin!(imports.buffer_unordered(storage.shared.workers.get()));
        while let Some(outcomes) = imports.try_next().await? {
            for outcome in outcomes {
                report.take(outcome);
            }
        }
        if let Some(tell) = &options.progress {
            tell(seen, report.imported_bytes);
        }
    }
    let order = |p: &ImportProblem| (p.job_id.clone(), p.artifact_type.clone());
    report.damaged.sort_by_key(order);
    report.missing.sort_by_key(order);
    report.unlisted = blocking(move || places.unlisted(&index)).await?;
    report.took = storage.now().duration_since(started).unsigned_abs();
    Ok(report)
}

impl ImportReport {
    fn take(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Imported(bytes) => {
                self.imported += 1;
                self.imported_bytes += bytes;
            }
            Outcome::AlreadyThere => self.already_there += 1,
            Outcome::Older => self.older += 1,
            Outcome::Damaged(problem) => self.damaged.push(problem),
            Outcome::Missing(problem) => self.missing.push(problem),
        }
    }
}

async fn import_one(
    storage: &Storage,
    places: &Arc<Places>,
    entry: Entry,
    dry_run: bool,
) -> Result<Outcome> {
    let problem = |entry: &Entry, error: Error| ImportProblem {
        job_id: entry.job_id.clone(),
        artifact_type: entry.artifact_type.clone(),
        path: entry.storage_path.clone(),
        error,
    };
    let artifact = match entry.read() {
        Ok(artifact) => artifact,
        Err(error) => return Ok(Outcome::Damaged(problem(&entry, error))),
    };
    let (found, expected) = (Arc::clone(places), entry.clone());
    let checked = blocking(move || {
        let Some(file) = found.file_of(&expected) else {
            return Ok(None);
        };
        Checked::read(&file, &expected).map(Some)
    });
    let checked = match checked.await {
        Ok(Some(checked)) => checked,
        Ok(None) => {
            let error = Error::not_found("its file is not there");
            return Ok(Outcome::Missing(problem(&entry, error)));
        }
        Err(_) if entry.overwritten => return Ok(Outcome::Older),
        Err(error) => return Ok(Outcome::Damaged(problem(&entry, error))),
    };
    match there(storage, &entry.job_id, &artifact, &checked).await? {
        There::Same => return Ok(Outcome::AlreadyThere),
        There::Newer => return Ok(Outcome::Older),
        There::Neither => {}
    }
    if dry_run {
        return Ok(Outcome::Imported(checked.size));
    }
    let mut new = NewArtifact::from_reader(
        &entry.job_id,
        artifact.artifact_type.clone(),
        checked.reader()?,
    )
    .name(DEFAULT_NAME)
    .tags(artifact.tags.clone())
    .timestamp(artifact.timestamp);
    if let Some(ttl) = artifact.ttl {
        new = new.keep_for(ttl);
    }
    match storage.store(new).await {
        Ok(stored) => Ok(Outcome::Imported(stored.size_bytes)),
        // Nothing was stored.
        Err(_) if checked.has_changed() => {
            let error = Error::corrupt("its file changes while it is read");
            Ok(Outcome::Damaged(problem(&entry, error)))
        }
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::TooLarge) => {
            Ok(Outcome::Damaged(problem(&entry, error)))
        }
        Err(error) => Err(error),
    }
}

/// What is here of an artifact.
enum There {
    /// The same, as the present version or an older one.
    Same,
    /// A version that was made later: what is stored now must not take its place.
    Newer,
    Neither,
}

async fn there(
    storage: &Storage,
    job_id: &str,
    artifact: &row::Artifact,
    checked: &Checked,
) -> Result<There> {
    let filter = Filter::default()
        .job_id(job_id)
        .artifact_type(artifact.artifact_type.clone())
        .name(DEFAULT_NAME)
        .since(artifact.timestamp)
        .with_superseded();
    let mut newer = false;
    let mut all = std::pin::pin!(storage.list_all(&filter));
    while let Some(there) = all.try_next().await? {
        if there.timestamp == artifact.timestamp && there.checksum == checked.sha256 {
            return Ok(There::Same);
        }
        newer |= there.timestamp > artifact.timestamp;
    }
    Ok(if newer { There::Newer } else { There::Neither })
}

/// A type of the original library, `test_results`, as a type of ours, `test-results`.
fn artifact_type(word: &str) -> Result<ArtifactType> {
    let word = word.strip_prefix("ArtifactType.").unwrap_or(word);
    let kebab: String = word
        .trim()
        .to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    kebab.parse()
}
