//! What callers want on top of a backend: whole ranges in one buffer.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt as _;

use super::{Backend, ReadRange};
use crate::{Error, Result};

/// Convenience over any [`Backend`]; not to be implemented by hand.
#[async_trait]
pub trait BackendExt: Backend {
    /// Reads a range into one buffer: the object's size and the bytes.
    ///
    /// # Errors
    /// As [`Backend::read`]; kind *unavailable* when fewer bytes came than were asked for.
    async fn read_bytes(&self, key: &str, range: ReadRange) -> Result<(u64, Bytes)> {
        let expected = match &range {
            ReadRange::All => None,
            ReadRange::Bytes(range) => Some(range.end - range.start),
            ReadRange::Last(most) => Some(*most),
        };
        let mut reading = self.read(key, range).await?;
        let expected = expected
            .unwrap_or(reading.object_size)
            .min(reading.object_size);
        let Some(first) = reading.bytes.try_next().await? else {
            return short_or(reading.object_size, Bytes::new(), expected, key);
        };
        if first.len() as u64 == expected {
            return Ok((reading.object_size, first));
        }
        let mut buffer = BytesMut::from(first);
        while let Some(more) = reading.bytes.try_next().await? {
            buffer.extend_from_slice(&more);
            if buffer.len() as u64 > expected {
                break;
            }
        }
        short_or(reading.object_size, buffer.freeze(), expected, key)
    }
}

fn short_or(object_size: u64, bytes: Bytes, expected: u64, key: &str) -> Result<(u64, Bytes)> {
    if bytes.len() as u64 == expected {
        return Ok((object_size, bytes));
    }
    let kind = crate::ErrorKind::Unavailable;
    Err(Error::new(
        kind,
        format!("{} bytes came instead of {expected}", bytes.len()),
    )
    .concerning(key))
}

impl<B: Backend + ?Sized> BackendExt for B {}
