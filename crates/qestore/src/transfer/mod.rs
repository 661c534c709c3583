//! Moving artifacts: between stores, out as plain files, and in from the original library.

mod copy;
mod export;
mod file_names;
mod import;

pub use copy::{CopyOptions, CopyReport};
pub use export::{ExportOptions, ExportReport};
pub use import::{ImportOptions, ImportProblem, ImportReport, check_original};

use std::path::Path;

use crate::Result;
use crate::storage::Storage;

impl Storage {
    /// Writes artifacts as plain files and folders below `target`, `<job>/<type>/<name>` each, and a
    /// list of them, `artifacts.json`, when all are there.
    ///
    /// # Errors
    /// Kind *already-exists* when the folder has something in it; from the storage, the index and
    /// the operating system. Damaged artifacts are in the report instead.
    pub async fn export(&self, target: &Path, options: &ExportOptions) -> Result<ExportReport> {
        let report = export::export(self, target, options).await;
        report.map_err(|e| e.during("export"))
    }

    /// Imports the artifacts of a store of the original Python library: `path` is its folder, or the
    /// `index.sqlite` in it. Times, tags and expiry are kept, every checksum is checked, nothing
    /// there is changed. Repeated, it brings what is new.
    ///
    /// # Errors
    /// Kind *not-found* and *invalid-input* when there is no such store; from the storage and the
    /// index. Single artifacts that are damaged or missing are in the report instead.
    pub async fn import_original(
        &self,
        path: &Path,
        options: &ImportOptions,
    ) -> Result<ImportReport> {
        let report = import::import(self, path, options).await;
        report.map_err(|e| e.during("import"))
    }

    /// Copies artifacts to another store, objects as they are, pins and holds included. What the
    /// target has is passed over, and what was removed there stays removed.
    ///
    /// # Errors
    /// Kind *invalid-input* when both are the same store; from the storages and the indexes. Damaged
    /// artifacts are in the report instead.
    pub async fn copy_to(&self, target: &Self, options: &CopyOptions) -> Result<CopyReport> {
        let report = copy::copy(self, target, options).await;
        report.map_err(|e| e.during("copy"))
    }
}
