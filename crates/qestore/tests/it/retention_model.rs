//! Random stores, pins, holds and clocks: every cleanup does what the pure plan says, and every sum
//! is what adding up says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use futures::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use qestore::{
    ArtifactId, ArtifactMetadata, ArtifactQuery, ArtifactType, CleanupOptions, Clock as _, Config,
    ErrorKind, EventAction, EventFilter, Filter, KeepScope, NewArtifact, RetentionPolicy, Storage,
    Tags, Verdict,
};

use crate::support::SetClock;

#[derive(Debug, Clone)]
enum Step {
    Store {
        job: &'static str,
        of_type: ArtifactType,
        name: &'static str,
        tags: Tags,
        hours_old: i64,
        ttl: Option<Option<i64>>,
    },
    Pin(usize),
    Unpin(usize),
    Hold(usize, i64),
    Release(usize),
    Clock(i64),
    Cleanup {
        policy: RetentionPolicy,
        dry_run: bool,
        allow_empty: bool,
    },
    Stats(RetentionPolicy),
    Reindex,
}

const START: &str = "2028-02-28T22:00:00Z";

fn of_type() -> impl Strategy<Value = ArtifactType> {
    prop::sample::select(vec![
        ArtifactType::TEST_RESULTS,
        ArtifactType::VIDEOS,
        ArtifactType::BUILD_LOGS,
    ])
}

fn tags() -> impl Strategy<Value = Tags> {
    let key = prop::sample::select(vec!["branch", "os"]).prop_map(str::to_owned);
    let value = prop::sample::select(vec!["main", "dev", "it's 100 %\n"]).prop_map(str::to_owned);
    prop::collection::btree_map(key, value, 0..3)
}

fn policy() -> impl Strategy<Value = RetentionPolicy> {
    let hours = || prop::option::of(prop::sample::select(vec![1_i64, 24, 48, 24 * 30]));
    let scopes = vec![
        "type",
        "global",
        "name",
        "type+name",
        "tag:branch",
        "type+tag:branch",
        "type+tag:branch+tag:os",
        "type+tag:nobody",
    ];
    (
        hours(),
        prop::option::of((of_type(), hours())),
        0..4_u64,
        prop::sample::select(scopes),
        prop::sample::select(vec![0_i64, 1, 24]),
        prop::bool::weighted(0.9),
    )
        .prop_map(|(ttl, of_type, n, scope, grace, enabled)| {
            let mut policy = RetentionPolicy::default()
                .keep_latest_n(n)
                .keep_scope(scope.parse::<KeepScope>().unwrap())
                .superseded_grace(SignedDuration::from_hours(grace));
            policy.default_ttl = ttl.map(SignedDuration::from_hours);
            policy.enabled = enabled;
            if let Some((of_type, ttl)) = of_type {
                policy
                    .ttl_by_type
                    .insert(of_type, ttl.map(SignedDuration::from_hours));
            }
            policy
        })
}

fn step() -> impl Strategy<Value = Step> {
    let job = prop::sample::select(vec!["a", "b", "c/🚀"]);
    let name = prop::sample::select(vec!["default", "x"]);
    let ttl = prop::option::weighted(
        0.4,
        prop::option::weighted(0.8, prop::sample::select(vec![1_i64, 24, 24 * 7])),
    );
    let old = prop::sample::select(vec![0_i64, 1, 23, 24, 25, 24 * 29, 24 * 30, 24 * 400, -3]);
    let store = (job, of_type(), name, tags(), old, ttl).prop_map(
        |(job, of_type, name, tags, hours_old, ttl)| Step::Store {
            job,
            of_type,
            name,
            tags,
            hours_old,
            ttl,
        },
    );
    let at = || any::<usize>();
    prop_oneof![
        12 => store,
        1 => at().prop_map(Step::Pin),
        1 => at().prop_map(Step::Unpin),
        1 => (at(), prop::sample::select(vec![1_i64, 24, 100])).prop_map(|(at, h)| Step::Hold(at, h)),
        1 => at().prop_map(Step::Release),
        2 => prop::sample::select(vec![1_i64, 24, 24 * 30, -5, -24]).prop_map(Step::Clock),
        5 => (policy(), any::<bool>(), prop::bool::weighted(0.3)).prop_map(
            |(policy, dry_run, allow_empty)| Step::Cleanup { policy, dry_run, allow_empty }),
        2 => policy().prop_map(Step::Stats),
        1 => Just(Step::Reindex),
    ]
}

async fn everything(storage: &Storage) -> Vec<ArtifactMetadata> {
    let all = storage.list_all(&Filter::default().with_superseded());
    all.try_collect().await.unwrap()
}

async fn carry_out(storage: &Storage, clock: &SetClock, config: &Config, step: Step) {
    let pick = |all: &[ArtifactMetadata], at: usize| {
        let at = at.checked_rem(all.len());
        at.map_or_else(Vec::new, |at| vec![all[at].clone()])
    };
    let hours = SignedDuration::from_hours;
    match step {
        Step::Store {
            job,
            of_type,
            name,
            tags,
            hours_old,
            ttl,
        } => {
            let mut new = NewArtifact::from_bytes(job, of_type, name)
                .name(name)
                .tags(tags)
                .timestamp(clock.now() - hours(hours_old));
            new = match ttl {
                None => new,
                Some(None) => new.keep_for_ever(),
                Some(Some(ttl)) => new.keep_for(hours(ttl)),
            };
            storage.store(new).await.unwrap();
            // The next one is stored a moment later.
            clock.go(SignedDuration::from_millis(1));
        }
        Step::Pin(at) => {
            let all = everything(storage).await;
            let before = all.iter().filter(|a| a.pinned).count();
            let changed = storage.pin(&pick(&all, at), "test").await.unwrap();
            let after = everything(storage).await;
            let after = after.iter().filter(|a| a.pinned).count();
            assert_eq!(after as u64, before as u64 + changed);
        }
        Step::Unpin(at) => {
            let picked = pick(&everything(storage).await, at);
            storage.unpin(&picked, "test").await.unwrap();
            let all = everything(storage).await;
            assert!(!all.iter().any(|a| a.pinned && a.id == picked[0].id));
        }
        Step::Hold(at, h) => {
            let until = clock.now() + hours(h);
            let picked = pick(&everything(storage).await, at);
            storage.hold(&picked, until, "test").await.unwrap();
            for picked in picked {
                let all = everything(storage).await;
                let held = all.iter().find(|a| a.id == picked.id).unwrap();
                assert_eq!(
                    held.held_until.unwrap().as_microsecond(),
                    until.as_microsecond()
                );
            }
        }
        Step::Release(at) => {
            let picked = pick(&everything(storage).await, at);
            storage.release(&picked, "test").await.unwrap();
        }
        Step::Clock(h) => clock.go(hours(h)),
        Step::Cleanup {
            policy,
            dry_run,
            allow_empty,
        } => clean_up(storage, clock, policy, dry_run, allow_empty).await,
        Step::Stats(policy) => stats(config, clock, policy).await,
        Step::Reindex => {
            let before = everything(storage).await;
            storage.reindex(|_| {}).await.unwrap();
            assert_eq!(everything(storage).await, before);
        }
    }
}

async fn clean_up(
    storage: &Storage,
    clock: &SetClock,
    policy: RetentionPolicy,
    dry_run: bool,
    allow_empty: bool,
) {
    let all = everything(storage).await;
    let plan = policy.plan(&all, clock.now());
    let expected: BTreeMap<ArtifactId, Verdict> =
        all.iter().map(|a| a.id).zip(plan.iter().cloned()).collect();
    let going: Vec<_> = all
        .iter()
        .filter(|a| expected[&a.id].is_removal())
        .collect();
    let told = Arc::new(Mutex::new(BTreeMap::new()));
    let tell = Arc::clone(&told);
    let mut options = CleanupOptions::default()
        .policy(policy.clone())
        .explain()
        .on_verdict(move |artifact, verdict| {
            let earlier = tell.lock().unwrap().insert(artifact.id, verdict.clone());
            assert!(earlier.is_none(), "told twice");
        });
    options.dry_run = dry_run;
    options.allow_empty = allow_empty;
    let done = storage.cleanup(options).await;

    let lost_tag = policy.keep_latest_n > 0
        && (policy.keep_scope.by_tags.iter())
            .any(|key| !all.iter().any(|a| a.tags.contains_key(key)));
    let empties = going.len() == all.len();
    if !going.is_empty() && !allow_empty && (empties || lost_tag) {
        assert_eq!(done.unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(everything(storage).await, all, "nothing was removed");
        return;
    }
    let report = done.unwrap();
    if policy.enabled {
        assert_eq!(*told.lock().unwrap(), expected);
    }
    assert_eq!(report.removed, going.len() as u64);
    let bytes: u64 = going.iter().map(|a| a.compressed_size_bytes).sum();
    assert_eq!(report.freed_bytes, bytes);
    assert!(report.failures.is_empty());
    let left: BTreeSet<_> = everything(storage).await.iter().map(|a| a.id).collect();
    if dry_run {
        assert_eq!(left.len(), all.len());
        return;
    }
    let kept: BTreeSet<_> = all
        .iter()
        .map(|a| a.id)
        .filter(|id| !expected[id].is_removal())
        .collect();
    assert_eq!(left, kept);
    if !going.is_empty() {
        let removals = EventFilter::default();
        let log = storage.events(&removals, 1_000).await.unwrap();
        let removed: BTreeSet<_> = log
            .iter()
            .filter(|event| event.action == EventAction::Removed)
            .flat_map(|event| event.artifacts.iter().map(|a| a.id))
            .collect();
        assert!(going.iter().all(|a| removed.contains(&a.id)));
    }
}

/// What the sums say is what adding up says.
async fn stats(config: &Config, clock: &SetClock, policy: RetentionPolicy) {
    let storage = Storage::open(config.clone().retention(policy.clone()))
        .await
        .unwrap();
    let all = everything(&storage).await;
    let present: Vec<ArtifactMetadata> = storage
        .list_all(&Filter::default())
        .try_collect()
        .await
        .unwrap();
    let now = clock.now();
    let stats = ArtifactQuery::new(&storage)
        .get_storage_stats()
        .await
        .unwrap();
    let bytes = |of: &mut dyn Iterator<Item = &ArtifactMetadata>| -> (u64, u64) {
        of.fold((0, 0), |(n, sum), a| (n + 1, sum + a.compressed_size_bytes))
    };
    assert_eq!(
        (stats.total_artifacts, stats.total_compressed_size_bytes),
        bytes(&mut present.iter())
    );
    let content: u64 = present.iter().map(|a| a.size_bytes).sum();
    assert_eq!(stats.total_size_bytes, content);
    let old: Vec<_> = all.iter().filter(|a| !present.contains(a)).collect();
    assert_eq!(
        (stats.superseded_artifacts, stats.superseded_bytes),
        bytes(&mut old.into_iter())
    );
    let over = |a: &&ArtifactMetadata| a.expires_at().is_some_and(|at| at <= now);
    assert_eq!(
        (stats.expired_artifacts, stats.expired_bytes),
        bytes(&mut all.iter().filter(over))
    );
    assert_eq!(
        stats.protected_artifacts,
        all.iter().filter(|a| a.is_protected(now)).count() as u64
    );
    let times: Vec<Timestamp> = present.iter().map(|a| a.timestamp).collect();
    assert_eq!(stats.oldest, times.iter().min().copied());
    assert_eq!(stats.newest, times.iter().max().copied());
    for (of_type, sum) in &stats.artifacts_by_type {
        let of = present.iter().filter(|a| a.artifact_type == *of_type);
        assert_eq!(sum.artifacts, of.count() as u64);
    }
    let compression = ArtifactQuery::new(&storage)
        .get_compression_stats(None)
        .await
        .unwrap();
    assert_eq!(compression.total.artifacts, stats.total_artifacts);
    let mean: f64 = present
        .iter()
        .map(ArtifactMetadata::compression_ratio)
        .sum::<f64>()
        / (present.len().max(1) as f64);
    if !present.is_empty() {
        assert!((compression.total.mean_ratio - mean).abs() < 1e-5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 120,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn cleanups_do_what_the_plan_says(steps in prop::collection::vec(step(), 1..50)) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let clock = SetClock::at(START);
            let folder = tempfile::tempdir().unwrap();
            let config = Config::local(folder.path()).not_durable().clock(clock.clone());
            let storage = Storage::open(config.clone()).await.unwrap();
            for step in steps {
                carry_out(&storage, &clock, &config, step).await;
            }
        });
    }
}
