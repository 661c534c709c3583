//! Builds objects of format version 1 by hand, from `docs/FORMAT.md` alone: with right checksums
//! around whatever else is wrong. Shared by the tests and the fuzz targets.

use std::io::{Read as _, Write as _};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The largest body of a gzip carrier.
const CARRIED: usize = 60 << 10;

/// Which of the two containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    Zstd,
    Gzip,
}

/// A frame as stored, and what the tables say of it.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) bytes: Vec<u8>,
    pub(crate) stored: u32,
    pub(crate) content: u32,
    pub(crate) checksum: u64,
}

impl Frame {
    /// A frame of `content` that tells the truth.
    pub(crate) fn new(container: Container, content: &[u8]) -> Self {
        let bytes = match container {
            Container::Zstd => zstd_frame(content),
            Container::Gzip => gzip_member(content),
        };
        Self::of(bytes, content.len() as u32)
    }

    /// Stored bytes with the right size and checksum, said to hold `content` bytes.
    pub(crate) fn of(bytes: Vec<u8>, content: u32) -> Self {
        Self {
            stored: bytes.len() as u32,
            content,
            checksum: xxh64(&bytes),
            bytes,
        }
    }
}

/// The parts of an object; [`Parts::build`] wraps them up.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) container: Container,
    pub(crate) frames: Vec<Frame>,
    /// The metadata as JSON.
    pub(crate) metadata: Vec<u8>,
    /// The member table as JSON.
    pub(crate) members: Option<Vec<u8>>,
}

impl Parts {
    /// An object of one file that is as it should be.
    pub(crate) fn file(container: Container, content: &[u8]) -> Self {
        let frames = content.chunks(4 << 20);
        Self {
            container,
            frames: frames.map(|part| Frame::new(container, part)).collect(),
            metadata: text(&metadata(container, content)),
            members: None,
        }
    }

    /// An object of a tree: this member table beside this tar stream.
    pub(crate) fn tree(container: Container, members: &Value, tar: &[u8]) -> Self {
        let mut described = metadata(container, tar);
        described["kind"] = json!("tree");
        described["media_type"] = json!("application/x-tar");
        described["members"] = json!(members.as_array().map_or(0, Vec::len));
        Self {
            metadata: text(&described),
            members: Some(text(members)),
            ..Self::file(container, tar)
        }
    }

    /// The metadata with `field` set to `value`.
    pub(crate) fn with(mut self, field: &str, value: Value) -> Self {
        let mut described: Value = serde_json::from_slice(&self.metadata).unwrap();
        described[field] = value;
        self.metadata = text(&described);
        self
    }

    /// The frame table section's body.
    pub(crate) fn frame_table(&self) -> Vec<u8> {
        let mut table = Vec::new();
        for frame in &self.frames {
            table.extend(frame.stored.to_le_bytes());
            table.extend(frame.content.to_le_bytes());
            table.extend(frame.checksum.to_le_bytes());
        }
        table
    }

    /// The whole object.
    pub(crate) fn build(&self) -> Vec<u8> {
        let described = [
            section(b"QEft", &self.frame_table()),
            section(b"QEmd", &self.metadata),
        ];
        let members = self.members.as_ref().map(|json| section(b"QEmb", json));
        self.wrap(&described.concat(), members.as_deref())
    }

    /// The whole object around ready-made sections.
    pub(crate) fn wrap(&self, described: &[u8], members: Option<&[u8]>) -> Vec<u8> {
        let mut object = Vec::new();
        for frame in &self.frames {
            object.extend_from_slice(&frame.bytes);
        }
        match self.container {
            Container::Zstd => {
                let mut entries: Vec<_> =
                    self.frames.iter().map(|f| (f.stored, f.content)).collect();
                let parts = [
                    members.map(|section| skippable(0x184D_2A51, section)),
                    Some(skippable(0x184D_2A50, described)),
                ];
                for part in parts.into_iter().flatten() {
                    entries.push((part.len() as u32, 0));
                    object.extend(part);
                }
                object.extend(seek_table(&entries));
            }
            Container::Gzip => {
                object.extend(members.map(carriers).unwrap_or_default());
                let header_at = object.len() as u64;
                object.extend(carriers(described));
                object.extend(gzip_footer(header_at));
            }
        }
        object
    }
}

/// Metadata that is right for `content` as a file.
pub(crate) fn metadata(container: Container, content: &[u8]) -> Value {
    json!({
        "format": 1,
        "requires": [],
        "writer": "by hand",
        "id": "019e2d4c-b800-7abc-8def-0123456789ab",
        "job_id": "build-1",
        "artifact_type": "test-results",
        "name": "results.xml",
        "kind": "file",
        "media_type": "application/xml",
        "created_at": "2026-05-15T17:00:00.123456Z",
        "size_bytes": content.len(),
        "sha256": sha256(content),
        "codec": match container { Container::Zstd => "zstd:3", Container::Gzip => "gzip:6" },
        "tags": {},
    })
}

/// A section of the tail, plain.
pub(crate) fn section(tag: &[u8; 4], body: &[u8]) -> Vec<u8> {
    section_of(*tag, [1, 0, 0, 0], body, body.len() as u32)
}

/// A section with these fixed fields (version, encoding, two zeros) and claimed content length.
pub(crate) fn section_of(tag: [u8; 4], fixed: [u8; 4], stored: &[u8], content: u32) -> Vec<u8> {
    let mut section = [tag, fixed].concat();
    section.extend((stored.len() as u32).to_le_bytes());
    section.extend(content.to_le_bytes());
    section.extend_from_slice(stored);
    section.extend(xxh64(&section).to_le_bytes());
    section
}

pub(crate) fn skippable(magic: u32, body: &[u8]) -> Vec<u8> {
    let mut frame = magic.to_le_bytes().to_vec();
    frame.extend((body.len() as u32).to_le_bytes());
    frame.extend_from_slice(body);
    frame
}

/// The seek table of the public format, for these stored and content sizes.
pub(crate) fn seek_table(entries: &[(u32, u32)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (stored, content) in entries {
        body.extend(stored.to_le_bytes());
        body.extend(content.to_le_bytes());
    }
    body.extend((entries.len() as u32).to_le_bytes());
    body.push(0);
    body.extend(0x8F92_EAB1_u32.to_le_bytes());
    skippable(0x184D_2A5E, &body)
}

fn carriers(bytes: &[u8]) -> Vec<u8> {
    let parts = bytes.chunks(CARRIED);
    parts.flat_map(|part| empty_member(*b"QE", part)).collect()
}

fn gzip_footer(header_at: u64) -> Vec<u8> {
    let mut body = b"QEgz".to_vec();
    body.extend([0; 12]);
    body.extend(header_at.to_le_bytes());
    body.extend(xxh64(&body).to_le_bytes());
    empty_member(*b"QF", &body)
}

fn empty_member(id: [u8; 2], data: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 255];
    member.extend((data.len() as u16 + 4).to_le_bytes());
    member.extend(id);
    member.extend((data.len() as u16).to_le_bytes());
    member.extend_from_slice(data);
    member.extend([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    member
}

pub(crate) fn zstd_frame(content: &[u8]) -> Vec<u8> {
    zstd::bulk::compress(content, 3).unwrap()
}

pub(crate) fn gzip_member(content: &[u8]) -> Vec<u8> {
    let mut member = Vec::new();
    let mut encoder = flate2::write::GzEncoder::new(&mut member, flate2::Compression::new(6));
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap();
    member
}

/// `body` as the zlib encoding of a section.
pub(crate) fn zlib(body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    flate2::bufread::ZlibEncoder::new(body, flate2::Compression::new(6))
        .read_to_end(&mut packed)
        .unwrap();
    packed
}

pub(crate) fn xxh64(bytes: &[u8]) -> u64 {
    twox_hash::XxHash64::oneshot(0, bytes)
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn text(value: &Value) -> Vec<u8> {
    serde_json::to_vec(value).unwrap()
}

/// What a tree is made of: a path (folders end in `/`), and content or the target of a link.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Entry<'a> {
    File(&'a str, &'a [u8]),
    Folder(&'a str),
    Link(&'a str, &'a str),
}

/// A member table and the tar stream that it describes.
pub(crate) fn tree(entries: &[Entry<'_>]) -> (Value, Vec<u8>) {
    let (mut members, mut tar) = (Vec::new(), Vec::new());
    for entry in entries {
        let (kind, path, mode, content, target) = match *entry {
            Entry::File(path, content) => ("file", path, 0o644, content, ""),
            Entry::Folder(path) => ("folder", path, 0o755, &b""[..], ""),
            Entry::Link(path, target) => ("link", path, 0o777, &b""[..], target),
        };
        let (flag, slash) = match kind {
            "file" => (b'0', ""),
            "folder" => (b'5', "/"),
            _ => (b'2', ""),
        };
        let name = format!("{path}{slash}");
        tar.extend(tar_header(&name, flag, mode, content.len(), target));
        let mut member = json!({"path": path, "kind": kind, "mode": mode, "mtime": 1_000_000});
        if kind == "file" {
            member["size"] = json!(content.len());
            member["offset"] = json!(tar.len());
            member["sha256"] = json!(sha256(content));
        }
        if kind == "link" {
            member["target"] = json!(target);
        }
        members.push(member);
        tar.extend_from_slice(content);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    (Value::Array(members), tar)
}

/// One ustar header, for names of up to 100 bytes.
pub(crate) fn tar_header(name: &str, flag: u8, mode: u32, size: usize, target: &str) -> [u8; 512] {
    let mut header = [0; 512];
    let mut put = |at: usize, bytes: &[u8]| header[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, format!("{mode:07o}\0").as_bytes());
    put(108, b"0000000\x000000000\0");
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, format!("{:011o}\0", 1_000_000).as_bytes());
    put(148, b"        ");
    put(156, &[flag]);
    put(157, target.as_bytes());
    put(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    header
}
