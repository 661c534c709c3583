//! Bounds of job ids and tags.

use std::collections::BTreeMap;

use super::super::text::{fnv1a, job_id, tag_value};
use super::Pretended;

#[test]
fn tags_hold_what_is_known_and_nothing_else() {
    let found = Pretended::new(&[("GITLAB_CI", "true"), ("CI_JOB_ID", "1")]).detect();
    let tags = found.expect("GitLab").tags();
    assert_eq!(
        tags,
        BTreeMap::from([("ci".to_owned(), "gitlab-ci".to_owned())])
    );

    let found = Pretended::new(&[
        ("BUILDKITE", "true"),
        ("BUILDKITE_JOB_ID", "j"),
        ("BUILDKITE_BUILD_URL", "https://b/1"),
        ("BUILDKITE_RETRY_COUNT", "0"),
        ("BUILDKITE_BRANCH", "feature/x\ny"),
        ("BUILDKITE_COMMIT", "headsha"),
        ("BUILDKITE_PULL_REQUEST", "7"),
        ("BUILDKITE_BUILD_CREATOR", "Ann"),
    ])
    .detect();
    let expected = [
        ("attempt", "1"),
        ("branch", "feature/x y"),
        ("ci", "buildkite"),
        ("commit", "headsha"),
        ("run-url", "https://b/1#j"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(found.expect("Buildkite").tags(), BTreeMap::from(expected));
}

#[test]
fn tag_values_are_cut_between_characters() {
    assert_eq!(tag_value(&"x".repeat(1024)).len(), 1024);
    assert_eq!(tag_value(&"x".repeat(1025)).len(), 1024);
    assert_eq!(
        tag_value(&format!("{}ü", "x".repeat(1023))),
        "x".repeat(1023)
    );
    assert_eq!(tag_value("a\u{0}b\u{7f}c\u{85}d\te"), "a b c d e");
}

#[test]
fn short_job_ids_are_kept_as_they_are() {
    let longest = "x".repeat(255);
    assert_eq!(job_id(&longest), longest);
    assert_eq!(job_id("gitlab-1"), "gitlab-1");
}

#[test]
fn long_job_ids_are_cut_and_stay_different() {
    let common = "ü".repeat(200);
    let (one, two) = (job_id(&format!("{common}1")), job_id(&format!("{common}2")));
    assert_ne!(one, two);
    for id in [one, two] {
        assert!(id.len() <= 255 && id.len() > 250, "{} bytes", id.len());
        assert!(id.starts_with("üü"), "{id}");
    }
}

#[test]
fn job_ids_have_no_control_characters_and_stay_different() {
    let ids = [job_id("a\nb"), job_id("a\tb"), job_id("a_b")];
    assert!(
        ids.iter().all(|id| !id.chars().any(char::is_control)),
        "{ids:?}"
    );
    assert_ne!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
}

/// Job ids that were given out must never change: the test vectors of the published 64-bit FNV-1a.
#[test]
fn the_hash_is_fnv_1a() {
    assert_eq!(fnv1a(b""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(fnv1a(b"a"), 0xaf63_dc4c_8601_ec8c);
    assert_eq!(fnv1a(b"foobar"), 0x8594_4171_f739_67e8);
}
