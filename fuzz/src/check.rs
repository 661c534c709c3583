//! What holds for every object, however it was made.

use std::io::Read as _;

use qestore::object::read_whole;
use qestore::{ErrorKind, Sha256Digest};

/// The most content that a target takes out of an object.
const MOST_CONTENT: u64 = 64 << 20;

/// Reads `bytes`. An object that is accepted has the content that its metadata and the standard
/// tools say; one that is not is refused with a kind that a caller can act on.
pub fn read(bytes: &[u8]) {
    match read_whole(bytes, MOST_CONTENT) {
        Ok(object) => {
            assert_eq!(object.metadata.size_bytes, object.content.len() as u64);
            assert_eq!(object.metadata.checksum, Sha256Digest::of(&object.content));
            assert_eq!(
                object.metadata.members,
                object.members.map(|m| m.len() as u64)
            );
            assert!(
                standard_read(bytes) == object.content,
                "a standard tool reads other content"
            );
        }
        Err(error) => assert!(
            matches!(
                error.kind(),
                ErrorKind::Corrupt | ErrorKind::Unsupported | ErrorKind::TooLarge
            ),
            "{error:?}"
        ),
    }
}

/// What `zstd -d` or `gzip -d` make of it.
fn standard_read(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut content)
    } else {
        zstd::stream::read::Decoder::new(bytes)
            .and_then(|mut decoder| decoder.read_to_end(&mut content))
    }
    .expect("a standard tool reads every object");
    content
}
