//! `qestore get`: writes an artifact to a file, a folder or standard output.

pub(crate) mod target;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use qestore::{Artifact, ArtifactKind, Error, ErrorKind};

use super::{Context, Which};
use crate::Answer;
use crate::failure::Failure;
use crate::output::shapes::Written;
use crate::output::{Meter, Output, Progress, bytes, escaped};
use target::{refuse_taken, refuse_the_store, safe_file_name};

/// Write an artifact to a file, or unpack a tree into a folder
///
/// It is verified on the way, and appears under its name only when it is whole and sound. Without
/// -o it is called as the artifact is, in the current folder; characters that are not possible or
/// not safe in a file name become `_`. What is there already is only replaced with --force.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore get build-1 test-results
  qestore get build-1 coverage-report -o site         a tree is unpacked into the folder
  qestore get build-1 coverage-report -o - | tar -t   a tree on standard output is a tar stream
  qestore get build-1 build-logs --stored             the object as it is, for `zstd -d`")]
pub(crate) struct Get {
    #[command(flatten)]
    which: Which,

    /// The file or folder to write; `-` is standard output. In a folder that is there, a file is
    /// put under its own name.
    #[arg(long, short, value_name = "PATH")]
    output: Option<PathBuf>,

    /// Replace what is there; a folder as a whole.
    #[arg(long, short)]
    force: bool,

    /// Write the object as it is stored (verified before): compressed, with its metadata.
    #[arg(long)]
    stored: bool,
}

pub(crate) async fn run(command: Get, context: &Context<'_>) -> Result<Answer, Failure> {
    let output = context.output;
    let to_stdout = command.output.as_deref() == Some(Path::new("-"));
    if to_stdout && output.json {
        return Err(
            Failure::usage("--json and the content cannot both go to standard output")
                .help("name a file with -o, or use `qestore cat --json`"),
        );
    }
    let storage = context.open().await?;
    let artifact = command.which.find(&storage).await?;
    if command.stored {
        let progress = Progress::new(output, "verifying", Meter::Nothing);
        progress.during(artifact.verify()).await?;
    }
    if to_stdout {
        let mut chunks = std::pin::pin!(content(&artifact, command.stored));
        while let Some(chunk) = chunks.try_next().await? {
            output.raw(chunk.as_ref())?;
        }
        return Ok(Answer::Yes);
    }
    let unpack = artifact.metadata().kind == ArtifactKind::Tree && !command.stored;
    let target = command.target(&artifact, unpack);
    refuse_the_store(&target, context.place()?.path())?;
    refuse_taken(&target, command.force)?;
    if unpack {
        let progress = Progress::new(output, "unpacking", Meter::Nothing);
        let unpacked = target::unpack(&artifact, &target, command.force);
        progress.during(unpacked).await?;
    } else {
        write_file(&artifact, &target, &command, output).await?;
    }
    let metadata = artifact.metadata();
    let size = if command.stored {
        metadata.compressed_size_bytes
    } else {
        metadata.size_bytes
    };
    output.confirm(&format!(
        "{}  {}  {}",
        escaped(&target.display().to_string()),
        bytes(size),
        output.dim("verified")
    ))?;
    output.object(&Written {
        artifact: metadata,
        path: target.display().to_string(),
    })?;
    Ok(Answer::Yes)
}

impl Get {
    fn target(&self, artifact: &Artifact, unpack: bool) -> PathBuf {
        let metadata = artifact.metadata();
        let mut name = safe_file_name(&metadata.name);
        if self.stored {
            // `<id>.tar.zst`: the id has no dots.
            let ending = metadata.storage_path.rsplit('/').next().unwrap_or_default();
            let ending = ending.split_once('.').map_or("", |(_, ending)| ending);
            name = format!("{name}.{ending}");
        }
        match &self.output {
            None => PathBuf::from(name),
            Some(folder) if !unpack && folder.is_dir() => folder.join(name),
            Some(path) => path.clone(),
        }
    }
}

fn content(
    artifact: &Artifact,
    stored: bool,
) -> impl Stream<Item = Result<impl AsRef<[u8]> + use<>, Error>> + use<> {
    if stored {
        artifact.stored_stream().boxed()
    } else {
        artifact.stream().boxed()
    }
}

async fn write_file(
    artifact: &Artifact,
    target: &Path,
    command: &Get,
    output: &Output,
) -> Result<(), Failure> {
    let failed = |error| {
        let error = Error::io("the file cannot be written", error);
        Failure::from(error.concerning(target.display().to_string()))
    };
    let mut file = target::partial_file(target).map_err(failed)?;
    let size = artifact.metadata().size_bytes;
    let progress = Progress::new(output, "reading", Meter::Bytes(Some(size)));
    let mut chunks = std::pin::pin!(content(artifact, command.stored));
    let mut written = 0;
    while let Some(chunk) = chunks.try_next().await? {
        file.write_all(chunk.as_ref()).map_err(failed)?;
        written += chunk.as_ref().len() as u64;
        progress.at(written);
    }
    progress.end();
    // The end of the stream is where a wrong SHA-256 shows: only now may it have its name.
    let named = if command.force {
        file.persist(target)
    } else {
        file.persist_noclobber(target)
    };
    match named {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => {
            Err(target::taken(target))
        }
        Err(error) if error.error.kind() == std::io::ErrorKind::NotFound => {
            let gone = Error::new(ErrorKind::Storage, "its folder is gone");
            Err(Failure::from(gone.because(error.error)))
        }
        Err(error) => Err(failed(error.error)),
    }
}
