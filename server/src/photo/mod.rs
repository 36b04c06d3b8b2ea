//! A picture on its way in: poured into a file as it comes, looked at, decoded within bounds, upright, metadata gone,
//! stored under its hash.
//!
//! What arrives is never whole in memory; only decoding needs much of it, and waits for its turn. [`Archive::prepare`]
//! makes a [`Picture`] of which nobody knows yet; [`Archive::keep`] puts its files safely on disk. Only then may a
//! database row name them: a crash in between leaves files nobody asks for, never a row without its files.

mod decoders;
mod facts;
mod files;
mod limits;
mod partial;
mod picture;
mod shrink;
mod turns;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use waypost_app::domain::ids::PhotoHash;

use decoders::Decoders;
pub(crate) use facts::Facts;
use files::{Files, Half, Staged, sync_dir};
pub use limits::PhotoLimits;
pub(crate) use partial::{Partials, Writing};
use turns::Turns;

/// Most bytes of a photo as it is sent.
pub const MAX_BYTES: usize = 12 * 1024 * 1024;
/// Most pixels of a photo as it is sent: the largest that phones take.
pub const MAX_PIXELS: u64 = 50_000_000;

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
    /// More than [`MAX_PIXELS`], or more memory than [`PhotoLimits::memory`].
    #[error("has more than {} million pixels, or of a kind that takes as much memory", MAX_PIXELS / 1_000_000)]
    TooManyPixels,
    /// Its turn did not come within [`PhotoLimits::patience`], or too many are waiting: later.
    #[error("has to wait for others")]
    Busy,
    /// No room on the disk.
    #[error("the disk is full")]
    Full,
    /// Anything else the file system says.
    #[error(transparent)]
    File(io::Error),
}

impl PhotoError {
    /// In one word, for counting.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::NotAPicture => "not_a_picture",
            Self::Damaged => "damaged",
            Self::TooManyPixels => "too_many_pixels",
            Self::Busy => "busy",
            Self::Full => "full",
            Self::File(_) => "file",
        }
    }
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

/// A picture as it will be kept, in two files of which nobody knows yet; they are gone when it is dropped.
#[derive(Debug)]
pub struct Picture {
    full: Staged,
    thumb: Staged,
    width: u32,
    height: u32,
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

/// A photo that arrives whole or not at all; its file is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Incoming {
    half: Half,
    writing: Writing,
    bytes: u64,
}

impl Incoming {
    /// Adds bytes.
    ///
    /// # Errors
    /// [`PhotoError::TooLarge`] as soon as there are too many of them; or what the file system says.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<(), PhotoError> {
        self.bytes += bytes.len() as u64;
        if self.bytes > MAX_BYTES as u64 {
            return Err(PhotoError::TooLarge);
        }
        Ok(self.writing.write(bytes).await?)
    }

    /// Ends it: the file can be read.
    pub(crate) async fn finish(self) -> Result<Arrived, PhotoError> {
        self.writing.finish().await?;
        Ok(Arrived { half: self.half, bytes: self.bytes })
    }
}

/// A whole photo in a file that is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Arrived {
    half: Half,
    pub(crate) bytes: u64,
}

impl Arrived {
    pub(crate) fn path(&self) -> &Path {
        self.half.path()
    }
}

/// The photos on disk; cheap to clone.
#[derive(Clone)]
pub struct Archive {
    files: Arc<Files>,
    partials: Arc<Partials>,
    turns: Turns,
    decoders: Decoders,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens (or creates) the archive in a data directory and clears what a crash left half-written. Unfinished uploads
    /// stay.
    ///
    /// # Errors
    /// If the directory cannot be used.
    pub async fn open(data_dir: &Path, limits: &PhotoLimits) -> io::Result<Self> {
        let data_dir = data_dir.to_owned();
        let open = move || {
            let root = data_dir.join("photos");
            let (files, partials) = (Files::open(root.clone())?, Partials::open(root.join("partial"))?);
            sync_dir(&root)?;
            sync_dir(&data_dir)?;
            io::Result::Ok((files, partials))
        };
        let (files, partials) = tokio::task::spawn_blocking(open).await??;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let decoders = Decoders::start(cores)?;
        Ok(Self { files: Arc::new(files), partials: Arc::new(partials), turns: Turns::new(limits), decoders })
    }

    /// Leave to receive a body; held while it comes.
    ///
    /// # Errors
    /// [`PhotoError::Busy`] if too many come at once.
    pub(crate) async fn room(&self) -> Result<OwnedSemaphorePermit, PhotoError> {
        self.turns.arrive().await
    }

    /// Photos whose bytes are coming in, and whole ones that are being decoded or wait for it.
    pub(crate) fn under_way(&self) -> (usize, usize) {
        self.turns.under_way()
    }

    /// An empty file for a photo that comes in one piece.
    pub(crate) async fn incoming(&self) -> Result<Incoming, PhotoError> {
        let files = self.files.clone();
        let made = tokio::task::spawn_blocking(move || files.half()).await.map_err(io::Error::from)?;
        let (half, file) = made?;
        Ok(Incoming { half, writing: Writing::new(tokio::fs::File::from_std(file)), bytes: 0 })
    }

    /// Photos that come in several pieces.
    pub(crate) fn partials(&self) -> &Partials {
        &self.partials
    }

    /// Reads a whole file once, in little memory.
    pub(crate) async fn look(&self, path: &Path) -> Result<Facts, PhotoError> {
        let path = path.to_owned();
        let looked = tokio::task::spawn_blocking(move || facts::look(&path)).await;
        Ok(looked.map_err(|fault| {
            tracing::warn!(%fault, "a picture's header made its reader panic");
            PhotoError::Damaged
        })??)
    }

    /// Decodes a file that was looked at, and makes the upright, clean, smaller picture and its thumbnail. Waits while
    /// too many other pictures are being decoded.
    ///
    /// # Errors
    /// If it is no picture, damaged, too large, or has waited too long.
    pub(crate) async fn prepare(&self, path: &Path, facts: Facts) -> Result<Picture, PhotoError> {
        let frame = facts.picture?;
        let turn = self.turns.decode(frame.memory).await?;
        let (path, files) = (path.to_owned(), self.files.clone());
        let work = move || {
            // Given back when the work ends, even if nobody waits for it any more.
            let _turn = turn;
            let picture::Encoded { full, thumb, width, height } = picture::prepare(&path, frame)?;
            Ok(Picture { full: files.stage(&full)?, thumb: files.stage(&thumb)?, width, height })
        };
        self.decoders.run(work).await
    }

    /// Puts a picture's files safely on disk: when this returns they survive a power cut.
    ///
    /// # Errors
    /// [`PhotoError::Full`] or [`PhotoError::File`]; no half-written file stays behind.
    pub(crate) async fn keep(&self, picture: Picture) -> Result<Kept, PhotoError> {
        let files = self.files.clone();
        let task = tokio::task::spawn_blocking(move || {
            let Picture { full, thumb, width, height } = picture;
            let bytes = full.bytes;
            Ok(Kept { blob: files.keep(full)?, thumb: files.keep(thumb)?, width, height, bytes })
        });
        task.await.map_err(io::Error::from)?
    }

    /// To be called when the row that names these files is stored, or will not be.
    pub(crate) fn settled(&self, kept: &Kept) {
        self.files.settled(&kept.blob);
        self.files.settled(&kept.thumb);
    }

    /// Those of these files that nobody is about to name. To be called before the rows are asked, and followed by
    /// [`Archive::spare`] or [`Archive::drop_doomed`].
    pub(crate) fn doom(&self, mut hashes: Vec<PhotoHash>) -> Vec<PhotoHash> {
        hashes.retain(|hash| self.files.doom(hash));
        hashes
    }

    /// A row names this file, or nobody knows.
    pub(crate) fn spare(&self, hash: &PhotoHash) {
        self.files.spare(hash);
    }

    /// Drops doomed files that no row names; how many. One that somebody has kept since stays, and so does one that cannot
    /// be dropped: the next sweep finds it.
    pub(crate) async fn drop_doomed(&self, hashes: Vec<PhotoHash>) -> usize {
        let files = self.files.clone();
        let drop_all = move || hashes.iter().filter(|hash| files.remove(hash)).count();
        tokio::task::spawn_blocking(drop_all).await.unwrap_or_default()
    }

    /// The files in one of the 256 folders.
    pub(crate) async fn list(&self, folder: u8) -> io::Result<Vec<PhotoHash>> {
        let files = self.files.clone();
        tokio::task::spawn_blocking(move || files.list(folder)).await?
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
