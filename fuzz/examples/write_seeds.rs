//! Writes the seeds of all targets into `fuzz/seeds`: small inputs that are right, for the fuzzer
//! to start from.

#[path = "../../crates/qestore/tests/it/hostile_builder.rs"]
#[allow(dead_code)]
mod builder;

use std::fs;
use std::path::Path;

use builder::{Container, Entry, Parts, tree};
use serde_json::json;

const BOTH: [(&str, u8, Container); 2] =
    [("zstd", 0, Container::Zstd), ("gzip", 1, Container::Gzip)];

fn main() {
    let text = b"<testsuite tests=\"3\" failures=\"1\"/>\n".repeat(20);
    let (members, tar) = tree(&[
        Entry::Folder("d"),
        Entry::File("d/index.html", b"<html>"),
        Entry::Link("d/l", "../d/index.html"),
        Entry::File("empty", b""),
    ]);
    for (name, flag, container) in BOTH {
        let file = Parts::file(container, &text)
            .with("tags", json!({"branch": "main", "é": ""}))
            .with("ttl_seconds", json!(86_400));
        let folder = Parts::tree(container, &members, &tar);
        let empty = Parts::file(container, b"");
        for sound in [&file, &folder, &empty] {
            qestore::object::read_whole(&sound.build(), 1 << 20).expect("a seed is right");
        }
        write("object", &format!("file-{name}"), &file.build());
        write("object", &format!("tree-{name}"), &folder.build());
        write("object", &format!("empty-{name}"), &empty.build());
        let newer = empty.clone().with("requires", json!(["references"]));
        write("object", &format!("newer-{name}"), &newer.build());
        write("metadata", &format!("empty-{name}"), &empty.metadata);
        write("metadata", &format!("newer-{name}"), &newer.metadata);
        let none = Parts::tree(container, &json!([]), &[0; 1024]);
        write("metadata", &format!("tree-{name}"), &none.metadata);
        for (of, flags, parts) in [("file", flag | 4, &file), ("tree", flag | 6, &folder)] {
            let content = if of == "file" { &text } else { &tar };
            let mut input = vec![flags];
            run(&parts.metadata, &mut input);
            run(parts.members.as_deref().unwrap_or_default(), &mut input);
            for half in content.chunks(content.len().div_ceil(2)) {
                input.push(1);
                run(half, &mut input);
            }
            write("object_fixed", &format!("{of}-{name}"), &input);
            let mut input = vec![flags & 3];
            run(&parts.metadata, &mut input);
            run(parts.members.as_deref().unwrap_or_default(), &mut input);
            input.push(2);
            run(&parts.frames[0].bytes, &mut input);
            input.extend(parts.frames[0].content.to_le_bytes());
            write("object_fixed", &format!("{of}-{name}-stored"), &input);
        }
    }
    let single = tree(&[Entry::File("a", b"content")]);
    let links = tree(&[
        Entry::Folder("x"),
        Entry::Folder("x/y"),
        Entry::Link("x/y/l", "../.."),
    ]);
    for (name, (members, tar)) in [
        ("mixed", (members, tar)),
        ("single", single),
        ("links", links),
    ] {
        let object = Parts::tree(Container::Zstd, &members, &tar).build();
        qestore::object::read_whole(&object, 1 << 20).expect("a seed is right");
        let mut input = Vec::new();
        run(&builder::text(&members), &mut input);
        input.extend(tar);
        write("tree", name, &input);
    }
}

fn run(bytes: &[u8], input: &mut Vec<u8>) {
    input.extend((bytes.len() as u16).to_le_bytes());
    input.extend_from_slice(bytes);
}

fn write(target: &str, name: &str, bytes: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("seeds")
        .join(target);
    fs::create_dir_all(&folder).expect("the folder of seeds");
    fs::write(folder.join(name), bytes).expect("a seed");
}
