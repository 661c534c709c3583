//! Tar headers of members: POSIX ustar, with a PAX record where a path, a link target or a size
//! does not fit (POSIX.1-2017, `pax`, "ustar Interchange Format" and "pax Header Block").
//!
//! There is one way to write the header of a member. A reader writes it again and compares, so
//! that no tool can see another tree in the stream than the member table describes.

use tar::{EntryType, Header};

use super::{Member, MemberKind};

pub(super) const BLOCK: usize = 512;
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

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn an_independent_reader_reads_headers_whatever_the_length() {
        for (len, kind) in [
            (1, MemberKind::File),
            (99, MemberKind::Folder),
            (100, MemberKind::Folder),
            (3000, MemberKind::Link),
        ] {
            let path: String = "äb/".chars().cycle().take(len).collect::<String>() + "z";
            let link = kind == MemberKind::Link;
            let target = link.then(|| "t".repeat(200));
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
                target: target.clone(),
            };
            let bytes = write_header(&member);
            assert_eq!(bytes.len() % BLOCK, 0);
            let stream = bytes.as_slice().chain(std::io::repeat(0));
            let mut archive = tar::Archive::new(stream);
            let entry = archive.entries().unwrap().next().unwrap().unwrap();
            let found = entry.path_bytes().into_owned();
            let folder = kind == MemberKind::Folder;
            assert_eq!(
                found,
                format!("{path}{}", if folder { "/" } else { "" }).into_bytes()
            );
            assert_eq!(entry.size(), member.size);
            assert_eq!(entry.header().mode().unwrap(), 0o755);
            assert_eq!(entry.header().mtime().unwrap(), 1_700_000_000);
            let found = entry.link_name_bytes().map(std::borrow::Cow::into_owned);
            assert_eq!(found, target.map(String::into_bytes));
        }
    }
}
