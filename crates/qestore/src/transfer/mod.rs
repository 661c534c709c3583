//! Moving artifacts: between stores, and in from the original library.

mod copy;
mod import;

pub(crate) use copy::copy;
pub use copy::{CopyOptions, CopyReport};
pub(crate) use import::import;
pub use import::{ImportOptions, ImportProblem, ImportReport};
