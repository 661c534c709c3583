//! A job's artifacts: all of them, of one type, or one.

use clap::Args;
use futures::TryStreamExt as _;
use qestore::{ArtifactMetadata, ArtifactType, Filter, Storage};

use super::parse_type;
use crate::failure::Failure;
use crate::output::shell_word;

/// Which artifacts of a job are meant.
#[derive(Debug, Clone, Args)]
pub(crate) struct Several {
    /// The job id.
    #[arg(value_name = "JOB")]
    job: String,

    /// Only artifacts of this type; all of the job without it.
    #[arg(value_name = "TYPE", value_parser = parse_type)]
    artifact_type: Option<ArtifactType>,

    /// Only the artifact of this name.
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    name: Option<String>,
}

impl Several {
    /// The present artifacts that are meant, at least one.
    pub(crate) async fn find(&self, storage: &Storage) -> Result<Vec<ArtifactMetadata>, Failure> {
        let mut filter = Filter::default().job_id(self.job.clone());
        filter.artifact_type.clone_from(&self.artifact_type);
        filter.name.clone_from(&self.name);
        // Another process may have been killed between its object and its row.
        storage.sync().await?;
        let found: Vec<_> = storage.list_all(&filter).try_collect().await?;
        if found.is_empty() {
            let message = format!("there is no such artifact in the {}", storage.location());
            let job = shell_word(&self.job);
            return Err(Failure::not_found(message)
                .concerning(self.subject())
                .help(format!("`qestore ls --job {job}` lists what the job has")));
        }
        Ok(found)
    }

    fn subject(&self) -> String {
        let of_type = self.artifact_type.as_ref().map(ArtifactType::to_string);
        let parts = [Some(self.job.clone()), of_type, self.name.clone()];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}
