//! Cases about reading: the bytes that were asked for, of one object, or an error of a kind.

use bytes::Bytes;
use futures::TryStreamExt as _;

use super::super::random::content;
use super::{KEY, OTHER_KEY, ok, part, put, read, refused, try_read};
use crate::ErrorKind;
use crate::backend::{Backend, ReadRange};

/// What is not there is an error of kind *not-found*, whatever part of it is asked for.
pub async fn missing_objects_are_not_found(backend: &dyn Backend) {
    put(backend, KEY, &content(10, 1)).await;
    // Of another name; below an object; a folder of objects; under nothing at all.
    let below = format!("{KEY}/x");
    for key in [OTHER_KEY, below.as_str(), "artifacts/2026", "nothing"] {
        for range in [ReadRange::All, ReadRange::Bytes(0..1), ReadRange::Last(10)] {
            let what = format!("read {range:?} of the missing {key}");
            refused(
                &what,
                ErrorKind::NotFound,
                try_read(backend, key, range).await,
            );
        }
    }
}

/// Some bytes in the middle, and the size of the whole. Without the capability: *unsupported*.
pub async fn ranges_come_back(backend: &dyn Backend) {
    let len = 10 << 20;
    let content = content(len as usize, 2);
    put(backend, KEY, &content).await;
    for range in [0..1, 0..len, 1..2, 4095..4097, len / 2..len, len - 1..len] {
        let asked = ReadRange::Bytes(range.clone());
        if !backend.capabilities().ranged_reads {
            let read = try_read(backend, KEY, asked).await;
            refused("a ranged read", ErrorKind::Unsupported, read);
            continue;
        }
        let (size, bytes) = read(backend, KEY, asked).await;
        assert_eq!(size, len, "the told size with {range:?}");
        assert!(bytes == content[part(&range)], "other bytes for {range:?}");
    }
}

/// A range that is not inside the object gives an error or what there is of it.
pub async fn ranges_past_the_end_give_no_other_bytes(backend: &dyn Backend) {
    let content = content(1000, 3);
    put(backend, KEY, &content).await;
    for range in [999..1001, 500..5000, 1000..1001, 5000..6000] {
        if let Ok((size, bytes)) = try_read(backend, KEY, ReadRange::Bytes(range.clone())).await {
            assert_eq!(size, 1000, "the told size with {range:?}");
            let there = part(&(range.start.min(1000)..range.end.min(1000)));
            assert!(bytes == content[there], "made-up bytes for {range:?}");
        }
    }
}

/// The end of an object, or all of a shorter one. Without the capability: *unsupported*.
pub async fn the_last_bytes_come_back(backend: &dyn Backend) {
    for len in [0, 1, 1000, 100_000] {
        let content = content(len, 4);
        put(backend, KEY, &content).await;
        for last in [1, 999, 1000, 16 << 10, 1 << 40] {
            let asked = ReadRange::Last(last);
            if !backend.capabilities().ranged_reads {
                let read = try_read(backend, KEY, asked).await;
                refused("a ranged read", ErrorKind::Unsupported, read);
                continue;
            }
            let (size, bytes) = read(backend, KEY, asked).await;
            assert_eq!(size, len as u64, "the told size of {len} with {last}");
            let from = len.saturating_sub(last as usize);
            assert!(bytes == content[from..], "other bytes for {last} of {len}");
        }
    }
}

/// While an object is replaced again and again, each reader gets one version, whole.
pub async fn readers_see_one_object_during_overwrites(backend: &dyn Backend) {
    let version = |n: u64| content(200_000 + n as usize, n);
    put(backend, KEY, &version(0)).await;
    let writer = async {
        for n in 1..40 {
            put(backend, KEY, &version(n)).await;
        }
    };
    let reader = async || {
        for _ in 0..40 {
            let (size, bytes) = read(backend, KEY, ReadRange::All).await;
            let told = size.checked_sub(200_000).filter(|&n| n < 40);
            let whole = told.is_some_and(|n| bytes == version(n));
            assert!(whole, "{} bytes of no version, told {size}", bytes.len());
        }
    };
    futures::join!(writer, reader(), reader());
}

/// A body that is half read when its object is replaced goes on as it began, or ends with an error.
pub async fn readers_in_the_middle_are_not_mixed_up(backend: &dyn Backend) {
    let (first, second) = (content(30 << 20, 5), content(30 << 20, 6));
    put(backend, KEY, &first).await;
    let mut reading = ok("read", backend.read(KEY, ReadRange::All).await);
    let mut bytes = Vec::new();
    let begun: Option<Bytes> = ok("the first part", reading.bytes.try_next().await);
    bytes.extend_from_slice(&begun.unwrap_or_default());
    put(backend, KEY, &second).await;
    let rest: Result<Vec<Bytes>, _> = reading.bytes.try_collect().await;
    if let Ok(rest) = rest {
        bytes.extend_from_slice(&rest.concat());
        assert!(bytes == first, "the reader got bytes of two objects");
    }
}
