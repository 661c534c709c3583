//! Which symbolic links stay inside a tree.

/// Whether a link at `path` (slash-separated, inside the tree) to `target` surely stays inside.
///
/// `..` is allowed only at the start of the target: after a folder name it could climb out of a
/// folder that is itself a link, which the names alone cannot tell.
pub(super) fn stays_inside(path: &str, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') || target.contains('\0') {
        return false;
    }
    let depth = path.matches('/').count();
    let mut climbs = 0;
    let mut descended = false;
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." if descended => return false,
            ".." => climbs += 1,
            _ => descended = true,
        }
    }
    climbs <= depth
}

#[cfg(test)]
mod tests {
    use super::stays_inside;

    #[test]
    fn links_may_climb_to_the_root_of_the_tree_and_no_further() {
        assert!(stays_inside("a", "b/c"));
        assert!(stays_inside("a/b/c", "../../d"));
        assert!(stays_inside("a/b", "./../x/"));
        assert!(stays_inside("a/b", ".."));
        for (path, target) in [
            ("a", ".."),
            ("a", "../x"),
            ("a/b", "../../x"),
            ("a", "/etc/passwd"),
            ("a", ""),
            ("a", "b/../../x"),
            ("a/b", "c/.."),
        ] {
            assert!(!stays_inside(path, target), "{path} -> {target}");
        }
    }
}
