//! The index is a view: deleted, damaged or foreign, it comes back and answers the same.
