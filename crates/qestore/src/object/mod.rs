//! The stored object: one immutable run of bytes that holds an artifact's content and, at its
//! end, everything known about it. `docs/FORMAT.md` specifies it; this module is pure (bytes in,
//! bytes out) and knows neither storage nor time.
//!
//! ```text
//! writing   chunk → encode_frame → frame …           Assembly::finish → tail
//! reading   parse_tail(last bytes) → ObjectMap → decode_frame(frame) → chunk
//! ```

mod assembly;
mod codec;
mod compress;
mod decompress;
mod frame;
mod gzip;
mod header;
mod raw_frame;
mod section;
mod tail;
mod whole;
mod zstd_container;

pub(crate) use assembly::Assembly;
pub use codec::Codec;
pub(crate) use compress::{EncodedFrame, encode_frame};
pub(crate) use decompress::decode_frame;
pub(crate) use frame::PlacedFrame;
pub(crate) use header::{FORMAT_VERSION, Header, WRITER};
pub(crate) use tail::{ObjectMap, TailOutcome, parse_members, parse_tail};
pub(crate) use whole::verify_digest;
pub use whole::{WholeObject, read_whole};

/// How much content one frame holds, in bytes. Measured: at 4 MiB, frames that can be read alone
/// cost 0.3 % in size at zstd level 3; at 1 MiB they would cost 3.8 %.
pub const FRAME_CONTENT: usize = 4 << 20;

/// Which standard format the frames of an object are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    /// Zstandard frames, skippable frames and a seek table.
    Zstd,
    /// Gzip members.
    Gzip,
}

/// XXH64 with seed 0, the checksum that the zstd format uses as well.
pub(crate) fn xxh64(bytes: &[u8]) -> u64 {
    twox_hash::XxHash64::oneshot(0, bytes)
}
