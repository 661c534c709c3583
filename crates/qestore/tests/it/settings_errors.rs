//! What is said about configuration that is wrong, or does not go together.

use qestore::{ErrorKind, Settings};

use crate::settings::{Variables, config, problems, read};

#[test]
fn codec_level_and_switch_go_together_or_say_why_not() {
    for (text, expected) in [
        ("compression_level: 6", "zstd:6"),
        ("compression_level: 19", "zstd:19"),
        ("codec: gzip", "gzip:6"),
        ("codec: gzip\ncompression_level: 9", "gzip:9"),
        ("codec: zstd:9", "zstd:9"),
        ("codec: zstd:9\ncompression_level: 9", "zstd:9"),
        ("codec: none", "none"),
        ("codec: none\ncompression_level: 6", "none"),
        ("compression_enabled: false", "none"),
        ("compression_enabled: false\ncompression_level: 6", "none"),
        ("compression_enabled: false\ncodec: none", "none"),
        ("compression_enabled: true", "zstd:3"),
        ("compression_enabled: on\ncodec: gzip", "gzip:6"),
    ] {
        assert_eq!(config(text).unwrap().codec.to_string(), expected, "{text}");
    }
    for (text, part) in [
        (
            "codec: gzip\ncompression_level: 12",
            "qestore.yml:2:1: compression_level: gzip level 12 is not allowed: 1 to 9",
        ),
        ("compression_level: 20", "a whole number from 1 to 19"),
        (
            "codec: gzip\ncompression_enabled: false",
            "codec is gzip, and compression_enabled is false",
        ),
        (
            "codec: none\ncompression_enabled: true",
            "codec is none, and compression_enabled is true",
        ),
        (
            "codec: zstd:9\ncompression_level: 6",
            "codec says level 9, and compression_level another",
        ),
        ("codec: zstd:20", "zstd, gzip or none"),
        ("codec: brotli", "zstd, gzip or none"),
    ] {
        let error = config(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains(part), "{text}: {error}");
    }
}

#[test]
fn keys_may_stand_where_the_model_of_the_original_had_them() {
    let long = "storage: {backend: s3, s3: {bucket: b}, ci: {retention_days: 7}}";
    let short = "backend: s3\ns3: {bucket: b}\nci: {retention_days: 7}";
    let both = "backend: s3\ns3: {bucket: b}\nstorage: {backend: s3, ci: {retention_days: 7}}";
    for text in [long, short, both] {
        let settings = read(text).unwrap();
        for (path, value) in [
            ("storage.backend", "s3"),
            ("storage.s3.bucket", "b"),
            ("storage.ci.retention_days", "7"),
        ] {
            assert_eq!(
                settings.get(path).unwrap().value.to_string(),
                value,
                "{text}"
            );
        }
    }
    let found =
        problems("storage: {s3: {secret_key: one}}\nbackend: local\ns3: {secret_key: two}\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].to_string(),
        "project/qestore.yml:3:6: s3.secret_key: line 1 gives storage.s3.secret_key another value; \
         keep one of the two"
    );
}

#[test]
fn everything_wrong_is_said_at_once_with_place_and_remedy() {
    let text = "\
storage:
  backend: s4
  local: {pth: x}
retention:
  keep_latest_n: many
  keep_latest_n: 3
  default_ttl_days: 0
  ttl_days:
    Security Findings: 3
    videos: soon
  cleanup_schedule_cron: nightly
compression_levle: 6
colour: red
max_artifact_size_mb: [100]
codec: ${CODEC}
";
    let error = read(text).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let lines: Vec<&str> = error.message().lines().collect();
    let expected = [
        "the configuration has 12 problems:",
        "project/qestore.yml:2:12: storage.backend: \"s4\" is not allowed; allowed: local, s3, minio, \
         github-actions, gitlab-ci, gcs, azure or auto; did you mean s3?",
        "project/qestore.yml:3:11: storage.local.pth: there is no such key; did you mean \
         storage.local.path?",
        "project/qestore.yml:5:18: retention.keep_latest_n: \"many\" is not allowed; allowed: a whole \
         number from 0 to 1,000,000,000",
        "project/qestore.yml:6:3: retention.keep_latest_n: it is given twice: here and in line 5",
        "project/qestore.yml:7:21: retention.default_ttl_days: \"0\" is not allowed; allowed: a whole \
         number of days from 1 to 36,500, or forever",
        "project/qestore.yml:9:5: retention.ttl_days.Security…: an artifact type is a kebab-case word",
        "project/qestore.yml:10:13: retention.ttl_days.videos: \"soon\" is not allowed; allowed: a \
         whole number of days from 1 to 36,500, or forever",
        "project/qestore.yml:11:26: retention.cleanup_schedule_cron: \"nightly\" is not allowed",
        "project/qestore.yml:12:1: compression_levle: there is no such key; did you mean \
         compression_level?",
        "project/qestore.yml:13:1: colour: there is no such key; allowed here: storage, index_path, \
         retention, compression_enabled, codec, compression_level, max_artifact_size_mb",
        "project/qestore.yml:14:23: max_artifact_size_mb: a list is not allowed; allowed: a whole \
         number from 1 to 16,777,216",
        "project/qestore.yml:15:8: codec: the variable CODEC is not set; set it, or write \
         ${CODEC:-default}",
    ];
    assert_eq!(lines.len(), expected.len(), "{}", error.message());
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line}\nis not\n{expected}");
    }
}

#[test]
fn shapes_that_are_no_configuration_are_refused() {
    for (text, part) in [
        (
            "- a\n",
            "1:1: a configuration is a mapping of keys to values, not a list",
        ),
        ("hello\n", "not a single value"),
        (
            "storage: local\n",
            "1:10: storage: keys belong below it, not a single value: backend, local, s3, ci",
        ),
        ("storage.backend: local\n", "storage: {backend: …}"),
        ("<<: {codec: gzip}\n", "merge keys"),
        ("? [a]\n: 1\n", "a key is a word, not a list"),
        ("codec: zstd\n---\ncodec: gzip\n", "2:1: a second document"),
        ("codec:\n\tzstd\n", "tab"),
        ("storage: {local: {path: ~/x}}\n", "write ${HOME}"),
        (
            "codec: {zstd: 3}\n",
            "a mapping is not allowed; allowed: zstd, gzip or none",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert!(error.message().contains(part), "{text:?}: {error}");
    }
    let large = format!("#{}\n", "x".repeat(Settings::MAX_FILE_BYTES));
    assert!(
        read(&large)
            .unwrap_err()
            .message()
            .contains("larger than 1048576 bytes")
    );
}

#[test]
fn wrong_variables_are_all_named() {
    let variables = Variables::of(&[
        ("QE_STORAGE_BACKEND", "locl"),
        ("QE_RETENTION_TTL_DAYS", "-1"),
        ("QE_S3_ENDPOINT", "minio:9000"),
    ]);
    let error = Settings::from_environment(&variables).unwrap_err();
    let lines: Vec<&str> = error.message().lines().skip(1).collect();
    assert_eq!(lines.len(), 3, "{error}");
    assert!(
        lines[0].starts_with("QE_STORAGE_BACKEND: \"locl\" is not allowed; allowed: local, s3")
    );
    assert!(lines[0].ends_with("did you mean local?"), "{error}");
    assert!(
        lines[1].starts_with("QE_S3_ENDPOINT: this value is not allowed"),
        "{error}"
    );
    assert!(
        lines[2].starts_with("QE_RETENTION_TTL_DAYS: \"-1\""),
        "{error}"
    );
}

#[test]
fn a_backend_of_a_later_version_is_read_and_not_opened() {
    for (text, backend) in [
        ("storage: {backend: s3, s3: {bucket: b}}", "s3"),
        (
            "storage:\n  backend: minio\n  s3: {bucket: b, endpoint_url: 'http://localhost:9000'}",
            "minio",
        ),
        (
            "storage: {backend: github-actions, ci: {platform: github-actions, artifact_name_prefix: qe-fleet-, retention_days: 30}}",
            "github-actions",
        ),
        ("storage: {backend: gcs}", "gcs"),
    ] {
        let error = config(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(
            error.message().contains(&format!("backend {backend}")),
            "{error}"
        );
        assert!(
            error.message().contains("set by project/qestore.yml:"),
            "{error}"
        );
        assert!(error.advice().unwrap().contains("local"));
    }
    let variables = Variables::of(&[("QE_STORAGE_BACKEND", "s3"), ("QE_S3_BUCKET", "b")]);
    let error = Settings::from_environment(&variables)
        .unwrap()
        .config()
        .unwrap_err();
    assert!(
        error.message().contains("set by QE_STORAGE_BACKEND"),
        "{error}"
    );
    for (text, part) in [
        (
            "storage: {backend: s3}",
            "the backend s3 needs storage.s3.bucket",
        ),
        (
            "storage: {backend: minio, s3: {bucket: b}}",
            "needs storage.s3.endpoint_url",
        ),
        (
            "storage: {backend: s3, s3: {bucket: b, access_key: a}}",
            "storage.s3.access_key needs storage.s3.secret_key",
        ),
        (
            "storage: {backend: gitlab-ci, ci: {platform: github-actions}}",
            "the backend is gitlab-ci",
        ),
    ] {
        let error = config(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.message().contains(part), "{error}");
    }
}
