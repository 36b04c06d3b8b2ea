//! Uploads that nobody goes on with, and pieces that no row knows.

use tokio_util::sync::CancellationToken;

use super::{Intake, IntakeError};
use crate::background;
use crate::clock::HOUR_MS;
use crate::metrics::UploadEvent;
use crate::store::uploads;

/// What was swept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads whose last byte came too long ago.
    pub abandoned: usize,
    /// Uploads of which a crash left pieces without their row.
    pub orphans: usize,
}

impl Intake {
    /// Sweeps now and every hour, until told to stop.
    pub async fn keep_sweeping(self, stop: CancellationToken) {
        let sweep = async || match self.sweep().await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(?swept, "unfinished uploads swept"),
            Err(error) => tracing::error!(%error, "unfinished uploads could not be swept"),
        };
        background::every(HOUR_MS, &self.store, &self.clock, &stop, "uploads", sweep).await;
    }

    /// Drops what was abandoned. An upload that somebody is writing to is not.
    ///
    /// # Errors
    /// Those of the database and the file system.
    pub async fn sweep(&self) -> Result<Swept, IntakeError> {
        let _alone = self.sweeping.lock().await;
        let mut swept = Swept::default();
        let before_ms = self.clock.now_ms().saturating_sub(self.keep_ms());
        for upload in uploads::silent_since(self.store.pool(), before_ms).await? {
            let Some(_claim) = self.writers.claim_idle(&upload.device, &upload.sha256) else { continue };
            let row = upload.clone();
            let gone = self
                .store
                .write(move |conn| Box::pin(async move { uploads::expire(conn, &row, before_ms).await }))
                .await?;
            if gone {
                self.archive.partials().remove(&upload.device, &upload.sha256).await?;
                swept.abandoned += 1;
                self.metrics.uploads(UploadEvent::Abandoned, 1);
            }
        }
        for (device, sha256) in self.archive.partials().list().await? {
            let Some(_claim) = self.writers.claim_idle(&device, &sha256) else { continue };
            // Rows are written before their pieces, so one without a row is of the past.
            if uploads::find(self.store.pool(), &device, &sha256).await?.is_none() {
                self.archive.partials().remove(&device, &sha256).await?;
                swept.orphans += 1;
                self.metrics.uploads(UploadEvent::Orphaned, 1);
            }
        }
        Ok(swept)
    }
}
