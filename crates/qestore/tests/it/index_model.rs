//! Random stores, removals and questions, answered the same by a store and by a simple model.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use qestore::{
    ArtifactId, ArtifactType, Config, ErrorKind, Filter, NewArtifact, Page, Pattern, Storage,
    TagCondition, Tags, validate_job_id, validate_name, validate_tags,
};

#[derive(Debug, Clone)]
struct Stored {
    id: Option<ArtifactId>,
    job: String,
    of_type: ArtifactType,
    name: String,
    tags: Tags,
    at: Timestamp,
    current: bool,
}

impl Stored {
    /// Its content is its name.
    fn size(&self) -> u64 {
        self.name.len() as u64
    }
}

#[derive(Debug, Clone)]
enum Step {
    Store(Stored),
    Remove {
        job: String,
        of_type: ArtifactType,
        name: String,
    },
    List {
        filter: Filter,
        page: usize,
    },
    Find {
        job: String,
        of_type: ArtifactType,
        name: Option<String>,
    },
    Reindex,
}

fn job() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "../a", "a/b 🚀"]).prop_map(str::to_owned)
}

fn of_type() -> impl Strategy<Value = ArtifactType> {
    prop::sample::select(vec![ArtifactType::TEST_RESULTS, ArtifactType::VIDEOS])
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["default", "x", "y"]).prop_map(str::to_owned)
}

fn tags() -> impl Strategy<Value = Tags> {
    let key = prop::sample::select(vec!["branch", "os"]).prop_map(str::to_owned);
    let value = prop::sample::select(vec!["main", "", "it's"]).prop_map(str::to_owned);
    prop::collection::btree_map(key, value, 0..3)
}

/// Few instants, so that several artifacts share one.
fn at() -> impl Strategy<Value = Timestamp> {
    (0..6_i64).prop_map(|second| Timestamp::from_second(1_800_000_000 + second).unwrap())
}

fn pattern() -> impl Strategy<Value = Pattern> {
    let patterns = vec![
        "a*", "*a", "a", "?", "[ab]", "[^a]*", "../*", "*🚀", "x", "d*t", "zz*",
    ];
    prop::sample::select(patterns).prop_map(|text| text.parse().unwrap())
}

fn condition() -> impl Strategy<Value = TagCondition> {
    let conditions = vec![
        "branch",
        "!branch",
        "branch!=main",
        "os=",
        "os!=",
        "branch=it's",
        "none",
        "!none",
        "none!=x",
    ];
    prop::sample::select(conditions).prop_map(|text| text.parse().unwrap())
}

fn filter() -> impl Strategy<Value = Filter> {
    let options = (
        prop::option::of(job()),
        prop::option::of(of_type()),
        prop::option::weighted(0.2, name()),
        prop::option::weighted(0.3, at()),
        prop::option::weighted(0.3, at()),
    );
    let more = (
        prop::option::weighted(0.2, pattern()),
        prop::option::weighted(0.1, pattern()),
        prop::collection::vec(condition(), 0..2),
        prop::option::weighted(0.1, 0..8_u64),
        prop::option::weighted(0.1, 0..8_u64),
    );
    let all = (options, more, tags(), any::<bool>());
    all.prop_map(|((job, of_type, name, since, until), more, tags, old)| {
        let mut filter = Filter::default();
        (
            filter.job_pattern,
            filter.name_pattern,
            filter.tag_conditions,
            filter.min_size,
            filter.max_size,
        ) = more;
        filter.job_id = job;
        filter.artifact_type = of_type;
        filter.name = name;
        filter.since = since;
        filter.until = until;
        filter.tags = tags;
        filter.superseded = old;
        filter
    })
}

fn step() -> impl Strategy<Value = Step> {
    let store =
        (job(), of_type(), name(), tags(), at()).prop_map(|(job, of_type, name, tags, at)| {
            let (id, current) = (None, true);
            Step::Store(Stored {
                id,
                job,
                of_type,
                name,
                tags,
                at,
                current,
            })
        });
    let remove = (job(), of_type(), name()).prop_map(|(job, of_type, name)| Step::Remove {
        job,
        of_type,
        name,
    });
    let list = (filter(), 1..5_usize).prop_map(|(filter, page)| Step::List { filter, page });
    let find = (job(), of_type(), prop::option::of(name()))
        .prop_map(|(job, of_type, name)| Step::Find { job, of_type, name });
    prop_oneof![10 => store, 2 => remove, 4 => list, 3 => find, 1 => Just(Step::Reindex)]
}

#[derive(Debug, Default)]
struct Model(Vec<Stored>);

impl Model {
    fn store(&mut self, new: Stored) {
        let same =
            |s: &&mut Stored| (&s.job, &s.of_type, &s.name) == (&new.job, &new.of_type, &new.name);
        for older in self.0.iter_mut().filter(same) {
            older.current = false;
        }
        self.0.push(new);
    }

    fn list(&self, filter: &Filter) -> Vec<ArtifactId> {
        let wanted = |s: &&Stored| {
            filter.job_id.as_ref().is_none_or(|job| *job == s.job)
                && filter
                    .artifact_type
                    .as_ref()
                    .is_none_or(|t| *t == s.of_type)
                && filter.name.as_ref().is_none_or(|name| *name == s.name)
                && filter.since.is_none_or(|since| s.at >= since)
                && filter.until.is_none_or(|until| s.at < until)
                && filter
                    .tags
                    .iter()
                    .all(|(key, value)| s.tags.get(key) == Some(value))
                && filter.tag_conditions.iter().all(|c| c.holds(&s.tags))
                && filter
                    .job_pattern
                    .as_ref()
                    .is_none_or(|p| p.matches(&s.job))
                && filter
                    .name_pattern
                    .as_ref()
                    .is_none_or(|p| p.matches(&s.name))
                && filter.min_size.is_none_or(|least| s.size() >= least)
                && filter.max_size.is_none_or(|most| s.size() <= most)
                && (filter.superseded || s.current)
        };
        let mut found: Vec<_> = self
            .0
            .iter()
            .filter(wanted)
            .map(|s| (s.at, s.id.unwrap()))
            .collect();
        found.sort();
        found.into_iter().rev().map(|(_, id)| id).collect()
    }

    /// Found, none, or ambiguous with these names.
    fn find(
        &self,
        job: &str,
        of_type: &ArtifactType,
        name: Option<&str>,
    ) -> Result<Option<ArtifactId>, Vec<&str>> {
        let of_job = |s: &&Stored| s.current && s.job == job && s.of_type == *of_type;
        let fits = |s: &&Stored| name.is_none_or(|name| s.name == name);
        let found: BTreeMap<&str, ArtifactId> = self
            .0
            .iter()
            .filter(of_job)
            .filter(fits)
            .map(|s| (s.name.as_str(), s.id.unwrap()))
            .collect();
        match (found.len(), found.get("default")) {
            (0 | 1, _) => Ok(found.into_values().next()),
            (_, Some(default)) => Ok(Some(*default)),
            (_, None) => Err(found.into_keys().collect()),
        }
    }
}

async fn carry_out(storage: &Storage, model: &mut Model, step: Step) {
    match step {
        Step::Store(mut new) => {
            let artifact = NewArtifact::from_bytes(&new.job, new.of_type.clone(), new.name.clone())
                .name(&new.name)
                .tags(new.tags.clone())
                .timestamp(new.at);
            let stored = storage.store(artifact).await.unwrap();
            assert_eq!((stored.timestamp, &stored.tags), (new.at, &new.tags));
            new.id = Some(stored.id);
            model.store(new);
        }
        Step::Remove { job, of_type, name } => {
            let expected = model.find(&job, &of_type, Some(&name)).unwrap();
            let removed = storage
                .delete((job.as_str(), of_type.clone(), name.as_str()))
                .await
                .unwrap();
            assert_eq!(removed.map(|m| m.id), expected);
            model
                .0
                .retain(|s| (&s.job, &s.of_type, &s.name) != (&job, &of_type, &name));
        }
        Step::List { filter, page } => {
            let expected = model.list(&filter);
            let mut listed = Vec::new();
            let mut next = Page::first(page);
            loop {
                let listing = storage.list(&filter, &next).await.unwrap();
                assert!(listing.artifacts.len() <= page);
                listed.extend(listing.artifacts.iter().map(|m| m.id));
                // Cursors travel as text.
                let Some(cursor) = listing.next else { break };
                assert_eq!(listing.artifacts.len(), page);
                next = Page::after(page, cursor.to_string().parse().unwrap());
            }
            assert_eq!(listed, expected, "{filter:?}");
        }
        Step::Find { job, of_type, name } => {
            let mut reference = qestore::ArtifactRef::new(job.clone(), of_type.clone());
            if let Some(name) = &name {
                reference = reference.named(name);
            }
            match (
                model.find(&job, &of_type, name.as_deref()),
                storage.retrieve(reference).await,
            ) {
                (Ok(expected), Ok(found)) => {
                    assert_eq!(found.map(|artifact| artifact.metadata().id), expected);
                }
                (Err(names), Err(error)) => {
                    assert_eq!(error.kind(), ErrorKind::Ambiguous);
                    for name in names {
                        assert!(error.message().contains(&format!("{name:?}")), "{error}");
                    }
                }
                (expected, found) => panic!("{found:?} instead of {expected:?}"),
            }
        }
        Step::Reindex => {
            let report = storage.reindex(|_| {}).await.unwrap();
            assert_eq!(report.objects, model.0.len() as u64);
            assert_eq!(
                (report.added, report.removed, report.missing.len()),
                (0, 0, 0)
            );
        }
    }
}

/// Nearly always allowed: any printable text. Now and then empty, too long, or with controls.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => "\\PC{1,60}",
        2 => "[ \u{200f}\u{5d0}\u{0301}./\\\\%'\"]{1,9}",
        1 => "[a=\\x00-\\x1f\u{85}]{0,3}",
        1 => "x{250,260}",
    ]
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_store_answers_as_the_model_does(steps in prop::collection::vec(step(), 1..60)) {
        runtime().block_on(async {
            let storage = Storage::open(Config::memory()).await.unwrap();
            let mut model = Model::default();
            for step in steps {
                carry_out(&storage, &mut model, step).await;
            }
            // All of it once more from the objects alone.
            for filter in [Filter::default(), Filter::default().with_superseded()] {
                let list = Step::List { filter, page: 7 };
                carry_out(&storage, &mut model, list).await;
            }
        });
    }

    #[test]
    fn any_printable_text_comes_back(
        texts in prop::collection::vec(text(), 2),
        tags in prop::collection::btree_map(text(), text(), 0..4),
    ) {
        let [job, name] = texts.try_into().unwrap();
        let allowed = [validate_job_id(&job), validate_name(&name), validate_tags(&tags)];
        runtime().block_on(async {
            let storage = Storage::open(Config::memory()).await.unwrap();
            let new = NewArtifact::from_bytes(&job, ArtifactType::CUSTOM, "x").name(&name).tags(tags.clone());
            match storage.store(new).await {
                Ok(stored) => {
                    assert!(allowed.iter().all(Result::is_ok));
                    let of_job = Filter::default().job_id(&job).name(&name);
                    let filter = tags.iter().fold(of_job, |filter, (k, v)| filter.tag(k, v));
                    let listing = storage.list(&filter, &Page::default()).await.unwrap();
                    assert_eq!(listing.artifacts, std::slice::from_ref(&stored));
                    let found = storage.retrieve((job.as_str(), ArtifactType::CUSTOM, name.as_str())).await;
                    assert_eq!(found.unwrap().unwrap().metadata(), &stored);
                    assert_eq!((stored.job_id, stored.name, stored.tags), (job, name, tags));
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::InvalidInput);
                    assert!(allowed.iter().any(Result::is_err), "{error}");
                }
            }
        });
    }
}
