//! What every photo goes through when all of it is there, however it came.

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use waypost_app::domain::ids::PhotoHash;

use super::quota::{self, Verdict};
use super::{Intake, IntakeError, Kept};
use crate::store::devices::DeviceId;
use crate::store::doomed::{self, Claim, Doom};
use crate::store::photos::{self, Photo, Sent};
use crate::store::{Connection, StoreError, uploads};

/// How soon a file is asked for again that is being dropped.
const ASKED_AGAIN: Duration = Duration::from_millis(50);

/// How often a file is put because equal ones were dropped since; more than twice in a row is bad luck.
const PUT_AGAIN: u32 = 5;

/// A photo that is safe on disk.
#[derive(Clone, Debug)]
pub struct Stored {
    pub kept: Kept,
    /// Nobody had sent it before.
    pub new: bool,
}

/// What became of the change that stores a photo.
enum Outcome {
    /// `true`: nobody had sent it before.
    Stored(bool),
    /// The share of the device is used up for so many milliseconds.
    Wait(i64),
    /// What was there when it was looked for is not any more.
    Vanished,
    Gone(Vec<Doom>),
    Going,
}

impl Intake {
    /// Verifies a whole photo, prepares it, and stores it; `bytes` is how many were sent. Its unfinished upload, if there
    /// is one, ends in the same change.
    pub(super) async fn finish(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        path: &Path,
        bytes: u64,
    ) -> Result<Stored, IntakeError> {
        let facts = self.archive.look(path).await?;
        if facts.sha256 != *sha256 {
            return Err(IntakeError::OtherHash(facts.sha256));
        }
        // A row whose files were lost (a disk restored without them) is mended by storing the photo again.
        if let Some(Photo { kept, .. }) = self.whole_photo(sha256).await? {
            match self.link(device, sha256, bytes).await? {
                Outcome::Stored(new) => return Ok(self.stored_now(kept, new, bytes)),
                Outcome::Wait(wait_ms) => return Err(IntakeError::Share { wait_ms }),
                Outcome::Vanished | Outcome::Gone(_) | Outcome::Going => {}
            }
        }
        let picture = self.archive.prepare(path, facts).await?;
        let began = Instant::now();
        let kept = self.archive.keep(&picture).await?;
        let (mut ends, mut put) = (Vec::new(), 1);
        loop {
            match self.insert(device, sha256, kept.clone(), bytes, ends.clone()).await? {
                Outcome::Stored(new) => return Ok(self.stored_now(kept, new, bytes)),
                Outcome::Wait(wait_ms) => return Err(IntakeError::Share { wait_ms }),
                // An equal file was dropped since this one was put, and this one with it.
                Outcome::Gone(gone) if put < PUT_AGAIN => {
                    self.archive.keep(&picture).await?;
                    (ends, put) = (gone, put + 1);
                }
                Outcome::Going if began.elapsed() < self.limits.patience => sleep(ASKED_AGAIN).await,
                Outcome::Gone(_) | Outcome::Going | Outcome::Vanished => return Err(IntakeError::Going),
            }
        }
    }

    fn stored_now(&self, kept: Kept, new: bool, bytes: u64) -> Stored {
        self.metrics.photo_stored(bytes, new.then_some(kept.bytes));
        Stored { kept, new }
    }

    /// Keeps that a device has sent a photo that is already there.
    async fn link(&self, device: &DeviceId, sha256: &PhotoHash, bytes: u64) -> Result<Outcome, StoreError> {
        let (intake, device, sha256) = (self.clone(), device.clone(), sha256.clone());
        let link = self.store.write(move |conn| {
            Box::pin(async move {
                if let Some(ms) = intake.has_to_wait(conn, &device, &sha256, bytes).await? {
                    return Ok(Outcome::Wait(ms));
                }
                let sent = Sent { at_ms: intake.clock.now_ms(), bytes };
                if !photos::link(conn, &sha256, &device, sent).await? {
                    return Ok(Outcome::Vanished);
                }
                uploads::remove(conn, &device, &sha256).await?;
                Ok(Outcome::Stored(false))
            })
        });
        link.await
    }

    /// Keeps the row of a photo whose files are safe, unless they are dropped.
    async fn insert(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        kept: Kept,
        bytes: u64,
        ends: Vec<Doom>,
    ) -> Result<Outcome, StoreError> {
        let (intake, device, sha256) = (self.clone(), device.clone(), sha256.clone());
        let insert = self.store.write(move |conn| {
            Box::pin(async move {
                if let Some(ms) = intake.has_to_wait(conn, &device, &sha256, bytes).await? {
                    return Ok(Outcome::Wait(ms));
                }
                let leave = match doomed::leave(conn, &[kept.blob.clone(), kept.thumb.clone()], &ends).await? {
                    Claim::Free(leave) => leave,
                    Claim::Gone(gone) => return Ok(Outcome::Gone(gone)),
                    Claim::Going => return Ok(Outcome::Going),
                };
                let received_at_ms = intake.clock.now_ms();
                let photo = Photo { sha256, kept, sent_bytes: Some(bytes), received_at_ms };
                let new = photos::insert(conn, &photo, &device, &leave).await?;
                uploads::remove(conn, &device, &photo.sha256).await?;
                Ok(Outcome::Stored(new))
            })
        });
        insert.await
    }

    /// Milliseconds until the device may send that much. Asked where nobody else writes: photos sent at once are counted
    /// one after the other.
    async fn has_to_wait(
        &self,
        conn: &mut Connection,
        device: &DeviceId,
        sha256: &PhotoHash,
        bytes: u64,
    ) -> Result<Option<i64>, StoreError> {
        match quota::verdict(conn, &self.limits, sha256, device, bytes, self.clock.now_ms()).await? {
            Verdict::Within => Ok(None),
            Verdict::Wait(ms) => Ok(Some(ms)),
        }
    }
}
