//! From settings to what a store is opened with.

use jiff::SignedDuration;

use super::contradictions;
use super::problem::error_of;
use super::value::{Days, Value};
use super::{Origin, Settings};
use crate::ci::Surroundings;
use crate::config::Config;
use crate::object::Codec;
use crate::retention::{CleanupSchedule, RetentionPolicy};
use crate::{Error, ErrorKind, Result, Storage};

/// The unit of `max_artifact_size_mb`, as the original library has it.
const MB: u64 = 1 << 20;
/// The folder of a store that nobody named.
const DEFAULT_FOLDER: &str = ".artifacts";

impl Settings {
    /// How a store is opened, by these settings and the defaults.
    ///
    /// # Errors
    /// Kind *invalid-input* when settings contradict each other or one is missing, with all of it;
    /// kind *unsupported* for a backend that this version does not open.
    pub fn config(&self) -> Result<Config> {
        let problems = self.problems();
        if !problems.is_empty() {
            return Err(error_of(&problems));
        }
        self.require_local()?;
        let folder = self.store_folder().map(|(path, _)| path.to_owned());
        let mut config = Config::local(folder.unwrap_or_else(|| DEFAULT_FOLDER.into()))
            .codec(self.codec()?)
            .retention(self.retention()?);
        if self.bool("storage.local.create_if_missing") == Some(false) {
            config = config.must_exist();
        }
        if let Some(most) = self.number("max_artifact_size_mb") {
            config = config.max_artifact_bytes(most.saturating_mul(MB));
        }
        if let Some(Value::Path(path)) = self.get("index_path").map(|setting| &setting.value) {
            config = config.index_path(path);
        }
        Ok(config)
    }

    /// How content is compressed.
    ///
    /// # Errors
    /// Kind *invalid-input* when `codec`, `compression_level` and `compression_enabled` do not go
    /// together.
    pub fn codec(&self) -> Result<Codec> {
        contradictions::codec(self).map_err(|problem| error_of(&[*problem]))
    }

    /// When scheduled cleanups run; `None` when no schedule is set.
    ///
    /// # Errors
    /// None that the reading of the settings would not have found.
    pub fn cleanup_schedule(&self) -> Result<Option<CleanupSchedule>> {
        let text = self.text("retention.cleanup_schedule_cron");
        text.map(str::parse).transpose()
    }

    fn retention(&self) -> Result<RetentionPolicy> {
        let mut policy = RetentionPolicy::default();
        if let Some(enabled) = self.bool("retention.enabled") {
            policy.enabled = enabled;
        }
        if let Some(Value::Days(ttl)) = self.value("retention.default_ttl_days") {
            policy.default_ttl = duration(*ttl);
        }
        if let Some(Value::DaysByType(types)) = self.value("retention.ttl_days") {
            policy.ttl_by_type = types
                .iter()
                .map(|(artifact_type, ttl)| (artifact_type.clone(), duration(*ttl)))
                .collect();
        }
        if let Some(n) = self.number("retention.keep_latest_n") {
            policy.keep_latest_n = n;
        }
        if let Some(scope) = self.text("retention.keep_scope") {
            policy.keep_scope = scope.parse()?;
        }
        if let Some(grace) = self.number("retention.superseded_grace_days") {
            policy.superseded_grace = days(grace);
        }
        if let Some(allowed) = self.bool("retention.allow_empty") {
            policy.allow_empty = allowed;
        }
        Ok(policy)
    }

    fn require_local(&self) -> Result<()> {
        let backend = self.text("storage.backend").unwrap_or("local");
        let Some(setting) = self.get("storage.backend").filter(|_| backend != "local") else {
            return Ok(());
        };
        let by = match &setting.origin {
            Origin::File { .. } | Origin::Environment(_) | Origin::Flag(_) => {
                format!("set by {}", setting.origin)
            }
            Origin::Default => "the default".to_owned(),
        };
        let message =
            format!("this version does not open the backend {backend} ({by}); it opens local");
        Err(Error::new(ErrorKind::Unsupported, message)
            .help("storage.backend: local in the file, or QE_STORAGE_BACKEND=local, keeps artifacts in a folder"))
    }

    fn value(&self, path: &str) -> Option<&Value> {
        self.get(path).map(|setting| &setting.value)
    }

    fn bool(&self, path: &str) -> Option<bool> {
        match self.value(path)? {
            Value::Bool(is) => Some(*is),
            _ => None,
        }
    }

    fn number(&self, path: &str) -> Option<u64> {
        match self.value(path)? {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }
}

fn duration(ttl: Days) -> Option<SignedDuration> {
    match ttl {
        Days::For(number) => Some(days(number)),
        Days::Forever => None,
    }
}

fn days(number: u64) -> SignedDuration {
    // Every number of days in the table fits many times over.
    let hours = i64::try_from(number.saturating_mul(24)).unwrap_or(i64::MAX / 3600);
    SignedDuration::from_hours(hours.min(i64::MAX / 3600))
}

impl Storage {
    /// Opens the store that environment variables describe, as `StorageFactory.create_from_env` of
    /// the original library did: `QE_STORAGE_PATH` and the others of docs/CONFIGURATION.md.
    ///
    /// No file is looked for: [`Settings::find_file`] and [`Settings::read`] do that for whoever
    /// knows a current folder.
    ///
    /// # Errors
    /// As [`Settings::from_environment`], [`Settings::config`] and [`Storage::open`].
    pub async fn from_env(surroundings: &dyn Surroundings) -> Result<Self> {
        let config = Settings::from_environment(surroundings)?.config()?;
        Self::open(config).await
    }
}
