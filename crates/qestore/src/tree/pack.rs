//! Packs walked entries into a tar stream, cut into chunks, hashing each file on the way.

use std::fs::File;
use std::io::Read as _;

use sha2::{Digest as _, Sha256};

use super::tar_header::{BLOCK, padding, write_header};
use super::walk::{Found, shown};
use super::{Member, MemberKind};
use crate::artifact::Sha256Digest;
use crate::{Error, ErrorKind, Result};

/// What packing leaves behind once all chunks are out.
#[derive(Debug)]
pub(crate) struct PackedTree {
    pub(crate) members: Vec<Member>,
}

/// Packs `found`, handing out chunks of `chunk_bytes` (the last one shorter) in order.
pub(crate) fn pack_tree(
    found: Vec<Found>,
    chunk_bytes: usize,
    emit: impl FnMut(Vec<u8>) -> Result<()>,
) -> Result<PackedTree> {
    let mut stream = Chunked {
        chunk: Vec::new(),
        chunk_bytes,
        position: 0,
        emit,
    };
    let mut members = Vec::with_capacity(found.len());
    for Found { mut member, source } in found {
        if member.kind == MemberKind::File {
            let named = |e: Error| e.concerning(shown(&source));
            let file = File::open(&source)
                .map_err(|e| named(Error::io("the file cannot be opened", e)))?;
            // The size at the time of the walk may be old: the header must tell what follows.
            let metadata = file
                .metadata()
                .map_err(|e| named(Error::io("the file cannot be read", e)))?;
            member.size = metadata.len();
            stream.write(&write_header(&member))?;
            member.offset = stream.position;
            member.sha256 = Some(stream.copy_file(file, member.size).map_err(named)?);
            stream.zeros(padding(member.size))?;
        } else {
            stream.write(&write_header(&member))?;
        }
        members.push(member);
    }
    // Two empty blocks end a tar stream.
    stream.zeros(2 * BLOCK as u64)?;
    if !stream.chunk.is_empty() {
        let last = std::mem::take(&mut stream.chunk);
        (stream.emit)(last)?;
    }
    Ok(PackedTree { members })
}

struct Chunked<F> {
    chunk: Vec<u8>,
    chunk_bytes: usize,
    position: u64,
    emit: F,
}

impl<F: FnMut(Vec<u8>) -> Result<()>> Chunked<F> {
    fn write(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let taken = self.room().min(bytes.len());
            self.chunk.extend_from_slice(&bytes[..taken]);
            self.advance(taken)?;
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    fn zeros(&mut self, count: u64) -> Result<()> {
        const ZEROS: [u8; 2 * BLOCK] = [0; 2 * BLOCK];
        self.write(&ZEROS[..count as usize])
    }

    fn room(&mut self) -> usize {
        if self.chunk.capacity() == 0 {
            self.chunk.reserve_exact(self.chunk_bytes);
        }
        self.chunk_bytes - self.chunk.len()
    }

    fn advance(&mut self, by: usize) -> Result<()> {
        self.position += by as u64;
        if self.chunk.len() == self.chunk_bytes {
            let full = std::mem::take(&mut self.chunk);
            (self.emit)(full)?;
        }
        Ok(())
    }

    /// Reads exactly `size` bytes: a file that grows meanwhile is stored as it was when opened.
    fn copy_file(&mut self, mut file: File, size: u64) -> Result<Sha256Digest> {
        let mut hash = Sha256::new();
        let mut left = size;
        while left > 0 {
            let most = (self.room() as u64).min(left);
            let before = self.chunk.len();
            let read = (&mut file)
                .take(most)
                .read_to_end(&mut self.chunk)
                .map_err(|e| Error::io("the file cannot be read", e))?;
            if read == 0 {
                return Err(Error::new(
                    ErrorKind::Unavailable,
                    "the file became shorter while it was read",
                )
                .help("store it again once nothing writes to it"));
            }
            hash.update(&self.chunk[before..]);
            left -= read as u64;
            self.advance(read)?;
        }
        Ok(Sha256Digest::from_bytes(hash.finalize().into()))
    }
}
