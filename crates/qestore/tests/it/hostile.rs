//! Damaged and lying objects, as bytes: always an error of kind *corrupt* (or *unsupported*,
//! *too-large*), never other content, never a panic.

use qestore::object::{WholeObject, read_whole};
use qestore::{ErrorKind, Result};
use serde_json::{Value, json};

use crate::hostile_builder::{
    Container, Entry, Frame, Parts, gzip_member, section, section_of, seek_table, sha256,
    skippable, tar_header, text, tree, zlib, zstd_frame,
};

const BOTH: [Container; 2] = [Container::Zstd, Container::Gzip];
const MOST_CONTENT: u64 = 64 << 20;

fn read(object: &[u8]) -> Result<WholeObject> {
    read_whole(object, MOST_CONTENT)
}

fn kind_of(object: &[u8]) -> Option<ErrorKind> {
    read(object).err().map(|error| error.kind())
}

#[track_caller]
fn assert_corrupt(object: &[u8], what: &str) {
    match read(object) {
        Err(error) => assert_eq!(error.kind(), ErrorKind::Corrupt, "{what}: {error}"),
        Ok(_) => panic!("{what}: it was accepted"),
    }
}

/// Seek table entries, by the size of the metadata's frame.
type Entries<'a> = &'a dyn Fn(u32) -> Vec<(u32, u32)>;

/// Small objects of every sort; the ones of several frames too.
fn sound_objects() -> Vec<(String, Vec<u8>)> {
    let report = b"<testcase name=\"test_login\" time=\"0.25\"/>\n".repeat(20);
    let frames = b"ok\n".repeat((4 << 20) / 3 + 10);
    let (members, tar) = sound_tree();
    let mut objects = Vec::new();
    for container in BOTH {
        for (name, parts) in [
            ("file", Parts::file(container, &report)),
            ("two frames", Parts::file(container, &frames)),
            ("empty", Parts::file(container, b"")),
            ("tree", Parts::tree(container, &members, &tar)),
        ] {
            objects.push((format!("{name}, {container:?}"), parts.build()));
        }
    }
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1/objects");
    for name in [
        "none.zst",
        "one-byte.zst",
        "all-metadata.zst",
        "tree.tar.gz",
    ] {
        objects.push((name.to_owned(), std::fs::read(kept.join(name)).unwrap()));
    }
    objects
}

fn sound_tree() -> (Value, Vec<u8>) {
    tree(&[
        Entry::Folder("d"),
        Entry::File("d/index.html", b"<html>"),
        Entry::Link("d/l", "index.html"),
        Entry::File("e", b"x"),
    ])
}

#[test]
fn objects_built_by_the_document_are_read() {
    for (name, object) in sound_objects() {
        read(&object).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
    let whole = read(&Parts::file(Container::Zstd, b"abc").build()).unwrap();
    assert_eq!(whole.content, b"abc");
    let (members, tar) = sound_tree();
    let whole = read(&Parts::tree(Container::Gzip, &members, &tar).build()).unwrap();
    assert_eq!(serde_json::to_value(whole.members).unwrap(), members);
}

#[test]
fn an_object_cut_short_at_any_length_is_corrupt() {
    for (name, object) in sound_objects() {
        for len in 0..object.len() {
            assert_corrupt(&object[..len], &format!("{name}, {len} bytes of it"));
        }
        assert_corrupt(&[&object[..], b"\0"].concat(), &name);
        assert_corrupt(&object[1..], &name);
    }
}

#[test]
fn an_object_with_any_byte_changed_is_corrupt() {
    for (name, object) in sound_objects() {
        for at in 0..object.len() {
            for change in [0x01, 0x20, 0x80, 0xff] {
                let mut changed = object.clone();
                changed[at] ^= change;
                assert_corrupt(&changed, &format!("{name}, byte {at} ^ {change:#x}"));
            }
        }
    }
}

#[test]
fn unknown_features_and_versions_are_refused_by_name() {
    for container in BOTH {
        let sound = Parts::file(container, b"abc");
        let refused = |parts: Parts, says: &str| {
            let error = read(&parts.build()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
            let shown = error.to_string();
            assert!(shown.contains("newer version"), "{shown}");
            assert!(shown.contains(says), "{shown}");
        };
        let needs = |features: Value| sound.clone().with("requires", features);
        refused(needs(json!(["references"])), "\"references\"");
        // Whatever else a newer version changes does not hide the reason.
        let mut other = needs(json!(["references"]));
        other.metadata = text(&json!({"requires": ["references"], "format": 2, "id": 7}));
        refused(other, "\"references\"");
        refused(sound.clone().with("format", json!(2)), "format 2");
        assert_corrupt(&sound.clone().with("format", json!(0)).build(), "format 0");
        assert_corrupt(&needs(json!("x")).build(), "no list");
        let sections = |version, encoding| {
            let fixed = [version, encoding, 0, 0];
            let metadata = section_of(
                *b"QEmd",
                fixed,
                &sound.metadata,
                sound.metadata.len() as u32,
            );
            sound.wrap(
                &[section(b"QEft", &sound.frame_table()), metadata].concat(),
                None,
            )
        };
        assert_eq!(kind_of(&sections(2, 0)), Some(ErrorKind::Unsupported));
        assert_eq!(kind_of(&sections(1, 9)), Some(ErrorKind::Unsupported));
        assert_eq!(kind_of(&sections(1, 0)), None);
        // Fields that are merely new are passed over.
        read(&sound.clone().with("summary", json!({"passed": 3})).build()).unwrap();
    }
}

#[test]
fn metadata_that_breaks_the_rules_is_corrupt() {
    let long = "x".repeat(256);
    for (field, value) in [
        ("id", json!("6f1c3a50-0f5e-4c5e-9c3a-0a1b2c3d4e5f")),
        ("id", json!("019E2D4C-B800-7ABC-8DEF-0123456789AB")),
        ("job_id", json!("")),
        ("job_id", json!(long)),
        ("job_id", json!("a\nb")),
        ("artifact_type", json!("Test Results")),
        ("name", json!("\u{7f}")),
        ("kind", json!("device")),
        ("kind", json!("tree")),
        ("members", json!(0)),
        ("media_type", json!("a\r\nb")),
        ("media_type", json!("")),
        ("created_at", json!("yesterday")),
        ("created_at", json!(1)),
        ("size_bytes", json!(-1)),
        ("size_bytes", json!(2)),
        ("size_bytes", json!(u64::MAX)),
        ("sha256", json!(sha256(b"other"))),
        ("sha256", json!(sha256(b"abc").to_uppercase())),
        ("codec", json!("gzip:6")),
        ("codec", json!("zstd:x")),
        ("codec", json!("zstd:256")),
        ("codec", json!("brotli:3")),
        ("tags", json!({"a=b": ""})),
        ("tags", json!({"a": "\0"})),
        ("tags", json!({"a": "x".repeat(1025)})),
        ("keep_forever", json!("yes")),
        ("ttl_seconds", json!(0)),
        ("ttl_seconds", json!(-5)),
    ] {
        let parts = Parts::file(Container::Zstd, b"abc").with(field, value.clone());
        assert_corrupt(&parts.build(), &format!("{field}: {value}"));
    }
    for json in ["", "{}", "null", "[]", "{\"format\":1", "\u{feff}{}"] {
        let mut parts = Parts::file(Container::Gzip, b"abc");
        parts.metadata = json.as_bytes().to_vec();
        assert_corrupt(&parts.build(), json);
    }
}

#[test]
fn lying_frame_tables_are_corrupt() {
    for container in BOTH {
        let sound = Parts::file(container, b"abc");
        let mut lies: Vec<(&str, Frame)> = Vec::new();
        let frame = &sound.frames[0];
        let with = |change: &dyn Fn(&mut Frame)| {
            let mut frame = frame.clone();
            change(&mut frame);
            frame
        };
        lies.push(("more content", with(&|f| f.content = 4)));
        lies.push(("less content", with(&|f| f.content = 2)));
        lies.push(("no content", with(&|f| f.content = 0)));
        lies.push(("huge content", with(&|f| f.content = 16 << 20)));
        lies.push(("impossible content", with(&|f| f.content = u32::MAX)));
        lies.push(("more bytes", with(&|f| f.stored += 1)));
        lies.push(("fewer bytes", with(&|f| f.stored -= 1)));
        lies.push(("no bytes", with(&|f| f.stored = 0)));
        lies.push(("4 GiB", with(&|f| f.stored = u32::MAX)));
        lies.push(("another checksum", with(&|f| f.checksum ^= 1)));
        let bomb = vec![0; 32 << 20];
        let bomb = match container {
            Container::Zstd => zstd_frame(&bomb),
            Container::Gzip => gzip_member(&bomb),
        };
        lies.push(("more than it says", Frame::of(bomb, 1 << 20)));
        lies.push(("no frame", Frame::of(b"not a frame".to_vec(), 3)));
        let twice = [frame.bytes.as_slice(), &frame.bytes].concat();
        lies.push(("two frames in one", Frame::of(twice, 6)));
        let trailing = [frame.bytes.as_slice(), b"trailing"].concat();
        lies.push(("bytes after it", Frame::of(trailing, 3)));
        for (what, lie) in lies {
            let mut parts = sound.clone();
            parts.frames = vec![lie];
            assert_corrupt(&parts.build(), &format!("{what}, {container:?}"));
            // The same, with metadata that agrees.
            let claimed = parts.frames[0].content;
            let parts = parts.with("size_bytes", json!(claimed));
            assert_corrupt(&parts.build(), &format!("{what}, agreed, {container:?}"));
        }
    }
}

#[test]
fn tables_that_disagree_are_corrupt() {
    let parts = Parts::file(Container::Zstd, b"abc");
    let frame = &parts.frames[0];
    let described = [
        section(b"QEft", &parts.frame_table()),
        section(b"QEmd", &parts.metadata),
    ]
    .concat();
    let object = |described: &[u8], entries: Entries<'_>| {
        let header = skippable(0x184D_2A50, described);
        let table = seek_table(&entries(header.len() as u32));
        [frame.bytes.as_slice(), &header, &table].concat()
    };
    let right = |header: u32| vec![(frame.stored, 3), (header, 0)];
    read(&object(&described, &right)).unwrap();
    let wrong: [(&str, Entries<'_>); 5] = [
        ("content", &|header| vec![(frame.stored, 4), (header, 0)]),
        ("frames", &|header| vec![(header, 0)]),
        ("extra", &|header| {
            vec![(frame.stored, 3), (0, 0), (header, 0)]
        }),
        ("header", &|header| vec![(frame.stored, 3), (header - 1, 0)]),
        ("huge", &|_| vec![(frame.stored, 3), (u32::MAX, 0)]),
    ];
    for (what, entries) in wrong {
        assert_corrupt(&object(&described, entries), what);
    }
    let after = [described.as_slice(), b"x"].concat();
    assert_corrupt(&object(&after, &right), "bytes after the metadata");
    let swapped = [
        section(b"QEmd", &parts.metadata),
        section(b"QEft", &parts.frame_table()),
    ];
    assert_corrupt(
        &object(&swapped.concat(), &right),
        "sections in another order",
    );
    for container in BOTH {
        let parts = Parts::file(container, b"abc");
        let huge = section_of(*b"QEmd", [1, 0, 0, 0], &parts.metadata, u32::MAX);
        let described = [section(b"QEft", &parts.frame_table()), huge].concat();
        assert_corrupt(&parts.wrap(&described, None), "a section of 4 GiB");
        let table = section(b"QEft", &[7; 15]);
        let described = [table, section(b"QEmd", &parts.metadata)].concat();
        assert_corrupt(&parts.wrap(&described, None), "a table of 15 bytes");
        let with_members = parts.wrap(
            &[
                section(b"QEft", &parts.frame_table()),
                section(b"QEmd", &parts.metadata),
            ]
            .concat(),
            Some(&section(b"QEmb", b"[]")),
        );
        assert_corrupt(&with_members, "a file with members");
    }
    // A seek table that claims four billion frames.
    let mut object = Parts::file(Container::Zstd, b"abc").build();
    let count_at = object.len() - 9;
    object[count_at..count_at + 4].fill(0xff);
    assert_corrupt(&object, "four billion frames");
}

#[test]
fn compressed_sections_are_read_and_their_lies_are_not() {
    for (container, encoding) in [(Container::Zstd, 1), (Container::Gzip, 2)] {
        let parts = Parts::file(container, b"abc");
        let pack = |body: &[u8]| match container {
            Container::Zstd => zstd_frame(body),
            Container::Gzip => zlib(body),
        };
        let object = |stored: &[u8], content: u32| {
            let metadata = section_of(*b"QEmd", [1, encoding, 0, 0], stored, content);
            parts.wrap(
                &[section(b"QEft", &parts.frame_table()), metadata].concat(),
                None,
            )
        };
        let (packed, len) = (pack(&parts.metadata), parts.metadata.len() as u32);
        read(&object(&packed, len)).unwrap();
        assert_corrupt(&object(&packed, len + 1), "more than there is");
        assert_corrupt(&object(&packed, len - 1), "less than there is");
        assert_corrupt(&object(&packed[..packed.len() / 2], len), "cut short");
        assert_corrupt(&object(b"", len), "nothing");
        let bomb = pack(&vec![b' '; 200 << 20]);
        assert_corrupt(&object(&bomb, 200 << 20), "a bomb that says so");
        assert_corrupt(&object(&bomb, 1 << 20), "a bomb");
    }
}

#[test]
fn member_tables_that_are_not_of_the_tar_stream_are_corrupt() {
    let (members, tar) = sound_tree();
    let change = |at: usize, field: &str, value: Value| {
        let mut changed = members.clone();
        changed[at][field] = value;
        changed
    };
    let mut tables: Vec<(&str, Value)> = vec![
        ("another name", change(1, "path", json!("d/index.htm"))),
        (
            "a path that leaves",
            change(1, "path", json!("../index.html")),
        ),
        ("an absolute path", change(1, "path", json!("/index.html"))),
        ("another kind", change(0, "kind", json!("file"))),
        ("another mode", change(1, "mode", json!(0o755))),
        ("set-user-id", change(1, "mode", json!(0o4644))),
        ("another time", change(1, "mtime", json!(1))),
        ("another size", change(1, "size", json!(5))),
        ("another place", change(1, "offset", json!(1025))),
        ("a huge place", change(1, "offset", json!(u64::MAX))),
        ("a huge size", change(1, "size", json!(u64::MAX))),
        (
            "another SHA-256",
            change(1, "sha256", json!(sha256(b"other"))),
        ),
        ("no SHA-256", change(1, "sha256", Value::Null)),
        ("another target", change(2, "target", json!("../e"))),
        (
            "a target that leaves",
            change(2, "target", json!("../../e")),
        ),
        (
            "overlapping files",
            change(3, "offset", members[1]["offset"].clone()),
        ),
        ("no list", json!({})),
    ];
    let mut fewer = members.clone();
    fewer.as_array_mut().unwrap().pop();
    tables.push(("an entry that the table lacks", fewer));
    let mut more = members.clone();
    let entry = json!({"path": "f", "kind": "folder", "mode": 0, "mtime": 0});
    more.as_array_mut().unwrap().push(entry);
    tables.push(("a member that the stream lacks", more));
    let mut swapped = members.clone();
    swapped.as_array_mut().unwrap().swap(2, 3);
    tables.push(("another order", swapped));
    for container in BOTH {
        for (what, table) in &tables {
            assert_corrupt(&Parts::tree(container, table, &tar).build(), what);
        }
        let mut parts = Parts::tree(container, &members, &tar).with("members", json!(5));
        assert_corrupt(&parts.build(), "another count");
        parts = parts.with("members", json!(u64::MAX));
        assert_corrupt(&parts.build(), "a huge count");
        parts.members = None;
        assert_corrupt(&parts.build(), "no table");
    }
}

#[test]
fn tar_streams_that_say_more_than_the_table_are_corrupt() {
    let (members, tar) = sound_tree();
    let end = tar.len();
    let evil = tar_header("../../evil", b'0', 0o644, 0, "");
    let after = [&tar[..end - 1024], &evil, &[0; 1024]].concat();
    let hidden = [tar.as_slice(), &evil, &[0; 1024]].concat();
    let cut = tar[..end - 512].to_vec();
    let mut padding = tar.clone();
    padding[end - 1025] = 1;
    // The field `prefix` would put the file elsewhere for other tools.
    let mut prefix = tar.clone();
    prefix[512 + 345] = b'x';
    let sum: u32 = (0..512)
        .map(|at| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(prefix[512 + at])
            }
        })
        .sum();
    prefix[512 + 148..512 + 156].copy_from_slice(format!("{sum:07o}\0").as_bytes());
    for (what, stream) in [
        ("an entry after the last member", after),
        ("an entry after the end", hidden),
        ("one empty block at the end", cut),
        ("bytes in the padding", padding),
        ("a prefix", prefix),
        ("nothing", vec![0; 4096]),
    ] {
        assert_corrupt(
            &Parts::tree(Container::Zstd, &members, &stream).build(),
            what,
        );
    }
    let fifo = tar_header("e", b'6', 0o644, 0, "");
    let stream = [fifo.as_slice(), &[0; 1024]].concat();
    let table = json!([{"path": "e", "kind": "file", "mode": 420, "mtime": 1_000_000,
        "offset": 512, "sha256": sha256(b"")}]);
    assert_corrupt(
        &Parts::tree(Container::Zstd, &table, &stream).build(),
        "a device",
    );
}

#[test]
fn content_over_the_limit_is_refused_before_it_is_unpacked() {
    let content = b"0123456789".repeat(100);
    for container in BOTH {
        let object = Parts::file(container, &content).build();
        assert_eq!(read_whole(&object, 1000).unwrap().content, content);
        let error = read_whole(&object, 999).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
    }
    // 4,000 frames of nearly nothing that claim 16 MiB each.
    let bomb = zstd_frame(&vec![0; 16 << 20]);
    let mut parts = Parts::file(Container::Zstd, b"");
    parts.frames = vec![Frame::of(bomb, 16 << 20); 4000];
    let parts = parts.with("size_bytes", json!(4000_u64 << 24));
    assert_eq!(kind_of(&parts.build()), Some(ErrorKind::TooLarge));
}
