//! A member table and a tar stream that need not fit together, in an object that is right
//! otherwise. What is accepted must be what another tar reader sees.
//!
//! Input: the member table's length (u16), the member table, the tar stream. The SHA-256 of files
//! are put right, so that the fuzzer gets past them.
#![no_main]

#[path = "../../crates/qestore/tests/it/hostile_builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "../src/check.rs"]
mod check;
#[path = "../src/input.rs"]
mod input;

use std::io::Read as _;

use builder::{Container, Parts};
use input::Input;
use libfuzzer_sys::fuzz_target;
use qestore::{Member, MemberKind, Sha256Digest};
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let Ok(mut members) = serde_json::from_slice::<Value>(input.run()) else {
        return;
    };
    let tar = input.0;
    for member in members.as_array_mut().into_iter().flatten() {
        put_right(member, tar);
    }
    let object = Parts::tree(Container::Zstd, &members, tar).build();
    check::read(&object);
    if let Ok(object) = qestore::object::read_whole(&object, 1 << 30) {
        same_as_another_reader(&object.members.expect("a tree"), tar);
    }
});

fn put_right(member: &mut Value, tar: &[u8]) {
    if member["kind"] != "file" {
        return;
    }
    let at = member["offset"].as_u64().unwrap_or(0) as usize;
    let size = member["size"].as_u64().unwrap_or(0) as usize;
    let content = at.checked_add(size).and_then(|end| tar.get(at..end));
    if let Some(content) = content {
        member["sha256"] = json!(builder::sha256(content));
    }
}

fn same_as_another_reader(members: &[Member], tar: &[u8]) {
    let mut archive = tar::Archive::new(tar);
    let mut entries = archive.entries().expect("a tar stream");
    for member in members {
        let mut entry = entries.next().expect("an entry").expect("an entry");
        let path = entry.path_bytes().into_owned();
        let shown = match member.kind {
            MemberKind::Folder => format!("{}/", member.path),
            _ => member.path.clone(),
        };
        assert_eq!(path, shown.into_bytes());
        assert_eq!(entry.header().mode().ok(), Some(member.mode));
        let target = entry.link_name_bytes().map(|target| target.into_owned());
        assert_eq!(target, member.target.clone().map(String::into_bytes));
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("content");
        assert_eq!(content.len() as u64, member.size);
        if let Some(sha256) = member.sha256 {
            assert_eq!(sha256, Sha256Digest::of(&content));
        }
    }
    assert!(entries.next().is_none(), "an entry that the table lacks");
}
