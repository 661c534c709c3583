//! Numbers that look random and are the same for the same seed.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// SplitMix64: small, seedable, good enough to choose faults and fill objects.
#[derive(Debug)]
pub(super) struct Random(AtomicU64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(super) fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Whether something of this probability happens now.
    #[expect(clippy::cast_precision_loss, reason = "a probability")]
    pub(super) fn happens(&self, probability: f64) -> bool {
        (self.next() as f64) < probability * (u64::MAX as f64)
    }
}

/// Bytes that do not repeat, the same for the same seed.
pub(super) fn content(len: usize, seed: u64) -> Bytes {
    let random = Random::new(seed);
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        bytes.extend_from_slice(&random.next().to_le_bytes());
    }
    bytes.truncate(len);
    Bytes::from(bytes)
}
