//! What every photo goes through when all of it is there, however it came.

use std::path::Path;

use waypost_app::domain::ids::PhotoHash;

use super::quota::{self, Verdict};
use super::{Intake, IntakeError, Kept, Naming};
use crate::store::devices::DeviceId;
use crate::store::doomed::{self, Doom};
use crate::store::photos::{self, Photo, Sent};
use crate::store::{Connection, StoreError, uploads};

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
        if let Some(Photo { kept, .. }) = self.whole_photo(sha256).await?
            && let Some(outcome) = self.link(device, sha256, bytes).await?
        {
            return self.stored_now(kept, &outcome, bytes);
        }
        let picture = self.archive.prepare(path, facts).await?;
        let insert = |kept: Vec<Kept>, gone| self.insert(device, sha256, kept, bytes, gone);
        let (kept, outcome) = self.name(&[&picture], insert).await?;
        self.stored_now(kept, &outcome, bytes)
    }

    fn stored_now(&self, kept: Kept, outcome: &Outcome, bytes: u64) -> Result<Stored, IntakeError> {
        match *outcome {
            Outcome::Wait(wait_ms) => Err(IntakeError::Share { wait_ms }),
            Outcome::Stored(new) => {
                self.metrics.photo_stored(bytes, new.then_some(kept.bytes));
                Ok(Stored { kept, new })
            }
        }
    }

    /// Keeps that a device has sent a photo that is already there; `None`: it is not any more.
    async fn link(&self, device: &DeviceId, sha256: &PhotoHash, bytes: u64) -> Result<Option<Outcome>, StoreError> {
        let (intake, device, sha256) = (self.clone(), device.clone(), sha256.clone());
        let link = self.store.write(move |conn| {
            Box::pin(async move {
                if let Some(ms) = intake.has_to_wait(conn, &device, &sha256, bytes).await? {
                    return Ok(Some(Outcome::Wait(ms)));
                }
                let sent = Sent { at_ms: intake.clock.now_ms(), bytes };
                if !photos::link(conn, &sha256, &device, sent).await? {
                    return Ok(None);
                }
                uploads::remove(conn, &device, &sha256).await?;
                Ok(Some(Outcome::Stored(false)))
            })
        });
        link.await
    }

    /// Keeps the row of a photo whose files are safe, unless they are dropped. `kept` is one.
    async fn insert(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        mut kept: Vec<Kept>,
        bytes: u64,
        gone: Vec<Doom>,
    ) -> Result<Naming<(Kept, Outcome)>, StoreError> {
        let Some(kept) = kept.pop() else { return Err(StoreError::Undone) };
        let (intake, device, sha256) = (self.clone(), device.clone(), sha256.clone());
        let insert = self.store.write(move |conn| {
            Box::pin(async move {
                if let Some(ms) = intake.has_to_wait(conn, &device, &sha256, bytes).await? {
                    return Ok(Naming::Done((kept, Outcome::Wait(ms))));
                }
                let claim = doomed::leave(conn, &[kept.blob.clone(), kept.thumb.clone()], &gone).await?;
                let leave = match Naming::leave(claim) {
                    Ok(leave) => leave,
                    Err(refused) => return Ok(refused),
                };
                let received_at_ms = intake.clock.now_ms();
                let photo = Photo { sha256, kept, sent_bytes: Some(bytes), received_at_ms };
                let new = photos::insert(conn, &photo, &device, &leave).await?;
                uploads::remove(conn, &device, &photo.sha256).await?;
                Ok(Naming::Done((photo.kept, Outcome::Stored(new))))
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
