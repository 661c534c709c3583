//! The plans of every question, as SQLite tells them.

use std::collections::BTreeSet;

use rusqlite::{Connection, params_from_iter};

use super::candidates::{everything_query, stage_query};
use super::lead::{Lead, Way, candidates, choose};
use super::query::{Asked, Slice};
use super::schema::tables;
use super::{Cursor, Filter, Index, Pattern, Stage, statistics};
use crate::ArtifactType;
use crate::artifact::{ArtifactId, ArtifactKind, ArtifactMetadata, Sha256Digest};

fn plan(connection: &Connection, sql: &str, values: &[rusqlite::types::Value]) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let lines = statement.query_map(params_from_iter(values), |row| row.get(3));
    lines.unwrap().collect::<Result<_, _>>().unwrap()
}

fn tables_in_memory() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    super::open::steady_plans(&connection).unwrap();
    connection.execute_batch(&tables()).unwrap();
    connection
}

fn cursor() -> Cursor {
    Cursor {
        created_at: 5,
        id: ArtifactId::lowest_at(jiff::Timestamp::UNIX_EPOCH),
    }
}

fn at(second: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_second(second).unwrap()
}

/// One filter for each set of conditions.
fn filters() -> impl Iterator<Item = Filter> {
    (0..1 << 12).map(|bits: u32| {
        let has = |bit: u32| bits >> bit & 1 == 1;
        let pattern = |text: &str| text.parse::<Pattern>().unwrap();
        let mut filter = Filter {
            job_id: has(0).then(|| "job".to_owned()),
            artifact_type: has(1).then_some(ArtifactType::VIDEOS),
            name: has(2).then(|| "name".to_owned()),
            since: has(3).then(|| at(1)),
            until: has(4).then(|| at(2)),
            superseded: has(5),
            job_pattern: has(6).then(|| pattern("build-*")),
            name_pattern: has(7).then(|| pattern("*.xml")),
            min_size: has(8).then_some(1),
            protected: has(9),
            ..Filter::default()
        };
        if has(10) {
            filter = filter.tag("branch", "main").tag("os", "linux");
        }
        if has(11) {
            for text in ["release", "!draft", "env!=prod", "a=b"] {
                filter = filter.tag_condition(text.parse().unwrap());
            }
        }
        filter
    })
}

fn text_of(plan: &[String]) -> String {
    plan.join("\n")
}

/// Lines that read an index or a table from one end to the other.
fn scans(plan: &[String]) -> Vec<&String> {
    let own = |line: &&String| {
        // Rows of a subquery of ours, and the tags of one row.
        !line.starts_with("SCAN g") && !line.starts_with("SCAN j ")
    };
    let scans = plan.iter().filter(|line| line.starts_with("SCAN"));
    scans.filter(own).collect()
}

#[test]
fn no_question_reads_a_whole_table() {
    let connection = tables_in_memory();
    for filter in filters() {
        for after in [None, Some(cursor())] {
            let asked = Asked {
                filter: &filter,
                after,
            };
            let mut leads = candidates(&filter);
            leads.push(Lead::Time);
            let slice = Slice { limit: 10, skip: 0 };
            for lead in leads {
                let ordered = !matches!(
                    lead,
                    Lead::Jobs(_) | Lead::Names(_) | Lead::Sizes(..) | Lead::TagKey(_)
                );
                let ways: &[Way<'_>] = if ordered {
                    &[Way::Walk(lead)]
                } else {
                    &[Way::Gather(lead), Way::TryNewest(lead)]
                };
                // A pattern that begins with a wildcard reads the index of jobs or names, and
                // everything in time order may start at the newest end.
                let wide = match lead {
                    Lead::Names(_) => true,
                    Lead::Time => {
                        after.is_none() && filter.since.is_none() && filter.until.is_none()
                    }
                    Lead::Protected => true,
                    _ => false,
                };
                for query in ways.iter().flat_map(|way| way.queries(asked, slice)) {
                    let plan = plan(&connection, &query.sql, &query.values);
                    for line in scans(&plan) {
                        assert!(
                            wide && line.contains("INDEX artifacts_")
                                || line.contains("INDEX artifacts_by_time"),
                            "{filter:?} by {lead:?}: {plan:#?}"
                        );
                    }
                    if ordered {
                        assert!(
                            !text_of(&plan).contains("TEMP B-TREE"),
                            "{filter:?} by {lead:?} sorts: {plan:#?}"
                        );
                    }
                }
                let count = asked.count(&lead, 10);
                let plan = plan(&connection, &count.sql, &count.values);
                assert!(
                    ["COVERING INDEX", "PRIMARY KEY", "artifacts_protected"]
                        .iter()
                        .any(|index| text_of(&plan).contains(index)),
                    "{filter:?} by {lead:?} counts rows: {plan:#?}"
                );
            }
        }
    }
}

#[test]
fn what_is_gathered_is_sorted_from_the_index_alone() {
    let connection = tables_in_memory();
    let filter = Filter::default()
        .job_pattern("build-*".parse().unwrap())
        .min_size(5)
        .max_size(7);
    let asked = Asked {
        filter: &filter,
        after: None,
    };
    let slice = Slice { limit: 10, skip: 0 };
    for (lead, index) in candidates(&filter)
        .into_iter()
        .zip(["artifacts_by_job", "artifacts_by_size"])
    {
        let only = Filter {
            job_pattern: filter
                .job_pattern
                .clone()
                .filter(|_| matches!(lead, Lead::Jobs(_))),
            min_size: filter.min_size.filter(|_| matches!(lead, Lead::Sizes(..))),
            max_size: filter.max_size.filter(|_| matches!(lead, Lead::Sizes(..))),
            ..Filter::default()
        };
        let asked = Asked {
            filter: &only,
            ..asked
        };
        let query = asked.gather(&lead, slice);
        let plan = plan(&connection, &query.sql, &query.values);
        let expected = format!("SEARCH a USING COVERING INDEX {index}");
        assert!(
            plan.iter().any(|line| line.starts_with(&expected)),
            "{plan:#?}"
        );
    }
}

#[test]
fn every_index_leads_some_question() {
    let connection = tables_in_memory();
    let named = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let mut statement = connection.prepare(named).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    let mut unused: BTreeSet<String> = names.collect::<Result<_, _>>().unwrap();
    for filter in filters() {
        for lead in candidates(&filter).into_iter().chain([Lead::Time]) {
            unused.retain(|name| !lead.source().0.ends_with(name));
        }
    }
    // These serve looking up versions, and cleanups.
    let others = [
        "artifacts_by_expiry",
        "artifacts_by_version",
        "artifacts_superseded",
    ];
    assert_eq!(unused, others.map(str::to_owned).into());
}

fn metadata(number: u64, job: &str, tags: &[(&str, &str)]) -> ArtifactMetadata {
    let at = jiff::Timestamp::from_second(1_800_000_000 + i64::try_from(number).unwrap()).unwrap();
    ArtifactMetadata {
        id: ArtifactId::new(at),
        job_id: job.to_owned(),
        artifact_type: ArtifactType::TEST_RESULTS,
        name: number.to_string(),
        kind: ArtifactKind::File,
        media_type: "text/plain".to_owned(),
        timestamp: at,
        size_bytes: number,
        compressed_size_bytes: 1,
        checksum: Sha256Digest::of(b""),
        codec: crate::Codec::None,
        members: None,
        tags: tags
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect(),
        ttl: None,
        keep_forever: false,
        policy_ttl: None,
        pinned: false,
        held_until: None,
        storage_path: format!("key-{number}"),
    }
}

#[test]
fn the_rarest_condition_leads() {
    let index = Index::in_memory().unwrap();
    let all = (0..600).map(|n| {
        let rare = if n % 200 == 0 { "yes" } else { "no" };
        let key = if n < 3 { "seldom" } else { "often" };
        metadata(
            n,
            &format!("build-{}", n / 2),
            &[("branch", "main"), ("rare", rare), (key, "")],
        )
    });
    index.insert(all.collect()).unwrap();
    let way = |filter: &Filter, expected: Way<'_>| {
        let asked = Asked {
            filter,
            after: None,
        };
        let chosen = index.with(|connection| Ok(choose(connection, asked)? == expected));
        assert!(chosen.unwrap(), "{filter:?}");
    };
    let any = Filter::default;
    let pattern: Pattern = "build-1?".parse().unwrap();
    way(&any(), Way::Walk(Lead::Time));
    way(
        &any().tag("branch", "main"),
        Way::Walk(Lead::Tag("branch", "main")),
    );
    way(
        &any().tag("branch", "main").tag("rare", "yes"),
        Way::Walk(Lead::Tag("rare", "yes")),
    );
    way(
        &any().tag("branch", "main").job_id("build-7"),
        Way::Walk(Lead::Job("build-7")),
    );
    way(
        &any().job_pattern(pattern.clone()),
        Way::Gather(Lead::Jobs(&pattern)),
    );
    way(
        &any().tag("branch", "main").job_pattern(pattern.clone()),
        Way::Gather(Lead::Jobs(&pattern)),
    );
    way(
        &any().min_size(590).tag("branch", "main"),
        Way::Gather(Lead::Sizes(Some(590), None)),
    );
    let seldom = any().tag_condition("seldom".parse().unwrap());
    way(&seldom, Way::Gather(Lead::TagKey("seldom")));
    // A job and a pattern that is another job: nobody is both, whichever leads.
    let neither = any()
        .job_id("build-299")
        .job_pattern("build-0".parse().unwrap());
    assert_eq!(
        index
            .list(&neither, &super::Page::first(5))
            .unwrap()
            .artifacts,
        []
    );
    let neither = any()
        .job_id("build-0")
        .job_pattern("build-299".parse().unwrap());
    assert_eq!(
        index
            .list(&neither, &super::Page::first(5))
            .unwrap()
            .artifacts,
        []
    );
    let wild: Pattern = "*-1".parse().unwrap();
    way(
        &any().job_pattern(wild.clone()),
        Way::TryNewest(Lead::Jobs(&wild)),
    );
    let listed = index
        .list(&any().job_pattern(wild), &super::Page::first(5))
        .unwrap();
    let names: Vec<_> = listed.artifacts.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["3", "2"]);
}

#[test]
fn cleanups_look_only_at_what_may_go() {
    let connection = tables_in_memory();
    let stages = [
        (Stage::OwnLimit(at(1)), "artifacts_by_expiry"),
        (
            Stage::OfType(ArtifactType::VIDEOS, at(1)),
            "artifacts_by_type",
        ),
        (Stage::Superseded, "artifacts_superseded"),
    ];
    for (stage, index) in stages {
        for after in [None, Some(cursor())] {
            let query = stage_query(&stage, after, 10);
            let plan = plan(&connection, &query.sql, &query.values);
            // All superseded versions are in an index of their own, and all are looked at.
            let from_its_beginning = stage == Stage::Superseded && after.is_none();
            let word = if from_its_beginning { "SCAN" } else { "SEARCH" };
            assert!(
                plan[0].starts_with(word) && plan[0].contains(index),
                "{stage:?}: {plan:#?}"
            );
            assert!(
                !text_of(&plan).contains("TEMP B-TREE"),
                "{stage:?}: {plan:#?}"
            );
            assert_eq!(
                scans(&plan).len(),
                usize::from(from_its_beginning),
                "{plan:#?}"
            );
        }
    }
    let everything = everything_query(Some(cursor()), 10);
    let plan = plan(&connection, &everything.sql, &everything.values);
    assert!(scans(&plan).is_empty(), "{plan:#?}");
}

#[test]
fn statistics_read_sums_and_single_days() {
    let connection = tables_in_memory();
    for (sql, indexes) in [
        (statistics::BY_TYPE, &["SCAN daily"][..]),
        (statistics::OWN_DAYS, &["SEARCH daily USING PRIMARY KEY"]),
        (statistics::POLICY_DAYS, &["SEARCH daily USING PRIMARY KEY"]),
        (
            statistics::OWN_REST,
            &["SEARCH artifacts USING COVERING INDEX artifacts_by_expiry"],
        ),
        (
            statistics::POLICY_REST,
            &["SEARCH artifacts USING INDEX artifacts_by_type"],
        ),
        (
            statistics::FIRST,
            &["SCAN artifacts USING COVERING INDEX artifacts_by_time"],
        ),
        (
            statistics::LAST,
            &["SCAN artifacts USING COVERING INDEX artifacts_by_time"],
        ),
        (statistics::PROTECTED, &["USING INDEX artifacts_protected"]),
    ] {
        let values = vec![1.into(); sql.matches('?').count()];
        let plan = text_of(&plan(&connection, sql, &values));
        for index in indexes {
            assert!(plan.contains(index), "{sql}: {plan}");
        }
    }
}

#[test]
fn sums_are_those_of_the_rows_whatever_comes_and_goes() {
    let index = Index::in_memory().unwrap();
    let before_1970 = "1969-12-31T23:00:00Z".parse().unwrap();
    let artifacts = (0..40).map(|n| {
        let mut artifact = metadata(n, &format!("job-{}", n % 7), &[]);
        artifact.name = (n % 3).to_string();
        artifact.compressed_size_bytes = n * 3 + 1;
        artifact.keep_forever = n % 5 == 0;
        if n % 4 == 1 {
            artifact.ttl = Some(jiff::SignedDuration::from_hours(
                i64::try_from(n).unwrap() * 7,
            ));
            artifact.keep_forever = false;
        }
        if n % 11 == 0 {
            artifact.timestamp = before_1970;
        }
        artifact
    });
    let artifacts: Vec<_> = artifacts.collect();
    index.insert(artifacts.clone()).unwrap();
    index.insert(artifacts.clone()).unwrap();
    let gone: Vec<_> = artifacts.iter().step_by(3).map(|a| a.id).collect();
    index.forget(&gone).unwrap();
    let differences = "WITH expected AS (SELECT artifact_type, current, \
         CASE WHEN expires_at IS NOT NULL THEN 1 WHEN keep_forever THEN 2 ELSE 0 END AS lifetime, \
         (coalesce(expires_at, created_at) - CASE WHEN coalesce(expires_at, created_at) < 0 \
             THEN 86399999999 ELSE 0 END) / 86400000000 AS day, \
         count(*), sum(size_bytes), sum(stored_bytes), \
         sum(CASE size_bytes WHEN 0 THEN 1000000 \
             ELSE CAST(1e6 * stored_bytes / size_bytes AS INTEGER) END) \
         FROM artifacts GROUP BY 1, 2, 3, 4) \
         SELECT (SELECT count(*) FROM (SELECT * FROM expected EXCEPT SELECT * FROM daily)) \
         + (SELECT count(*) FROM (SELECT * FROM daily EXCEPT SELECT * FROM expected))";
    let count = |sql: &str| -> i64 {
        let counted = index.with(|connection| connection.query_row(sql, [], |row| row.get(0)));
        counted.unwrap()
    };
    assert_eq!(count(differences), 0);
    assert!(count("SELECT count(*) FROM daily WHERE day < 0") > 0);
    assert!(count("SELECT count(DISTINCT current) FROM daily") == 2);
}

#[test]
fn look_ups_go_straight_to_their_rows() {
    let connection = tables_in_memory();
    for sql in [
        "SELECT id FROM artifacts a INDEXED BY artifacts_by_version \
         WHERE job_id = 'j' AND artifact_type = 't' AND current = 1 ORDER BY name LIMIT 5",
        "SELECT key FROM artifacts WHERE job_id = 'j' AND artifact_type = 't' AND name = 'n' \
         ORDER BY id DESC",
        "SELECT id FROM artifacts WHERE id >= x'00'",
        "SELECT id FROM removed WHERE id >= x'00'",
        "SELECT id FROM events WHERE id >= x'00'",
        "UPDATE artifacts SET current = 0 WHERE job_id = 'j' AND artifact_type = 't' \
         AND name = 'n' AND id < x'00' AND current = 1",
        "DELETE FROM tags WHERE key = 'k' AND value = 'v' AND created_at = 1 AND id = x'00'",
    ] {
        let plan = plan(&connection, sql, &[]);
        assert!(
            plan.iter().all(|line| line.starts_with("SEARCH")),
            "{sql}: {plan:#?}"
        );
    }
}
