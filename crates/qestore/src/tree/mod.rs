//! Folder trees: packing a folder into a tar stream with a table of its members, reading it back,
//! and unpacking it without ever writing outside the target.

mod links;
mod member;
mod pack;
mod read;
mod tar_header;
mod unpack;
mod walk;

pub(crate) use member::check_members;
pub use member::{Member, MemberKind};
pub(crate) use pack::pack_tree;
pub(crate) use read::{TreeCheck, TreeReader};
pub(crate) use unpack::Unpacker;
pub use walk::Links;
pub(crate) use walk::walk;
