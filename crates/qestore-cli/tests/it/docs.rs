//! docs/CLI.md is made from the options; `QESTORE_REGENERATE=1 cargo test -p qestore-cli` writes it.

use std::fs;
use std::path::Path;

#[test]
fn the_reference_is_what_the_options_are() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CLI.md");
    let reference = qestore_cli::reference_markdown();
    #[expect(clippy::disallowed_methods, reason = "a test is an edge")]
    if std::env::var_os("QESTORE_REGENERATE").is_some() {
        fs::write(&path, &reference).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == reference,
        "docs/CLI.md is not what the options are: make it anew with QESTORE_REGENERATE=1"
    );
}
