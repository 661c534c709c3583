//! Stores over a failing backend: done and there, or refused and nothing half there.
