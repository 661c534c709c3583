//! What stays and what goes: policies, and the schedule of cleanups.

mod policy;
mod schedule;
mod scope;

pub use policy::RetentionPolicy;
pub use schedule::CleanupSchedule;
pub use scope::KeepScope;
