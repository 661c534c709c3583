//! Folder trees as they occur: many files, links, permissions, files that change, names of all kinds.
