//! Files that one copy of the program works on and nobody else knows: bodies as they come, pictures on their way to where
//! they are kept. Each copy has a folder of its own, `incoming/RANDOM`, as several may share a data directory.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use rand::Rng;
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

/// Held locked as long as a folder is in use; the system lets go of it with the process, however that ends.
const LOCK: &str = "lock";

/// The folder of this copy.
#[derive(Debug)]
pub(super) struct Scratch {
    folder: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes a folder below `all`, and clears those that a crash left behind.
    pub(super) fn open(all: &Path) -> io::Result<Self> {
        fs::create_dir_all(all)?;
        // One at a time: a folder is not locked in the moment in which it is made.
        let gate = File::create(all.join(LOCK))?;
        gate.lock()?;
        for entry in fs::read_dir(all)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() && !in_use(&entry.path())? {
                fs::remove_dir_all(entry.path())?;
            }
        }
        let folder = all.join(random());
        fs::create_dir(&folder)?;
        let lock = File::create(folder.join(LOCK))?;
        lock.lock()?;
        Ok(Self { folder, _lock: lock })
    }

    /// An empty file.
    pub(super) fn half(&self) -> io::Result<(Half, File)> {
        let path = self.folder.join(random());
        let file = File::create_new(&path)?;
        Ok((Half { path }, file))
    }

    /// Writes a file that can be kept later.
    pub(super) fn stage(&self, bytes: &[u8]) -> io::Result<Staged> {
        let (half, mut file) = self.half()?;
        file.write_all(bytes)?;
        Ok(Staged { hash: hash(bytes), bytes: bytes.len() as u64, half })
    }
}

fn in_use(folder: &Path) -> io::Result<bool> {
    let lock = match File::options().write(true).open(folder.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        lock => lock?,
    };
    match lock.try_lock() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn random() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

/// The name of a file by what is in it.
pub(super) fn hash(bytes: &[u8]) -> PhotoHash {
    PhotoHash::from_digest(&Sha256::digest(bytes))
}

/// A file that is whole but not durable, and known to nobody; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Staged {
    half: Half,
    pub(super) hash: PhotoHash,
    pub(super) bytes: u64,
}

impl Staged {
    /// What was written. It is read again because many may wait at once, and most of the time they wait.
    pub(super) fn read(&self) -> io::Result<Bytes> {
        let bytes = fs::read(self.half.path())?;
        if hash(&bytes) != self.hash {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a file has changed since it was written"));
        }
        Ok(bytes.into())
    }
}

/// The name of a file that is gone when this is dropped.
#[derive(Debug)]
pub(super) struct Half {
    path: PathBuf,
}

impl Half {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "a half-written photo stays behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).filter(|name| name != LOCK).collect()
    }

    #[test]
    fn what_is_dropped_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let scratch = Scratch::open(data.path()).unwrap();
        let staged = scratch.stage(b"picture").unwrap();
        assert_eq!((staged.read().unwrap(), names(&scratch.folder).len()), (Bytes::from_static(b"picture"), 1));
        drop(staged);
        assert!(names(&scratch.folder).is_empty());
    }

    #[test]
    fn a_file_that_changed_on_the_disk_is_not_taken_for_what_was_written() {
        let data = tempfile::tempdir().unwrap();
        let scratch = Scratch::open(data.path()).unwrap();
        let staged = scratch.stage(b"picture").unwrap();
        fs::write(staged.half.path(), b"pictures").unwrap();
        assert!(staged.read().is_err());
    }

    #[test]
    fn what_a_crash_left_is_cleared_and_what_another_copy_works_on_is_not() {
        let data = tempfile::tempdir().unwrap();
        let crashed = Scratch::open(data.path()).unwrap();
        let half = crashed.half().unwrap().0;
        std::mem::forget(half);
        drop(crashed);
        let first = Scratch::open(data.path()).unwrap();
        assert_eq!(names(data.path()).len(), 1);
        let staged = first.stage(b"picture").unwrap();
        let second = Scratch::open(data.path()).unwrap();
        assert_eq!((staged.read().unwrap().len(), names(data.path()).len()), (7, 2));
        assert_ne!(first.folder, second.folder);
    }
}
