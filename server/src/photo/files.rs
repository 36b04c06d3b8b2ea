//! Content-addressed files: `photos/ab/abcd….jpg`, named by the SHA-256 of what is in them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rand::Rng;
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    /// Half-written files live here, on the same file system as where they go, so that a rename is atomic, and in one
    /// place, so that finding those a crash left behind does not mean reading every folder.
    incoming: PathBuf,
}

impl Files {
    pub(super) fn open(data_dir: &Path) -> io::Result<Self> {
        let root = data_dir.join("photos");
        let incoming = root.join("incoming");
        fs::create_dir_all(&incoming)?;
        for left_behind in fs::read_dir(&incoming)? {
            fs::remove_file(left_behind?.path())?;
        }
        sync_dir(&root)?;
        sync_dir(data_dir)?;
        Ok(Self { root, incoming })
    }

    pub(super) fn path(&self, hash: &PhotoHash) -> PathBuf {
        self.folder(hash).join(format!("{hash}.jpg"))
    }

    fn folder(&self, hash: &PhotoHash) -> PathBuf {
        self.root.join(&hash.as_str()[..2])
    }

    /// Writes a file under its hash. Afterwards the file and its name are on disk; on failure nothing is left.
    pub(super) fn keep(&self, bytes: &[u8]) -> io::Result<PhotoHash> {
        let hash = PhotoHash::from_digest(&Sha256::digest(bytes));
        let folder = self.folder(&hash);
        if !folder.exists() {
            fs::create_dir_all(&folder)?;
            sync_dir(&self.root)?;
        }
        let path = self.path(&hash);
        // A file is only ever renamed here whole, so one of the right name has the right content.
        if !path.exists() {
            let half = Half::create(&self.incoming)?;
            half.finish(bytes, &path)?;
        }
        // Also for a file that is already there: another thread may have renamed it a moment ago.
        sync_dir(&folder)?;
        Ok(hash)
    }
}

/// A file that is removed again unless it is finished.
struct Half {
    path: PathBuf,
    file: File,
}

impl Half {
    fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{:032x}", rand::rng().random::<u128>()));
        let file = File::create_new(&path)?;
        Ok(Self { path, file })
    }

    fn finish(mut self, bytes: &[u8], path: &Path) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()?;
        fs::rename(&self.path, path)
    }
}

impl Drop for Half {
    fn drop(&mut self) {
        // After the rename there is nothing left under this name.
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.path.display(), "a half-written photo stays behind");
        }
    }
}

/// Makes the names inside a directory durable; syncing a file does not.
fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_same_bytes_are_one_file() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        let first = files.keep(b"picture").unwrap();
        assert_eq!(files.keep(b"picture").unwrap(), first);
        assert_eq!(fs::read(files.path(&first)).unwrap(), b"picture");
        assert_eq!(names(&files.folder(&first)), [format!("{first}.jpg")]);
        assert!(names(&files.incoming).is_empty());
    }

    #[test]
    fn a_failed_write_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        let hash = PhotoHash::from_digest(&Sha256::digest(b"picture"));
        // A directory where the file should go: the rename fails after the bytes are written.
        let half = Half::create(&files.incoming).unwrap();
        fs::create_dir_all(files.path(&hash).join("in the way")).unwrap();
        assert!(half.finish(b"picture", &files.path(&hash)).is_err());
        assert!(names(&files.incoming).is_empty());
    }

    #[test]
    fn what_a_crash_left_half_written_is_cleared() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::open(data.path()).unwrap();
        fs::write(files.incoming.join("half"), b"pict").unwrap();
        let again = Files::open(data.path()).unwrap();
        assert!(names(&again.incoming).is_empty());
    }
}
