//! The questions of the original library, asked of a store of known answers.

use jiff::{SignedDuration, Timestamp};
use qestore::{
    ArtifactMetadata, ArtifactQuery, ArtifactType, Config, ErrorKind, NewArtifact, Search,
    Selector, Storage, Tags,
};

use crate::support::{RESULTS, SetClock, days};

const NOW: &str = "2028-03-01T12:00:00Z";

async fn store(
    storage: &Storage,
    job: &str,
    name: &str,
    at: &str,
    size: usize,
    branch: &str,
) -> ArtifactMetadata {
    let new = NewArtifact::from_bytes(job, RESULTS, vec![b'x'; size]).name(name);
    let at: Timestamp = at.parse().unwrap();
    storage
        .store(new.timestamp(at).tag("branch", branch))
        .await
        .unwrap()
}

/// Builds around a leap day.
async fn builds() -> (Storage, ArtifactQuery) {
    let config = Config::memory().clock(SetClock::at(NOW));
    let storage = Storage::open(config).await.unwrap();
    for (job, name, at, size, branch) in [
        (
            "build-1",
            "junit.xml",
            "2028-02-22T11:59:59Z",
            1_000,
            "main",
        ),
        (
            "build-2",
            "junit.xml",
            "2028-02-23T12:00:00Z",
            2_000,
            "main",
        ),
        (
            "build-3",
            "junit.xml",
            "2028-02-29T11:00:00Z",
            1_500,
            "main",
        ),
        (
            "build-4",
            "junit.xml",
            "2028-03-01T00:30:00+01:00",
            3_000_000,
            "feature/it's 100 %",
        ),
        (
            "build-4",
            "extra.xml",
            "2028-03-01T00:31:00+01:00",
            500,
            "feature/it's 100 %",
        ),
        (
            "other-5",
            "results.xml",
            "2028-03-01T11:00:00Z",
            1_800,
            "main",
        ),
    ] {
        store(&storage, job, name, at, size, branch).await;
    }
    let query = ArtifactQuery::new(&storage);
    (storage, query)
}

fn jobs(artifacts: &[ArtifactMetadata]) -> Vec<&str> {
    artifacts.iter().map(|a| a.job_id.as_str()).collect()
}

#[tokio::test]
async fn the_latest() {
    let (_storage, query) = builds().await;
    let latest = query
        .get_latest("build-4", &RESULTS)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(latest.metadata().name, "extra.xml");
    assert_eq!(latest.bytes().await.unwrap().len(), 500);
    assert!(
        query
            .get_latest("build-9", &RESULTS)
            .await
            .unwrap()
            .is_none()
    );
    let two = query.get_latest_n(&RESULTS, 2).await.unwrap();
    assert_eq!(jobs(&two), ["other-5", "build-4"]);
    assert!(
        query
            .get_latest_n(&ArtifactType::VIDEOS, 2)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(query.get_latest_n(&RESULTS, 0).await.unwrap().is_empty());
}

#[tokio::test]
async fn ranges_have_leap_days_and_offsets() {
    let (_storage, query) = builds().await;
    let range = async |start: &str, end: &str| {
        let (start, end) = (start.parse().unwrap(), end.parse().unwrap());
        let found = query.get_by_date_range(&RESULTS, start, end).await.unwrap();
        jobs(&found).join(" ")
    };
    // The leap day in UTC has what was made on the next day in Berlin.
    assert_eq!(
        range("2028-02-29T00:00:00Z", "2028-02-29T23:59:59Z").await,
        "build-4 build-4 build-3"
    );
    assert_eq!(
        range("2028-02-29T00:00:00+01:00", "2028-02-29T23:59:59+01:00").await,
        "build-3"
    );
    // Both ends belong to it.
    assert_eq!(
        range("2028-02-23T12:00:00Z", "2028-02-29T11:00:00Z").await,
        "build-3 build-2"
    );
    assert_eq!(
        range("2028-03-02T00:00:00Z", "2028-02-01T00:00:00Z").await,
        ""
    );
    let day = query.get_last_24_hours(&RESULTS).await.unwrap();
    assert_eq!(jobs(&day), ["other-5", "build-4", "build-4"]);
    let week = query.get_last_week(&RESULTS).await.unwrap();
    assert_eq!(week.len(), 5, "seven days ago to the second is in");
}

#[tokio::test]
async fn tags_must_all_match_whatever_they_hold() {
    let (storage, query) = builds().await;
    let long = "v%'\"_*?[\n".repeat(113) + "1234567";
    assert_eq!(long.len(), 1_024);
    let new = NewArtifact::from_bytes("tags", ArtifactType::CUSTOM, "x");
    let new = new.tag("note", long.clone()).tag("os", "100 % \"linux\"");
    storage.store(new).await.unwrap();
    let tags = |pairs: &[(&str, &str)]| -> Tags {
        pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect()
    };
    let found = query
        .get_by_tags(&tags(&[("note", &long), ("os", "100 % \"linux\"")]))
        .await;
    assert_eq!(jobs(&found.unwrap()), ["tags"]);
    for none in [
        tags(&[("note", &long[..1_023])]),
        tags(&[("note", &long), ("os", "100 %")]),
        tags(&[("os", "%")]),
    ] {
        assert!(query.get_by_tags(&none).await.unwrap().is_empty());
    }
    let quoted = query
        .get_by_tags(&tags(&[("branch", "feature/it's 100 %")]))
        .await
        .unwrap();
    assert_eq!(jobs(&quoted), ["build-4", "build-4"]);
}

#[tokio::test]
async fn a_search_has_the_filters_of_the_original() {
    let (_storage, query) = builds().await;
    let mut search = Search::default();
    search.job_id_pattern = Some("build-*".parse().unwrap());
    search.artifact_type = Some(RESULTS);
    search.min_size_mb = Some(0.001);
    search.max_size_mb = Some(10.0);
    search.days_ago = Some(7);
    let found = query.search(&search).await.unwrap();
    assert_eq!(jobs(&found), ["build-4", "build-3", "build-2"]);
    search.max_size_mb = Some(0.0019);
    search.tags.insert("branch".to_owned(), "main".to_owned());
    assert_eq!(jobs(&query.search(&search).await.unwrap()), ["build-3"]);
    assert_eq!(query.search(&Search::default()).await.unwrap().len(), 6);
}

#[tokio::test]
async fn a_baseline_may_be_a_job_or_the_latest_of_a_branch() {
    let (_storage, query) = builds().await;
    let compare = async |current: &str, baseline: &str| {
        let (current, baseline): (Selector, Selector) =
            (current.parse().unwrap(), baseline.parse().unwrap());
        query
            .compare_with_baseline(&current, &baseline, Some(&RESULTS))
            .await
    };
    let compared = compare("build-3", "build-2").await.unwrap();
    let pair = &compared.compared[0];
    assert_eq!(
        (pair.size_diff_bytes(), pair.size_diff_percent()),
        (-500, Some(-25.0))
    );
    assert!(!pair.size_increased() && !pair.same_content());
    assert_eq!(pair.time_between(), days(6) - SignedDuration::from_hours(1));

    // The latest of main before it, and never itself.
    let compared = compare("build-3", "latest:branch=main").await.unwrap();
    assert_eq!(compared.compared[0].baseline.job_id, "build-2");
    let compared = compare("latest:branch=main", "latest:branch=main")
        .await
        .unwrap();
    let pair = &compared.compared[0];
    assert_eq!(
        (pair.current.job_id.as_str(), pair.baseline.job_id.as_str()),
        ("other-5", "build-3")
    );
    assert!(pair.size_increased());

    // Paired by name; what has no counterpart is said.
    let compared = compare("build-4", "build-3").await.unwrap();
    assert_eq!(compared.compared[0].current.name, "junit.xml");
    assert_eq!(compared.added[0].name, "extra.xml");
    let compared = compare("build-3", "build-4").await.unwrap();
    assert_eq!(
        (compared.added.len(), compared.gone[0].name.as_str()),
        (0, "extra.xml")
    );

    for (current, baseline, says) in [
        (
            "build-9",
            "build-1",
            "the current is missing: job build-9 has no test-results",
        ),
        (
            "build-1",
            "build-9",
            "the baseline is missing: job build-9 has no test-results",
        ),
        (
            "build-1",
            "latest:branch=main",
            "the baseline is missing: no other job",
        ),
        (
            "latest:branch=none",
            "build-1",
            "the current is missing: no test-results artifact is latest:branch=none",
        ),
    ] {
        let error = compare(current, baseline).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn an_empty_baseline_has_no_percentage() {
    let storage = Storage::open(Config::memory()).await.unwrap();
    store(&storage, "a", "x", "2026-01-01T00:00:00Z", 0, "main").await;
    store(&storage, "b", "x", "2026-01-02T00:00:00Z", 10, "main").await;
    let query = ArtifactQuery::new(&storage);
    let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
    let compared = query.compare_with_baseline(&b, &a, None).await.unwrap();
    let json = serde_json::to_value(&compared.compared[0]).unwrap();
    assert_eq!(json["size_diff_bytes"], 10);
    assert_eq!(json["size_diff_percent"], serde_json::Value::Null);
    assert_eq!(
        (json["current_size"].clone(), json["baseline_size"].clone()),
        (10.into(), 0.into())
    );
}

#[tokio::test]
async fn a_trend_goes_from_the_oldest_to_the_newest() {
    let (_storage, query) = builds().await;
    let trend = query.get_size_trend(&RESULTS, 7).await.unwrap();
    let sizes: Vec<u64> = trend.iter().map(|point| point.size_bytes).collect();
    assert_eq!(sizes, [2_000, 1_500, 3_000_000, 500, 1_800]);
    assert!(trend.is_sorted_by_key(|point| point.timestamp));
    assert!(query.get_size_trend(&RESULTS, 0).await.unwrap().is_empty());
}
