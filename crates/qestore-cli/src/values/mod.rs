//! Values as people write them on the command line: durations, instants, sizes, tags, shares.

mod size;
mod tag;
mod time;

pub(crate) use size::{parse_share, parse_size};
pub(crate) use tag::{Tag, parse_condition, parse_tag};
pub(crate) use time::{Ttl, When, parse_span, parse_ttl, parse_when};
