//! From the tree of a file to settings; everything that is wrong is collected.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::keys::{self, Key};
use super::kind::Kind;
use super::problem::{Mark, Problem, one_line, quoted};
use super::value::{Days, Value};
use super::variables::expand;
use super::yaml::{Content, Node};
use super::{Origin, Setting, Settings, yaml};
use crate::ci::Surroundings;

pub(super) fn read(
    bytes: &[u8],
    path: &Path,
    surroundings: &dyn Surroundings,
) -> (Settings, Vec<Problem>) {
    let mut reading = Reading {
        path,
        surroundings,
        settings: Settings::default(),
        marks: HashMap::new(),
        problems: Vec::new(),
    };
    match yaml::read(bytes) {
        Err(fault) => {
            let problem = Problem::new(fault.message).at(path, fault.mark);
            reading.problems.push(problem);
        }
        Ok(None) => {}
        Ok(Some(root)) => match &root.content {
            Content::Null => {}
            Content::Map(entries) => reading.section(entries, ""),
            _ => reading.wrong(
                root.mark,
                "",
                format!(
                    "a configuration is a mapping of keys to values, not {}",
                    sort(&root)
                ),
            ),
        },
    }
    reading.place_local_store();
    let mut problems = reading.problems;
    problems.extend(super::contradictions::within(&reading.settings));
    problems.sort_by_key(|problem| (problem.line, problem.column));
    (reading.settings, problems)
}

struct Reading<'a> {
    path: &'a Path,
    surroundings: &'a dyn Surroundings,
    settings: Settings,
    /// Where each key was given.
    marks: HashMap<&'static str, Mark>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn wrong(&mut self, mark: Mark, key: &str, message: impl Into<String>) {
        let mut problem = Problem::new(message).at(self.path, Some(mark));
        if !key.is_empty() {
            problem = problem.key(key);
        }
        self.problems.push(problem);
    }

    /// Reads the entries of a section; `written` is its path as it stands in the file.
    fn section(&mut self, entries: &[(Node, Node)], written: &str) {
        let mut seen: HashMap<&str, Mark> = HashMap::new();
        for (key, value) in entries {
            let Content::Scalar(name) = &key.content else {
                self.wrong(
                    key.mark,
                    written,
                    format!("a key is a word, not {}", sort(key)),
                );
                continue;
            };
            let path = match written {
                "" => name.clone(),
                section => format!("{section}.{name}"),
            };
            if let Some(earlier) = seen.insert(name, key.mark) {
                let shown = shown_key(&path);
                self.wrong(key.mark, &shown, twice(earlier));
                continue;
            }
            let canonical = keys::canonical(&path);
            if !name.contains('.')
                && let Some(known) = keys::find(&canonical)
            {
                self.value(known, &path, key.mark, value);
            } else if !name.contains('.') && keys::SECTIONS.contains(&canonical.as_str()) {
                match &value.content {
                    Content::Null => {}
                    Content::Map(entries) => self.section(entries, &path),
                    _ => {
                        let names = keys::names_in(&canonical).join(", ");
                        let message = format!("keys belong below it, not {}: {names}", sort(value));
                        self.wrong(value.mark, &path, message);
                    }
                }
            } else {
                self.unknown(key.mark, written, name);
            }
        }
    }

    fn unknown(&mut self, mark: Mark, section: &str, name: &str) {
        let canonical = match section {
            "" => String::new(),
            section => keys::canonical(section),
        };
        let message = if name == "<<" {
            "merge keys are not understood here; write the keys out".to_owned()
        } else if let Some(known) = keys::find(name).filter(|_| name.contains('.')) {
            let nested = known.path.replace('.', ": {");
            let close = "}".repeat(known.path.matches('.').count());
            format!("parts of a key stand below each other: {nested}: …{close}")
        } else if let Some(meant) = keys::nearest(&canonical, name) {
            format!("there is no such key; did you mean {meant}?")
        } else {
            let names = keys::names_in(&canonical).join(", ");
            format!("there is no such key; allowed here: {names}")
        };
        let path = match section {
            "" => shown_key(name),
            section => format!("{section}.{}", shown_key(name)),
        };
        self.wrong(mark, &path, message);
    }

    fn value(&mut self, key: &'static Key, written: &str, at: Mark, node: &Node) {
        let value = if let Kind::DaysByType { least, most } = key.kind {
            self.days_by_type(key, written, node, least, most)
        } else {
            match &node.content {
                Content::Null => None,
                Content::Scalar(text) => self.scalar(key, &key.kind, written, node.mark, text),
                _ => {
                    let message = not_allowed(sort(node), &key.kind, None);
                    self.wrong(node.mark, written, message);
                    None
                }
            }
        };
        let Some(value) = value else {
            return;
        };
        if let Some(earlier) = self.settings.get(key.path) {
            let line = self.marks.get(key.path).map_or(0, |mark| mark.line);
            if earlier.value != value {
                let path = key.path;
                let message =
                    format!("line {line} gives {path} another value; keep one of the two");
                self.wrong(at, written, message);
            }
            return;
        }
        self.marks.insert(key.path, at);
        self.insert(key, value, at);
    }

    fn insert(&mut self, key: &'static Key, value: Value, mark: Mark) {
        let origin = Origin::File {
            path: self.path.to_owned(),
            line: mark.line,
            column: mark.column,
        };
        self.settings.insert(Setting { key, value, origin });
    }

    /// Reads a scalar of `kind` for `key`; nothing when it is empty or wrong.
    fn scalar(
        &mut self,
        key: &Key,
        kind: &Kind,
        written: &str,
        mark: Mark,
        text: &str,
    ) -> Option<Value> {
        let (expanded, any) = match expand(text, self.surroundings) {
            Ok(expanded) => expanded,
            Err(message) => {
                self.wrong(mark, written, message);
                return None;
            }
        };
        if expanded.is_empty() {
            return None;
        }
        match kind.read(&expanded) {
            Ok(Value::Path(path)) => Some(Value::Path(self.beside(&path))),
            Ok(value) => Some(value),
            Err(why) => {
                let (shown, why) = match (key.kind.may_be_repeated(), any) {
                    (false, _) => ("this value".to_owned(), why),
                    // The value of a variable is not the file's to tell.
                    (true, true) => (format!("what {} stands for", quoted(text)), None),
                    (true, false) => (quoted(text), why),
                };
                let mut message = not_allowed(&shown, kind, why);
                if key.kind.may_be_repeated()
                    && let Some(word) = nearest_word(kind, &expanded).filter(|_| !any)
                {
                    message.push_str(&format!("; did you mean {word}?"));
                }
                self.wrong(mark, written, message);
                None
            }
        }
    }

    fn days_by_type(
        &mut self,
        key: &Key,
        written: &str,
        node: &Node,
        least: u64,
        most: u64,
    ) -> Option<Value> {
        let entries = match &node.content {
            Content::Null => return None,
            Content::Map(entries) => entries,
            _ => {
                let message = not_allowed(sort(node), &key.kind, None);
                self.wrong(node.mark, written, message);
                return None;
            }
        };
        let kind = Kind::Days { least, most };
        let mut seen: HashMap<&str, Mark> = HashMap::new();
        let mut types = BTreeMap::new();
        for (name, days) in entries {
            let Content::Scalar(word) = &name.content else {
                let message = format!("a key is an artifact type, not {}", sort(name));
                self.wrong(name.mark, written, message);
                continue;
            };
            let path = format!("{written}.{}", shown_key(word));
            if let Some(earlier) = seen.insert(word, name.mark) {
                self.wrong(name.mark, &path, twice(earlier));
                continue;
            }
            let artifact_type = match word.parse() {
                Ok(artifact_type) => artifact_type,
                Err(error) => {
                    let error: crate::Error = error;
                    let help = error.advice().map(|help| format!("; {help}"));
                    let message = format!("{}{}", error.message(), help.unwrap_or_default());
                    self.wrong(name.mark, &path, message);
                    continue;
                }
            };
            let read = match &days.content {
                Content::Null => None,
                Content::Scalar(text) => self.scalar(key, &kind, &path, days.mark, text),
                _ => {
                    let message = not_allowed(sort(days), &kind, None);
                    self.wrong(days.mark, &path, message);
                    None
                }
            };
            if let Some(Value::Days(days)) = read {
                types.insert(artifact_type, days);
            }
        }
        let types: BTreeMap<_, Days> = types;
        (!types.is_empty()).then_some(Value::DaysByType(types))
    }

    /// A path of the file's, which is relative to the file's folder.
    fn beside(&self, path: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        // A `.` at the beginning stays where `components` leaves others out.
        let path = path.strip_prefix(".").unwrap_or(path);
        folder.join(path).components().collect()
    }

    /// A file that says `backend: local` and no path means the folder beside itself.
    fn place_local_store(&mut self) {
        let says_local = self
            .settings
            .get("storage.backend")
            .is_some_and(|setting| setting.value == Value::Text("local".to_owned()));
        let path =
            keys::find("storage.local.path").filter(|key| self.settings.get(key.path).is_none());
        let mark = self.marks.get("storage.backend").copied();
        if let (true, Some(key), Some(mark)) = (says_local, path, mark)
            && let Some(Value::Path(default)) = key.default_value()
            && !self
                .problems
                .iter()
                .any(|problem| problem.key.as_deref() == Some(key.path))
        {
            let path = self.beside(&default);
            self.insert(key, Value::Path(path), mark);
        }
    }
}

fn twice(earlier: Mark) -> String {
    format!("it is given twice: here and in line {}", earlier.line)
}

/// What stands there, in words.
fn sort(node: &Node) -> &'static str {
    match node.content {
        Content::Null => "nothing",
        Content::Scalar(_) => "a single value",
        Content::List => "a list",
        Content::Map(_) => "a mapping",
    }
}

pub(super) fn not_allowed(shown: &str, kind: &Kind, why: Option<String>) -> String {
    let why = why.map(|why| format!(" ({why})")).unwrap_or_default();
    format!("{shown} is not allowed{why}; allowed: {}", kind.allowed())
}

/// The word that was likely meant.
pub(super) fn nearest_word(kind: &Kind, text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    let words = kind.words().iter().copied();
    let nearest = words.min_by_key(|word| strsim::damerau_levenshtein(word, &text))?;
    let distance = strsim::damerau_levenshtein(nearest, &text);
    (distance <= (nearest.len() / 3).max(1)).then_some(nearest)
}

/// A key as errors may repeat it: a forgotten space after a colon must not give a secret away.
fn shown_key(name: &str) -> String {
    const MOST: usize = 60;
    let end = |c: char| c == ':' || c == '=' || c.is_whitespace();
    let (word, cut) = match name.split_once(end) {
        Some((word, _)) => (word, true),
        None => (name, false),
    };
    let short: String = word.chars().take(MOST).collect();
    let more = if cut || short.len() < word.len() {
        "…"
    } else {
        ""
    };
    format!("{}{more}", one_line(&short))
}
