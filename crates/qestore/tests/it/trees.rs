//! Folder trees as they occur: many files, links, permissions, files that change, names of all kinds.

use std::fs;
use std::path::{Path, PathBuf};

use qestore::{Artifact, ErrorKind, Links, MemberKind, NewArtifact, Storage};

use crate::support::{RESULTS, local, noise};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree");
    fs::create_dir(&tree).unwrap();
    (folder, tree)
}

async fn store(storage: &Storage, tree: &Path) -> qestore::Result<Artifact> {
    let new = NewArtifact::from_path("job", RESULTS, tree);
    let stored = storage.store(new).await?;
    let artifact = storage.artifact(stored);
    artifact.verify().await?;
    Ok(artifact)
}

/// Paths, kinds, permission bits, contents and link targets of everything below a folder.
fn inventory(root: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let what = if metadata.is_symlink() {
                format!("link to {}", fs::read_link(&path).unwrap().display())
            } else if metadata.is_dir() {
                folders.push(path.clone());
                format!("folder {}", mode(&metadata))
            } else {
                format!("file {} {:?}", mode(&metadata), fs::read(&path).unwrap())
            };
            found.push((path.strip_prefix(root).unwrap().to_owned(), what));
        }
    }
    found.sort();
    found
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    format!("{:o}", metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn mode(metadata: &fs::Metadata) -> String {
    format!("{}", metadata.permissions().readonly())
}

async fn unpacks_to_the_same(artifact: &Artifact, tree: &Path) {
    let target = tempfile::tempdir().unwrap();
    let target = target.path().join("out");
    artifact.unpack(&target).await.unwrap();
    assert!(
        inventory(&target) == inventory(tree),
        "another tree came back"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_thousand_files_come_back() {
    let (_kept, storage) = local().await;
    let (_folder, tree) = folder();
    for n in 0..20_000 {
        let below = tree.join(format!("{:03}", n / 100));
        if n % 100 == 0 {
            fs::create_dir(&below).unwrap();
        }
        fs::write(below.join(format!("{n}.txt")), format!("file {n}")).unwrap();
    }
    let artifact = store(&storage, &tree).await.unwrap();
    assert_eq!(artifact.metadata().members, Some(20_200));
    let members = artifact.members().await.unwrap();
    assert_eq!(members.len(), 20_200);
    assert!(members.is_sorted_by(|a, b| a.path.split('/').lt(b.path.split('/'))));
    assert_eq!(
        artifact.member("123/12345.txt").await.unwrap(),
        "file 12345"
    );
    let target = tempfile::tempdir().unwrap();
    let target = target.path().join("out");
    artifact.unpack(&target).await.unwrap();
    assert_eq!(
        fs::read(target.join("199/19999.txt")).unwrap(),
        b"file 19999"
    );
    assert_eq!(fs::read_dir(target.join("050")).unwrap().count(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_and_deep_folders_come_back() {
    let (_kept, storage) = local().await;
    let (_folder, tree) = folder();
    // Nothing in it at all.
    let artifact = store(&storage, &tree).await.unwrap();
    assert_eq!(artifact.metadata().members, Some(0));
    unpacks_to_the_same(&artifact, &tree).await;
    fs::create_dir_all(tree.join("empty/also empty")).unwrap();
    fs::write(tree.join("no bytes"), b"").unwrap();
    fs::create_dir_all(tree.join(vec!["deep"; 100].join("/"))).unwrap();
    let artifact = store(&storage, &tree).await.unwrap();
    assert_eq!(artifact.metadata().members, Some(103));
    unpacks_to_the_same(&artifact, &tree).await;
    let error = artifact.member("empty").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("folder"), "{error}");
    let error = artifact.member("none").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(artifact.member("no bytes").await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_come_back() {
    let (_kept, storage) = local().await;
    let (_folder, tree) = folder();
    let long = "l".repeat(255);
    let names = [
        "-rf",
        " ",
        "a b",
        "ünï",
        "e\u{301}",
        "🚀",
        "בנייה",
        "%2e%2e",
        "a'b",
        "#",
        "...",
        long.as_str(),
    ];
    for name in names {
        fs::write(tree.join(name), name).unwrap();
    }
    if cfg!(unix) {
        for name in [
            "line\nbreak",
            "tab\t",
            "quote\"",
            "back\\slash",
            "c:",
            "aux",
            "\u{1b}[31m",
            "*?<>|",
        ] {
            fs::write(tree.join(name), name).unwrap();
        }
    }
    let artifact = store(&storage, &tree).await.unwrap();
    unpacks_to_the_same(&artifact, &tree).await;
    for member in artifact.members().await.unwrap() {
        assert_eq!(artifact.member(&member.path).await.unwrap(), member.path);
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn permission_bits_come_back() {
        let (_kept, storage) = local().await;
        let (_folder, tree) = folder();
        for mode in [0o400, 0o444, 0o600, 0o640, 0o644, 0o755, 0o777] {
            let (file, folder) = (
                tree.join(format!("{mode:o}")),
                tree.join(format!("{mode:o}.d")),
            );
            fs::write(&file, "x").unwrap();
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("in it"), "y").unwrap();
            // A folder must stay open to its owner for the walk itself.
            fs::set_permissions(&folder, fs::Permissions::from_mode(mode | 0o500)).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        }
        // Set-user-id is told, and never set again on unpacking.
        let special = tree.join("special");
        fs::write(&special, "x").unwrap();
        fs::set_permissions(&special, fs::Permissions::from_mode(0o4755)).unwrap();
        let artifact = store(&storage, &tree).await.unwrap();
        unpacks_to_the_same(&artifact, &tree).await;
        let target = tempfile::tempdir().unwrap();
        let target = target.path().join("out");
        artifact.unpack(&target).await.unwrap();
        let mode = fs::metadata(target.join("special"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o755);
        let members = artifact.members().await.unwrap();
        let of = |path| members.iter().find(|m| m.path == path).unwrap().mode;
        assert_eq!((of("special"), of("640")), (0o4755, 0o640));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn links_inside_come_back_in_all_forms() {
        let (_kept, storage) = local().await;
        let (_folder, tree) = folder();
        fs::create_dir_all(tree.join("a/b")).unwrap();
        fs::write(tree.join("file"), "content").unwrap();
        for (link, target) in [
            ("to file", "file"),
            ("to folder", "a"),
            ("to folder too", "a/b/"),
            ("to nothing", "no such file"),
            ("to itself", "to itself"),
            ("to here", "."),
            ("dotted", "./a/./b"),
            ("a/up", "../file"),
            ("a/b/up twice", "../../file"),
            ("a/b/to the root", "../.."),
            ("to a link", "to file"),
        ] {
            symlink(target, tree.join(link)).unwrap();
        }
        let artifact = store(&storage, &tree).await.unwrap();
        unpacks_to_the_same(&artifact, &tree).await;
        let members = artifact.members().await.unwrap();
        let links = members.iter().filter(|m| m.kind == MemberKind::Link);
        assert_eq!(links.count(), 11);
        let error = artifact.member("to file").await.unwrap_err();
        assert!(error.to_string().contains("is a link"), "{error}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn links_that_leave_are_named() {
        let (_kept, storage) = local().await;
        let (folder, tree) = folder();
        fs::create_dir(tree.join("a")).unwrap();
        fs::write(folder.path().join("secret"), "s").unwrap();
        let absolute = folder.path().join("secret");
        for target in [
            "..",
            "../secret",
            "a/../../secret",
            "/etc/passwd",
            absolute.to_str().unwrap(),
        ] {
            let link = tree.join("the link");
            symlink(target, &link).unwrap();
            let error = store(&storage, &tree).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{target}");
            let text = error.to_string();
            assert!(text.contains("the link") && text.contains(target), "{text}");
            assert!(error.advice().is_some());
            fs::remove_file(link).unwrap();
        }
        // Followed, what they lead to is stored; a circle and a dead end are errors.
        symlink("../secret", tree.join("leaving")).unwrap();
        let follow = || NewArtifact::from_path("job", RESULTS, &tree).links(Links::Follow);
        let stored = storage.store(follow()).await.unwrap();
        let artifact = storage.artifact(stored);
        assert_eq!(artifact.member("leaving").await.unwrap(), "s");
        for (target, kind) in [
            ("..", ErrorKind::InvalidInput),
            ("nothing", ErrorKind::NotFound),
        ] {
            let link = tree.join("a/wrong");
            symlink(target, &link).unwrap();
            let error = storage.store(follow()).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{target}: {error}");
            assert!(error.to_string().contains("wrong"), "{error}");
            fs::remove_file(link).unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sockets_and_pipes_are_named() {
        let (_kept, storage) = local().await;
        let (_folder, tree) = folder();
        let (socket, pipe) = (tree.join("the socket"), tree.join("the pipe"));
        let listener = UnixListener::bind(&socket).unwrap();
        let error = store(&storage, &tree).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("the socket"), "{error}");
        drop(listener);
        fs::remove_file(&socket).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success(), "mkfifo is needed");
        let error = store(&storage, &tree).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("the pipe"), "{error}");
    }

    // Other file systems refuse such a name themselves.
    #[cfg(target_os = "linux")]
    #[tokio::test(flavor = "multi_thread")]
    async fn names_that_are_not_text_are_named() {
        let (_kept, storage) = local().await;
        let (_folder, tree) = folder();
        use std::os::unix::ffi::OsStrExt as _;
        let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
        fs::write(tree.join(name), "x").unwrap();
        let error = store(&storage, &tree).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("caf"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_change_while_they_are_read_are_stored_as_they_were_or_refused() {
    let (_kept, storage) = local().await;
    let (_folder, tree) = folder();
    // Long enough that its end is read after the first bytes are on their way.
    for n in 0..8 {
        fs::write(tree.join(format!("{n}")), noise(6 << 20, n)).unwrap();
    }
    let (growing, shrinking) = (tree.join("6"), tree.join("7"));
    for (change, file) in [
        ("grows", &growing),
        ("shrinks", &shrinking),
        ("goes", &shrinking),
    ] {
        let (changed, of) = (file.clone(), change.to_owned());
        let begun = std::sync::atomic::AtomicBool::new(false);
        let new = NewArtifact::from_path("job", RESULTS, &tree)
            .name(change)
            .on_progress(move |_| {
                if !begun.swap(true, std::sync::atomic::Ordering::SeqCst) {
                    let open = || fs::File::options().append(true).open(&changed).unwrap();
                    match of.as_str() {
                        "grows" => std::io::Write::write_all(&mut open(), &[1; 5000]).unwrap(),
                        "shrinks" => open().set_len(1000).unwrap(),
                        _ => fs::remove_file(&changed).unwrap(),
                    }
                }
            });
        match storage.store(new).await {
            // Read before or after the change, and whole either way.
            Ok(stored) => storage.artifact(stored).verify().await.unwrap(),
            Err(error) => {
                let named = error.to_string().contains(file.to_str().unwrap());
                assert!(named, "{change}: {error}");
                assert_ne!(change, "grows", "{error}");
                assert!(!storage.exists(("job", RESULTS, change)).await.unwrap());
            }
        }
    }
    assert!(!shrinking.exists());
    assert!(storage.exists(("job", RESULTS, "grows")).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_grows_is_stored_to_some_whole_length() {
    let (_kept, storage) = local().await;
    let (_folder, tree) = folder();
    let log = tree.join("build.log");
    fs::write(&log, noise(9 << 20, 1)).unwrap();
    let grown = log.clone();
    let new = NewArtifact::from_path("job", RESULTS, &log).on_progress(move |_| {
        let mut file = fs::File::options().append(true).open(&grown).unwrap();
        std::io::Write::write_all(&mut file, b"one more line\n").unwrap();
    });
    let stored = storage.store(new).await.unwrap();
    assert!(stored.size_bytes >= 9 << 20);
    let read = storage.artifact(stored).bytes().await.unwrap();
    assert!(fs::read(&log).unwrap().starts_with(&read));
}

#[tokio::test(flavor = "multi_thread")]
async fn unpacking_never_disturbs_what_is_there() {
    let (_kept, storage) = local().await;
    let (folder, tree) = folder();
    fs::write(tree.join("file"), "x").unwrap();
    let artifact = store(&storage, &tree).await.unwrap();
    let there = folder.path().join("there");
    fs::write(&there, "mine").unwrap();
    for target in [there.clone(), tree.clone()] {
        let error = artifact.unpack(&target).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists, "{error}");
    }
    let error = artifact
        .unpack(&there.join("below a file"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("below a file"), "{error}");
    assert_eq!(fs::read(&there).unwrap(), b"mine");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    artifact.unpack(&empty).await.unwrap();
    artifact
        .unpack(&folder.path().join("new/and/deep"))
        .await
        .unwrap();
    let left = fs::read_dir(folder.path())
        .unwrap()
        .map(|e| e.unwrap().file_name());
    assert!(
        left.into_iter()
            .all(|name| !name.to_string_lossy().starts_with('.'))
    );
}
