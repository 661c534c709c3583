//! Which folder the store is: given, named by the environment, found upward, or to be made here.

use std::path::{Path, PathBuf};

use qestore::Error;

use super::environment::storage_path;
use crate::failure::Failure;

/// The folder of a store that nobody named.
const DEFAULT_FOLDER: &str = ".artifacts";

/// Where the store is, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// Named by `--store`.
    Option(PathBuf),
    /// Named by `QE_STORAGE_PATH`.
    Environment(PathBuf),
    /// Found here or in a folder above.
    Found(PathBuf),
    /// Nowhere yet; this is where `put` makes it.
    Default(PathBuf),
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Option(path)
            | Self::Environment(path)
            | Self::Found(path)
            | Self::Default(path) => path,
        }
    }

    /// Why there is no store to read from, and what to do.
    pub(crate) fn no_store(&self) -> Failure {
        let path = self.path().display();
        let (where_looked, put) = match self {
            Self::Option(_) => (
                format!("looked at {path}, named by --store"),
                "`qestore put` with the same --store makes one",
            ),
            Self::Environment(_) => (
                format!("looked at {path}, named by QE_STORAGE_PATH"),
                "`qestore put` makes one there",
            ),
            Self::Found(_) => (format!("looked at {path}"), "`qestore put` makes one there"),
            Self::Default(_) => (
                format!("looked for {path} and for {DEFAULT_FOLDER} in every folder above"),
                "`qestore put` makes one here; or name its folder with --store or QE_STORAGE_PATH",
            ),
        };
        let message = format!("there is no store: {where_looked}");
        Failure::NoStore(Error::new(qestore::ErrorKind::NotFound, message).help(put))
    }
}

/// Finds the folder of the store; it need not be there.
pub(crate) fn find_store(option: Option<&Path>) -> Result<Place, Failure> {
    let named = |path: &Path, what: &str| {
        if path.as_os_str().is_empty() {
            return Err(Failure::usage(format!("{what} names no folder")));
        }
        Ok(path.to_owned())
    };
    if let Some(path) = option {
        return named(path, "--store").map(Place::Option);
    }
    if let Some(path) = storage_path() {
        return Ok(Place::Environment(path.into()));
    }
    let here = current_folder()?;
    let found = here
        .ancestors()
        .map(|folder| folder.join(DEFAULT_FOLDER))
        .find(|candidate| candidate.is_dir());
    Ok(found.map_or_else(|| Place::Default(here.join(DEFAULT_FOLDER)), Place::Found))
}

/// The current folder.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge that knows the current folder"
)]
pub(crate) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir()
        .map_err(|e| Failure::from(Error::io("the current folder cannot be known", e)))
}
