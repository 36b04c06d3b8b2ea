//! Photos that come in several parts, each of them to any copy of the program. A part is received by a task of its own,
//! which a lost connection does not end: what has arrived is kept, and what is whole is stored, whether or not anybody
//! waits for the answer.

use axum::body::Body;
use waypost_app::domain::ids::PhotoHash;

use super::writers::{Claim, Elsewhere};
use super::{Intake, IntakeError, Progress, next};
use crate::metrics::UploadEvent;
use crate::photo::{Gathered, MAX_BYTES, PhotoError, Room};
use crate::store::devices::DeviceId;
use crate::store::uploads::{self, Begun, Upload};

/// An upload that is gone on with is noted once in so many milliseconds: much less than it is kept, and longer than most
/// connections last.
const NOTED_MS: i64 = 60 * 60 * 1000;

impl Intake {
    /// Announces a photo of `length` bytes, whose first ones may come along, from `network`. Says how far it is if it was
    /// announced before, or stored; `body` is then not looked at unless nothing has arrived yet.
    ///
    /// # Errors
    /// Why it is not taken.
    pub async fn begin(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        length: u64,
        network: Option<u64>,
        body: Option<Body>,
    ) -> Result<Progress, IntakeError> {
        if length > MAX_BYTES as u64 {
            return Err(PhotoError::TooLarge.into());
        }
        if length == 0 {
            return Err(PhotoError::NotAPicture.into());
        }
        if let Some(photo) = self.stored(device, sha256).await? {
            return match photo.sent_bytes {
                Some(sent) if sent != length => Err(IntakeError::OtherLength(sent)),
                _ => Ok(Progress::stored(length)),
            };
        }
        self.within_share(device, sha256, length).await?;
        self.archive.has_room().await?;
        let is_new = uploads::find(self.store.pool(), device, sha256).await?.is_none();
        if is_new && self.archive.is_crowded(self.limits.unfinished_in_all).await? {
            return Err(IntakeError::Crowded);
        }
        let last_byte_ms = self.clock.now_ms();
        let upload = Upload { device: device.clone(), sha256: sha256.clone(), length, last_byte_ms };
        let limits = self.limits;
        let begun =
            self.store.write(move |conn| Box::pin(async move { uploads::begin(conn, upload, &limits).await })).await?;
        let upload = match begun {
            Begun::UnderWay(upload) => upload,
            Begun::OtherLength(length) => return Err(IntakeError::OtherLength(length)),
            Begun::TooMuch => return Err(IntakeError::Unfinished),
        };
        let progress = self.unfinished(&upload).await?;
        match body {
            Some(body) if progress.offset == 0 => match self.append(device, sha256, 0, network, body).await {
                // Another connection was faster; what it has brought is as good.
                Err(IntakeError::OtherOffset(_)) => self.unfinished(&upload).await,
                appended => appended,
            },
            _ => Ok(progress),
        }
    }

    /// Adds a part that begins at byte `offset` and comes from `network`, and stores the photo if it was the last.
    ///
    /// # Errors
    /// Why it is not taken. What may not pass another time ends the upload; otherwise what has arrived stays.
    pub async fn append(
        &self,
        device: &DeviceId,
        sha256: &PhotoHash,
        offset: u64,
        network: Option<u64>,
        body: Body,
    ) -> Result<Progress, IntakeError> {
        // Before the claim: while a connection waits here it must not hold what it cannot use.
        let room = self.archive.room(&self.sender(device, network).await).await?;
        let claim = self.writers.go_on(device, sha256, offset).await;
        let claim = claim.map_err(|Elsewhere(there)| IntakeError::OtherOffset(there))?;
        // Asked for only now, when nobody else changes it.
        let Some(upload) = uploads::find(self.store.pool(), device, sha256).await? else {
            let stored = self.stored(device, sha256).await?.and_then(|photo| photo.sent_bytes);
            return match stored {
                // Somebody else brought the last byte. There is nothing to add, and nothing is wrong.
                Some(length) if offset == length => Ok(Progress::stored(length)),
                Some(length) => Err(IntakeError::OtherOffset(length)),
                None => Err(IntakeError::Unknown),
            };
        };
        let there = self.unfinished(&upload).await?.offset;
        if there != offset {
            return Err(IntakeError::OtherOffset(there));
        }
        if offset > 0 {
            self.metrics.uploads(UploadEvent::Resumed, 1);
        }
        if self.clock.now_ms().saturating_sub(upload.last_byte_ms) > NOTED_MS {
            // Now already: another copy that sweeps does not see who writes here.
            self.touch(&upload).await?;
        }
        let intake = self.clone();
        let receive = async move {
            let arrived = intake.receive(&claim, &upload, offset, body).await;
            match arrived {
                Ok(there) if there == upload.length => intake.complete(&claim, &upload, room).await,
                Ok(there) => Ok(intake.so_far(&upload, there, intake.clock.now_ms())),
                Err(fault) => {
                    intake.unless_it_may_pass(&upload, &fault).await;
                    Err(fault)
                }
            }
        };
        tokio::spawn(receive).await?
    }

    /// Writes what comes, and says how many bytes are there then.
    async fn receive(&self, claim: &Claim, upload: &Upload, offset: u64, mut body: Body) -> Result<u64, IntakeError> {
        let mut pieces = self.archive.partials().go_on(&upload.device, &upload.sha256, offset).await?;
        let pen = claim.writing(offset);
        let mut there = offset;
        let end = loop {
            let bytes = tokio::select! {
                biased;
                () = pen.stop.cancelled() => break Err(IntakeError::TakenOver),
                () = pen.asked() => {
                    pieces.flush().await?;
                    pen.put(pieces.safe());
                    continue;
                }
                bytes = next(&mut body) => bytes,
            };
            match bytes {
                Ok(Some(bytes)) if there + bytes.len() as u64 > upload.length => {
                    break Err(IntakeError::TooLong(upload.length));
                }
                Ok(Some(bytes)) => {
                    pieces.write(&bytes).await?;
                    there += bytes.len() as u64;
                    pen.wrote(there);
                    pen.put(pieces.safe());
                }
                Ok(None) => break Ok(there),
                Err(fault) => break Err(fault),
            }
        };
        // Whatever ended it: what has come is kept.
        pieces.flush().await?;
        if there > offset {
            self.touch(upload).await?;
        }
        end
    }

    /// Keeps that something comes.
    async fn touch(&self, upload: &Upload) -> Result<(), IntakeError> {
        let (upload, now_ms) = (upload.clone(), self.clock.now_ms());
        let touch = self.store.write(move |conn| {
            Box::pin(async move { uploads::touch(conn, &upload.device, &upload.sha256, now_ms).await })
        });
        Ok(touch.await?)
    }

    /// Stores an upload of which all bytes are there. `room` is given back when they are in a file, as those of a photo that
    /// comes whole.
    async fn complete(&self, claim: &Claim, upload: &Upload, room: Room) -> Result<Progress, IntakeError> {
        claim.finishing();
        let Upload { device, sha256, length, .. } = upload;
        let arrived = match self.archive.gather(device, sha256, *length).await? {
            Gathered::Whole(arrived) => arrived,
            // Another copy has dropped some of it; the sender learns where to go on.
            Gathered::Short(there) => return Err(IntakeError::OtherOffset(there)),
        };
        drop(room);
        match self.finish(device, sha256, arrived.path(), *length).await {
            Ok(_) => {
                self.metrics.uploads(UploadEvent::Finished, 1);
                // The photo is stored; pieces that stay behind are swept.
                if let Err(error) = self.archive.partials().remove(device, sha256).await {
                    tracing::warn!(%error, "a finished upload stays behind");
                }
                Ok(Progress::stored(*length))
            }
            Err(fault) => {
                self.unless_it_may_pass(upload, &fault).await;
                Err(fault)
            }
        }
    }

    /// Ends an upload that will never become a photo. Another one keeps its bytes.
    async fn unless_it_may_pass(&self, upload: &Upload, fault: &IntakeError) {
        if !fault.may_pass()
            && let Err(error) = self.drop_upload(&upload.device, &upload.sha256).await
        {
            tracing::error!(%error, "an upload that was refused stays behind");
        }
    }
}
