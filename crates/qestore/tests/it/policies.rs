//! One policy after the other against the same two weeks of builds, spelled out.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use qestore::{
    ArtifactType, Clock as _, Config, Filter, NewArtifact, RetentionPolicy, Storage, Verdict,
};

use crate::support::{SetClock, days};
use futures::TryStreamExt as _;

const NOW: &str = "2026-11-25T12:00:00Z";

/// Builds 1 to 6, the last one made now: every third day results on main and a video on a branch.
async fn builds() -> (Storage, SetClock) {
    let clock = SetClock::at("2026-11-10T12:00:00Z");
    let storage = Storage::open(Config::memory().clock(clock.clone()))
        .await
        .unwrap();
    for build in 1..=6 {
        let job = format!("build-{build}");
        let results = NewArtifact::from_bytes(&job, ArtifactType::TEST_RESULTS, "results");
        storage.store(results.tag("branch", "main")).await.unwrap();
        let video = NewArtifact::from_bytes(&job, ArtifactType::VIDEOS, "video");
        let video = match build {
            1 => video.keep_for_ever(),
            2 => video.keep_for(days(13)),
            _ => video,
        };
        storage.store(video).await.unwrap();
        if build < 6 {
            clock.go(days(3));
        }
    }
    assert_eq!(clock.now(), NOW.parse::<Timestamp>().unwrap());
    (storage, clock)
}

/// `build-6 test-results stays: …`, one line each.
async fn plan(storage: &Storage, policy: &RetentionPolicy) -> String {
    let all: Vec<_> = storage
        .list_all(&Filter::default().with_superseded())
        .try_collect()
        .await
        .unwrap();
    let verdicts = policy.plan(&all, NOW.parse().unwrap());
    let mut text = String::new();
    for (artifact, verdict) in all.iter().zip(verdicts) {
        let does = if verdict.is_removal() {
            "goes"
        } else {
            "stays"
        };
        let (job, of_type) = (&artifact.job_id, &artifact.artifact_type);
        writeln!(text, "{job} {of_type} {does}: {verdict}").unwrap();
    }
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

#[tokio::test]
async fn a_time_to_keep_and_the_latest_of_each_type() {
    let (storage, _) = builds().await;
    let policy = RetentionPolicy::default()
        .default_ttl(days(7))
        .keep_latest_n(4);
    assert_eq!(
        plan(&storage, &policy).await,
        "\
build-1 test-results goes: expired 2026-11-17 12:00:00Z: 7 days by default
build-1 videos stays: no limit
build-2 test-results goes: expired 2026-11-20 12:00:00Z: 7 days by default
build-2 videos stays: kept until 2026-11-26 12:00:00Z
build-3 test-results stays: one of the latest 4 of each type
build-3 videos stays: one of the latest 4 of each type
build-4 test-results stays: kept until 2026-11-26 12:00:00Z
build-4 videos stays: kept until 2026-11-26 12:00:00Z
build-5 test-results stays: kept until 2026-11-29 12:00:00Z
build-5 videos stays: kept until 2026-11-29 12:00:00Z
build-6 test-results stays: kept until 2026-12-02 12:00:00Z
build-6 videos stays: kept until 2026-12-02 12:00:00Z"
    );
}

#[tokio::test]
async fn a_type_with_a_time_of_its_own_and_one_without_end() {
    let (storage, _) = builds().await;
    let mut policy = RetentionPolicy::default()
        .ttl_of(ArtifactType::VIDEOS, days(6))
        .default_ttl(days(1))
        .keep_latest_n(1);
    policy.ttl_by_type.insert(ArtifactType::TEST_RESULTS, None);
    assert_eq!(
        plan(&storage, &policy).await,
        "\
build-1 test-results stays: no limit
build-1 videos stays: no limit
build-2 test-results stays: no limit
build-2 videos stays: kept until 2026-11-26 12:00:00Z
build-3 test-results stays: no limit
build-3 videos goes: expired 2026-11-22 12:00:00Z: 6 days for its type
build-4 test-results stays: no limit
build-4 videos goes: expired 2026-11-25 12:00:00Z: 6 days for its type
build-5 test-results stays: no limit
build-5 videos stays: kept until 2026-11-28 12:00:00Z
build-6 test-results stays: no limit
build-6 videos stays: kept until 2026-12-01 12:00:00Z"
    );
}

#[tokio::test]
async fn groups_by_a_tag_and_of_everything() {
    let (storage, _) = builds().await;
    let hour = SignedDuration::from_hours(1);
    let of = |scope: &str, n| {
        RetentionPolicy::default()
            .default_ttl(hour)
            .keep_latest_n(n)
            .keep_scope(scope.parse().unwrap())
    };
    let staying = async |policy: RetentionPolicy| {
        let plan = plan(&storage, &policy).await;
        let latest = plan.lines().filter(|line| line.contains("latest"));
        let mut named: Vec<String> = latest
            .map(|line| line.split(" stays").next().unwrap().to_owned())
            .collect();
        named.sort();
        named
    };
    // What was made now has not had its hour, and counts among the latest all the same.
    assert_eq!(
        staying(of("global", 4)).await,
        ["build-5 test-results", "build-5 videos"]
    );
    assert_eq!(
        staying(of("type", 2)).await,
        ["build-5 test-results", "build-5 videos"]
    );
    // Videos have no branch: they are a group of their own.
    assert_eq!(
        staying(of("tag:branch", 2)).await,
        ["build-5 test-results", "build-5 videos"]
    );
    let words = plan(&storage, &of("type+tag:branch", 2)).await;
    assert!(words.contains("build-5 videos stays: one of the latest 2 of each type and branch"));
    let words = plan(&storage, &of("type", 1)).await;
    assert!(
        words
            .contains("build-5 test-results goes: expired 2026-11-22 13:00:00Z: 1 hour by default")
    );
}

#[tokio::test]
async fn superseded_versions_have_a_grace_period() {
    let (storage, clock) = builds().await;
    let again = NewArtifact::from_bytes("build-6", ArtifactType::VIDEOS, "again");
    clock.go(SignedDuration::from_secs(1));
    storage.store(again).await.unwrap();
    let superseded = async |policy: RetentionPolicy, at: &str| {
        let all: Vec<_> = storage
            .list_all(&Filter::default().job_id("build-6").with_superseded())
            .try_collect()
            .await
            .unwrap();
        let verdicts = policy.plan(&all, at.parse().unwrap());
        let words: Vec<String> = verdicts.iter().map(Verdict::to_string).collect();
        words
            .into_iter()
            .find(|w| w.starts_with("superseded"))
            .unwrap()
    };
    let policy = RetentionPolicy::default;
    assert_eq!(
        superseded(policy(), "2026-11-26T12:00:00.999Z").await,
        "superseded, kept until 2026-11-26 12:00:01Z"
    );
    assert_eq!(
        superseded(policy(), "2026-11-26T12:00:01Z").await,
        "superseded 2026-11-25 12:00:01Z, and the grace period is over"
    );
    let none = policy().superseded_grace(SignedDuration::ZERO);
    assert_eq!(
        superseded(none, "2026-11-25T12:00:01Z").await,
        "superseded 2026-11-25 12:00:01Z, and the grace period is over"
    );
}

#[tokio::test]
async fn a_leap_day_is_a_day() {
    let storage = Storage::open(Config::memory()).await.unwrap();
    let made: Timestamp = "2028-02-28T23:30:00+01:00".parse().unwrap();
    let new = NewArtifact::from_bytes("b", ArtifactType::VIDEOS, "v").timestamp(made);
    let stored = storage.store(new.keep_for(days(2))).await.unwrap();
    assert_eq!(
        stored.expires_at().unwrap().to_string(),
        "2028-03-01T22:30:00Z"
    );
    let policy = RetentionPolicy::default().keep_latest_n(0);
    for (now, goes) in [
        ("2028-03-01T22:29:59.999999Z", false),
        ("2028-03-01T22:30:00Z", true),
    ] {
        let plan = policy.plan(std::slice::from_ref(&stored), now.parse().unwrap());
        assert_eq!(plan[0].is_removal(), goes, "{now}");
    }
}
