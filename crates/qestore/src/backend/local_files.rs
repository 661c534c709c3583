//! Files of a local store: written under a temporary name, synced, then given their real name.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use uuid::Uuid;

use super::{PutMode, ReadRange};

/// A younger temporary file is left alone, even when nobody seems to hold it.
const SWEEP_AFTER: Duration = Duration::from_secs(60);
/// Where the file system has no locks, only age tells that a writer is gone.
const SWEEP_UNLOCKABLE_AFTER: Duration = Duration::from_secs(24 * 3600);

/// Written bytes after which they start on their way to the disk.
const SYNC_EVERY: usize = 16 << 20;

/// How often a folder is made that others remove.
const FOLDER_TRIES: usize = 20;

/// A file that has no name yet.
#[derive(Debug)]
pub(super) struct StagedFile {
    path: PathBuf,
    // Held locked for as long as its writer lives: a sweep knows abandoned files by that.
    file: Option<File>,
    durable: bool,
    /// Bytes written since the last sync was started.
    unsynced: usize,
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl StagedFile {
    pub(super) fn create(staging: &Path, durable: bool) -> io::Result<Self> {
        let path = staging.join(Uuid::new_v4().as_simple().to_string());
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        let file = match options.open(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(staging)?;
                options.open(&path)?
            }
            other => other?,
        };
        let _ = file.try_lock();
        Ok(Self {
            path,
            file: Some(file),
            durable,
            unsynced: 0,
            syncing: None,
        })
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Err(io::Error::other("the file is finished"));
        };
        file.write_all(bytes)?;
        self.unsynced += bytes.len();
        if self.durable && self.unsynced >= SYNC_EVERY {
            self.sync_behind()?;
        }
        Ok(())
    }

    /// Syncs what has been written so far beside what comes next: a large file would otherwise
    /// wait for the disk only when the processor has nothing left to do.
    fn sync_behind(&mut self) -> io::Result<()> {
        self.wait_for_sync()?;
        self.unsynced = 0;
        if let Some(Ok(file)) = self.file.as_ref().map(File::try_clone) {
            // Without a thread to be had, the sync at the end does it all.
            self.syncing = thread::Builder::new().spawn(move || file.sync_data()).ok();
        }
        Ok(())
    }

    /// The system reports a failed sync once: what this one says must not be lost.
    fn wait_for_sync(&mut self) -> io::Result<()> {
        let panicked = |_| Err(io::Error::other("the syncing thread failed"));
        match self.syncing.take() {
            Some(thread) => thread.join().unwrap_or_else(panicked),
            None => Ok(()),
        }
    }

    /// Gives the file its name. After this returns it is there for good.
    pub(super) fn publish(mut self, place: &Path, mode: PutMode) -> io::Result<()> {
        self.wait_for_sync()?;
        let Some(file) = self.file.take() else {
            return Err(io::Error::other("the file is finished"));
        };
        if self.durable {
            file.sync_all()?;
        }
        // There a lock would also keep readers out.
        if cfg!(windows) {
            let _ = file.unlock();
        }
        let name = || match mode {
            PutMode::Overwrite => fs::rename(&self.path, place),
            PutMode::Create => name_once(&self.path, place),
        };
        // A folder that a cleanup has emptied and removed is made again, should it be at this moment.
        let mut tries = 0..FOLDER_TRIES;
        loop {
            let made = match name() {
                Err(e) if e.kind() == io::ErrorKind::NotFound && self.path.exists() => {
                    make_folders(place.parent().unwrap_or(place), self.durable)
                }
                other => break other?,
            };
            match (made, tries.next()) {
                (Err(e), None) => return Err(e),
                (Err(e), _) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                (Ok(()), None) => return name(),
                _ => {}
            }
        }
        if mode == PutMode::Create {
            let _ = fs::remove_file(&self.path);
        }
        // Drop must not remove what is published now.
        self.path = PathBuf::new();
        // Only now may a sweep take the lock.
        drop(file);
        if self.durable {
            sync_folder(place.parent().unwrap_or(place))
        } else {
            Ok(())
        }
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        self.file.take();
        if !self.path.as_os_str().is_empty() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Gives a file its name unless the name is taken.
fn name_once(path: &Path, place: &Path) -> io::Result<()> {
    match fs::hard_link(path, place) {
        // Not every file system has hard links; there, two writers at once may both succeed.
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            if place.try_exists()? {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            fs::rename(path, place)
        }
        other => other,
    }
}

/// The folders that are known to be on disk with all the folders above them.
///
/// Another process may have made a folder and been killed before it synced the one above: whoever
/// uses it first here syncs the way up to the root.
#[derive(Debug, Default)]
pub(super) struct SyncedFolders(Mutex<HashSet<PathBuf>>);

impl SyncedFolders {
    pub(super) fn sync_above(&self, place: &Path, root: &Path) -> io::Result<()> {
        let Some(folder) = place.parent() else {
            return Ok(());
        };
        let known = |set: &Mutex<HashSet<PathBuf>>| {
            set.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(folder)
        };
        if known(&self.0) {
            return Ok(());
        }
        for above in folder
            .ancestors()
            .skip(1)
            .take_while(|above| above.starts_with(root))
        {
            sync_folder(above)?;
        }
        let mut set = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Hours go by in a long-running process.
        if set.len() > 64 {
            set.clear();
        }
        set.insert(folder.to_owned());
        Ok(())
    }
}

/// Writes `parts` as one file.
pub(super) fn write_file(
    staging: &Path,
    place: &Path,
    parts: &[Bytes],
    mode: PutMode,
    durable: bool,
) -> io::Result<()> {
    if mode == PutMode::Create && place.try_exists()? {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut file = StagedFile::create(staging, durable)?;
    for part in parts {
        file.write(part)?;
    }
    file.publish(place, mode)
}

/// A file opened at a range, with the first piece of it.
pub(super) struct OpenRange {
    pub(super) file: File,
    pub(super) file_size: u64,
    pub(super) first: Bytes,
    /// What comes after the first piece.
    pub(super) rest: Range<u64>,
}

/// Opens a file and reads the first `piece` bytes of `range`.
pub(super) fn open_range(place: &Path, range: &ReadRange, piece: u64) -> io::Result<OpenRange> {
    let mut file = File::open(place)?;
    let file_size = file.metadata()?.len();
    let range = match range {
        ReadRange::All => 0..file_size,
        ReadRange::Bytes(range) if range.start <= file_size => {
            range.start..range.end.min(file_size)
        }
        ReadRange::Bytes(_) => return Err(io::ErrorKind::InvalidInput.into()),
        ReadRange::Last(most) => file_size.saturating_sub(*most)..file_size,
    };
    let piece = piece.min(range.end.saturating_sub(range.start));
    let mut first = Vec::with_capacity(piece as usize);
    if range.start > 0 {
        file.seek(SeekFrom::Start(range.start))?;
    }
    (&mut file).take(piece).read_to_end(&mut first)?;
    let rest = range.start + first.len() as u64..range.end;
    Ok(OpenRange {
        file,
        file_size,
        first: Bytes::from(first),
        rest,
    })
}

/// Removes files below `root`, and the folders that this leaves empty. One failure does not keep the
/// others from being removed; the first is given, with the file's place in `places`.
pub(super) fn remove_files(root: &Path, places: &[PathBuf]) -> Result<(), (usize, io::Error)> {
    let mut failed = None;
    let mut folders = HashSet::new();
    for (at, place) in places.iter().enumerate() {
        match fs::remove_file(place) {
            Ok(()) => {
                folders.extend(place.parent());
            }
            Err(e) if is_not_there(&e) => {}
            Err(e) => {
                failed.get_or_insert((at, e));
            }
        }
    }
    for folder in folders {
        // Whatever is not empty stays, and nothing at the top goes.
        let inside = |above: &&Path| {
            above.parent().is_some_and(|parent| parent != root) && above.starts_with(root)
        };
        for above in folder.ancestors().take_while(inside) {
            if fs::remove_dir(above).is_err() {
                break;
            }
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Whether an error says that no object is there: nothing, or a key below another object's.
fn is_not_there(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

/// Makes a folder and those above it; each new one is synced into the one that holds it.
pub(super) fn make_folders(folder: &Path, durable: bool) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    if let Some(parent) = folder.parent() {
        make_folders(parent, durable)?;
    }
    match fs::create_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
        other => other?,
    }
    match folder.parent() {
        Some(parent) if durable && !parent.as_os_str().is_empty() => sync_folder(parent),
        _ => Ok(()),
    }
}

/// Syncs the entries of a folder; a no-op where folders cannot be opened as files.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}

/// Removes temporary files whose writers are gone; says how many.
pub(super) fn sweep(staging: &Path, now: SystemTime) -> usize {
    let Ok(entries) = fs::read_dir(staging) else {
        return 0;
    };
    let mut swept = 0;
    for entry in entries.flatten() {
        let age = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .ok()
            .and_then(|modified| now.duration_since(modified).ok())
            .unwrap_or_default();
        if age < SWEEP_AFTER {
            continue;
        }
        let path = entry.path();
        let abandoned = match OpenOptions::new()
            .write(true)
            .open(&path)
            .map(|file| file.try_lock())
        {
            Ok(Ok(())) => true,
            Ok(Err(fs::TryLockError::WouldBlock)) | Err(_) => false,
            Ok(Err(fs::TryLockError::Error(_))) => age >= SWEEP_UNLOCKABLE_AFTER,
        };
        if abandoned && fs::remove_file(&path).is_ok() {
            swept += 1;
        }
    }
    swept
}
