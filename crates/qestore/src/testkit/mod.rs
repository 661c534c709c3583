//! For people who write a [backend](crate::backend::Backend): one conformance suite, and a wrapper
//! that injects faults.
//!
//! ```
//! use qestore::backend::ObjectStoreBackend;
//!
//! // One test per case, in a module `memory`. The second part of the pair is kept as long as the
//! // test runs: a temporary folder, a server.
//! qestore::backend_conformance!(memory, async { (ObjectStoreBackend::memory(), ()) });
//! # fn main() {}
//! ```
//!
//! Everything here fails by panicking, as tests do.

pub mod conformance;
mod faults;
mod random;

pub use faults::{Fault, FaultyBackend, Operation, When};
