//! Cases about listing and deleting: everything that is there, once, in byte order.

use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};

use super::super::random::content;
use super::{KEY, OTHER_KEY, holds, list, ok, put, refused, try_read};
use crate::ErrorKind;
use crate::backend::{Backend, ReadRange};

async fn fill<K: AsRef<str>>(backend: &dyn Backend, keys: impl IntoIterator<Item = K>) {
    let puts = futures::stream::iter(keys);
    let puts = puts.map(async |key| put(backend, key.as_ref(), &Bytes::from_static(b"x")).await);
    puts.buffer_unordered(16).collect::<Vec<()>>().await;
}

/// Nothing there, nothing listed, and no error.
pub async fn an_empty_backend_lists_nothing(backend: &dyn Backend) {
    for prefix in ["", "artifacts/", "artifacts/2026/11/"] {
        assert!(list(backend, prefix, None).await.is_empty(), "{prefix:?}");
        assert!(list(backend, prefix, Some(KEY)).await.is_empty());
    }
}

/// Keys that are not in byte order by folder: `.` sorts before `/`, upper case before lower.
const TRICKY: [&str; 9] = [
    "artifacts/2026/11/23/17/a.gz",
    "artifacts/2026/11/23/17/a.tar.gz",
    "artifacts/2026/11/23/17/a.tar.zst",
    "artifacts/2026/11/23/17/a/b.zst",
    "artifacts/2026/11/23/17/b.zst",
    "artifacts/2026/11/23/170/a.zst",
    "artifacts/2026/11/24/00/a.zst",
    "artifacts/9999/12/31/23/a.zst",
    "events/2026/11/23/17/a.json",
];

/// Keys come in byte order, whatever the order in which they were put.
pub async fn listings_are_in_byte_order(backend: &dyn Backend) {
    for key in TRICKY.iter().rev() {
        put(backend, key, &content(3, 1)).await;
    }
    assert!(TRICKY.is_sorted());
    assert_eq!(list(backend, "", None).await, TRICKY);
}

/// `after` is a lower bound, there or not, above or below the folders that exist.
pub async fn listings_begin_after_a_key(backend: &dyn Backend) {
    fill(backend, TRICKY).await;
    let between = "artifacts/2026/11/23/17/a.tar.h";
    let lower = "artifacts/2026/11/23/18/0";
    for after in TRICKY
        .into_iter()
        .chain(["a", between, lower, "artifacts/2027", "zzz"])
    {
        let expected: Vec<_> = TRICKY.into_iter().filter(|key| *key > after).collect();
        assert_eq!(list(backend, "", Some(after)).await, expected, "{after}");
        let expected: Vec<_> = expected
            .into_iter()
            .filter(|key| key.starts_with("artifacts/"))
            .collect();
        let listed = list(backend, "artifacts/", Some(after)).await;
        assert_eq!(listed, expected, "artifacts/ after {after}");
    }
}

/// Only keys that start with the prefix.
pub async fn listings_stay_below_their_prefix(backend: &dyn Backend) {
    fill(backend, TRICKY).await;
    for prefix in [
        "artifacts/",
        "events/",
        "snapshots/",
        "artifacts/2026/11/23/17/",
        "artifacts/2026/11/23/17/a/",
        "artifacts/2026/11/23/1/",
    ] {
        let below = |key: &&str| key.starts_with(prefix);
        let expected: Vec<_> = TRICKY.into_iter().filter(below).collect();
        assert_eq!(list(backend, prefix, None).await, expected, "{prefix}");
    }
}

/// More keys than any service lists at once.
pub async fn two_thousand_five_hundred_keys_are_listed(backend: &dyn Backend) {
    let key = |n: usize| format!("artifacts/2026/11/{:02}/17/{n:08}.zst", 1 + n / 1200);
    let keys: Vec<String> = (0..2500).map(key).collect();
    fill(backend, &keys).await;
    assert!(list(backend, "artifacts/", None).await == keys);
    assert!(list(backend, "artifacts/", Some(&keys[1233])).await == keys[1234..]);
    // A listing that is given up half-way is no trouble for the next one.
    let some = backend.list("artifacts/", None).take(3);
    assert_eq!(ok("list", some.try_collect::<Vec<_>>().await), keys[..3]);
    assert_eq!(
        list(backend, "artifacts/", Some(&keys[2498])).await.len(),
        1
    );
}

/// What is deleted is gone; the others stay. Without the capability: *unsupported*.
pub async fn deleted_objects_are_gone(backend: &dyn Backend) {
    let content = content(100, 1);
    put(backend, KEY, &content).await;
    put(backend, OTHER_KEY, &content).await;
    let deleted = backend.delete(&[KEY.to_owned()]).await;
    if !backend.capabilities().delete {
        refused("delete", ErrorKind::Unsupported, deleted);
        holds(backend, KEY, &content).await;
        return;
    }
    ok("delete", deleted);
    let missing = try_read(backend, KEY, ReadRange::All).await;
    refused("read of what is deleted", ErrorKind::NotFound, missing);
    holds(backend, OTHER_KEY, &content).await;
    assert_eq!(list(backend, "", None).await, [OTHER_KEY]);
    // The key is free again.
    put(backend, KEY, &content).await;
    holds(backend, KEY, &content).await;
}

/// A key that is not there is no error, and does not keep others from being deleted.
pub async fn deleting_what_is_missing_is_no_error(backend: &dyn Backend) {
    if !backend.capabilities().delete {
        let deleted = backend.delete(&[OTHER_KEY.to_owned()]).await;
        return refused("delete", ErrorKind::Unsupported, deleted);
    }
    put(backend, KEY, &content(100, 1)).await;
    ok("delete of nothing", backend.delete(&[]).await);
    for keys in [
        vec![OTHER_KEY],
        vec![OTHER_KEY, KEY, "events/none"],
        vec![KEY],
    ] {
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        ok("delete of what is missing", backend.delete(&keys).await);
    }
    assert!(list(backend, "", None).await.is_empty());
}

/// More keys than any service deletes at once.
pub async fn a_thousand_objects_are_deleted_at_once(backend: &dyn Backend) {
    let keys: Vec<String> = (0..1100)
        .map(|n| format!("artifacts/2026/11/23/17/{n:04}.zst"))
        .collect();
    fill(backend, &keys).await;
    let deleted = backend.delete(&keys[..1050]).await;
    if !backend.capabilities().delete {
        return refused("delete", ErrorKind::Unsupported, deleted);
    }
    ok("delete", deleted);
    assert!(list(backend, "", None).await == keys[1050..]);
}

/// Every kind of key that a store has, at the ends of time.
pub async fn every_key_of_the_layout_is_possible(backend: &dyn Backend) {
    let mut keys = vec!["qestore.json".to_owned()];
    let ids = [
        ("1970/01/01/00", "00000000-0000-7000-8000-000000000000"),
        ("2026/11/23/17", "0199b5a4-7c00-7abc-8def-0123456789ab"),
        ("9999/12/31/23", "e677d21f-dbff-7fff-bfff-ffffffffffff"),
    ];
    for (hour, id) in ids {
        for ending in ["zst", "tar.zst", "gz", "tar.gz"] {
            keys.push(format!("artifacts/{hour}/{id}.{ending}"));
        }
        keys.push(format!("events/{hour}/{id}.json"));
        keys.push(format!("snapshots/{id}.sqlite.zst"));
    }
    for key in &keys {
        put(backend, key, &Bytes::from(key.clone())).await;
    }
    for key in &keys {
        holds(backend, key, key.as_bytes()).await;
    }
    keys.sort();
    assert_eq!(list(backend, "", None).await, keys);
}
