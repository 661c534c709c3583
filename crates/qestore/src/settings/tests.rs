//! What tests of settings share.

use std::collections::BTreeMap;
use std::path::Path;

use crate::ci::Surroundings;

/// Variables by name.
pub(super) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(super) fn of(variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(variables.iter().map(owned).collect())
    }
}

impl Surroundings for Variables {
    fn variable(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn read_file(&self, _: &Path) -> Option<String> {
        None
    }
}
