//! Limits and names: too much content leaves nothing behind, hostile names are kept as text.
