//! Arbitrary metadata JSON in objects that are right otherwise: of an empty file and of an empty
//! tree, in both containers.
#![no_main]

#[path = "../../crates/qestore/tests/it/hostile_builder.rs"]
#[allow(dead_code)]
mod builder;
#[path = "../src/check.rs"]
mod check;

use builder::{Container, Parts};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|metadata: &[u8]| {
    for container in [Container::Zstd, Container::Gzip] {
        let mut parts = Parts::file(container, b"");
        parts.metadata = metadata.to_vec();
        check::read(&parts.build());
        let mut parts = Parts::tree(container, &serde_json::json!([]), &[0; 1024]);
        parts.metadata = metadata.to_vec();
        check::read(&parts.build());
    }
});
