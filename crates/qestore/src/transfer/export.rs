//! Moving out: every artifact as a plain file or folder, and a list of them all. Nothing of qestore
//! is needed to read what comes out.

use std::fmt;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use uuid::Uuid;

use super::file_names::{file_name, with_id};
use crate::artifact::{ArtifactKind, ArtifactMetadata};
use crate::blocking::blocking;
use crate::index::Filter;
use crate::storage::{Artifact, Damage, Storage};
use crate::{Error, ErrorKind, Result};

/// The list of what was exported.
const LIST: &str = "artifacts.json";

type OnProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What to export.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct ExportOptions {
    /// Only these artifacts.
    pub filter: Filter,
    progress: Option<OnProgress>,
}

impl ExportOptions {
    /// Exports only these artifacts.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Calls `tell` with the artifacts and bytes of content exported so far.
    #[must_use]
    pub fn on_progress(mut self, tell: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(tell));
        self
    }
}

impl fmt::Debug for ExportOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportOptions")
            .field("filter", &self.filter)
            .finish_non_exhaustive()
    }
}

/// What an export did.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ExportReport {
    /// Artifacts that were written.
    pub exported: u64,
    /// Bytes of their content.
    pub exported_bytes: u64,
    /// The list of them, a JSON file in the target.
    pub list: PathBuf,
    /// Artifacts that cannot be read whole, and were not written.
    pub damaged: Vec<Damage>,
    /// How long it took.
    pub took: Duration,
}

/// One artifact of the list: what is known of it, and where it is.
#[derive(Debug, Serialize)]
struct Listed<'a> {
    path: &'a str,
    #[serde(flatten)]
    artifact: &'a ArtifactMetadata,
}

pub(crate) async fn export(
    storage: &Storage,
    target: &Path,
    options: &ExportOptions,
) -> Result<ExportReport> {
    let started = storage.now();
    let folder = target.to_owned();
    let mut list = blocking(move || {
        prepare(&folder)?;
        List::begin(&folder)
    })
    .await?;
    let mut report = ExportReport::default();
    let workers = storage.shared.workers.get();
    let exports = storage.list_all(&options.filter).map_ok(|metadata| async {
        let artifact = storage.artifact(metadata);
        let written = write(&artifact, target).await;
        Ok((artifact, written))
    });
    let mut exports = std::pin::pin!(exports.try_buffered(workers));
    while let Some((artifact, written)) = exports.try_next().await? {
        let metadata = artifact.metadata().clone();
        match written {
            Ok(path) => {
                report.exported += 1;
                report.exported_bytes += metadata.size_bytes;
                list = blocking(move || list.add(&path, &metadata)).await?;
            }
            Err(error) if matches!(error.kind(), ErrorKind::Corrupt | ErrorKind::NotFound) => {
                report.damaged.push(Damage {
                    key: metadata.storage_path.clone(),
                    artifact: Some(metadata),
                    error,
                });
            }
            Err(error) => return Err(error),
        }
        if let Some(tell) = &options.progress {
            tell(report.exported, report.exported_bytes);
        }
    }
    report.list = blocking(move || list.end()).await?;
    report.took = storage.now().duration_since(started).unsigned_abs();
    Ok(report)
}

fn prepare(target: &Path) -> Result<()> {
    let shown = || target.display().to_string();
    fs::create_dir_all(target)
        .map_err(|e| Error::io("the folder cannot be made", e).concerning(shown()))?;
    let mut entries = fs::read_dir(target)
        .map_err(|e| Error::io("the folder cannot be read", e).concerning(shown()))?;
    if entries.next().is_some() {
        return Err(
            Error::new(ErrorKind::AlreadyExists, "the folder has something in it")
                .concerning(shown())
                .help("export into an empty or a new folder"),
        );
    }
    Ok(())
}

/// Writes one artifact; gives its path below `target`.
async fn write(artifact: &Artifact, target: &Path) -> Result<String> {
    let metadata = artifact.metadata();
    let parts = [
        metadata.job_id.as_str(),
        metadata.artifact_type.as_str(),
        metadata.name.as_str(),
    ];
    let mut parts = parts.map(file_name);
    if parts[0].eq_ignore_ascii_case(LIST) {
        // The list has this name.
        parts[0] = with_id(&parts[0], metadata.id);
    }
    // Names that differ only in case are one on some file systems.
    let other = with_id(&parts[2], metadata.id);
    for name in [&parts[2], &other] {
        let path = format!("{}/{}/{name}", parts[0], parts[1]);
        let place = target.join(&parts[0]).join(&parts[1]).join(name);
        let written = match metadata.kind {
            ArtifactKind::Tree => artifact.unpack(&place).await,
            ArtifactKind::File => write_file(artifact, &place).await,
        };
        if written.is_err() {
            // Folders that were made for it alone; others are not empty.
            let folders: Vec<_> = place
                .ancestors()
                .skip(1)
                .take(2)
                .map(Path::to_owned)
                .collect();
            let removed = blocking(move || {
                let mut folders = folders.iter();
                folders.try_for_each(|folder| fs::remove_dir(folder).map_err(|e| failed(folder, e)))
            });
            let _ = removed.await;
        }
        match written {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            other => return other.map(|()| path),
        }
    }
    Err(
        Error::new(ErrorKind::AlreadyExists, "its file is there already")
            .concerning(metadata.to_string()),
    )
}

/// Writes the content under another name, and gives it its own when it is whole.
async fn write_file(artifact: &Artifact, place: &Path) -> Result<()> {
    let place = place.to_owned();
    let part = place.with_file_name(format!(".exporting-{}", Uuid::new_v4().as_simple()));
    let opened = part.clone();
    let mut file = blocking(move || {
        if let Some(parent) = opened.parent() {
            fs::create_dir_all(parent).map_err(|e| failed(parent, e))?;
        }
        File::create_new(&opened).map_err(|e| failed(&opened, e))
    })
    .await?;
    let (at, to) = (part.clone(), part.clone());
    let written = async {
        let mut chunks = artifact.stream().boxed();
        while let Some(chunk) = chunks.try_next().await? {
            let place = at.clone();
            file = blocking(move || {
                file.write_all(&chunk).map_err(|e| failed(&place, e))?;
                Ok(file)
            })
            .await?;
        }
        blocking(move || publish(&to, &place)).await
    };
    let written = written.await;
    if written.is_err() {
        let _ = blocking(move || fs::remove_file(&part).map_err(|e| failed(&part, e))).await;
    }
    written
}

/// Gives the file its name, unless the name is taken.
fn publish(part: &Path, place: &Path) -> Result<()> {
    use std::io::ErrorKind as Io;
    let taken = || Error::new(ErrorKind::AlreadyExists, "there is something already");
    match fs::hard_link(part, place) {
        Ok(()) => fs::remove_file(part).map_err(|e| failed(part, e)),
        Err(e) if e.kind() == Io::AlreadyExists => Err(taken()),
        // Not every file system has hard links.
        Err(e) if matches!(e.kind(), Io::Unsupported | Io::PermissionDenied) => {
            if place.symlink_metadata().is_ok() {
                return Err(taken());
            }
            fs::rename(part, place).map_err(|e| failed(place, e))
        }
        Err(e) => Err(failed(place, e)),
    }
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io("the file cannot be written", error).concerning(path.display().to_string())
}

/// The list, written as artifacts come, under another name until it is whole.
struct List {
    folder: PathBuf,
    out: BufWriter<File>,
    empty: bool,
}

impl List {
    const PART: &'static str = ".artifacts.json.part";

    fn begin(folder: &Path) -> Result<Self> {
        let part = folder.join(Self::PART);
        let file = File::create_new(&part).map_err(|e| failed(&part, e))?;
        let mut out = BufWriter::new(file);
        out.write_all(b"{\"artifacts\": [")
            .map_err(|e| failed(&part, e))?;
        Ok(Self {
            folder: folder.to_owned(),
            out,
            empty: true,
        })
    }

    fn add(mut self, path: &str, artifact: &ArtifactMetadata) -> Result<Self> {
        let line = serde_json::to_string(&Listed { path, artifact }).map_err(|e| {
            Error::new(ErrorKind::Storage, "the list cannot be written as JSON").because(e)
        })?;
        let comma = if std::mem::take(&mut self.empty) {
            ""
        } else {
            ","
        };
        write!(self.out, "{comma}\n  {line}").map_err(|e| failed(&self.folder, e))?;
        Ok(self)
    }

    fn end(mut self) -> Result<PathBuf> {
        let list = self.folder.join(LIST);
        self.out
            .write_all(b"\n]}\n")
            .map_err(|e| failed(&list, e))?;
        let file = self
            .out
            .into_inner()
            .map_err(|e| failed(&list, e.into_error()))?;
        file.sync_all().map_err(|e| failed(&list, e))?;
        fs::rename(self.folder.join(Self::PART), &list).map_err(|e| failed(&list, e))?;
        Ok(list)
    }
}
