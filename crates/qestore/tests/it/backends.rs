//! Every backend goes through the conformance suite.

use qestore::backend::{LocalBackend, ObjectStoreBackend};
use qestore::testkit::FaultyBackend;

fn local(durable: bool) -> (LocalBackend, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let backend = LocalBackend::open(&folder.path().join("store"), true, durable).unwrap();
    (backend, folder)
}

qestore::backend_conformance!(durable_folder, async { local(true) });
qestore::backend_conformance!(folder, async { local(false) });
qestore::backend_conformance!(memory, async { (ObjectStoreBackend::memory(), ()) });
qestore::backend_conformance!(wrapped, async {
    let (backend, folder) = local(false);
    (FaultyBackend::new(backend, 1), folder)
});
