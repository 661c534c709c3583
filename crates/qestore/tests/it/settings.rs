//! Configuration: files as users of the original library have them, layers, and what is said about
//! what is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use qestore::ci::Surroundings;
use qestore::settings::{Origin, Problem, Value};
use qestore::{ArtifactType, Codec, Config, Location, NewArtifact, Result, Settings, Storage};

/// Variables by name.
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
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

/// The file of the original library, as its users have it.
pub(crate) const ORIGINAL: &str = r#"storage: {backend: local, local: {path: .artifacts/, create_if_missing: true}}
retention: {default_ttl_days: 30, keep_latest_n: 10, cleanup_schedule_cron: "0 2 * * *", enabled: true}
compression_enabled: true
compression_level: 6
max_artifact_size_mb: 100
"#;

/// The one of the original's README.
const README: &str = r#"# .qe-fleet-storage.yml
storage:
  backend: local
  local:
    path: .artifacts/

retention:
  default_ttl_days: 30
  keep_latest_n: 10
  cleanup_schedule_cron: "0 2 * * *"
  enabled: true

compression_enabled: true
compression_level: 6
max_artifact_size_mb: 100
"#;

pub(crate) const FILE: &str = "project/qestore.yml";

pub(crate) fn nothing() -> Variables {
    Variables::of(&[])
}

pub(crate) fn read(text: &str) -> Result<Settings> {
    Settings::read(text, Path::new(FILE), &nothing())
}

pub(crate) fn config(text: &str) -> Result<Config> {
    read(text)?.config()
}

pub(crate) fn problems(text: &str) -> Vec<Problem> {
    Settings::examine(text, Path::new(FILE), &nothing()).1
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

fn folder(config: &Config) -> (PathBuf, bool) {
    match &config.location {
        Location::Local {
            path,
            create_if_missing,
            ..
        } => (path.clone(), *create_if_missing),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_file_of_the_original_means_what_it_meant() {
    for text in [ORIGINAL, README] {
        let settings =
            Settings::read(text, Path::new("project/.qe-fleet-storage.yml"), &nothing()).unwrap();
        let config = settings.config().unwrap();
        assert_eq!(
            folder(&config),
            (Path::new("project/.artifacts").into(), true)
        );
        assert_eq!(config.codec, Codec::zstd(6).unwrap());
        assert_eq!(config.max_artifact_bytes, 100 * 1_048_576);
        assert_eq!(config.retention.default_ttl, Some(days(30)));
        assert_eq!(config.retention.keep_latest_n, 10);
        assert!(config.retention.enabled);
        let schedule = settings.cleanup_schedule().unwrap().unwrap();
        let noon: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        let next = schedule.next_after(noon).unwrap();
        assert_eq!(next.to_string(), "2026-11-26T02:00:00Z");
    }
}

#[test]
fn nothing_said_is_the_defaults() {
    for text in [
        "",
        "# nothing\n",
        "---\n...\n",
        "storage:\nretention: ~\n",
        "retention: {keep_latest_n: }",
    ] {
        let config = config(text).unwrap();
        let usual = Config::local(".artifacts");
        assert_eq!(folder(&config), folder(&usual), "{text:?}");
        assert_eq!(config.codec, usual.codec);
        assert_eq!(config.retention, usual.retention);
        assert_eq!(config.max_artifact_bytes, usual.max_artifact_bytes);
        assert_eq!(config.index_path, None);
        assert_eq!(read(text).unwrap().cleanup_schedule().unwrap(), None);
    }
    // What the table says is what the library does.
    let defaults = |path: &str| {
        let key = Settings::keys().find(|key| key.path() == path).unwrap();
        key.default_value().unwrap().to_string()
    };
    let usual = Config::local(".artifacts");
    assert_eq!(
        defaults("retention.keep_latest_n"),
        usual.retention.keep_latest_n.to_string()
    );
    assert_eq!(
        defaults("retention.keep_scope"),
        usual.retention.keep_scope.to_string()
    );
    let grace = defaults("retention.superseded_grace_days").parse().unwrap();
    assert_eq!(days(grace), usual.retention.superseded_grace);
    assert_eq!(
        defaults("retention.allow_empty"),
        usual.retention.allow_empty.to_string()
    );
    assert_eq!(
        defaults("retention.enabled"),
        usual.retention.enabled.to_string()
    );
    assert_eq!(
        (
            defaults("retention.default_ttl_days").as_str(),
            usual.retention.default_ttl
        ),
        ("forever", None)
    );
    let most: u64 = defaults("max_artifact_size_mb").parse().unwrap();
    assert_eq!(most << 20, usual.max_artifact_bytes);
    assert_eq!(defaults("codec").parse::<Codec>().unwrap(), usual.codec);
    assert_eq!(Path::new(&defaults("storage.local.path")), folder(&usual).0);
}

#[test]
fn our_own_keys_reach_the_store() {
    let config = config(
        "storage: {local: {create_if_missing: no}}\nindex_path: /cache/i.sqlite\ncodec: gzip:9\n\
         retention:\n  default_ttl_days: forever\n  ttl_days: {security-findings: 365, videos: \
         forever}\n  keep_scope: tag:branch+type\n  superseded_grace_days: 0\n  allow_empty: true\n  \
         enabled: false\n",
    )
    .unwrap();
    assert!(!folder(&config).1);
    assert_eq!(
        config.index_path.as_deref(),
        Some(Path::new("/cache/i.sqlite"))
    );
    assert_eq!(config.codec, Codec::gzip(9).unwrap());
    let policy = &config.retention;
    assert_eq!(policy.default_ttl, None);
    assert_eq!(
        policy.ttl_by_type[&ArtifactType::SECURITY_FINDINGS],
        Some(days(365))
    );
    assert_eq!(policy.ttl_by_type[&ArtifactType::VIDEOS], None);
    assert_eq!(policy.keep_scope.to_string(), "type+tag:branch");
    assert_eq!(policy.superseded_grace, SignedDuration::ZERO);
    assert!(policy.allow_empty && !policy.enabled);
}

#[test]
fn paths_are_relative_to_the_file() {
    let read = |text: &str, file: &str| {
        let settings = Settings::read(text, Path::new(file), &nothing()).unwrap();
        settings.config().unwrap()
    };
    for (text, file, expected) in [
        ("storage: {local: {path: ../s}}", "a/b.yml", "a/../s"),
        ("storage: {local: {path: ./s/}}", "b.yml", "s"),
        ("storage: {local: {path: /s}}", "a/b.yml", "/s"),
        ("storage: {backend: local}", "a/b.yml", "a/.artifacts"),
        ("backend: local", "/x/b.yml", "/x/.artifacts"),
        // Who names no backend leaves the place to be found.
        ("retention: {keep_latest_n: 1}", "a/b.yml", ".artifacts"),
    ] {
        assert_eq!(folder(&read(text, file)).0, Path::new(expected), "{text}");
    }
    let index = read("index_path: i.sqlite", "a/b.yml").index_path;
    assert_eq!(index.as_deref(), Some(Path::new("a/i.sqlite")));
}

#[test]
fn anchors_and_aliases_are_understood() {
    let config = config("storage: {local: {path: &here s}}\nindex_path: *here\n").unwrap();
    assert_eq!(config.index_path.as_deref(), Some(Path::new("project/s")));
}

#[test]
fn variables_in_the_file_are_values_and_never_structure() {
    let variables = Variables::of(&[
        ("TTL", "14"),
        ("ON", "false"),
        ("ROOT", "/srv"),
        ("EVIL", "x}, compression_enabled: false, codec: {"),
        ("WRONG", "soon"),
    ]);
    let read = |text: &str| Settings::read(text, Path::new(FILE), &variables);
    let text = "storage: {local: {path: \"${ROOT}/${NAME:-store}\"}, s3: {bucket: '${EVIL}'}}\n\
                retention: {default_ttl_days: '${TTL}', enabled: \"${ON}\", ttl_days: {videos: '${TTL}'}}\n";
    let settings = read(text).unwrap();
    let config = settings.config().unwrap();
    assert_eq!(folder(&config).0, Path::new("/srv/store"));
    assert_eq!(config.retention.default_ttl, Some(days(14)));
    assert_eq!(
        config.retention.ttl_by_type[&ArtifactType::VIDEOS],
        Some(days(14))
    );
    assert!(!config.retention.enabled);
    assert_eq!(config.codec, Codec::default());
    let bucket = &settings.get("storage.s3.bucket").unwrap().value;
    assert_eq!(
        bucket.to_string(),
        "x}, compression_enabled: false, codec: {"
    );
    // What the variable holds is not the file's to tell.
    let error = read("retention:\n  default_ttl_days: ${WRONG}\n").unwrap_err();
    assert!(error.message().starts_with(
        "project/qestore.yml:2:21: retention.default_ttl_days: what \"${WRONG}\" stands for is not \
         allowed"
    ));
    assert!(!error.message().contains("soon"), "{error}");
    assert_eq!(
        read("codec: ${NONE:-}").unwrap().get("codec").map(|_| ()),
        None
    );
}

#[test]
fn the_environment_wins_over_the_file_and_a_flag_over_both() {
    let variables = Variables::of(&[
        ("QE_STORAGE_BACKEND", "local"),
        ("QE_STORAGE_PATH", "by-environment"),
        ("QE_RETENTION_TTL_DAYS", " 7 "),
        ("QE_RETENTION_KEEP_LATEST", "  "),
        ("QE_S3_REGION", "eu-central-1"),
    ]);
    let environment = Settings::from_environment(&variables).unwrap();
    let file = read("storage: {backend: s3, s3: {bucket: b, region: x}, local: {path: f}}\nretention: {default_ttl_days: 30, keep_latest_n: 3}\n").unwrap();
    let settings = environment.over(file);
    let config = settings.config().unwrap();
    assert_eq!(folder(&config).0, Path::new("by-environment"));
    assert_eq!(config.retention.default_ttl, Some(days(7)));
    assert_eq!(config.retention.keep_latest_n, 3);
    let origin = |path: &str| settings.get(path).unwrap().origin.to_string();
    assert_eq!(origin("storage.s3.region"), "QE_S3_REGION");
    assert_eq!(origin("retention.keep_latest_n"), "project/qestore.yml:2");
    let flagged = settings.with_store("by-flag", Origin::Flag("--store"));
    assert_eq!(folder(&flagged.config().unwrap()).0, Path::new("by-flag"));
    assert_eq!(flagged.store_folder().unwrap().1.to_string(), "--store");
}

#[test]
fn the_index_of_the_files_store_is_no_index_of_another_store() {
    let file = read("storage: {local: {path: s}}\nindex_path: i\n").unwrap();
    assert!(file.config().unwrap().index_path.is_some());
    let other = file.with_store("t", Origin::Flag("--store"));
    assert_eq!(other.config().unwrap().index_path, None);
    let file = read("index_path: i\n").unwrap();
    let environment = Settings::from_environment(&Variables::of(&[("QE_STORAGE_PATH", "t")]));
    let both = environment.unwrap().over(file);
    assert!(both.config().unwrap().index_path.is_some());
}

#[tokio::test]
async fn a_store_opens_by_the_environment_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    let variables = Variables::of(&[
        ("QE_STORAGE_PATH", path.to_str().unwrap()),
        ("QE_RETENTION_TTL_DAYS", "30"),
    ]);
    let storage = Storage::from_env(&variables).await.unwrap();
    let new = NewArtifact::from_bytes("b", ArtifactType::CUSTOM, b"x".as_slice());
    let stored = storage.store(new).await.unwrap();
    assert!(path.join("qestore.json").exists());
    let kept = stored
        .expires_at()
        .unwrap()
        .duration_since(stored.timestamp);
    assert_eq!(kept, days(30));
    let wrong = Variables::of(&[("QE_RETENTION_TTL_DAYS", "x")]);
    assert!(Storage::from_env(&wrong).await.is_err());
}

#[test]
fn the_file_to_begin_with_is_right_and_knows_every_key_of_ours() {
    let text = Settings::template(Settings::SCHEMA_URL);
    assert!(text.starts_with("# yaml-language-server: $schema=https://"));
    let all = text
        .replace("#allow_empty", "allow_empty")
        .replace("\n#index_path", "\nindex_path")
        .replace("\n#compression_level", "\ncompression_level");
    let settings = read(&all).unwrap();
    settings.config().unwrap();
    for key in Settings::keys() {
        let later = key.path().starts_with("storage.s3") || key.path().starts_with("storage.ci");
        let known = settings.get(key.path()).is_some();
        // Switched off is `codec: none`; one of the two is enough.
        if !later && key.path() != "compression_enabled" {
            assert!(known, "{} is missing", key.path());
        }
    }
    let as_written = read(&text).unwrap().config().unwrap();
    assert_eq!(as_written.codec, Codec::default());
    assert_eq!(as_written.retention.default_ttl, Some(days(30)));
}

#[test]
fn the_schema_says_what_the_table_says() {
    let schema = Settings::json_schema();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    for key in Settings::keys() {
        let pointer = format!("/properties/{}", key.path().replace('.', "/properties/"));
        let found = schema
            .pointer(&pointer)
            .unwrap_or_else(|| panic!("{pointer}"));
        let description = found["description"].as_str().unwrap();
        assert!(description.contains(key.doc()) && description.contains(&key.allowed()));
        if let Some(default) = key.default_value() {
            assert_eq!(found["default"], serde_json::to_value(&default).unwrap());
        }
        let section = pointer.rsplit_once("/properties/").unwrap().0;
        assert_eq!(
            schema.pointer(section).unwrap()["additionalProperties"],
            false
        );
    }
    let keep = &schema["properties"]["retention"]["properties"]["keep_latest_n"]["anyOf"][0];
    assert_eq!(
        (&keep["minimum"], &keep["maximum"]),
        (&0.into(), &1_000_000_000_u64.into())
    );
    assert_eq!(
        schema["properties"]["s3"]["$ref"],
        "#/properties/storage/properties/s3"
    );
}

#[test]
fn values_are_shown_as_they_were_understood() {
    let settings =
        read("codec: gzip\nretention: {ttl_days: {videos: 14, api-docs: forever}}\n").unwrap();
    let all: Vec<_> = settings.all().collect();
    assert_eq!(all.len(), Settings::keys().count());
    let of = |path: &str| {
        let (_, setting) = all.iter().find(|(key, _)| key.path() == path).unwrap();
        setting
            .as_ref()
            .map(|setting| (setting.value.to_string(), setting.origin.to_string()))
    };
    assert_eq!(
        of("codec"),
        Some(("gzip".to_owned(), "project/qestore.yml:1".to_owned()))
    );
    assert_eq!(
        of("retention.ttl_days").unwrap().0,
        "api-docs: forever, videos: 14"
    );
    assert_eq!(
        of("retention.keep_latest_n"),
        Some(("10".to_owned(), "default".to_owned()))
    );
    assert_eq!(of("storage.s3.bucket"), None);
    let value = &settings.get("retention.ttl_days").unwrap().value;
    assert!(matches!(value, Value::DaysByType(_)));
    assert_eq!(
        serde_json::to_string(value).unwrap(),
        r#"{"api-docs":"forever","videos":14}"#
    );
}
