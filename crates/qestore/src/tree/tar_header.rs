//! Tar headers of members: POSIX ustar, with a PAX record where a path, a link target or a size
//! does not fit (POSIX.1-2017, `pax`, "ustar Interchange Format" and "pax Header Block").

use tar::{EntryType, Header, PaxExtensions};

use super::{Member, MemberKind};
use crate::{Error, Result};

pub(super) const BLOCK: usize = 512;
/// The longest PAX block that a reader accepts; ours hold two paths at most.
const MAX_PAX: u64 = 64 << 10;
/// The first size that eleven octal digits cannot say.
const OCTAL_LIMIT: u64 = 1 << 33;

/// Bytes that pad `size` to a whole block.
pub(super) fn padding(size: u64) -> u64 {
    size.next_multiple_of(BLOCK as u64) - size
}

/// The header blocks of `member`.
pub(super) fn write_header(member: &Member) -> Vec<u8> {
    let path = match member.kind {
        MemberKind::Folder => format!("{}/", member.path),
        MemberKind::File | MemberKind::Link => member.path.clone(),
    };
    let target = member.target.as_deref().unwrap_or_default();
    let mut records = Vec::new();
    if path.len() > 100 {
        pax_record("path", &path, &mut records);
    }
    if target.len() > 100 {
        pax_record("linkpath", target, &mut records);
    }
    if member.size >= OCTAL_LIMIT {
        pax_record("size", &member.size.to_string(), &mut records);
    }
    let mut blocks = Vec::with_capacity(BLOCK);
    if !records.is_empty() {
        blocks.extend_from_slice(&block(
            "@PaxHeader",
            "",
            EntryType::XHeader,
            0o644,
            0,
            records.len() as u64,
        ));
        let pad = padding(records.len() as u64) as usize;
        blocks.extend_from_slice(&records);
        blocks.resize(blocks.len() + pad, 0);
    }
    let entry_type = match member.kind {
        MemberKind::File => EntryType::Regular,
        MemberKind::Folder => EntryType::Directory,
        MemberKind::Link => EntryType::Symlink,
    };
    let mtime = u64::try_from(member.mtime).unwrap_or(0);
    blocks.extend_from_slice(&block(
        &path,
        target,
        entry_type,
        member.mode,
        mtime,
        member.size,
    ));
    blocks
}

fn block(
    path: &str,
    target: &str,
    kind: EntryType,
    mode: u32,
    mtime: u64,
    size: u64,
) -> [u8; BLOCK] {
    let mut header = Header::new_ustar();
    fill(&mut header.as_old_mut().name, path);
    fill(&mut header.as_old_mut().linkname, target);
    header.set_entry_type(kind);
    header.set_mode(mode & 0o7777);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(mtime.min(OCTAL_LIMIT - 1));
    header.set_size(if size < OCTAL_LIMIT { size } else { 0 });
    header.set_cksum();
    *header.as_bytes()
}

/// Fills a header field; what is too long goes into a PAX record and is cut here.
fn fill(field: &mut [u8; 100], text: &str) {
    let len = text.len().min(field.len());
    field[..len].copy_from_slice(&text.as_bytes()[..len]);
}

/// A PAX record carries its own length, whose digits count too.
fn pax_record(key: &str, value: &str, out: &mut Vec<u8>) {
    let rest = key.len() + value.len() + 3;
    let mut len = rest + 1;
    while rest + len.to_string().len() != len {
        len = rest + len.to_string().len();
    }
    out.extend_from_slice(format!("{len} {key}={value}\n").as_bytes());
}

/// What the header blocks of one entry say, or how many bytes of them are needed to tell.
#[derive(Debug)]
pub(super) enum HeaderOutcome {
    NeedsBytes(usize),
    Entry(Entry),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) kind: MemberKind,
    pub(super) size: u64,
    pub(super) target: Option<String>,
}

/// Reads the header blocks in `bytes`. Owner, group and times are for `tar`; the table has ours.
pub(super) fn read_header(bytes: &[u8]) -> Result<HeaderOutcome> {
    let broken = |why: &str| Error::corrupt(format!("the tar stream is damaged: {why}"));
    let Some(first) = bytes.get(..BLOCK) else {
        return Ok(HeaderOutcome::NeedsBytes(BLOCK));
    };
    let first = checked_block(first).ok_or_else(|| broken("a header's checksum is wrong"))?;
    let mut pax = &bytes[..0];
    let mut header = first;
    if first.entry_type() == EntryType::XHeader {
        let size = first.size().ok().filter(|&size| size <= MAX_PAX);
        let size = size.ok_or_else(|| broken("a header extension is too long"))? as usize;
        let header_at = BLOCK + size.next_multiple_of(BLOCK);
        let Some(second) = bytes.get(header_at..header_at + BLOCK) else {
            return Ok(HeaderOutcome::NeedsBytes(header_at + BLOCK));
        };
        pax = &bytes[BLOCK..BLOCK + size];
        header = checked_block(second).ok_or_else(|| broken("a header's checksum is wrong"))?;
    }
    let mut path = field_text(&header.as_old().name);
    let mut target = field_text(&header.as_old().linkname);
    let mut size = header
        .size()
        .map_err(|_| broken("a size is not a number"))?;
    for record in PaxExtensions::new(pax) {
        let record = record.map_err(|_| broken("a header extension is not valid"))?;
        let text = || {
            record
                .value()
                .map(str::to_owned)
                .map_err(|_| broken("a name is not UTF-8"))
        };
        match record.key() {
            Ok("path") => path = Some(text()?),
            Ok("linkpath") => target = Some(text()?),
            Ok("size") => {
                size = text()?
                    .parse()
                    .map_err(|_| broken("a size is not a number"))?;
            }
            _ => return Err(broken("a header extension is of no known kind")),
        }
    }
    let path = path.ok_or_else(|| broken("a name is not UTF-8"))?;
    let kind = match header.entry_type() {
        EntryType::Regular => MemberKind::File,
        EntryType::Directory => MemberKind::Folder,
        EntryType::Symlink => MemberKind::Link,
        _ => return Err(broken("an entry is neither file, folder nor link")),
    };
    let path = match kind {
        MemberKind::Folder => path.strip_suffix('/').unwrap_or(&path).to_owned(),
        MemberKind::File | MemberKind::Link => path,
    };
    let target = target.filter(|target| !target.is_empty());
    Ok(HeaderOutcome::Entry(Entry {
        path,
        kind,
        size,
        target,
    }))
}

fn checked_block(bytes: &[u8]) -> Option<&Header> {
    let header = Header::from_byte_slice(bytes);
    // The sum of all bytes, the checksum field itself counted as spaces.
    let sum: u32 = bytes[..148]
        .iter()
        .chain(&bytes[156..])
        .map(|&b| u32::from(b))
        .sum::<u32>()
        + 8 * 32;
    (header.cksum().ok()? == sum).then_some(header)
}

fn field_text(field: &[u8]) -> Option<String> {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    // A name cut inside a character has its whole in a PAX record.
    Some(String::from_utf8_lossy(&field[..end]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_whatever_the_length() {
        for (len, kind) in [
            (1, MemberKind::File),
            (99, MemberKind::Folder),
            (100, MemberKind::Folder),
            (3000, MemberKind::Link),
        ] {
            let path: String = "äb/".chars().cycle().take(len).collect::<String>() + "z";
            let link = kind == MemberKind::Link;
            let member = Member {
                path: path.clone(),
                kind,
                mode: 0o755,
                mtime: 1_700_000_000,
                size: if kind == MemberKind::File {
                    OCTAL_LIMIT + 5
                } else {
                    0
                },
                offset: 0,
                sha256: None,
                target: link.then(|| "t".repeat(200)),
            };
            let bytes = write_header(&member);
            assert_eq!(bytes.len() % BLOCK, 0);
            let HeaderOutcome::Entry(entry) = read_header(&bytes).unwrap() else {
                panic!("cut")
            };
            assert_eq!(
                (entry.path, entry.kind, entry.size),
                (path, kind, member.size)
            );
            assert_eq!(entry.target, member.target);
        }
    }
}
