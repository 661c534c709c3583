//! What stays and what goes: policies, and the schedule of cleanups.

mod plan;
mod policy;
mod schedule;
mod scope;
mod verdict;

pub(crate) use plan::Group;
pub use policy::RetentionPolicy;
pub use schedule::CleanupSchedule;
pub use scope::KeepScope;
pub(crate) use verdict::verdict;
pub use verdict::{KeepRule, RemoveRule, TtlSource, Verdict};
