//! Which folder the store is: given, named by environment or file, found upward, or to be made here.

use std::path::{Component, Path, PathBuf};

use qestore::settings::Origin;
use qestore::{Error, Settings};

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
    /// Named by a configuration file.
    File {
        path: PathBuf,
        /// The file.
        file: PathBuf,
        /// The line in it.
        line: u32,
    },
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
            | Self::File { path, .. }
            | Self::Found(path)
            | Self::Default(path) => path,
        }
    }

    /// Who named it, in few words.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Option(_) => "--store".to_owned(),
            Self::Environment(_) => "QE_STORAGE_PATH".to_owned(),
            Self::File { file, line, .. } => format!("{}:{line}", file.display()),
            Self::Found(_) => "found".to_owned(),
            Self::Default(_) => "default".to_owned(),
        }
    }

    /// Whether a store made there may lie in a working tree: here, or below the file that names it.
    pub(crate) fn is_in_working_tree(&self) -> bool {
        match self {
            Self::Default(_) => true,
            Self::File { path, file, .. } => {
                let folder = file.parent().unwrap_or(Path::new(""));
                let is_below = |rest: &Path| {
                    let mut parts = rest.components();
                    !rest.as_os_str().is_empty()
                        && parts.all(|part| matches!(part, Component::Normal(_)))
                };
                path.strip_prefix(folder).is_ok_and(is_below)
            }
            Self::Option(_) | Self::Environment(_) | Self::Found(_) => false,
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
            Self::File { .. } => (
                format!("looked at {path}, named by {}", self.origin()),
                "`qestore put` makes one there",
            ),
            Self::Found(_) => (format!("looked at {path}"), "`qestore put` makes one there"),
            Self::Default(_) => (
                format!("looked for {path} and for {DEFAULT_FOLDER} in every folder above"),
                "`qestore put` makes one here; or name its folder with --store, QE_STORAGE_PATH or \
                 a configuration file",
            ),
        };
        let message = format!("there is no store: {where_looked}");
        Failure::NoStore(Error::new(qestore::ErrorKind::NotFound, message).help(put))
    }

    /// Why `put` makes no store: `forbidden` is where somebody said so.
    pub(crate) fn must_not_be_made(&self, forbidden: &Origin) -> Failure {
        let message = format!(
            "there is no store at {}, named by {}, and none is made: {forbidden} says \
             create_if_missing: false",
            self.path().display(),
            self.origin()
        );
        let help = "is the path right? To have a store made there, set create_if_missing to true";
        Failure::NoStore(Error::new(qestore::ErrorKind::NotFound, message).help(help))
    }
}

/// Finds the folder of the store; it need not be there.
pub(crate) fn find_store(settings: &Settings) -> Result<Place, Failure> {
    if let Some((path, origin)) = settings.store_folder() {
        let path = path.to_owned();
        return Ok(match origin {
            Origin::Flag(_) => Place::Option(path),
            Origin::File {
                path: file, line, ..
            } => Place::File {
                path,
                file: file.clone(),
                line: *line,
            },
            _ => Place::Environment(path),
        });
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
