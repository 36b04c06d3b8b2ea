//! Content-addressed files: `photos/ab/abcd….jpg`, named by the SHA-256 of what is in them.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rand::Rng;
use sha2::{Digest, Sha256};
use waypost_app::domain::ids::PhotoHash;

#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    /// Half-written files live here, on the same file system as where they go, so that a rename is atomic, and in one
    /// place, so that finding those a crash left behind does not mean reading every folder.
    incoming: PathBuf,
    claims: Mutex<Claims>,
}

/// What is about to happen to files. Between the look at the rows and the end of a file somebody else may begin to need
/// it, so both are noted here.
#[derive(Debug, Default)]
struct Claims {
    /// Somebody is about to name it in a row: how many, and since when.
    awaited: HashMap<PhotoHash, (usize, Instant)>,
    /// It is to be dropped unless a row turns out to name it.
    doomed: HashSet<PhotoHash>,
}

/// Whoever has not named a file by then has crashed or given up.
const AWAITED_FOR: Duration = Duration::from_mins(10);

impl Files {
    /// Opens (or creates) the folders below `root` and clears what a crash left half-written.
    pub(super) fn open(root: PathBuf) -> io::Result<Self> {
        let incoming = root.join("incoming");
        fs::create_dir_all(&incoming)?;
        for left_behind in fs::read_dir(&incoming)? {
            fs::remove_file(left_behind?.path())?;
        }
        Ok(Self { root, incoming, claims: Mutex::default() })
    }

    pub(super) fn path(&self, hash: &PhotoHash) -> PathBuf {
        self.folder(hash).join(format!("{hash}.jpg"))
    }

    fn folder(&self, hash: &PhotoHash) -> PathBuf {
        self.root.join(&hash.as_str()[..2])
    }

    /// An empty file that nobody knows yet.
    pub(super) fn half(&self) -> io::Result<(Half, File)> {
        let path = self.incoming.join(format!("{:032x}", rand::rng().random::<u128>()));
        let file = File::create_new(&path)?;
        Ok((Half { path }, file))
    }

    /// Writes a file that can be kept later.
    pub(super) fn stage(&self, bytes: &[u8]) -> io::Result<Staged> {
        let (half, mut file) = self.half()?;
        file.write_all(bytes)?;
        Ok(Staged { hash: PhotoHash::from_digest(&Sha256::digest(bytes)), bytes: bytes.len() as u64, half, file })
    }

    /// Puts a file under its hash, where it stays at least until [`Files::settled`]. Afterwards the file and its name are
    /// on disk; on failure nothing is left.
    pub(super) fn keep(&self, staged: Staged) -> io::Result<PhotoHash> {
        let Staged { half, file, hash, .. } = staged;
        // Before looking whether it is there: from here on nobody drops it.
        let mut claims = self.claims();
        claims.doomed.remove(&hash);
        claims
            .awaited
            .entry(hash.clone())
            .and_modify(|(by, since)| {
                *by += 1;
                *since = Instant::now();
            })
            .or_insert((1, Instant::now()));
        drop(claims);
        let folder = self.folder(&hash);
        if !folder.exists() {
            fs::create_dir_all(&folder)?;
            sync_dir(&self.root)?;
        }
        let path = self.path(&hash);
        // A file is only ever renamed here whole, so one of the right name has the right content.
        if !path.exists() {
            // The bytes and their number; that the time of writing is lost in a power cut does not matter.
            file.sync_data()?;
            fs::rename(half.path(), &path)?;
        }
        // Also for a file that is already there: another thread may have renamed it a moment ago.
        sync_dir(&folder)?;
        Ok(hash)
    }

    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody who kept a file has named it in a row, or never will.
    pub(super) fn settled(&self, hash: &PhotoHash) {
        if let Entry::Occupied(mut entry) = self.claims().awaited.entry(hash.clone()) {
            match entry.get().0 {
                0 | 1 => drop(entry.remove()),
                by => entry.get_mut().0 = by - 1,
            }
        }
    }

    /// To be called before the rows are asked whether they name a file; false if somebody is about to name it.
    pub(super) fn doom(&self, hash: &PhotoHash) -> bool {
        let mut claims = self.claims();
        claims.awaited.retain(|_, (_, since)| since.elapsed() < AWAITED_FOR);
        let free = !claims.awaited.contains_key(hash);
        if free {
            claims.doomed.insert(hash.clone());
        }
        free
    }

    /// A row names it after all.
    pub(super) fn spare(&self, hash: &PhotoHash) {
        self.claims().doomed.remove(hash);
    }

    /// Drops a doomed file that no row names; false if there is none, somebody has kept it since, or it cannot be dropped.
    pub(super) fn remove(&self, hash: &PhotoHash) -> bool {
        let mut claims = self.claims();
        if !claims.doomed.remove(hash) {
            return false;
        }
        // Still locked: nobody begins to await it meanwhile.
        match fs::remove_file(self.path(hash)) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => {
                tracing::warn!(%error, %hash, "a photo that nobody names stays behind");
                false
            }
        }
    }

    /// The files in one of the 256 folders. What has another kind of name is none of ours.
    pub(super) fn list(&self, folder: u8) -> io::Result<Vec<PhotoHash>> {
        let entries = match fs::read_dir(self.root.join(format!("{folder:02x}"))) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let hash = name.to_str().and_then(|name| name.strip_suffix(".jpg")).map(PhotoHash::parse);
            found.extend(hash.and_then(Result::ok));
        }
        Ok(found)
    }
}

/// A file that is whole but not durable, and known to nobody; gone when it is dropped.
#[derive(Debug)]
pub(super) struct Staged {
    half: Half,
    file: File,
    hash: PhotoHash,
    pub(super) bytes: u64,
}

/// The name of a file that is removed again unless it is renamed.
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
        // After the rename there is nothing left under this name.
        if let Err(error) = fs::remove_file(&self.path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %self.path.display(), "a half-written photo stays behind");
        }
    }
}

/// Makes the names inside a directory durable; syncing a file does not.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(data: &tempfile::TempDir) -> Files {
        Files::open(data.path().join("photos")).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn the_same_bytes_are_one_file() {
        let data = tempfile::tempdir().unwrap();
        let files = open(&data);
        let first = files.keep(files.stage(b"picture").unwrap()).unwrap();
        assert_eq!(files.keep(files.stage(b"picture").unwrap()).unwrap(), first);
        assert_eq!(fs::read(files.path(&first)).unwrap(), b"picture");
        assert_eq!(names(&files.folder(&first)), [format!("{first}.jpg")]);
        assert!(names(&files.incoming).is_empty());
    }

    #[test]
    fn a_file_is_dropped_only_when_nobody_is_about_to_name_it() {
        let data = tempfile::tempdir().unwrap();
        let files = open(&data);
        let hash = files.keep(files.stage(b"picture").unwrap()).unwrap();
        files.keep(files.stage(b"picture").unwrap()).unwrap();
        assert_eq!(
            files.list(u8::from_str_radix(&hash.as_str()[..2], 16).unwrap()).unwrap(),
            std::slice::from_ref(&hash)
        );
        let dropped = || files.doom(&hash) && files.remove(&hash);
        assert!(!dropped(), "two are about to name it");
        files.settled(&hash);
        assert!(!dropped(), "one still is");
        files.settled(&hash);
        assert!(dropped() && !files.path(&hash).exists());
        assert!(!dropped(), "it is gone");
    }

    #[test]
    fn a_file_that_is_kept_and_named_while_its_end_is_prepared_stays() {
        let data = tempfile::tempdir().unwrap();
        let files = open(&data);
        let hash = files.keep(files.stage(b"picture").unwrap()).unwrap();
        files.settled(&hash);
        assert!(files.doom(&hash));
        files.keep(files.stage(b"picture").unwrap()).unwrap();
        files.settled(&hash);
        assert!(!files.remove(&hash) && files.path(&hash).exists());
        assert!(files.doom(&hash));
        files.spare(&hash);
        assert!(!files.remove(&hash) && files.path(&hash).exists());
    }

    #[test]
    fn what_is_not_kept_leaves_nothing_behind() {
        let data = tempfile::tempdir().unwrap();
        let files = open(&data);
        drop(files.stage(b"picture").unwrap());
        assert!(names(&files.incoming).is_empty());
        // A file where the folder should go: the rename fails after the bytes are written.
        let staged = files.stage(b"picture").unwrap();
        fs::write(files.folder(&staged.hash), b"in the way").unwrap();
        assert!(files.keep(staged).is_err());
        assert!(names(&files.incoming).is_empty());
    }

    #[test]
    fn what_a_crash_left_half_written_is_cleared() {
        let data = tempfile::tempdir().unwrap();
        let files = open(&data);
        fs::write(files.incoming.join("half"), b"pict").unwrap();
        assert!(names(&open(&data).incoming).is_empty());
    }
}
