//! The one table of keys: what may be set, by which name, to what.
//!
//! Reading, errors, the JSON Schema, `config show` and docs/CONFIGURATION.md are all made from it.

use super::kind::Kind;
use super::value::{Days, Value};

/// One key of the configuration.
#[derive(Debug)]
pub struct Key {
    pub(super) path: &'static str,
    pub(super) kind: Kind,
    pub(super) variable: Option<&'static str>,
    pub(super) default: Default,
    pub(super) doc: &'static str,
    pub(super) original: bool,
}

/// What holds when nobody says anything.
#[derive(Debug, Clone, Copy)]
pub(super) enum Default {
    Nothing,
    Bool(bool),
    Number(u64),
    Word(&'static str),
    Forever,
}

impl Key {
    /// The path of the key, its parts joined by dots: `storage.local.path`.
    #[must_use]
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The environment variable that sets it, if there is one.
    #[must_use]
    pub fn variable(&self) -> Option<&'static str> {
        self.variable
    }

    /// What it means, in one sentence.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.doc
    }

    /// What is allowed, in words.
    #[must_use]
    pub fn allowed(&self) -> String {
        self.kind.allowed()
    }

    /// Whether its value is never shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret)
    }

    /// Whether the original library has it.
    #[must_use]
    pub fn is_original(&self) -> bool {
        self.original
    }

    /// What holds when nobody says anything; `None` when that is nothing, or depends.
    #[must_use]
    pub fn default_value(&self) -> Option<Value> {
        Some(match self.default {
            Default::Nothing => return None,
            Default::Bool(is) => Value::Bool(is),
            Default::Number(number) => Value::Number(number),
            Default::Word(word) if matches!(self.kind, Kind::Path) => Value::Path(word.into()),
            Default::Word(word) => Value::Text(word.to_owned()),
            Default::Forever => Value::Days(Days::Forever),
        })
    }
}

/// A key that the original library has.
const fn theirs(path: &'static str, kind: Kind, default: Default, doc: &'static str) -> Key {
    Key {
        path,
        kind,
        variable: None,
        default,
        doc,
        original: true,
    }
}

/// A key of our own.
const fn ours(path: &'static str, kind: Kind, default: Default, doc: &'static str) -> Key {
    Key {
        original: false,
        ..theirs(path, kind, default, doc)
    }
}

const fn by(variable: &'static str, key: Key) -> Key {
    Key {
        variable: Some(variable),
        ..key
    }
}

/// A century: nobody means more days.
const MOST_DAYS: u64 = 36_500;

/// All keys, in the order of the documents.
pub(super) static KEYS: [Key; 27] = [
    by(
        "QE_STORAGE_BACKEND",
        theirs(
            "storage.backend",
            Kind::Words(&[
                "local",
                "s3",
                "minio",
                "github-actions",
                "gitlab-ci",
                "gcs",
                "azure",
                "auto",
            ]),
            Default::Word("local"),
            "Where artifacts live. This version opens local; the others are read and checked.",
        ),
    ),
    by(
        "QE_STORAGE_PATH",
        theirs(
            "storage.local.path",
            Kind::Path,
            Default::Word(".artifacts"),
            "The folder of the store.",
        ),
    ),
    theirs(
        "storage.local.create_if_missing",
        Kind::Bool,
        Default::Bool(true),
        "Whether storing makes the store when it is not there.",
    ),
    by(
        "QE_S3_BUCKET",
        theirs(
            "storage.s3.bucket",
            Kind::Text,
            Default::Nothing,
            "The bucket of the backends s3 and minio.",
        ),
    ),
    by(
        "QE_S3_REGION",
        theirs(
            "storage.s3.region",
            Kind::Text,
            Default::Word("us-east-1"),
            "The region of the bucket.",
        ),
    ),
    by(
        "QE_S3_ENDPOINT",
        theirs(
            "storage.s3.endpoint_url",
            Kind::Url,
            Default::Nothing,
            "The address of a server that speaks S3, such as MinIO; without it, that of AWS.",
        ),
    ),
    by(
        "QE_S3_ACCESS_KEY",
        theirs(
            "storage.s3.access_key",
            Kind::Secret,
            Default::Nothing,
            "The id of the access key.",
        ),
    ),
    by(
        "QE_S3_SECRET_KEY",
        theirs(
            "storage.s3.secret_key",
            Kind::Secret,
            Default::Nothing,
            "The secret of the access key; better in the environment, or as ${VAR}, than in the file.",
        ),
    ),
    theirs(
        "storage.s3.prefix",
        Kind::Text,
        Default::Nothing,
        "What the names of all objects in the bucket begin with.",
    ),
    theirs(
        "storage.s3.use_ssl",
        Kind::Bool,
        Default::Bool(true),
        "Whether the server is spoken to over TLS.",
    ),
    theirs(
        "storage.s3.verify_ssl",
        Kind::Bool,
        Default::Bool(true),
        "Whether the server's certificate is checked.",
    ),
    theirs(
        "storage.ci.platform",
        Kind::Words(&["github-actions", "gitlab-ci"]),
        Default::Nothing,
        "The CI system that keeps the artifacts.",
    ),
    theirs(
        "storage.ci.artifact_name_prefix",
        Kind::Text,
        Default::Word("qe-fleet-"),
        "What the names of artifacts in the CI system begin with.",
    ),
    theirs(
        "storage.ci.retention_days",
        Kind::Number {
            least: 1,
            most: 400,
        },
        Default::Nothing,
        "For how many days the CI system keeps them; without it, the CI system decides.",
    ),
    ours(
        "index_path",
        Kind::Path,
        Default::Nothing,
        "Where the index is, when it is not index.sqlite in the store: for stores on network folders.",
    ),
    theirs(
        "retention.enabled",
        Kind::Bool,
        Default::Bool(true),
        "Whether the policy holds; when false, cleanups remove nothing.",
    ),
    by(
        "QE_RETENTION_TTL_DAYS",
        theirs(
            "retention.default_ttl_days",
            Kind::Days {
                least: 1,
                most: MOST_DAYS,
            },
            Default::Forever,
            "For how many days an artifact is kept that says nothing itself.",
        ),
    ),
    ours(
        "retention.ttl_days",
        Kind::DaysByType {
            least: 1,
            most: MOST_DAYS,
        },
        Default::Nothing,
        "For how many days artifacts of these types are kept instead.",
    ),
    by(
        "QE_RETENTION_KEEP_LATEST",
        theirs(
            "retention.keep_latest_n",
            Kind::Number {
                least: 0,
                most: 1_000_000_000,
            },
            Default::Number(10),
            "How many artifacts of each group stay whatever their age, the newest first.",
        ),
    ),
    ours(
        "retention.keep_scope",
        Kind::Scope,
        Default::Word("type"),
        "What a group is.",
    ),
    ours(
        "retention.superseded_grace_days",
        Kind::Number {
            least: 0,
            most: MOST_DAYS,
        },
        Default::Number(1),
        "For how many days a version stays after a newer one took its place.",
    ),
    ours(
        "retention.allow_empty",
        Kind::Bool,
        Default::Bool(false),
        "Whether a cleanup may remove the last artifact of a store.",
    ),
    theirs(
        "retention.cleanup_schedule_cron",
        Kind::Schedule,
        Default::Nothing,
        "When scheduled cleanups run, in UTC.",
    ),
    theirs(
        "compression_enabled",
        Kind::Bool,
        Default::Bool(true),
        "Whether content is compressed.",
    ),
    ours(
        "codec",
        Kind::Codec,
        Default::Word("zstd"),
        "How content is compressed.",
    ),
    theirs(
        "compression_level",
        Kind::Number { least: 1, most: 19 },
        Default::Nothing,
        "From 1 (fastest) to 19 (smallest), to 9 for gzip; without it, 3 for zstd and 6 for gzip.",
    ),
    theirs(
        "max_artifact_size_mb",
        Kind::Number {
            least: 1,
            most: 16 << 20,
        },
        Default::Number(100),
        "The largest content that is stored, in units of 1,048,576 bytes.",
    ),
];

/// Sections: keys that only hold keys.
pub(super) const SECTIONS: [&str; 5] = [
    "storage",
    "storage.local",
    "storage.s3",
    "storage.ci",
    "retention",
];

/// What may stand at the top of a file too, not only in `storage`: the model of the original library
/// has it there.
pub(super) const SHORT_PLACES: [&str; 4] = ["backend", "local", "s3", "ci"];

/// All keys, in the order of the documents.
pub(super) fn all() -> impl Iterator<Item = &'static Key> {
    KEYS.iter()
}

/// The key of this path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    all().find(|key| key.path == path)
}

/// The path that is meant by this one.
pub(super) fn canonical(path: &str) -> String {
    let first = path.split('.').next().unwrap_or_default();
    if SHORT_PLACES.contains(&first) {
        format!("storage.{path}")
    } else {
        path.to_owned()
    }
}

/// The names that may stand in a section (`""` is the file itself), without the short places.
pub(super) fn names_in(section: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for path in all().map(|key| key.path).chain(SECTIONS) {
        let rest = match section {
            "" => Some(path),
            section => path
                .strip_prefix(section)
                .and_then(|rest| rest.strip_prefix('.')),
        };
        if let Some(name) = rest.and_then(|rest| rest.split('.').next())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    names
}

/// The path that was likely meant by `name` in `section`.
pub(super) fn nearest(section: &str, name: &str) -> Option<&'static str> {
    let paths = || all().map(|key| key.path).chain(SECTIONS);
    let last = |path: &'static str| path.rsplit('.').next().unwrap_or(path);
    let above = |path: &'static str| path.rsplit_once('.').map_or("", |(above, _)| above);
    let wanted = name.to_lowercase().replace('-', "_");
    // Right word, wrong place.
    if let Some(path) = paths().find(|path| last(path) == wanted) {
        return Some(path);
    }
    let most = (wanted.chars().count() / 3).max(1);
    let distance = |path: &'static str| strsim::damerau_levenshtein(last(path), &wanted);
    paths()
        // Of two that are as near, the one in this section.
        .min_by_key(|path| (distance(path), above(path) != section))
        .filter(|path| distance(path) <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_lead_to_the_right_key() {
        for (section, name, path) in [
            ("retention", "keep_lastest_n", "retention.keep_latest_n"),
            ("retention", "keep-latest-n", "retention.keep_latest_n"),
            ("", "keep_latest_n", "retention.keep_latest_n"),
            ("", "retentoin", "retention"),
            ("storage", "pth", "storage.local.path"),
            ("storage.s3", "Bucket", "storage.s3.bucket"),
            ("", "compresion_level", "compression_level"),
        ] {
            assert_eq!(nearest(section, name), Some(path), "{section} {name}");
        }
        assert_eq!(nearest("", "colour"), None);
    }

    #[test]
    fn the_short_places_lead_to_the_long_ones() {
        assert_eq!(canonical("backend"), "storage.backend");
        assert_eq!(canonical("s3.bucket"), "storage.s3.bucket");
        assert_eq!(canonical("retention.enabled"), "retention.enabled");
        assert_eq!(canonical("storage.backend"), "storage.backend");
    }

    #[test]
    fn the_table_is_in_order() {
        let mut seen = std::collections::HashSet::new();
        for key in all() {
            assert!(seen.insert(key.path), "{} twice", key.path);
            assert!(find(key.path).is_some());
            let section = key.path.rsplit_once('.').map(|(section, _)| section);
            assert!(section.is_none_or(|section| SECTIONS.contains(&section)));
            assert!(key.doc.ends_with('.'), "{}", key.path);
            let default = key.default_value().map(|value| value.to_string());
            if let Some(default) = default {
                assert!(key.kind.read(&default).is_ok(), "{}: {default}", key.path);
            }
        }
    }
}
