//! The plans of every question, as SQLite tells them.

use std::collections::BTreeSet;

use rusqlite::{Connection, params_from_iter};

use super::schema::TABLES;
use super::select::listing;
use super::{Cursor, Filter};
use crate::ArtifactType;
use crate::artifact::ArtifactId;

fn plan(connection: &Connection, sql: &str, values: &[rusqlite::types::Value]) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap();
    let lines = statement.query_map(params_from_iter(values), |row| row.get(3));
    lines.unwrap().collect::<Result<_, _>>().unwrap()
}

/// The plan of a listing, which must never read the table from one end to the other: it walks an
/// index, in order where it says so.
fn listing_plan(filter: &Filter, after: bool) -> Vec<String> {
    let connection = Connection::open_in_memory().unwrap();
    super::open::steady_plans(&connection).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let cursor = Cursor {
        created_at: 5,
        id: ArtifactId::lowest_at(jiff::Timestamp::UNIX_EPOCH),
    };
    let query = listing(filter, after.then_some(cursor), 10);
    let plan = plan(&connection, &query.sql, &query.values);
    for line in &plan {
        assert!(
            !line.starts_with("SCAN") || line.contains("USING INDEX"),
            "{filter:?} reads the whole table: {plan:#?}"
        );
    }
    plan
}

fn is_walk_in_order(filter: &Filter) {
    for after in [false, true] {
        for superseded in [false, true] {
            let mut filter = filter.clone();
            filter.superseded = superseded;
            let plan = listing_plan(&filter, after);
            let sorted = plan.iter().any(|line| line.contains("TEMP B-TREE"));
            assert!(!sorted, "{filter:?} after {after} sorts: {plan:#?}");
            // With a condition or a cursor it starts in the middle, not at the end.
            let narrowed =
                filter != Filter::default() && filter != Filter::default().with_superseded();
            let scans = plan.iter().any(|line| line.starts_with("SCAN"));
            assert_eq!(scans, !narrowed && !after, "{filter:?}: {plan:#?}");
        }
    }
}

#[test]
fn the_main_listings_walk_an_index_in_order() {
    let any = Filter::default;
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    for filter in [
        any(),
        any().artifact_type(ArtifactType::VIDEOS),
        any().job_id("job"),
        any().name("junit.xml"),
        any().tag("branch", "main"),
        any()
            .artifact_type(ArtifactType::VIDEOS)
            .tag("branch", "main"),
        any().job_id("job").tag("branch", "main"),
        any().tag("branch", "main").tag("os", "linux"),
        any().since(at(1)),
        any().until(at(2)),
        any().since(at(1)).until(at(2)),
        any()
            .artifact_type(ArtifactType::VIDEOS)
            .since(at(1))
            .until(at(2)),
        any().job_id("job").since(at(1)),
        any().tag("branch", "main").since(at(1)).until(at(2)),
    ] {
        is_walk_in_order(&filter);
    }
}

#[test]
fn every_other_listing_sorts_one_job_at_most() {
    let at = |second| jiff::Timestamp::from_second(second).unwrap();
    for bits in 0..64_u32 {
        let has = |bit: u32| bits >> bit & 1 == 1;
        let mut filter = Filter {
            job_id: has(0).then(|| "job".to_owned()),
            artifact_type: has(1).then_some(ArtifactType::VIDEOS),
            name: has(2).then(|| "name".to_owned()),
            since: has(3).then(|| at(1)),
            until: has(4).then(|| at(2)),
            superseded: has(5),
            ..Filter::default()
        };
        for tags in 0..3 {
            filter.tags = (0..tags).map(|n| (n.to_string(), "x".to_owned())).collect();
            for after in [false, true] {
                let plan = listing_plan(&filter, after);
                let sorted = plan.iter().any(|line| line.contains("TEMP B-TREE"));
                let one_job = plan
                    .iter()
                    .any(|line| line.contains("(job_id=? AND artifact_type=?"));
                assert!(!sorted || one_job, "{filter:?}: {plan:#?}");
            }
        }
    }
}

#[test]
fn every_index_is_used_by_some_listing() {
    let connection = Connection::open_in_memory().unwrap();
    super::open::steady_plans(&connection).unwrap();
    connection.execute_batch(TABLES).unwrap();
    let named = "SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let mut statement = connection.prepare(named).unwrap();
    let names = statement.query_map([], |row| row.get(0)).unwrap();
    let mut unused: BTreeSet<String> = names.collect::<Result<_, _>>().unwrap();
    // Looks up versions by name; the listings need it only for a job and a type together.
    unused.remove("artifacts_by_version");
    let any = Filter::default;
    for filter in [
        any(),
        any().artifact_type(ArtifactType::VIDEOS),
        any().job_id("job"),
        any().name("name"),
    ] {
        for line in listing_plan(&filter, false) {
            unused.retain(|name| !line.ends_with(name) && !line.contains(&format!("{name} ")));
        }
    }
    assert!(unused.is_empty(), "{unused:?}");
}

#[test]
fn look_ups_go_straight_to_their_rows() {
    let connection = Connection::open_in_memory().unwrap();
    super::open::steady_plans(&connection).unwrap();
    connection.execute_batch(TABLES).unwrap();
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
