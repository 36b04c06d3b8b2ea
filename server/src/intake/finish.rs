//! What every photo goes through when all of it is there, however it came.

use std::path::Path;

use waypost_app::domain::ids::PhotoHash;

use super::quota::{self, Verdict};
use super::{Intake, IntakeError, Kept};
use crate::store::devices::DeviceId;
use crate::store::photos::{self, Photo, Sent};
use crate::store::uploads;

/// A photo that is safe on disk.
#[derive(Clone, Debug)]
pub struct Stored {
    pub kept: Kept,
    /// Nobody had sent it before.
    pub new: bool,
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
        let known = match photos::find(self.store.pool(), sha256).await? {
            Some(photo) if self.archive.has(&photo.kept).await? => Some(photo),
            // A row whose files were lost (a disk restored without them) is mended by storing the photo again.
            _ => None,
        };
        let kept_now = known.is_none();
        let kept = match &known {
            Some(photo) => photo.kept.clone(),
            None => self.archive.keep(self.archive.prepare(path, facts).await?).await?,
        };
        let (device, limits, now_ms) = (device.clone(), self.limits, self.clock.now_ms());
        let photo =
            Photo { sha256: sha256.clone(), kept: kept.clone(), sent_bytes: Some(bytes), received_at_ms: now_ms };
        let stored = self.store.write(move |conn| {
            Box::pin(async move {
                // Here, where nobody else writes: photos sent at once are counted one after the other.
                if let Verdict::Wait(ms) = quota::verdict(conn, &limits, &photo.sha256, &device, bytes, now_ms).await? {
                    return Ok(Err(ms));
                }
                let new = if known.is_some() {
                    photos::link(conn, &photo.sha256, &device, Sent { at_ms: now_ms, bytes }).await?;
                    false
                } else {
                    photos::insert(conn, &photo, &device).await?
                };
                uploads::remove(conn, &device, &photo.sha256).await?;
                Ok(Ok(new))
            })
        });
        let stored = stored.await;
        // Only what was awaited here: another upload may be about to name the same file.
        if kept_now {
            self.archive.settled(&kept);
        }
        match stored? {
            Ok(new) => {
                self.metrics.photo_stored(bytes, new.then_some(kept.bytes));
                Ok(Stored { kept, new })
            }
            Err(wait_ms) => Err(IntakeError::Share { wait_ms }),
        }
    }
}
