//! Photos on their way from a device into the store: in one piece or in several, within its share, checked against
//! their hash, and counted only when they are safe where they are kept. What is abandoned on the way is swept.

mod finish;
mod name;
mod parts;
mod quota;
mod sweep;
mod writers;

use std::io;
use std::sync::Arc;

use axum::body::Body;
use http_body_util::BodyExt;
use tokio::sync::Mutex;
use waypost_app::domain::ids::PhotoHash;

use crate::clock::{Clock, DAY_MS};
use crate::http::Known;
use crate::metrics::Metrics;
use crate::photo::{Archive, Kept, PhotoError, PhotoLimits, Sender};
use crate::store::devices::DeviceId;
use crate::store::uploads::{self, Upload};
use crate::store::{Store, StoreError, photos};
pub use finish::Stored;
pub(crate) use name::Naming;
use writers::Writers;

/// Why a photo, or a part of it, was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The photo itself.
    #[error(transparent)]
    Photo(#[from] PhotoError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The bytes are not those the name promises.
    #[error("the bytes that arrived have the hash {0}")]
    OtherHash(PhotoHash),
    /// There is no such upload.
    #[error("there is no such upload")]
    Unknown,
    /// The part does not begin where the last one ended; this many bytes are there.
    #[error("{0} bytes have arrived")]
    OtherOffset(u64),
    /// Another length was announced before.
    #[error("{0} bytes were announced")]
    OtherLength(u64),
    /// More bytes came than were announced.
    #[error("more than the announced {0} bytes arrived")]
    TooLong(u64),
    /// A later connection goes on with this upload.
    #[error("another connection has taken over")]
    TakenOver,
    /// The device has sent its share; it may go on in so many milliseconds.
    #[error("the share of the day is used up")]
    Share { wait_ms: i64 },
    /// The device has too many bytes of unfinished uploads.
    #[error("too much is unfinished")]
    Unfinished,
    /// All devices together have.
    #[error("too much of all devices is unfinished")]
    Crowded,
    /// A file that looks the same was dropped by somebody else, and is not gone yet.
    #[error("a photo that looks the same is being deleted")]
    Going,
    /// The body broke off or became too slow.
    #[error("the body broke off")]
    Cut(#[source] axum::Error),
    /// A defect of ours.
    #[error("a task panicked")]
    Panicked(#[from] tokio::task::JoinError),
}

impl From<io::Error> for IntakeError {
    fn from(error: io::Error) -> Self {
        Self::Photo(error.into())
    }
}

impl IntakeError {
    /// In one word, for counting; `None` where only the way it came was wrong, and nothing is lost by it.
    pub(crate) fn reason(&self) -> Option<&'static str> {
        Some(match self {
            Self::Photo(fault) => fault.reason(),
            Self::Store(_) => "store",
            Self::OtherHash(_) => "other_hash",
            Self::TooLong(_) => "too_large",
            Self::Share { .. } => "share",
            Self::Going => "going",
            Self::Unfinished => "unfinished",
            Self::Crowded => "crowded",
            Self::Cut(_) => "cut",
            Self::Panicked(_) => "defect",
            Self::Unknown | Self::OtherOffset(_) | Self::OtherLength(_) | Self::TakenOver => return None,
        })
    }

    /// Whether the same bytes may be taken another time.
    fn may_pass(&self) -> bool {
        match self {
            // A full disk passes, too.
            Self::Photo(fault) => {
                matches!(fault, PhotoError::Busy | PhotoError::Low | PhotoError::Full | PhotoError::File(_))
            }
            Self::OtherHash(_) | Self::TooLong(_) => false,
            _ => true,
        }
    }
}

/// How far an upload is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes that need not be sent again. All of them: the photo is stored, and safe.
    pub offset: u64,
    /// Of the whole photo.
    pub length: u64,
    /// When an unfinished upload is swept if nothing more comes; `None` for a stored photo.
    pub expires_ms: Option<i64>,
}

impl Progress {
    fn stored(length: u64) -> Self {
        Self { offset: length, length, expires_ms: None }
    }
}

/// Takes photos in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Intake {
    store: Store,
    known: Known,
    archive: Archive,
    clock: Clock,
    limits: PhotoLimits,
    writers: Writers,
    metrics: Metrics,
    /// One sweep at a time: whoever has waited for one knows that everything is done.
    sweeping: Arc<Mutex<()>>,
}

impl Intake {
    pub fn new(
        store: Store,
        known: Known,
        archive: Archive,
        clock: Clock,
        limits: PhotoLimits,
        metrics: Metrics,
    ) -> Self {
        Self { store, known, archive, clock, limits, writers: Writers::default(), metrics, sweeping: Arc::default() }
    }

    /// A device as a sender. One that is no stranger does not share what there is for its network: strangers there take
    /// nothing from it.
    async fn sender(&self, device: &DeviceId, network: Option<u64>) -> Sender {
        let known = network.is_some() && self.known.has_within(self.limits.patience, device).await;
        Sender { device: Some(device.clone()), network: network.filter(|_| !known) }
    }

    /// Takes a photo that comes in one piece; `announced` is how many bytes its sender says it has, `network` where it comes
    /// from. What has arrived is stored even if nobody waits for the answer any more.
    ///
    /// # Errors
    /// Why it is not stored; nothing of it is kept then.
    pub async fn whole(
        &self,
        device: DeviceId,
        sha256: PhotoHash,
        announced: Option<u64>,
        network: Option<u64>,
        mut body: Body,
    ) -> Result<Stored, IntakeError> {
        if announced.is_some_and(|bytes| bytes > crate::photo::MAX_BYTES as u64) {
            return Err(PhotoError::TooLarge.into());
        }
        self.within_share(&device, &sha256, announced.unwrap_or_default()).await?;
        let room = self.archive.room(&self.sender(&device, network).await).await?;
        let mut incoming = self.archive.incoming().await?;
        while let Some(bytes) = next(&mut body).await? {
            incoming.write(&bytes).await?;
        }
        let arrived = incoming.finish().await?;
        drop(room);
        let intake = self.clone();
        let finish = async move { intake.finish(&device, &sha256, arrived.path(), arrived.bytes).await };
        tokio::spawn(finish).await?
    }

    /// How far an upload is; also for a photo of this device that is stored. `None` if there is neither.
    ///
    /// # Errors
    /// Those of the database and the file system.
    pub async fn progress(&self, device: &DeviceId, sha256: &PhotoHash) -> Result<Option<Progress>, IntakeError> {
        // Whoever asks while the last byte is being digested would be told to send it again; and so would be what has
        // come and waits in memory.
        self.writers.finished(device, sha256, self.limits.patience).await;
        self.writers.put(device, sha256, self.limits.patience).await;
        if let Some(upload) = uploads::find(self.store.pool(), device, sha256).await? {
            return Ok(Some(self.unfinished(&upload).await?));
        }
        let stored = self.stored(device, sha256).await?;
        Ok(stored.and_then(|photo| photo.sent_bytes).map(Progress::stored))
    }

    /// Keeps a photo that a device has sent, if it is there, as long as if it had been sent now: whoever asks whether it is
    /// there relies on it.
    ///
    /// # Errors
    /// Those of the database and the file system.
    pub async fn rely_on(&self, device: &DeviceId, sha256: &PhotoHash) -> Result<(), IntakeError> {
        self.stored(device, sha256).await?;
        Ok(())
    }

    /// What a device has begun and not finished, oldest first.
    ///
    /// # Errors
    /// Those of the database and the file system.
    pub async fn unfinished_of(&self, device: &DeviceId) -> Result<Vec<(PhotoHash, Progress)>, IntakeError> {
        let mut found = Vec::new();
        for upload in uploads::of_device(self.store.pool(), device).await? {
            let progress = self.unfinished(&upload).await?;
            found.push((upload.sha256, progress));
        }
        Ok(found)
    }

    /// Drops an upload, also while it is coming in. False if there is none; a stored photo stays.
    ///
    /// # Errors
    /// Those of the database and the file system.
    pub async fn discard(&self, device: &DeviceId, sha256: &PhotoHash) -> Result<bool, IntakeError> {
        let _claim = self.writers.claim(device, sha256).await;
        self.drop_upload(device, sha256).await
    }

    /// Drops everything that a device has begun and not finished.
    ///
    /// # Errors
    /// Those of the database and the file system.
    pub async fn discard_all(&self, device: &DeviceId) -> Result<(), IntakeError> {
        for upload in uploads::of_device(self.store.pool(), device).await? {
            self.discard(device, &upload.sha256).await?;
        }
        Ok(())
    }

    /// The row first: a file without one is swept, a row without its file would promise bytes.
    async fn drop_upload(&self, device: &DeviceId, sha256: &PhotoHash) -> Result<bool, IntakeError> {
        let (of, name) = (device.clone(), sha256.clone());
        let known =
            self.store.write(move |conn| Box::pin(async move { uploads::remove(conn, &of, &name).await })).await?;
        self.archive.partials().remove(device, sha256).await?;
        Ok(known)
    }

    /// The last byte does not count before the photo is stored: whoever has sent it all and heard nothing asks, sends
    /// one byte again, and hears.
    async fn unfinished(&self, upload: &Upload) -> Result<Progress, IntakeError> {
        let there = self.archive.partials().length(&upload.device, &upload.sha256).await?;
        Ok(self.so_far(upload, there, upload.last_byte_ms))
    }

    fn so_far(&self, upload: &Upload, there: u64, last_byte_ms: i64) -> Progress {
        Progress {
            offset: there.min(upload.length.saturating_sub(1)),
            length: upload.length,
            expires_ms: Some(last_byte_ms.saturating_add(self.keep_ms())),
        }
    }

    /// A photo that this device has sent and whose files are there. It stays from now on as long as if it were sent now:
    /// whoever hears that it is there does not send it again.
    async fn stored(&self, device: &DeviceId, sha256: &PhotoHash) -> Result<Option<photos::Photo>, IntakeError> {
        let mut conn = self.store.pool().acquire().await.map_err(StoreError::from)?;
        let Some(seen_ms) = photos::last_seen(&mut conn, sha256, device).await? else { return Ok(None) };
        drop(conn);
        let Some(photo) = self.whole_photo(sha256).await? else { return Ok(None) };
        let now_ms = self.clock.now_ms();
        // To the day: whoever asks again and again writes nothing.
        if now_ms.saturating_sub(seen_ms) > DAY_MS {
            let (device, sha256) = (device.clone(), sha256.clone());
            let note = self
                .store
                .write(move |conn| Box::pin(async move { photos::note_seen(conn, &sha256, &device, now_ms).await }));
            // Dropped meanwhile.
            if !note.await? {
                return Ok(None);
            }
        }
        Ok(Some(photo))
    }

    /// A photo whose files are there, whoever has sent it.
    async fn whole_photo(&self, sha256: &PhotoHash) -> Result<Option<photos::Photo>, IntakeError> {
        Ok(match photos::find(self.store.pool(), sha256).await? {
            Some(photo) if self.archive.has(&photo.kept).await? => Some(photo),
            _ => None,
        })
    }

    fn keep_ms(&self) -> i64 {
        i64::try_from(self.limits.unfinished_for.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The next piece of a body; `None` at its end.
async fn next(body: &mut Body) -> Result<Option<bytes::Bytes>, IntakeError> {
    loop {
        match body.frame().await {
            None => return Ok(None),
            Some(Err(fault)) => return Err(IntakeError::Cut(fault)),
            Some(Ok(frame)) => {
                // Trailers say nothing to us.
                if let Ok(bytes) = frame.into_data() {
                    return Ok(Some(bytes));
                }
            }
        }
    }
}
