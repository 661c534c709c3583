//! What detection may look at, and how it looks.

use std::path::Path;

use super::environment::Shard;
use super::text::branch_name;

/// What detection may look at; the edge (command line, Python) implements it.
pub trait Surroundings {
    /// The value of an environment variable, if set and readable as text.
    fn variable(&self, name: &str) -> Option<String>;

    /// The text of a small file (`TeamCity`'s properties, GitHub's event file), if readable.
    fn read_file(&self, path: &Path) -> Option<String>;
}

/// The questions all systems ask of their surroundings.
#[derive(Clone, Copy)]
pub(super) struct Variables<'a> {
    surroundings: &'a dyn Surroundings,
}

impl<'a> Variables<'a> {
    pub(super) fn new(surroundings: &'a dyn Surroundings) -> Self {
        Self { surroundings }
    }

    /// The variable's value. Blank counts as unset: several systems define every variable on every
    /// build and leave those without meaning empty.
    pub(super) fn text(self, name: &str) -> Option<String> {
        self.surroundings
            .variable(name)
            .filter(|value| !value.trim().is_empty())
    }

    pub(super) fn first_of(self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    pub(super) fn is(self, name: &str, value: &str) -> bool {
        // Azure writes `True`, everybody else `true`.
        self.text(name)
            .is_some_and(|actual| actual.eq_ignore_ascii_case(value))
    }

    /// The variable's value where the system writes `false` for "there is none".
    pub(super) fn unless_false(self, name: &str) -> Option<String> {
        self.text(name)
            .filter(|value| !value.eq_ignore_ascii_case("false"))
    }

    /// The first of the variables that is set, as a branch name without its ref prefix.
    pub(super) fn branch(self, names: &[&str]) -> Option<String> {
        self.first_of(names).as_deref().and_then(branch_name)
    }

    /// The shard told by two variables, where the system counts from `first`.
    pub(super) fn shard(self, index: &str, total: &str, first: u32) -> Option<Shard> {
        let index: u32 = self.text(index)?.trim().parse().ok()?;
        let total: u32 = self.text(total)?.trim().parse().ok()?;
        Shard::among_several(index.checked_sub(first)?.checked_add(1)?, total)
    }

    pub(super) fn file(self, path: &str) -> Option<String> {
        self.surroundings.read_file(Path::new(path))
    }
}
