//! What is forgotten by itself, and when; see `docs/privacy.md`, which promises it.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::state::AppState;
use crate::store::photos::Files;
use crate::store::{StoreError, photos, reports, rights};

/// How often it is done.
const EVERY: Duration = Duration::from_hours(1);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// One sweep at a time: whoever has waited for one knows that everything is done.
static SWEEPING: Mutex<()> = Mutex::const_new(());

/// After how many days what is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A phone that has given no sign of life.
    pub device_days: u32,
    /// A photo that no report names.
    pub photo_days: u32,
    /// That a report was taken back: no copy of it is on its way any more.
    pub withdrawn_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { device_days: 180, photo_days: 7, withdrawn_days: 90 }
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub devices: usize,
    pub photos: usize,
    pub withdrawn: u64,
    /// Files that no row knows.
    pub files: usize,
}

/// Sweeps now and every hour, by the server's clock, until told to stop.
pub(crate) async fn keep_sweeping(state: AppState, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            match sweep(&state).await {
                Ok(forgotten) if forgotten == Forgotten::default() => {}
                Ok(forgotten) => tracing::info!(?forgotten, "what was due was forgotten"),
                Err(error) => tracing::error!(error = ?error, "what was due could not be forgotten"),
            }
            state.clock.until(state.clock.now_ms().saturating_add(EVERY.as_millis() as i64)).await;
        }
    })
    .await;
}

/// Forgets everything that is due.
///
/// # Errors
/// Those of the database and the file system; what was not done is done the next time.
pub async fn sweep(state: &AppState) -> anyhow::Result<Forgotten> {
    let _alone = SWEEPING.lock().await;
    let before = |days: u32| state.clock.now_ms().saturating_sub(i64::from(days).saturating_mul(DAY_MS));
    let retention = state.config.retention;
    let mut forgotten = Forgotten::default();
    let unnamed = before(retention.photo_days);
    loop {
        let (count, Files(files)) =
            state.store.write(move |conn| Box::pin(rights::drop_unnamed(conn, unnamed))).await?;
        state.photos.drop_files(files).await;
        forgotten.photos += count;
        if count == 0 {
            break;
        }
    }
    let unseen = before(retention.device_days);
    loop {
        let (count, Files(files)) =
            state.store.write(move |conn| Box::pin(rights::forget_unseen(conn, unseen))).await?;
        state.photos.drop_files(files).await;
        forgotten.devices += count;
        if count == 0 {
            break;
        }
    }
    let withdrawn = before(retention.withdrawn_days);
    forgotten.withdrawn = state.store.write(move |conn| Box::pin(reports::forget_withdrawn(conn, withdrawn))).await?;
    forgotten.files = orphans(state).await?;
    Ok(forgotten)
}

/// Drops files that no row names: a crash came between the row's end and the file's.
async fn orphans(state: &AppState) -> anyhow::Result<usize> {
    let mut dropped = 0;
    for folder in 0..=u8::MAX {
        let mut orphans = Vec::new();
        let there = state.photos.list(folder).await?;
        let mut conn = state.store.pool().acquire().await.map_err(StoreError::from)?;
        for file in there {
            if !photos::names(&mut conn, &file).await? {
                orphans.push(file);
            }
        }
        drop(conn);
        dropped += state.photos.drop_files(orphans).await;
    }
    Ok(dropped)
}
