//! Where the file is: the nearest folder upward that has one.

use std::path::{Path, PathBuf};

use super::Settings;

/// A configuration file that was found, and those in its folder that it hides.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FoundFile {
    /// The file.
    pub path: PathBuf,
    /// Other configuration files in the same folder; they are not read.
    pub hidden: Vec<PathBuf>,
}

impl Settings {
    /// The names of configuration files, the first one that is there wins.
    pub const FILE_NAMES: [&str; 3] = ["qestore.yml", "qestore.yaml", ".qe-fleet-storage.yml"];

    /// The file in `start` or in the nearest folder above that has one; `is_file` says what is there.
    #[must_use]
    pub fn find_file(start: &Path, is_file: &dyn Fn(&Path) -> bool) -> Option<FoundFile> {
        start.ancestors().find_map(|folder| {
            let mut files = Self::FILE_NAMES
                .iter()
                .map(|name| folder.join(name))
                .filter(|path| is_file(path));
            Some(FoundFile {
                path: files.next()?,
                hidden: files.collect(),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_folder_wins_and_in_it_the_first_name() {
        let found = |there: &[&str]| {
            let is_file = |path: &Path| there.iter().any(|file| Path::new(file) == path);
            Settings::find_file(Path::new("/a/b/c"), &is_file)
        };
        assert_eq!(found(&[]), None);
        let near = found(&[
            "/qestore.yml",
            "/a/b/.qe-fleet-storage.yml",
            "/a/qestore.yml",
        ]);
        assert_eq!(near.unwrap().path, Path::new("/a/b/.qe-fleet-storage.yml"));
        let two = found(&["/a/b/c/.qe-fleet-storage.yml", "/a/b/c/qestore.yaml"]).unwrap();
        assert_eq!(two.path, Path::new("/a/b/c/qestore.yaml"));
        assert_eq!(two.hidden, [Path::new("/a/b/c/.qe-fleet-storage.yml")]);
    }
}
