//! A picture on its way in: poured into a file as it comes, looked at, decoded within bounds, upright, metadata gone,
//! stored under its hash, in a folder or in a bucket that several copies of the program share.
//!
//! What arrives is never whole in memory; only decoding needs much of it, and waits for its turn. [`Archive::prepare`]
//! makes a [`Picture`] of which nobody knows yet; [`Archive::keep`] puts its files where they are safe. Only then may a
//! database row name them: a crash in between leaves files nobody asks for, never a row without its files.

mod blobs;
mod decoders;
mod disk;
mod each;
mod error;
mod facts;
mod files;
mod incoming;
mod limits;
mod partial;
mod picture;
mod place;
mod scratch;
mod shrink;
mod turns;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use bytes::Bytes;
use futures::StreamExt;
use waypost_app::domain::ids::PhotoHash;

use blobs::Blobs;
use decoders::Decoders;
use disk::Disk;
pub use error::PhotoError;
pub(crate) use error::is_full;
pub(crate) use facts::Facts;
use files::Files;
pub(crate) use incoming::{Arrived, Incoming};
pub use limits::PhotoLimits;
pub(crate) use partial::Partials;
pub use place::{NotAPhotosUrl, PhotosUrl};
use scratch::{Scratch, Staged};
use turns::Turns;
pub(crate) use turns::{Room, Sender};

use crate::store::devices::DeviceId;

/// Most bytes of a photo as it is sent.
pub const MAX_BYTES: usize = 12 * 1024 * 1024;
/// Most pixels of a photo as it is sent: the largest that phones take.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Files that are dropped at once.
const DROPPING: usize = 8;
/// How often a file is put together from pieces that others make longer meanwhile.
const GATHERINGS: usize = 3;
/// Bytes that a thumbnail has, nearly always at most.
const THUMB_BYTES: u64 = 64 * 1024;

/// A picture as it will be kept, in two files of which nobody knows yet; they are gone when it is dropped.
#[derive(Debug)]
pub struct Picture {
    full: Arc<Staged>,
    thumb: Arc<Staged>,
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

/// What the pieces of an upload make.
#[derive(Debug)]
pub(crate) enum Gathered {
    /// As many bytes as there should be.
    Whole(Arrived),
    /// Only so many.
    Short(u64),
}

/// The photos; cheap to clone.
#[derive(Clone)]
pub struct Archive {
    files: Arc<Files>,
    partials: Arc<Partials>,
    scratch: Arc<Scratch>,
    turns: Turns,
    decoders: Decoders,
    /// Where photos are in folders; a bucket has room.
    disk: Option<Disk>,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("files", &self.files).finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens the archive at `url`, or else opens (or creates) the one in a data directory, and clears what a crash left
    /// half-written. Unfinished uploads stay.
    ///
    /// # Errors
    /// If the directory or the bucket cannot be used.
    pub async fn open(data_dir: &Path, url: Option<&PhotosUrl>, limits: &PhotoLimits) -> io::Result<Self> {
        let data_dir = data_dir.to_owned();
        let blobs = if let Some(url) = url {
            Blobs::bucket(url).await?
        } else {
            let data_dir = data_dir.clone();
            tokio::task::spawn_blocking(move || in_folder(&data_dir)).await??
        };
        let folders = ["photos", "incoming"].map(|name| data_dir.join(name));
        let disk = url.is_none().then(|| Disk::new(folders.to_vec(), limits.reserve));
        let scratch = tokio::task::spawn_blocking(move || Scratch::open(&data_dir.join("incoming"))).await??;
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Self {
            files: Arc::new(Files::new(blobs.clone())),
            partials: Arc::new(Partials::new(blobs)),
            scratch: Arc::new(scratch),
            turns: Turns::new(limits),
            decoders: Decoders::start(cores)?,
            disk,
        })
    }

    /// The same, which also leaves room where another folder is: that of the database, into which words go.
    #[must_use]
    pub fn sparing(self, folder: Option<PathBuf>) -> Self {
        let disk = match folder {
            Some(folder) => self.disk.map(|disk| disk.and(folder)),
            None => self.disk,
        };
        Self { disk, ..self }
    }

    /// Claims these photos for the database of this name; false, if they belong to another. A server on another
    /// database would drop them all, because no row of it names them.
    ///
    /// # Errors
    /// If the directory or the bucket cannot be used.
    pub async fn claim_for(&self, database: i64) -> io::Result<bool> {
        self.files.claim_for(database).await
    }

    /// Whether the disk has room for more.
    ///
    /// # Errors
    /// [`PhotoError::Low`] if what is left is kept for words; or what the file system says.
    pub(crate) async fn has_room(&self) -> Result<(), PhotoError> {
        let Some(disk) = self.disk.clone() else { return Ok(()) };
        tokio::task::spawn_blocking(move || disk.check()).await.map_err(io::Error::from)?
    }

    /// Whether more than so many bytes of unfinished uploads lie about; never so in a bucket.
    ///
    /// # Errors
    /// Those of the file system.
    pub(crate) async fn is_crowded(&self, most: u64) -> io::Result<bool> {
        Ok(self.disk.is_some() && self.partials.bytes().await? > most)
    }

    /// Leave to receive a body; held while it comes.
    ///
    /// # Errors
    /// Those of [`Archive::has_room`], and [`PhotoError::Busy`] if too many come at once, from this sender or from all.
    pub(crate) async fn room(&self, sender: &Sender) -> Result<Room, PhotoError> {
        self.has_room().await?;
        self.turns.arrive(sender).await
    }

    /// Photos whose bytes are coming in, and whole ones that are being decoded or wait for it.
    pub(crate) fn under_way(&self) -> (usize, usize) {
        self.turns.under_way()
    }

    /// An empty file for a photo that comes in one piece.
    pub(crate) async fn incoming(&self) -> Result<Incoming, PhotoError> {
        let scratch = self.scratch.clone();
        let made = tokio::task::spawn_blocking(move || scratch.half()).await.map_err(io::Error::from)?;
        let (half, file) = made?;
        Ok(Incoming::new(half, file))
    }

    /// Photos that come in several pieces.
    pub(crate) fn partials(&self) -> &Partials {
        &self.partials
    }

    /// Puts an upload of `length` bytes together in one file.
    ///
    /// # Errors
    /// [`PhotoError::Busy`] if others write to it all the time; or what the file system or the bucket says.
    pub(crate) async fn gather(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        length: u64,
    ) -> Result<Gathered, PhotoError> {
        for _ in 0..GATHERINGS {
            let mut incoming = self.incoming().await?;
            match self.partials.pour(device, sha256, length, &mut incoming).await? {
                Some(there) if there == length => return Ok(Gathered::Whole(incoming.finish().await?)),
                Some(there) => return Ok(Gathered::Short(there)),
                None => {}
            }
        }
        Err(PhotoError::Busy)
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
        let (path, scratch) = (path.to_owned(), self.scratch.clone());
        let work = move || {
            // Given back when the work ends, even if nobody waits for it any more.
            let _turn = turn;
            let picture::Encoded { full, thumb, width, height } = picture::prepare(&path, frame)?;
            let (full, thumb) = (Arc::new(scratch.stage(&full)?), Arc::new(scratch.stage(&thumb)?));
            Ok(Picture { full, thumb, width, height })
        };
        self.decoders.run(work).await
    }

    /// Puts a picture's files where they are safe: when this returns they survive a power cut. Whether they stay until a
    /// row names them, [`crate::store::doomed`] knows; if they do not, this puts them again.
    ///
    /// # Errors
    /// [`PhotoError::Full`] or [`PhotoError::File`]; no half-written file stays behind.
    pub(crate) async fn keep(&self, picture: &Picture) -> Result<Kept, PhotoError> {
        let Picture { full, thumb, width, height } = picture;
        futures::try_join!(self.files.keep(full), self.files.keep(thumb))?;
        let (blob, thumb) = (full.hash.clone(), thumb.hash.clone());
        Ok(Kept { blob, thumb, width: *width, height: *height, bytes: full.bytes })
    }

    /// Puts a file of a backup back. Until a row names it, the next sweep may drop it.
    ///
    /// # Errors
    /// Those of the file system or the bucket.
    pub(crate) async fn put(&self, bytes: Bytes) -> io::Result<PhotoHash> {
        self.files.put(bytes).await
    }

    /// Drops files; what happened to each: `true` if it was there, `false` if it is not known to have been. One that cannot
    /// be dropped is not among them.
    pub(crate) async fn drop_files(&self, hashes: Vec<PhotoHash>) -> Vec<(PhotoHash, bool)> {
        let dropping = futures::stream::iter(hashes).map(async |hash| match self.files.remove(&hash).await {
            Ok(was_there) => Some((hash, was_there)),
            Err(error) => {
                tracing::warn!(%error, %hash, "a photo that nobody names stays behind for now");
                None
            }
        });
        dropping.buffer_unordered(DROPPING).filter_map(std::future::ready).collect().await
    }

    /// The files in one of the 256 folders that were put before a moment, in milliseconds since 1970.
    pub(crate) async fn list_older(&self, folder: u8, before_ms: i64) -> io::Result<Vec<PhotoHash>> {
        self.files.list_older(folder, before_ms).await
    }

    /// Whether both files of a photo are there, with as many bytes as were kept.
    ///
    /// # Errors
    /// If the file system or the bucket cannot be asked.
    pub async fn has(&self, kept: &Kept) -> io::Result<bool> {
        let (blob, thumb) = futures::try_join!(self.files.size(&kept.blob), self.files.size(&kept.thumb))?;
        Ok(blob == Some(kept.bytes) && thumb.is_some())
    }

    /// A stored JPEG by its own hash; `None` if there is no such file.
    ///
    /// # Errors
    /// If the file system or the bucket fails, or the file is damaged.
    pub async fn read(&self, blob: &PhotoHash) -> io::Result<Option<Bytes>> {
        self.files.read(blob).await
    }

    /// A photo, or its thumbnail, for somebody who asks from `network`: it counts as being sent until it is gone from memory.
    ///
    /// # Errors
    /// [`PhotoError::Busy`] if too much is being sent, there or to all; and those of [`Archive::read`].
    pub(crate) async fn read_to_send(
        &self,
        kept: &Kept,
        thumb: bool,
        network: Option<u64>,
    ) -> Result<Option<Bytes>, PhotoError> {
        let (blob, bytes) = if thumb { (&kept.thumb, THUMB_BYTES) } else { (&kept.blob, kept.bytes) };
        let sending = self.turns.send(bytes, network).await?;
        Ok(self.files.read(blob).await?.map(|bytes| sending.counting(bytes)))
    }
}

/// The folder of the photos inside the data directory. What earlier versions of the program left unfinished there, in files
/// of another form, is cleared: whoever was sending it begins again.
fn in_folder(data_dir: &Path) -> io::Result<Blobs> {
    let root = data_dir.join("photos");
    fs::create_dir_all(&root)?;
    let gone = |removed: io::Result<()>| match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    gone(fs::remove_dir_all(root.join("incoming")))?;
    let partial = root.join("partial");
    fs::create_dir_all(&partial)?;
    for entry in fs::read_dir(partial)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            gone(fs::remove_file(entry.path()))?;
        }
    }
    for folder in [&root, data_dir] {
        File::open(folder)?.sync_all()?;
    }
    Blobs::folder(root)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_data_directory_of_an_earlier_version_keeps_its_photos_and_loses_what_was_unfinished() {
        let data = tempfile::tempdir().unwrap();
        let hash = scratch::hash(b"picture");
        let kept = format!("photos/{}/{hash}.jpg", &hash.as_str()[..2]);
        let unfinished = format!("photos/partial/{}-{}", "a".repeat(64), "b".repeat(64));
        for (file, bytes) in
            [(&kept, &b"picture"[..]), (&unfinished, b"pict"), (&"photos/incoming/half".to_owned(), b"")]
        {
            let path = data.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        let archive = Archive::open(data.path(), None, &PhotoLimits::default()).await.unwrap();
        assert_eq!(archive.read(&hash).await.unwrap().unwrap(), &b"picture"[..]);
        assert!(!data.path().join("photos/incoming").exists() && !data.path().join(unfinished).exists());
        assert_eq!(archive.partials().list().await.unwrap(), []);
    }
}
