//! The edges of the program: the only places that read environment, clock and current folder.

mod environment;
mod place;

pub(crate) use environment::{ProcessSurroundings, no_color, now};
pub(crate) use place::{Place, current_folder, find_store};
