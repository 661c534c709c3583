//! Bombs and claims of huge sizes are refused in little memory: the test runs itself again under
//! an address space limit and reads them there.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use qestore::object::read_whole;
use serde_json::json;

use crate::hostile_builder::{
    Container, Entry, Frame, Parts, gzip_member, section, section_of, tree, zlib, zstd_frame,
};

/// Says that the limit is in force, and where the objects are.
const LIMITED: &str = "QESTORE_TEST_BOMBS";
/// A test process without any object takes about a third of it.
const LIMIT_KIB: u32 = 512 << 10;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test is an edge")]
fn bombs_are_refused_in_little_memory() {
    if let Some(folder) = std::env::var_os(LIMITED) {
        return read_all(Path::new(&folder));
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, object) in bombs() {
        std::fs::write(folder.path().join(name), object).unwrap();
    }
    let this_test = "hostile_memory::bombs_are_refused_in_little_memory";
    let out = Command::new("sh")
        .arg("-c")
        .arg(format!(
            "ulimit -v {LIMIT_KIB} && exec \"$0\" --exact {this_test} --nocapture --test-threads 1"
        ))
        .arg(std::env::current_exe().unwrap())
        .env(LIMITED, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stdout);
    let shown = format!("{said}{}", String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "{shown}");
    assert!(said.contains("1 passed"), "the test did not run: {shown}");
}

fn read_all(folder: &Path) {
    // The limit is in force: this much is not to be had.
    assert!(Vec::<u8>::new().try_reserve_exact(600 << 20).is_err());
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let object = std::fs::read(&path).unwrap();
        let error = read_whole(&object, 64 << 20).unwrap_err();
        let kind = error.kind().as_str();
        assert!(matches!(kind, "corrupt" | "too-large"), "{path:?}: {error}");
        read += 1;
    }
    assert_eq!(read, bombs_expected());
}

fn bombs_expected() -> usize {
    12
}

fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let zeros = vec![0_u8; 1 << 30];
    let zstd_bomb = zstd_frame(&zeros);
    let gzip_bomb = gzip_member(&zeros[..256 << 20]);
    let mut bombs = Vec::new();
    let file = |container| Parts::file(container, b"abc");
    let one_frame = |container, frame: Frame| {
        let content = frame.content;
        let mut parts = file(container).with("size_bytes", json!(content));
        parts.frames = vec![frame];
        parts.build()
    };
    let (zstd, gzip) = (Container::Zstd, Container::Gzip);
    bombs.push((
        "frame of 1 GiB that says 16 MiB",
        one_frame(zstd, Frame::of(zstd_bomb.clone(), 16 << 20)),
    ));
    bombs.push((
        "frame of 1 GiB that says so",
        one_frame(zstd, Frame::of(zstd_bomb.clone(), 1 << 30)),
    ));
    bombs.push((
        "gzip frame of 256 MiB that says 16 MiB",
        one_frame(gzip, Frame::of(gzip_bomb, 16 << 20)),
    ));
    bombs.push((
        "frame that claims a window of 2 GiB",
        one_frame(zstd, Frame::of(huge_window(), 3)),
    ));
    bombs.push((
        "frame that claims 2^60 bytes",
        one_frame(zstd, Frame::of(huge_content(), 3)),
    ));
    let mut many = file(zstd).with("size_bytes", json!(4000_u64 << 24));
    many.frames = vec![Frame::of(zstd_frame(&zeros[..16 << 20]), 16 << 20); 4000];
    bombs.push(("4000 frames of 16 MiB", many.build()));

    let described = |container, encoding, stored: &[u8], content: u32| {
        let parts = file(container);
        let metadata = section_of(*b"QEmd", [1, encoding, 0, 0], stored, content);
        parts.wrap(
            &[section(b"QEft", &parts.frame_table()), metadata].concat(),
            None,
        )
    };
    bombs.push((
        "metadata of 1 GiB that says 1 MiB",
        described(zstd, 1, &zstd_bomb, 1 << 20),
    ));
    bombs.push((
        "metadata of 256 MiB that says 300 bytes",
        described(gzip, 2, &zlib(&zeros[..256 << 20]), 300),
    ));
    bombs.push((
        "metadata that claims a window of 2 GiB",
        described(zstd, 1, &huge_window(), 3),
    ));
    bombs.push((
        "metadata that claims 4 GiB",
        described(zstd, 0, b"{}", u32::MAX),
    ));

    let (members, tar) = tree(&[Entry::File("a", b"x")]);
    let parts = Parts::tree(zstd, &members, &tar);
    let table = section_of(*b"QEmb", [1, 1, 0, 0], &zstd_bomb, 100);
    let described = [
        section(b"QEft", &parts.frame_table()),
        section(b"QEmd", &parts.metadata),
    ];
    bombs.push((
        "member table of 1 GiB that says 100 bytes",
        parts.wrap(&described.concat(), Some(&table)),
    ));
    let mut object = file(zstd).build();
    let count_at = object.len() - 9;
    object[count_at..count_at + 4].fill(0xff);
    bombs.push(("seek table of four billion frames", object));
    assert_eq!(bombs.len(), bombs_expected());
    bombs
}

/// A zstd frame (RFC 8878, section 3.1.1) of "abc" whose header asks for a window of 2 GiB.
fn huge_window() -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b0000_0000, 21 << 3];
    frame.extend([3 << 3 | 1, 0, 0]);
    frame.extend(b"abc");
    frame
}

/// A zstd frame of "abc" whose header says 2^60 bytes of content.
fn huge_content() -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0b1110_0000];
    frame.extend((1_u64 << 60).to_le_bytes());
    frame.extend([3 << 3 | 1, 0, 0]);
    frame.extend(b"abc");
    frame
}
