//! Many processes and killed processes: what was acknowledged is there, and nothing is half there.
