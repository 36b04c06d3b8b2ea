//! A picture on its way in: sniffed, decoded within bounds, upright, metadata gone, stored under its hash.
//!
//! [`Archive::prepare`] makes a [`Picture`] out of whatever was sent and touches nothing; [`Archive::keep`] puts its
//! files safely on disk. Only then may a database row name them: a crash in between leaves files nobody asks for, never
//! a row without its files.

mod files;
mod picture;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use waypost_app::domain::ids::PhotoHash;

use files::Files;
pub use picture::Picture;

/// Most bytes of a photo as it is sent.
pub const MAX_BYTES: usize = 12 * 1024 * 1024;
/// Most pixels of a photo as it is sent: the largest that phones take.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Pixels that may be in memory at once, over all photos being decoded. Decoding takes up to nine bytes a pixel.
const PIXEL_BUDGET: u32 = 64_000_000;

/// Kilobytes of photos as they are sent that may be in memory at once.
const ARRIVING_KB: u32 = 256 * 1024;
/// How long a photo waits for room before its sender is asked to come again.
const ROOM_WAIT: Duration = Duration::from_secs(10);

/// Why a photo is not taken.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// More than [`MAX_BYTES`].
    #[error("is larger than {} MB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// By its first bytes; names and declared types are not looked at.
    #[error("is not a JPEG, PNG or WebP picture")]
    NotAPicture,
    /// It begins like a picture and cannot be decoded to its end.
    #[error("is damaged or incomplete and cannot be opened")]
    Damaged,
    /// More than [`MAX_PIXELS`], or more memory than we give to one picture.
    #[error("has more than {} million pixels", MAX_PIXELS / 1_000_000)]
    TooManyPixels,
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// Anything else the file system says.
    #[error(transparent)]
    File(io::Error),
}

impl From<io::Error> for PhotoError {
    fn from(error: io::Error) -> Self {
        if is_full(&error) { Self::Full } else { Self::File(error) }
    }
}

/// Whether a file could not be written for lack of room.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

/// Where the two files of a photo are, and what is in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the re-encoded picture, which is its file's name.
    pub blob: PhotoHash,
    /// The same of the thumbnail.
    pub thumb: PhotoHash,
    /// Of the re-encoded picture, in pixels and bytes.
    pub width: u32,
    pub height: u32,
    pub bytes: u64,
}

/// The photos on disk; cheap to clone.
#[derive(Clone)]
pub struct Archive {
    files: Arc<Files>,
    pixels: Arc<Semaphore>,
    /// Kilobytes of photos that may be in memory as they were sent.
    arriving: Arc<Semaphore>,
    /// What even the smallest picture takes of the budget, so that no more are decoded at once than there are cores.
    least_share: u32,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens (or creates) the archive in a data directory and clears what a crash left half-written.
    ///
    /// # Errors
    /// If the directory cannot be used.
    pub async fn open(data_dir: &Path) -> io::Result<Self> {
        let data_dir = data_dir.to_owned();
        let files = tokio::task::spawn_blocking(move || Files::open(&data_dir)).await??;
        let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        Ok(Self {
            files: Arc::new(files),
            pixels: Arc::new(Semaphore::new(PIXEL_BUDGET as usize)),
            arriving: Arc::new(Semaphore::new(ARRIVING_KB as usize)),
            least_share: PIXEL_BUDGET / cores.clamp(1, PIXEL_BUDGET),
        })
    }

    /// Room in memory for a photo of so many bytes, or of the largest where that is not announced. Waits a moment while
    /// there is none; `None`: come again later. Held until the photo is stored or refused.
    pub async fn room_for(&self, bytes: Option<u64>) -> Option<OwnedSemaphorePermit> {
        let most = MAX_BYTES as u64;
        let kilobytes = u32::try_from(bytes.unwrap_or(most).min(most).div_ceil(1024)).unwrap_or(ARRIVING_KB);
        let room = self.arriving.clone().acquire_many_owned(kilobytes);
        tokio::time::timeout(ROOM_WAIT, room).await.ok()?.ok()
    }

    /// Decodes what was sent and makes the upright, clean, smaller picture and its thumbnail. Waits while too many
    /// other pictures are being decoded.
    ///
    /// # Errors
    /// If it is no picture, damaged, or too large.
    pub async fn prepare(&self, bytes: Bytes) -> Result<Picture, PhotoError> {
        if bytes.len() > MAX_BYTES {
            return Err(PhotoError::TooLarge);
        }
        let header = bytes.clone();
        let pixels = decoding(move || picture::pixels(&header)).await?;
        let share = u32::try_from(pixels).unwrap_or(u32::MAX).clamp(self.least_share, PIXEL_BUDGET);
        let share = self.pixels.clone().acquire_many_owned(share).await.map_err(|_| PhotoError::Damaged)?;
        decoding(move || {
            // Given back when the work ends, even if nobody waits for it any more.
            let _share = share;
            picture::prepare(&bytes)
        })
        .await
    }

    /// Puts a picture's files safely on disk: when this returns they survive a power cut.
    ///
    /// # Errors
    /// [`PhotoError::Full`] or [`PhotoError::File`]; no half-written file stays behind.
    pub async fn keep(&self, picture: Picture) -> Result<Kept, PhotoError> {
        let files = self.files.clone();
        let task = tokio::task::spawn_blocking(move || {
            let blob = files.keep(&picture.full)?;
            let thumb = files.keep(&picture.thumb)?;
            let bytes = picture.full.len() as u64;
            Ok(Kept { blob, thumb, width: picture.width, height: picture.height, bytes })
        });
        task.await.map_err(io::Error::from)?
    }

    /// Whether both files of a photo are there.
    ///
    /// # Errors
    /// If the file system cannot be asked.
    pub async fn has(&self, kept: &Kept) -> io::Result<bool> {
        Ok(tokio::fs::try_exists(self.files.path(&kept.blob)).await?
            && tokio::fs::try_exists(self.files.path(&kept.thumb)).await?)
    }

    /// A stored JPEG by its own hash; `None` if there is no such file.
    ///
    /// # Errors
    /// If the file system fails.
    pub async fn read(&self, blob: &PhotoHash) -> io::Result<Option<Bytes>> {
        match tokio::fs::read(self.files.path(blob)).await {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Runs decoding work on its own thread. A decoder that panics on hostile bytes has met a damaged picture.
async fn decoding<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PhotoError> + Send + 'static,
) -> Result<T, PhotoError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|fault| {
        tracing::warn!(%fault, "a decoder panicked");
        Err(PhotoError::Damaged)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_other_faults() {
        // ENOSPC, EDQUOT, EIO on Linux.
        assert!(matches!(PhotoError::from(io::Error::from_raw_os_error(28)), PhotoError::Full));
        assert!(matches!(PhotoError::from(io::Error::from_raw_os_error(122)), PhotoError::Full));
        assert!(matches!(PhotoError::from(io::Error::from_raw_os_error(5)), PhotoError::File(_)));
    }
}
