//! Layers: flags over environment over file over defaults.

use std::path::{Path, PathBuf};

use super::file::{nearest_word, not_allowed};
use super::keys;
use super::kind::Kind;
use super::problem::{Problem, quoted};
use super::value::Value;
use super::{Origin, Setting, Settings};
use crate::ci::Surroundings;

/// What the environment says.
pub(super) fn environment(surroundings: &dyn Surroundings) -> (Settings, Vec<Problem>) {
    let mut settings = Settings::default();
    let mut problems = Vec::new();
    for key in keys::all() {
        let Some(name) = key.variable else {
            continue;
        };
        let Some(text) = surroundings
            .variable(name)
            .filter(|text| !text.trim().is_empty())
        else {
            continue;
        };
        // A folder may begin or end with a blank, and a secret is what it is.
        let text = match key.kind {
            Kind::Path | Kind::Secret => text.as_str(),
            _ => text.trim(),
        };
        match key.kind.read(text) {
            Ok(value) => settings.insert(Setting {
                key,
                value,
                origin: Origin::Environment(name),
            }),
            Err(why) => {
                let repeated = key.kind.may_be_repeated();
                let shown = if repeated {
                    quoted(text)
                } else {
                    "this value".to_owned()
                };
                let mut message = not_allowed(&shown, &key.kind, why);
                if let Some(word) = nearest_word(&key.kind, text).filter(|_| repeated) {
                    message.push_str(&format!("; did you mean {word}?"));
                }
                problems.push(Problem::new(message).variable(name));
            }
        }
    }
    (settings, problems)
}

impl Settings {
    /// These settings, and where they say nothing, those of `lower`.
    ///
    /// A file's `index_path` belongs to the store that the file names: it does not hold when the
    /// store is another one.
    #[must_use]
    pub fn over(mut self, mut lower: Self) -> Self {
        let store = "storage.local.path";
        let other_store = match (self.get(store), lower.get(store)) {
            (Some(upper), Some(lower)) => upper.value != lower.value,
            _ => false,
        };
        if other_store {
            lower.settings.remove("index_path");
        }
        for (path, setting) in lower.settings {
            self.settings.entry(path).or_insert(setting);
        }
        self
    }

    /// Takes the store in this folder, whatever else is set: a local one.
    #[must_use]
    pub fn with_store(self, folder: impl Into<PathBuf>, origin: Origin) -> Self {
        let mut upper = Self::default();
        let mut set = |path, value, origin| {
            if let Some(key) = keys::find(path) {
                upper.insert(Setting { key, value, origin });
            }
        };
        set(
            "storage.backend",
            Value::Text("local".to_owned()),
            origin.clone(),
        );
        set("storage.local.path", Value::Path(folder.into()), origin);
        upper.over(self)
    }

    /// The folder of the local store, if a source names one.
    #[must_use]
    pub fn store_folder(&self) -> Option<(&Path, &Origin)> {
        let setting = self.get("storage.local.path")?;
        match &setting.value {
            Value::Path(path) => Some((path, &setting.origin)),
            _ => None,
        }
    }
}
