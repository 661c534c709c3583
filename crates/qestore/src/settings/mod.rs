//! Settings: what files, environment variables and flags say, each with where it came from.
//!
//! Nothing here reads a file or the environment by itself: edges hand both in. A [`Settings`] of one
//! source is made by [`Settings::read`] or [`Settings::from_environment`]; [`Settings::over`] puts
//! one over another; [`Settings::config`] makes the [`Config`](crate::Config) that a store is opened with.
//!
//! docs/CONFIGURATION.md describes the file, the variables and every key for users.

mod contradictions;
mod discover;
mod file;
mod keys;
mod kind;
mod layers;
mod problem;
mod resolve;
mod schema;
mod template;
mod value;
mod variables;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::Result;
use crate::ci::Surroundings;

pub use discover::FoundFile;
pub use keys::Key;
pub use problem::Problem;
pub use value::{Days, Secret, Value};

/// Where a setting came from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// An option of a command, as it is written: `--store`.
    Flag(&'static str),
    /// An environment variable.
    Environment(&'static str),
    /// A file.
    File {
        /// The file, as it was named.
        path: PathBuf,
        /// The line, from 1.
        line: u32,
        /// The column, from 1.
        column: u32,
    },
    /// Nobody said anything.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Environment(name) => f.write_str(name),
            Self::File { path, line, .. } => write!(f, "{}:{line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// A key, its value, and where it came from.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Setting {
    /// The key.
    pub key: &'static Key,
    /// Its value.
    pub value: Value,
    /// Who says so.
    pub origin: Origin,
}

/// What one or several sources say; every key at most once.
///
/// ```
/// use std::path::Path;
/// use qestore::Settings;
/// # struct Nothing;
/// # impl qestore::ci::Surroundings for Nothing {
/// #     fn variable(&self, _: &str) -> Option<String> { None }
/// #     fn read_file(&self, _: &Path) -> Option<String> { None }
/// # }
/// # let surroundings = Nothing;
/// let text = "storage: {backend: local, local: {path: .artifacts/}}\ncompression_level: 6\n";
/// let file = Settings::read(text, Path::new("ci/qestore.yml"), &surroundings)?;
/// let settings = Settings::from_environment(&surroundings)?.over(file);
/// let path = settings.get("storage.local.path").unwrap();
/// assert_eq!(path.value.to_string(), Path::new("ci").join(".artifacts").display().to_string());
/// assert_eq!(path.origin.to_string(), "ci/qestore.yml:1");
/// assert_eq!(settings.config()?.codec.to_string(), "zstd:6");
/// # Ok::<(), qestore::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Settings {
    settings: BTreeMap<&'static str, Setting>,
}

impl Settings {
    /// The largest file that is read, in bytes.
    pub const MAX_FILE_BYTES: usize = yaml::MAX_BYTES;

    /// All keys there are, in the order of the documents.
    pub fn keys() -> impl Iterator<Item = &'static Key> {
        keys::all()
    }

    /// Reads the text of a configuration file, which may be one of the original library.
    ///
    /// `path` is the file's name for errors, and relative paths in it are relative to its folder.
    /// `surroundings` is asked for the variables of `${VAR}`.
    ///
    /// # Errors
    /// Kind *invalid-input*, with all that is wrong: a line each.
    pub fn read(
        text: impl AsRef<[u8]>,
        path: &Path,
        surroundings: &dyn Surroundings,
    ) -> Result<Self> {
        let (settings, problems) = Self::examine(text, path, surroundings);
        whole(settings, &problems)
    }

    /// Reads the text of a configuration file as [`Settings::read`] does; gives what is right in it,
    /// and everything that is wrong.
    pub fn examine(
        text: impl AsRef<[u8]>,
        path: &Path,
        surroundings: &dyn Surroundings,
    ) -> (Self, Vec<Problem>) {
        file::read(text.as_ref(), path, surroundings)
    }

    /// Reads the environment variables that set keys. A blank one is as good as none.
    ///
    /// # Errors
    /// Kind *invalid-input*, with all that is wrong: a line each.
    pub fn from_environment(surroundings: &dyn Surroundings) -> Result<Self> {
        let (settings, problems) = Self::examine_environment(surroundings);
        whole(settings, &problems)
    }

    /// Reads the environment as [`Settings::from_environment`] does; gives what is right in it, and
    /// everything that is wrong.
    pub fn examine_environment(surroundings: &dyn Surroundings) -> (Self, Vec<Problem>) {
        layers::environment(surroundings)
    }

    /// The setting of the key with this path, if a source has it.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Setting> {
        self.settings.get(path)
    }

    /// Every key with its setting or its default, in the order of the documents; `None` where there
    /// is neither.
    pub fn all(&self) -> impl Iterator<Item = (&'static Key, Option<Setting>)> {
        keys::all().map(|key| {
            let default = || {
                key.default_value().map(|value| Setting {
                    key,
                    value,
                    origin: Origin::Default,
                })
            };
            let setting = self.get(key.path).cloned().or_else(default);
            (key, setting)
        })
    }

    /// What contradicts each other or is missing, now that all sources are together.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = contradictions::within(self);
        problems.extend(contradictions::missing(self));
        problems
    }

    fn insert(&mut self, setting: Setting) {
        self.settings.insert(setting.key.path, setting);
    }

    fn text(&self, path: &str) -> Option<&str> {
        match &self.get(path)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

fn whole(settings: Settings, problems: &[Problem]) -> Result<Settings> {
    match Problem::all(problems) {
        Some(error) => Err(error),
        None => Ok(settings),
    }
}
