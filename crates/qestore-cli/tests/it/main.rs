//! The tests of the command, which run it as users do.
