//! The subcommands, one file each, and what they share: opening the store, naming an artifact.

pub(crate) mod cat;
pub(crate) mod cleanup;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod copy;
mod damage;
pub(crate) mod exists;
pub(crate) mod export;
mod filter_options;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod log;
pub(crate) mod ls;
mod making;
pub(crate) mod man;
pub(crate) mod pin;
pub(crate) mod put;
pub(crate) mod reindex;
pub(crate) mod rm;
mod several;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod trend;
pub(crate) mod verify;

use std::cell::OnceCell;

use clap::Args;
use qestore::{Artifact, ArtifactRef, ArtifactType, Config, Error, ErrorKind, Location, Storage};

use crate::Answer;
use crate::args::{Command, Global};
use crate::edge::{Configuration, Place, actor, examine, find_store};
use crate::failure::Failure;
use crate::output::{Output, shell_word, tell_note};

pub(crate) use filter_options::{FilterOptions, TypeOption};
pub(crate) use making::open_or_make;
pub(crate) use several::Several;

/// What every subcommand is given.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) output: &'a Output,
    pub(crate) global: Global,
    configuration: OnceCell<Configuration>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(global: Global, output: &'a Output) -> Self {
        Self {
            output,
            global,
            configuration: OnceCell::new(),
        }
    }

    /// What flags, environment and file say together; read once.
    pub(crate) fn configuration(&self) -> Result<&Configuration, Failure> {
        if let Some(configuration) = self.configuration.get() {
            return Ok(configuration);
        }
        let configuration = examine(&self.global, None)?.whole()?;
        if let Some(note) = configuration.note() {
            self.output.note(&note);
        }
        Ok(self.configuration.get_or_init(|| configuration))
    }

    /// Where the store is or would be.
    pub(crate) fn place(&self) -> Result<Place, Failure> {
        let settings = &self.configuration()?.settings;
        // A store that is elsewhere than in a folder is no matter of folders.
        settings.config().map_err(Failure::configuration)?;
        find_store(settings)
    }

    /// The configuration for the store in this place; notices go to standard error.
    pub(crate) fn config(&self, place: &Place) -> Result<Config, Failure> {
        let (quiet, json) = (self.output.quiet, self.output.json);
        let settings = &self.configuration()?.settings;
        let mut config = settings.config().map_err(Failure::configuration)?;
        if let Location::Local { path, .. } = &mut config.location {
            place.path().clone_into(path);
        }
        Ok(config.actor(self.actor()).observer(move |notice| {
            if !quiet {
                tell_note(&notice.to_string(), json);
            }
        }))
    }

    /// Who uses the store, for its log.
    #[expect(
        clippy::unused_self,
        reason = "the edges are asked through the context"
    )]
    pub(crate) fn actor(&self) -> String {
        actor()
    }

    /// Opens the store that is there.
    pub(crate) async fn open(&self) -> Result<Storage, Failure> {
        let place = self.place()?;
        let opened = Storage::open(self.config(&place)?.must_exist()).await;
        opened.map_err(|error| match error.kind() {
            ErrorKind::NotFound => place.no_store(),
            _ => error.into(),
        })
    }
}

/// Which artifact is meant.
#[derive(Debug, Clone, Args)]
pub(crate) struct Which {
    /// The job id.
    #[arg(value_name = "JOB")]
    pub(crate) job: String,

    /// The artifact type, such as test-results or coverage-report.
    #[arg(value_name = "TYPE", value_parser = parse_type)]
    pub(crate) artifact_type: ArtifactType,

    /// The artifact's name, where the job has several of that type.
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

impl Which {
    pub(crate) fn reference(&self) -> ArtifactRef {
        let reference = ArtifactRef::new(self.job.clone(), self.artifact_type.clone());
        match &self.name {
            Some(name) => reference.named(name.clone()),
            None => reference,
        }
    }

    /// The artifact, or the failure that says that it is not there.
    pub(crate) async fn find(&self, storage: &Storage) -> Result<Artifact, Failure> {
        let reference = self.reference();
        let found = storage.retrieve(reference.clone()).await?;
        found.ok_or_else(|| self.missing(storage))
    }

    /// The failure of a removal that a pin or a hold prevents.
    pub(crate) fn protected(&self, error: Error) -> Failure {
        let which = format!("{} {}", shell_word(&self.job), self.artifact_type);
        let (pin, hold) = (
            format!("qestore unpin {which}"),
            format!("qestore hold {which} --release"),
        );
        Failure::Other(error.help(format!("`{pin}` takes a pin away, `{hold}` ends a hold")))
    }

    pub(crate) fn missing(&self, storage: &Storage) -> Failure {
        let message = format!("there is no such artifact in the {}", storage.location());
        let job = shell_word(&self.job);
        Failure::not_found(message)
            .concerning(self.reference().to_string())
            .help(format!("`qestore ls --job {job}` lists what the job has"))
    }
}

/// Reads an artifact type; the library's words say what is wrong with it.
pub(crate) fn parse_type(word: &str) -> Result<ArtifactType, String> {
    word.parse().map_err(|error: Error| {
        let help = error.advice().map(|help| format!("; {help}"));
        format!("{}{}", error.message(), help.unwrap_or_default())
    })
}

/// Runs the subcommand.
pub(crate) async fn run(command: Command, context: &Context<'_>) -> Result<Answer, Failure> {
    let answer = match command {
        Command::Put(command) => put::run(command, context).await,
        Command::Get(command) => get::run(command, context).await,
        Command::Cat(command) => cat::run(command, context).await,
        Command::Ls(command) => ls::run(command, context).await,
        Command::Show(command) => show::run(command, context).await,
        Command::Rm(command) => rm::run(command, context).await,
        Command::Stats(command) => stats::run(command, context).await,
        Command::Trend(command) => trend::run(command, context).await,
        Command::Compare(command) => compare::run(command, context).await,
        Command::Cleanup(command) => cleanup::run(command, context).await,
        Command::Pin(command) => pin::run_pin(command, context).await,
        Command::Unpin(command) => pin::run_unpin(command, context).await,
        Command::Hold(command) => pin::run_hold(command, context).await,
        Command::Log(command) => log::run(command, context).await,
        Command::Import(command) => import::run(command, context).await,
        Command::Export(command) => export::run(command, context).await,
        Command::Copy(command) => copy::run(command, context).await,
        Command::Exists(command) => exists::run(command, context).await,
        Command::Verify(command) => verify::run(command, context).await,
        Command::Reindex(command) => reindex::run(command, context).await,
        Command::Config(command) => config::run(command, context),
        Command::Completions(command) => completions::run(&command, context),
        Command::Man(command) => man::run(command, context),
    };
    context.output.flush()?;
    answer
}
