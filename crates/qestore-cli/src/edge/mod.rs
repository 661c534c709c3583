//! The edges of the program: the only places that read environment, clock and current folder.

mod actor;
mod configuration;
mod environment;
mod place;

pub(crate) use actor::actor;
pub(crate) use configuration::{Configuration, examine};
pub(crate) use environment::{no_color, now};
pub(crate) use place::{Place, current_folder, find_store};
