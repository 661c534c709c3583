//! `qestore put`: stores files, folders and standard input as artifacts of a job.

mod identity;
mod plan;

use std::path::PathBuf;

use clap::Args;
use futures::StreamExt as _;
use qestore::{
    ArtifactMetadata, ArtifactType, Codec, ErrorKind, Links, NewArtifact, Storage, Tags,
};

use super::{Context, open_or_make, parse_type};
use crate::Answer;
use crate::edge::now;
use crate::failure::Failure;
use crate::output::shapes::Stored;
use crate::output::{Meter, Output, Progress, bytes, escaped, share};
use crate::values::{Tag, Ttl, When, parse_size, parse_tag, parse_ttl, parse_when};
use plan::{Input, Planned};

/// Small files that are stored at the same time.
const TOGETHER: usize = 4;
/// A file up to this size is a small one.
const SMALL: u64 = 4 << 20;

/// Store files and folders as artifacts of a job
///
/// A file is one artifact; a folder is one artifact too, a tree, and each file in it can be read
/// alone. `-` is standard input. When the command returns, everything is on disk, whole. Under the
/// job, type and name of an earlier artifact, the new one takes its place.
///
/// Several paths are looked at first: when one is not there, or two would have the same type and
/// name, nothing is stored. Then each is stored by itself: when one fails, the others are stored all
/// the same, and the exit code tells.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  qestore put junit.xml                                 in CI: the rest comes from the environment
  qestore put --job build-1 --tag branch=main junit.xml coverage.xml htmlcov
  qestore put --job build-1 --type videos --ttl 14d run.webm
  cargo test 2>&1 | qestore put --name test.log -
  qestore put --job build-1 --time 2026-11-01T12:30 old/junit.xml

In CI the job id comes from the environment of the CI system when --job is not given, and the tags
branch, commit, ci, run-url and attempt in any case; --tag wins over them. Known are GitHub, Gitea
and Forgejo Actions, GitLab CI, Jenkins, CircleCI, Azure Pipelines, Buildkite, Travis CI, Bitbucket
Pipelines, TeamCity, Drone and Woodpecker.

On GitHub, Gitea and Forgejo Actions all legs of one matrix have the same job id. To keep their
artifacts apart, put the matrix values into --name, or into --job; as a --tag they only help to find
them:
  qestore put --name junit-${{ matrix.os }}.xml --tag os=${{ matrix.os }} junit.xml")]
pub(crate) struct Put {
    /// Files and folders; `-` is standard input.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,

    /// The job they belong to; in CI it is known without.
    #[arg(long, value_name = "JOB", allow_hyphen_values = true)]
    job: Option<String>,

    /// What they are, such as test-results; else guessed by the name of each.
    #[arg(long = "type", value_name = "TYPE", value_parser = parse_type)]
    artifact_type: Option<ArtifactType>,

    /// The artifact's name, instead of that of its file or folder.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    name: Option<String>,

    /// A tag to find them by; may be given several times.
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = parse_tag)]
    tags: Vec<Tag>,

    /// How long to keep them: 90d, 12h, 2w, 30m or forever; as configured when not given.
    #[arg(long, value_name = "TIME", value_parser = parse_ttl, allow_hyphen_values = true)]
    ttl: Option<Ttl>,

    /// When they were made, for artifacts made earlier: a date, an instant, or a duration ago.
    #[arg(long, value_name = "WHEN", value_parser = parse_when, allow_hyphen_values = true)]
    time: Option<When>,

    /// How to compress: zstd (levels 1 to 19), gzip (1 to 9) or none; as
    /// configured when not given, else zstd:3.
    #[arg(long, value_name = "CODEC", value_parser = parse_codec)]
    codec: Option<Codec>,

    /// In folders, store what symbolic links point to, instead of the links.
    #[arg(long)]
    follow_links: bool,

    /// Refuse content that is larger, such as 500MB or 2GiB; as configured when not given, else
    /// 100 MiB.
    #[arg(long, value_name = "SIZE", value_parser = parse_size, allow_hyphen_values = true)]
    max_size: Option<u64>,
}

fn parse_codec(text: &str) -> Result<Codec, String> {
    text.parse()
        .map_err(|error: qestore::Error| error.message().to_owned())
}

pub(crate) async fn run(command: Put, context: &Context<'_>) -> Result<Answer, Failure> {
    let output = context.output;
    let now = now();
    if command.time.is_some_and(|time| time.instant(now) > now) {
        return Err(Failure::usage(
            "--time is when they were made: it cannot be in the future",
        ));
    }
    let place = context.place()?;
    let planned = plan::plan(&command, place.path())?;
    let identity = identity::find(command.job.as_deref(), &command.tags)?;
    if let Some(note) = &identity.note {
        output.note(note);
    }
    let storage = open_or_make(context, &place, command.max_size).await?;
    let at_once = if planned.iter().all(Planned::is_small) {
        TOGETHER
    } else {
        1
    };
    let jobs = planned.iter().map(|planned| {
        let new = command.artifact(planned, &identity.job, &identity.tags);
        store(&storage, planned, new, output)
    });
    let mut stores = std::pin::pin!(futures::stream::iter(jobs).buffered(at_once));
    let (mut stored, mut failed) = (Vec::new(), 0);
    let mut results = planned.iter();
    while let Some(result) = stores.next().await {
        let planned = results.next();
        match result {
            Ok(metadata) => {
                let guessed = planned.is_some_and(|planned| planned.guessed);
                confirm(output, &metadata, guessed)?;
                stored.push(metadata);
            }
            Err(failure) => {
                failed = failed.max(failure.exit_code());
                output.tell_failure(&failure);
            }
        }
    }
    if !stored.is_empty() || failed == 0 {
        output.object(&Stored { artifacts: &stored })?;
    }
    Ok(match failed {
        0 => Answer::Yes,
        code => Answer::Failed(code),
    })
}

impl Put {
    fn artifact(&self, planned: &Planned, job: &str, tags: &Tags) -> NewArtifact {
        let artifact_type = planned.artifact_type.clone();
        let mut new = match &planned.input {
            Input::Stdin => NewArtifact::from_reader(job, artifact_type, tokio::io::stdin()),
            Input::Path { path, .. } => NewArtifact::from_path(job, artifact_type, path.clone()),
        };
        new = new.name(planned.name.clone()).tags(tags.clone());
        new = match self.ttl {
            Some(Ttl::For(ttl)) => new.keep_for(ttl),
            Some(Ttl::Forever) => new.keep_for_ever(),
            None => new,
        };
        if let Some(time) = self.time {
            new = new.timestamp(time.instant(now()));
        }
        if let Some(codec) = self.codec {
            new = new.codec(codec);
        }
        if self.follow_links {
            new = new.links(Links::Follow);
        }
        new
    }
}

async fn store(
    storage: &Storage,
    planned: &Planned,
    new: NewArtifact,
    output: &Output,
) -> Result<ArtifactMetadata, Failure> {
    let progress = Progress::new(output, &planned.name, Meter::Bytes(planned.file_size()));
    let told = progress.clone();
    let stored = storage.store(new.on_progress(move |bytes| told.at(bytes)));
    let stored = stored.await;
    progress.end();
    stored.map_err(|error| match error.kind() {
        ErrorKind::TooLarge => Failure::from(error.help(
            "--max-size raises the limit, such as --max-size 2GB; max_artifact_size_mb in the \
                 configuration does for good",
        )),
        // What is to be stored is not there: not the answer to a question, but a wrong path.
        ErrorKind::NotFound => Failure::Usage(error),
        _ => error.into(),
    })
}

fn confirm(output: &Output, stored: &ArtifactMetadata, guessed: bool) -> Result<(), Failure> {
    let guess = if guessed {
        match stored.artifact_type == ArtifactType::CUSTOM {
            true => output.dim("  type not recognised by its name; --type says it"),
            false => output.dim("  type guessed by name"),
        }
    } else {
        String::new()
    };
    if let Some(meant) = likely_type(&stored.artifact_type) {
        let given = &stored.artifact_type;
        output.note(&format!(
            "{given} is a type of your own; was {meant} meant?"
        ));
    }
    output.confirm(&format!(
        "stored {}  {} as {}{}{guess}",
        output.bold(&escaped(&stored.to_string())),
        bytes(stored.size_bytes),
        bytes(stored.compressed_size_bytes),
        share(stored.compression_ratio()),
    ))
}

/// The known type that a word of the user's own looks like a slip of.
fn likely_type(given: &ArtifactType) -> Option<ArtifactType> {
    if ArtifactType::KNOWN.contains(given) {
        return None;
    }
    ArtifactType::KNOWN
        .into_iter()
        .find(|known| strsim::damerau_levenshtein(known.as_str(), given.as_str()) <= 2)
}
