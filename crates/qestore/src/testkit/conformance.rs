//! What every backend must do, case by case. [`backend_conformance!`](crate::backend_conformance)
//! makes one test of each; a case whose capability is not declared checks the refusal instead.

mod listing;
mod reading;
mod writing;

pub use listing::*;
pub use reading::*;
pub use writing::*;

use std::error::Error as _;
use std::fmt::Write as _;
use std::ops::Range;

use bytes::Bytes;
use futures::TryStreamExt as _;

use crate::backend::{Backend, PutMode, ReadRange};
use crate::{Error, ErrorKind, Result};

/// Makes a module `$name` with one `#[tokio::test]` per case of the conformance suite.
///
/// `$make` is a future that gives an empty backend and something to keep until the test is over; it
/// runs anew for each case. The crate that calls this needs `tokio` with `macros` and
/// `rt-multi-thread`.
#[macro_export]
macro_rules! backend_conformance {
    ($name:ident, $make:expr) => {
        $crate::__conformance_cases! { $name, $make,
            an_object_comes_back
            parts_are_put_together
            an_empty_object_comes_back
            a_put_replaces
            create_refuses_what_is_there
            one_of_several_creators_wins
            puts_at_once_leave_one_of_them_whole
            an_upload_of_many_writes_comes_back
            an_upload_may_be_empty
            an_upload_replaces
            an_upload_is_invisible_until_finished
            an_upload_finishes_under_another_key
            an_aborted_upload_leaves_nothing
            a_dropped_upload_leaves_nothing
            uploads_at_once_do_not_mix
            objects_over_the_largest_are_refused
            missing_objects_are_not_found
            ranges_come_back
            ranges_past_the_end_give_no_other_bytes
            the_last_bytes_come_back
            readers_see_one_object_during_overwrites
            readers_in_the_middle_are_not_mixed_up
            an_empty_backend_lists_nothing
            listings_are_in_byte_order
            listings_begin_after_a_key
            listings_stay_below_their_prefix
            two_thousand_five_hundred_keys_are_listed
            deleted_objects_are_gone
            deleting_what_is_missing_is_no_error
            a_thousand_objects_are_deleted_at_once
            every_key_of_the_layout_is_possible
        }
    };
}

/// Part of [`backend_conformance!`](crate::backend_conformance).
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ($name:ident, $make:expr, $($case:ident)+) => {
        mod $name {
            #[allow(unused_imports, reason = "what the maker needs is up to the caller")]
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let (backend, _kept) = $make.await;
                    $crate::testkit::conformance::$case(&backend).await;
                }
            )+
        }
    };
}

/// A key as stores have them.
const KEY: &str = "artifacts/2026/11/23/17/0199b5a4-7c00-7abc-8def-0123456789ab.zst";
const OTHER_KEY: &str = "artifacts/2026/11/23/18/0199b5db-6a80-7abc-8def-0123456789ab.zst";

/// Panics with everything an error has to say.
#[track_caller]
fn ok<T>(what: &str, result: Result<T>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("{what}: {}", shown(&error)),
    }
}

/// Panics unless the call failed with this kind.
#[track_caller]
fn refused<T>(what: &str, kind: ErrorKind, result: Result<T>) {
    match result {
        Ok(_) => panic!("{what}: it went well instead of failing with kind {kind}"),
        Err(error) => assert_eq!(error.kind(), kind, "{what}: {}", shown(&error)),
    }
}

fn shown(error: &Error) -> String {
    let mut text = format!("{error} (kind {})", error.kind());
    let mut cause = error.source();
    while let Some(current) = cause {
        let _ = write!(text, ": {current}");
        cause = current.source();
    }
    text
}

async fn put(backend: &dyn Backend, key: &str, content: &Bytes) {
    let parts = vec![content.clone()];
    let put = backend.put(key, parts, PutMode::Overwrite).await;
    ok(&format!("put {key}"), put);
}

/// The size that a read tells, and all bytes it gives.
async fn try_read(backend: &dyn Backend, key: &str, range: ReadRange) -> Result<(u64, Vec<u8>)> {
    let reading = backend.read(key, range).await?;
    let parts: Vec<Bytes> = reading.bytes.try_collect().await?;
    Ok((reading.object_size, parts.concat()))
}

async fn read(backend: &dyn Backend, key: &str, range: ReadRange) -> (u64, Vec<u8>) {
    let what = format!("read {range:?} of {key}");
    ok(&what, try_read(backend, key, range).await)
}

async fn holds(backend: &dyn Backend, key: &str, content: &[u8]) {
    let (size, bytes) = read(backend, key, ReadRange::All).await;
    assert_eq!(size, content.len() as u64, "the told size of {key}");
    assert!(bytes == content, "{key} has other bytes than were put");
}

fn part(range: &Range<u64>) -> Range<usize> {
    range.start as usize..range.end as usize
}

async fn list(backend: &dyn Backend, prefix: &str, after: Option<&str>) -> Vec<String> {
    let keys: Result<Vec<String>> = backend.list(prefix, after).try_collect().await;
    ok(&format!("list {prefix:?} after {after:?}"), keys)
}
