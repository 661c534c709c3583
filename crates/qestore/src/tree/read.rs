//! Walks a tar stream chunk by chunk beside its member table, and refuses it where they differ.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::tar_header::{BLOCK, padding, write_header};
use super::{Member, MemberKind};
use crate::{Error, Result};

/// What a reader of a tree does with the members as they come, in stream order.
pub(crate) trait TreeSink {
    /// A member begins.
    fn begin(&mut self, member: &Member) -> Result<()>;
    /// The next bytes of the file that began last.
    fn data(&mut self, bytes: &[u8]) -> Result<()>;
    /// The member that began last is whole and its checksum is right.
    fn end(&mut self, member: &Member) -> Result<()>;
}

/// A sink that keeps nothing: reading into it verifies a tree.
#[derive(Debug)]
pub(crate) struct Nowhere;

impl TreeSink for Nowhere {
    fn begin(&mut self, _: &Member) -> Result<()> {
        Ok(())
    }
    fn data(&mut self, _: &[u8]) -> Result<()> {
        Ok(())
    }
    fn end(&mut self, _: &Member) -> Result<()> {
        Ok(())
    }
}

enum State {
    /// Comparing header blocks with the ones that the member must have, from this byte on.
    Header {
        at: usize,
    },
    Content {
        left: u64,
    },
    Padding {
        left: u64,
    },
    /// After the last member: nothing but zeros.
    Trailer,
}

/// Reads a tree's tar stream, fed in order.
pub(crate) struct TreeReader<S> {
    members: Arc<[Member]>,
    current: usize,
    state: State,
    header: Vec<u8>,
    position: u64,
    hash: Sha256,
    trailer: u64,
    pub(crate) sink: S,
}

/// A reader that only verifies.
pub(crate) type TreeCheck = TreeReader<Nowhere>;

impl TreeCheck {
    pub(crate) fn new(members: Arc<[Member]>) -> Self {
        Self::into_sink(members, Nowhere)
    }
}

impl<S: TreeSink> TreeReader<S> {
    pub(crate) fn into_sink(members: Arc<[Member]>, sink: S) -> Self {
        let mut reader = Self {
            members,
            current: 0,
            state: State::Trailer,
            header: Vec::new(),
            position: 0,
            hash: Sha256::new(),
            trailer: 0,
            sink,
        };
        reader.expect_header();
        reader
    }

    fn expect_header(&mut self) {
        self.state = match self.members.get(self.current) {
            Some(member) => {
                self.header = write_header(member);
                State::Header { at: 0 }
            }
            None => State::Trailer,
        };
    }

    /// Takes the next bytes of the stream.
    pub(crate) fn feed(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let taken = match self.state {
                State::Header { at } => {
                    let taken = (self.header.len() - at).min(bytes.len());
                    if bytes[..taken] != self.header[at..at + taken] {
                        return Err(self.another_header());
                    }
                    self.position += taken as u64;
                    self.state = State::Header { at: at + taken };
                    if at + taken == self.header.len() {
                        self.header_is_there()?;
                    }
                    taken
                }
                State::Content { left } => {
                    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
                    self.hash.update(&bytes[..taken]);
                    self.sink.data(&bytes[..taken])?;
                    self.position += taken as u64;
                    self.state = State::Content {
                        left: left - taken as u64,
                    };
                    if left == taken as u64 {
                        self.content_is_there()?;
                    }
                    taken
                }
                State::Padding { left } => {
                    let taken = (left as usize).min(bytes.len());
                    self.only_zeros(&bytes[..taken])?;
                    self.state = State::Padding {
                        left: left - taken as u64,
                    };
                    if left == taken as u64 {
                        self.member_is_done()?;
                    }
                    taken
                }
                State::Trailer => {
                    self.only_zeros(bytes)?;
                    self.trailer += bytes.len() as u64;
                    bytes.len()
                }
            };
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    /// Checks that the stream ended where the table says.
    pub(crate) fn finish(self) -> Result<S> {
        if matches!(self.state, State::Trailer) && self.trailer >= 2 * BLOCK as u64 {
            return Ok(self.sink);
        }
        Err(Error::corrupt("the tar stream ends before its last member"))
    }

    fn only_zeros(&mut self, bytes: &[u8]) -> Result<()> {
        self.position += bytes.len() as u64;
        if bytes.iter().all(|&b| b == 0) {
            return Ok(());
        }
        Err(Error::corrupt(
            "the tar stream has entries or bytes that its member table lacks",
        ))
    }

    fn another_header(&self) -> Error {
        let path = self.members.get(self.current).map(|m| m.path.as_str());
        Error::corrupt(format!(
            "the tar stream has another entry than the member table where {:?} should be",
            path.unwrap_or_default()
        ))
    }

    fn header_is_there(&mut self) -> Result<()> {
        let members = Arc::clone(&self.members);
        let member = &members[self.current];
        if member.kind == MemberKind::File && member.offset != self.position {
            return Err(self.another_header());
        }
        self.sink.begin(member)?;
        self.state = State::Content { left: member.size };
        if member.size == 0 {
            self.content_is_there()?;
        }
        Ok(())
    }

    fn content_is_there(&mut self) -> Result<()> {
        let members = Arc::clone(&self.members);
        let member = &members[self.current];
        let hash = std::mem::take(&mut self.hash);
        if let Some(expected) = &member.sha256
            && <[u8; 32]>::from(hash.finalize()) != *expected.as_bytes()
        {
            return Err(Error::corrupt(format!(
                "the SHA-256 of {:?} is wrong",
                member.path
            )));
        }
        self.sink.end(member)?;
        self.state = State::Padding {
            left: padding(member.size),
        };
        if padding(member.size) == 0 {
            self.member_is_done()?;
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "reads as the other transitions")]
    fn member_is_done(&mut self) -> Result<()> {
        self.current += 1;
        self.expect_header();
        Ok(())
    }
}
