//! What is kept free of photos on the disk: words are worth more than pictures, and take a thousandth of the room.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::statvfs;

use super::PhotoError;

/// The folders whose file systems photos share with what must not run out of room; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    folders: Vec<PathBuf>,
    /// Bytes that stay free on each.
    reserve: u64,
    low: Arc<AtomicBool>,
}

impl Disk {
    pub(super) fn new(folders: Vec<PathBuf>, reserve: u64) -> Self {
        Self { folders, reserve, low: Arc::default() }
    }

    /// The same, and another folder.
    pub(super) fn and(mut self, folder: PathBuf) -> Self {
        self.folders.push(folder);
        self
    }

    /// Whether more photos may come. Asks the file systems, which may take a moment.
    ///
    /// # Errors
    /// [`PhotoError::Low`] while one of them has less than the reserve; or what it says instead of an answer.
    pub(super) fn check(&self) -> Result<(), PhotoError> {
        let mut low = None;
        for folder in &self.folders {
            let found = statvfs(folder.as_path()).map_err(io::Error::from)?;
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            // Some that lie elsewhere do not know how large they are.
            if found.f_blocks > 0 && free < self.reserve {
                low = Some((folder, free));
            }
        }
        // Once, and not with each photo.
        match (low, self.low.swap(low.is_some(), Ordering::Relaxed)) {
            (Some((folder, free)), false) => {
                let (folder, reserve) = (folder.display(), self.reserve);
                tracing::error!(%folder, free, reserve, "the disk is nearly full: photos have to wait, words are taken");
            }
            (None, true) => tracing::info!("the disk has room for photos again"),
            _ => {}
        }
        if low.is_some() { Err(PhotoError::Low) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_wait_while_any_of_the_folders_has_less_than_is_kept_free() {
        let data = tempfile::tempdir().unwrap();
        let here = || vec![data.path().to_owned()];
        assert!(Disk::new(here(), 1).check().is_ok());
        assert!(Disk::new(here(), 0).check().is_ok());
        assert!(matches!(Disk::new(here(), u64::MAX).check(), Err(PhotoError::Low)));
        assert!(matches!(Disk::new(Vec::new(), u64::MAX).and(data.path().into()).check(), Err(PhotoError::Low)));
        assert!(matches!(Disk::new(here(), 1).and(data.path().join("none")).check(), Err(PhotoError::File(_))));
    }
}
