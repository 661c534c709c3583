//! Which configuration file holds, and all that flags, environment and file say together.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use qestore::settings::{Origin, Problem};
use qestore::{Error, ProcessEnvironment, Settings};

use super::environment::{config_file, variable};
use super::place::current_folder;
use crate::args::Global;
use crate::failure::Failure;

/// The variable that names the store's folder: a path, which need not be text.
const STORE_VARIABLE: &str = "QE_STORAGE_PATH";

/// What all sources say together, and what is wrong with them.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// What is right.
    pub(crate) settings: Settings,
    /// What is wrong.
    pub(crate) problems: Vec<Problem>,
    /// The file that was read, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// Files beside it that were not.
    hidden: Vec<PathBuf>,
}

impl Configuration {
    /// The configuration, or the failure that lists all that is wrong.
    pub(crate) fn whole(self) -> Result<Self, Failure> {
        match Problem::all(&self.problems) {
            Some(error) => Err(Failure::configuration(error)),
            None => Ok(self),
        }
    }

    /// What to say when one file hides another.
    pub(crate) fn note(&self) -> Option<String> {
        let names: Vec<_> = self
            .hidden
            .iter()
            .filter_map(|path| path.file_name())
            .collect();
        let names: Vec<_> = names
            .iter()
            .map(|name| name.display().to_string())
            .collect();
        let file = self.file.as_ref().filter(|_| !names.is_empty())?;
        Some(format!(
            "{} is the configuration; {} beside it is not read",
            file.display(),
            names.join(", ")
        ))
    }
}

/// Reads all sources: flags over environment over file. `file` is one to read instead of what the
/// options and the environment name.
pub(crate) fn examine(global: &Global, file: Option<&Path>) -> Result<Configuration, Failure> {
    let found = match file {
        Some(file) => Some(named(file, "FILE")?),
        None => find(global.config.as_deref())?,
    };
    let (environment, mut problems) = Settings::examine_environment(&ProcessEnvironment);
    problems.extend(unreadable());
    let mut settings = environment;
    if let Some(path) = variable(STORE_VARIABLE).filter(|path| path.to_str().is_none()) {
        settings = settings.with_store(path, Origin::Environment(STORE_VARIABLE));
    }
    if let Some(found) = &found {
        let bytes = read(found)?;
        let (of_file, wrong) = Settings::examine(bytes, &found.path, &ProcessEnvironment);
        // What stands in the file comes first: it is what people look at.
        problems.splice(0..0, wrong);
        settings = settings.over(of_file);
    }
    if let Some(store) = &global.store {
        if store.as_os_str().is_empty() {
            return Err(Failure::usage("--store names no folder"));
        }
        settings = settings.with_store(store, Origin::Flag("--store"));
    }
    for problem in settings.problems() {
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let (file, hidden) = match found {
        Some(found) => (Some(found.path), found.hidden),
        None => (None, Vec::new()),
    };
    Ok(Configuration {
        settings,
        problems,
        file,
        hidden,
    })
}

/// A file to read, and who named it.
struct Found {
    path: PathBuf,
    hidden: Vec<PathBuf>,
    by: &'static str,
}

fn named(path: &Path, by: &'static str) -> Result<Found, Failure> {
    if path.as_os_str().is_empty() {
        return Err(Failure::usage(format!("{by} names no file")));
    }
    Ok(Found {
        path: path.to_owned(),
        hidden: Vec::new(),
        by,
    })
}

/// The file named by `--config`, else by the environment, else the nearest one upward.
fn find(option: Option<&Path>) -> Result<Option<Found>, Failure> {
    if let Some(path) = option {
        return named(path, "--config").map(Some);
    }
    if let Some(path) = config_file() {
        return named(Path::new(&path), "QE_CONFIG").map(Some);
    }
    let here = current_folder()?;
    let found = Settings::find_file(&here, &|path| path.is_file());
    Ok(found.map(|found| {
        // The name alone is enough for a file of this folder.
        let path = found.path.strip_prefix(&here).unwrap_or(&found.path);
        Found {
            path: path.to_owned(),
            hidden: found.hidden,
            by: "found upward from the current folder",
        }
    }))
}

fn read(found: &Found) -> Result<Vec<u8>, Failure> {
    let cannot = |error| {
        let error = Error::io("the configuration file cannot be read", error);
        let subject = format!("{} ({})", found.path.display(), found.by);
        Failure::Usage(error.concerning(subject))
    };
    let file = File::open(&found.path).map_err(cannot)?;
    let mut bytes = Vec::new();
    // One byte too many is enough to be refused.
    let most = Settings::MAX_FILE_BYTES as u64 + 1;
    file.take(most).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

/// Variables that are set to what is no text.
fn unreadable() -> impl Iterator<Item = Problem> {
    Settings::keys()
        .filter_map(qestore::settings::Key::variable)
        .filter(|name| *name != STORE_VARIABLE)
        .filter(|name| variable(name).is_some_and(|value| value.to_str().is_none()))
        .map(|name| Problem::of_variable(name, "its value is not valid UTF-8"))
}
