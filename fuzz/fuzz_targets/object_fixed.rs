//! Lying metadata, member tables, frames and frame tables inside right checksums: the fuzzer gets
//! past the checks that keep plain damage out.
//!
//! Input: a byte of flags (1 gzip, 2 tree, 4 put size and SHA-256 of the content right), metadata
//! and member table (each a u16 length and JSON), then frames: a byte of flags (1 compress, 2 lie
//! about the size), a u16 length, bytes, and the claimed size (u32) where it lies.
#![no_main]

#[path = "../../crates/qestore/tests/it/hostile_builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "../src/check.rs"]
mod check;
#[path = "../src/input.rs"]
mod input;

use builder::{Container, Frame, Parts};
use input::Input;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let mut input = Input(bytes);
    let flags = input.byte();
    let container = if flags & 1 == 0 {
        Container::Zstd
    } else {
        Container::Gzip
    };
    let mut metadata = input.run().to_vec();
    let members = input.run().to_vec();
    let (mut frames, mut content) = (Vec::new(), Vec::new());
    while !input.0.is_empty() && frames.len() < 64 {
        let how = input.byte();
        let run = input.run();
        let mut frame = if how & 1 == 0 {
            Frame::of(run.to_vec(), run.len() as u32)
        } else {
            content.extend_from_slice(run);
            Frame::new(container, run)
        };
        if how & 2 != 0 {
            frame.content = input.u32();
        }
        frames.push(frame);
    }
    if flags & 4 != 0
        && let Ok(mut described) = serde_json::from_slice::<Value>(&metadata)
        && described.is_object()
    {
        described["size_bytes"] = json!(content.len());
        described["sha256"] = json!(builder::sha256(&content));
        metadata = builder::text(&described);
    }
    let members = (flags & 2 != 0).then_some(members);
    let parts = Parts {
        container,
        frames,
        metadata,
        members,
    };
    check::read(&parts.build());
});
