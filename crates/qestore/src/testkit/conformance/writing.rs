//! Cases about writing: whole or not at all, under the key that was said last.

use bytes::Bytes;

use super::super::random::content;
use super::{KEY, OTHER_KEY, holds, list, ok, put, read, refused, try_read};
use crate::ErrorKind;
use crate::backend::{Backend, PutMode, ReadRange, Upload};

/// An object comes back as it was put.
pub async fn an_object_comes_back(backend: &dyn Backend) {
    for (len, seed) in [(1, 1), (1000, 2), (70_000, 3), (9 << 20, 4)] {
        let content = content(len, seed);
        let key = format!("artifacts/2026/11/23/17/{len}.zst");
        put(backend, &key, &content).await;
        holds(backend, &key, &content).await;
    }
    assert!(!backend.describe().is_empty(), "it has no description");
}

/// The parts of a put are one object.
pub async fn parts_are_put_together(backend: &dyn Backend) {
    let content = content(10_000, 5);
    let parts = vec![
        content.slice(..1),
        Bytes::new(),
        content.slice(1..9000),
        content.slice(9000..),
    ];
    ok("put", backend.put(KEY, parts, PutMode::Overwrite).await);
    holds(backend, KEY, &content).await;
}

/// An object without bytes is an object.
pub async fn an_empty_object_comes_back(backend: &dyn Backend) {
    ok(
        "put of no parts",
        backend.put(KEY, Vec::new(), PutMode::Overwrite).await,
    );
    put(backend, OTHER_KEY, &Bytes::new()).await;
    holds(backend, KEY, b"").await;
    holds(backend, OTHER_KEY, b"").await;
    assert_eq!(list(backend, "artifacts/", None).await, [KEY, OTHER_KEY]);
}

/// A second put takes the first one's place, also when it is shorter.
pub async fn a_put_replaces(backend: &dyn Backend) {
    for len in [1000, 70_000, 10] {
        let content = content(len, len as u64);
        put(backend, KEY, &content).await;
        holds(backend, KEY, &content).await;
    }
    assert_eq!(list(backend, "", None).await, [KEY]);
}

/// `Create` leaves what is there alone.
pub async fn create_refuses_what_is_there(backend: &dyn Backend) {
    let (first, second) = (content(100, 1), content(100, 2));
    let create = |content: &Bytes| backend.put(KEY, vec![content.clone()], PutMode::Create);
    ok("the first create", create(&first).await);
    refused(
        "the second",
        ErrorKind::AlreadyExists,
        create(&second).await,
    );
    holds(backend, KEY, &first).await;
}

/// Of creators at the same moment one wins, where that is declared; without, one of them is there.
pub async fn one_of_several_creators_wins(backend: &dyn Backend) {
    for round in 0..10 {
        let key = format!("events/2026/11/23/17/{round}.json");
        let contents: Vec<Bytes> = (0..8).map(|n| content(1000 + n, n as u64)).collect();
        let create = |content: &Bytes| backend.put(&key, vec![content.clone()], PutMode::Create);
        let outcomes = futures::future::join_all(contents.iter().map(create)).await;
        let winners: Vec<usize> = (0..8).filter(|&n| outcomes[n].is_ok()).collect();
        for outcome in outcomes.into_iter().filter(Result::is_err) {
            refused("a create that lost", ErrorKind::AlreadyExists, outcome);
        }
        let (_, there) = read(backend, &key, ReadRange::All).await;
        assert!(
            winners.iter().any(|&winner| contents[winner] == there),
            "what is there is of none of the winners {winners:?}"
        );
        assert!(
            winners.len() == 1 || !backend.capabilities().create_only,
            "{} creators were told that they made {key}",
            winners.len()
        );
    }
}

/// Puts of one key at once: one of them is there, whole.
pub async fn puts_at_once_leave_one_of_them_whole(backend: &dyn Backend) {
    for round in 0..10 {
        let key = format!("artifacts/2026/11/23/17/{round}.zst");
        let contents: Vec<Bytes> = (0..8).map(|n| content(50_000 + n, n as u64)).collect();
        let puts = contents.iter().map(|content| put(backend, &key, content));
        futures::future::join_all(puts).await;
        let (_, there) = read(backend, &key, ReadRange::All).await;
        assert!(
            contents.iter().any(|content| *content == there),
            "{key} is none of the objects that were put"
        );
    }
}

async fn start(backend: &dyn Backend, key: &str) -> Box<dyn Upload> {
    ok("start an upload", backend.upload(key).await)
}

async fn write_all(upload: &mut Box<dyn Upload>, content: &Bytes, most: usize) {
    let mut rest = content.clone();
    while !rest.is_empty() {
        let part = rest.split_to(most.min(rest.len()));
        ok("write", upload.write(part).await);
    }
}

/// Many writes, of unequal sizes, are one object.
pub async fn an_upload_of_many_writes_comes_back(backend: &dyn Backend) {
    let largest = backend.capabilities().largest_object.unwrap_or(u64::MAX);
    let len = usize::try_from(largest).unwrap_or(usize::MAX).min(40 << 20);
    let content = content(len, 6);
    let mut upload = start(backend, KEY).await;
    let (head, rest) = (content.slice(..len / 2), content.slice(len / 2..));
    write_all(&mut upload, &head.slice(..1), 1).await;
    write_all(&mut upload, &head.slice(1..), 5_000_001).await;
    // As long as the frames of a store can be, and as short.
    for part in [
        rest.slice(..7),
        Bytes::new(),
        rest.slice(7..8),
        rest.slice(8..),
    ] {
        ok("write", upload.write(part).await);
    }
    ok("finish", upload.finish(KEY).await);
    holds(backend, KEY, &content).await;
}

/// An upload without any write is an empty object.
pub async fn an_upload_may_be_empty(backend: &dyn Backend) {
    let upload = start(backend, KEY).await;
    ok("finish", upload.finish(KEY).await);
    holds(backend, KEY, b"").await;
}

/// An upload takes the place of what is under its key.
pub async fn an_upload_replaces(backend: &dyn Backend) {
    let (first, second) = (content(90_000, 1), content(70_000, 2));
    put(backend, KEY, &first).await;
    let mut upload = start(backend, KEY).await;
    write_all(&mut upload, &second, 30_000).await;
    holds(backend, KEY, &first).await;
    ok("finish", upload.finish(KEY).await);
    holds(backend, KEY, &second).await;
}

/// Neither read nor listing shows an upload before it is finished.
pub async fn an_upload_is_invisible_until_finished(backend: &dyn Backend) {
    let content = content(6 << 20, 7);
    let mut upload = start(backend, KEY).await;
    write_all(&mut upload, &content, 1 << 20).await;
    nothing_there(backend, KEY).await;
    ok("finish", upload.finish(KEY).await);
    assert_eq!(list(backend, "", None).await, [KEY]);
}

/// What finish says is the key, and nothing stays under the provisional one.
pub async fn an_upload_finishes_under_another_key(backend: &dyn Backend) {
    let content = content(6 << 20, 8);
    let mut upload = start(backend, KEY).await;
    write_all(&mut upload, &content, 1 << 20).await;
    ok("finish", upload.finish(OTHER_KEY).await);
    holds(backend, OTHER_KEY, &content).await;
    let missing = try_read(backend, KEY, ReadRange::All).await;
    refused("the provisional key", ErrorKind::NotFound, missing);
    assert_eq!(list(backend, "artifacts/", None).await, [OTHER_KEY]);
}

/// Giving up leaves no object.
pub async fn an_aborted_upload_leaves_nothing(backend: &dyn Backend) {
    let mut upload = start(backend, KEY).await;
    write_all(&mut upload, &content(6 << 20, 9), 1 << 20).await;
    ok("abort", upload.abort().await);
    ok("abort of nothing", start(backend, KEY).await.abort().await);
    nothing_there(backend, KEY).await;
}

/// Nor does an upload that is forgotten.
pub async fn a_dropped_upload_leaves_nothing(backend: &dyn Backend) {
    let mut upload = start(backend, KEY).await;
    write_all(&mut upload, &content(6 << 20, 10), 1 << 20).await;
    drop(upload);
    nothing_there(backend, KEY).await;
    // And its key can still be used.
    let other = content(100, 11);
    put(backend, KEY, &other).await;
    holds(backend, KEY, &other).await;
}

/// Uploads under way at the same time stay apart.
pub async fn uploads_at_once_do_not_mix(backend: &dyn Backend) {
    let contents: Vec<Bytes> = (0..6).map(|n| content(3_000_000 + n, n as u64)).collect();
    let key = |n: usize| format!("artifacts/2026/11/23/17/{n}.tar.zst");
    let uploads = contents.iter().enumerate().map(async |(n, content)| {
        // The same provisional key for all, as for stores within one millisecond.
        let mut upload = start(backend, &key(n)).await;
        write_all(&mut upload, content, 700_000).await;
        ok("finish", upload.finish(&key(n)).await);
    });
    futures::future::join_all(uploads).await;
    for (n, content) in contents.iter().enumerate() {
        holds(backend, &key(n), content).await;
    }
}

/// More than the declared largest object is refused as too large; what is declared fits.
pub async fn objects_over_the_largest_are_refused(backend: &dyn Backend) {
    // What cannot be tried in memory is taken on trust.
    let limit = backend.capabilities().largest_object;
    let tried = limit.map_or(1 << 20, |limit| limit.min(64 << 20)) as usize;
    put(backend, KEY, &content(tried, 12)).await;
    if let Some(limit) = limit.filter(|&limit| limit <= 64 << 20) {
        let over = vec![content(limit as usize + 1, 13)];
        let refusal = backend.put(OTHER_KEY, over, PutMode::Overwrite).await;
        refused("put of one byte too many", ErrorKind::TooLarge, refusal);
        nothing_there(backend, OTHER_KEY).await;
    }
}

async fn nothing_there(backend: &dyn Backend, key: &str) {
    let missing = try_read(backend, key, ReadRange::All).await;
    refused(
        "read of what was never finished",
        ErrorKind::NotFound,
        missing,
    );
    let keys = list(backend, "artifacts/", None).await;
    assert!(!keys.iter().any(|listed| listed == key), "{key} is listed");
}
