//! What will be stored under which type and name; everything that can be wrong with the arguments
//! is found here, before anything is stored.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use qestore::{ArtifactType, Error};

use super::{Put, SMALL};
use crate::edge::current_folder;
use crate::failure::Failure;
use crate::output::shell_word;

/// Where the content comes from.
#[derive(Debug)]
pub(super) enum Input {
    Stdin,
    Path { path: PathBuf, metadata: Metadata },
}

/// One artifact to be.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) input: Input,
    pub(super) name: String,
    pub(super) artifact_type: ArtifactType,
    /// Whether the type was taken from the name.
    pub(super) guessed: bool,
}

impl Planned {
    pub(super) fn file_size(&self) -> Option<u64> {
        match &self.input {
            Input::Path { metadata, .. } if metadata.is_file() => Some(metadata.len()),
            _ => None,
        }
    }

    pub(super) fn is_small(&self) -> bool {
        self.file_size().is_some_and(|size| size <= SMALL)
    }
}

pub(super) fn plan(command: &Put, store: &Path) -> Result<Vec<Planned>, Failure> {
    if command.name.is_some() && command.paths.len() > 1 {
        return Err(Failure::usage("--name can name one PATH only")
            .help("store each path by its own `qestore put`"));
    }
    let mut planned = Vec::new();
    for path in &command.paths {
        planned.push(plan_one(command, path, store)?);
    }
    let mut seen = HashMap::new();
    for (artifact, path) in planned.iter().zip(&command.paths) {
        let key = (artifact.artifact_type.clone(), artifact.name.clone());
        if let Some(earlier) = seen.insert(key, path) {
            return Err(Failure::usage(format!(
                "{} and {} would both be {} {:?}",
                earlier.display(),
                path.display(),
                artifact.artifact_type,
                artifact.name
            ))
            .help("give them names or types of their own: store each by its own `qestore put`"));
        }
    }
    Ok(planned)
}

fn plan_one(command: &Put, path: &Path, store: &Path) -> Result<Planned, Failure> {
    let is_stdin = path == Path::new("-");
    let (input, name) = if is_stdin {
        (Input::Stdin, command.name.clone())
    } else {
        let metadata = look_at(path)?;
        if metadata.is_dir() {
            refuse_own_store(path, store)?;
        }
        let name = match &command.name {
            Some(name) => name.clone(),
            None => own_name(path)?,
        };
        let path = path.to_owned();
        (Input::Path { path, metadata }, Some(name))
    };
    let by_name = |name: &str| ArtifactType::guess(Path::new(name));
    let (artifact_type, guessed) = match (&command.artifact_type, &input) {
        (Some(given), _) => (given.clone(), false),
        (None, Input::Path { path, .. }) => {
            // The file's own name says more than the one it is given.
            let own = own_name(path).map_or(ArtifactType::CUSTOM, |own| by_name(&own));
            let given = name.as_deref().map_or(ArtifactType::CUSTOM, by_name);
            let guess = if own == ArtifactType::CUSTOM {
                given
            } else {
                own
            };
            (guess, true)
        }
        (None, Input::Stdin) => {
            let guess = name.as_deref().map_or(ArtifactType::CUSTOM, by_name);
            if guess == ArtifactType::CUSTOM {
                return Err(Failure::usage(
                    "what is on standard input? It has no name that tells its type",
                )
                .help("say so with --type, or with a --name such as test.log"));
            }
            (guess, true)
        }
    };
    Ok(Planned {
        input,
        name: name.unwrap_or_else(|| qestore::DEFAULT_NAME.to_owned()),
        artifact_type,
        guessed,
    })
}

fn look_at(path: &Path) -> Result<Metadata, Failure> {
    fs::metadata(path).map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let shown = path.display().to_string();
        if missing {
            let error = Error::io("there is no such file or folder", error);
            Failure::Usage(error.concerning(shown))
        } else {
            Failure::from(Error::io("it cannot be read", error).concerning(shown))
        }
    })
}

/// The name of the file or folder; of `.` and `..`, that of the folder that is meant.
fn own_name(path: &Path) -> Result<String, Failure> {
    let shown = || path.display().to_string();
    let no_name = |why: &str| {
        Failure::usage(why.to_owned())
            .concerning(shown())
            .help("give it one with --name")
    };
    let last = match path.file_name() {
        // `a/.` has the file name `a`, which is right; `..` has none.
        Some(name) => name.to_owned(),
        None => {
            let whole = fs::canonicalize(current_folder()?.join(path)).map_err(|e| {
                Failure::from(Error::io("it cannot be read", e).concerning(shown()))
            })?;
            let name = whole.file_name().ok_or_else(|| no_name("it has no name"))?;
            name.to_owned()
        }
    };
    last.into_string()
        .map_err(|_| no_name("its name is not valid UTF-8"))
}

/// A store cannot be stored in itself: it would grow while it is read.
fn refuse_own_store(folder: &Path, store: &Path) -> Result<(), Failure> {
    let real = |path: &Path| fs::canonicalize(path).ok();
    // A store that is yet to be made will lie in a folder that is there.
    let store_real = real(store).or_else(|| Some(real(store.parent()?)?.join(store.file_name()?)));
    let (Some(folder_real), Some(store_real)) = (real(folder), store_real) else {
        return Ok(());
    };
    if !store_real.starts_with(&folder_real) {
        return Ok(());
    }
    Err(Failure::usage("the store itself lies in this folder")
        .concerning(folder.display().to_string())
        .help(format!(
            "store the folders in it that matter, or keep the store elsewhere with --store; it is {}",
            shell_word(&store_real.display().to_string())
        )))
}
