//! What is forgotten by itself, and when; see `docs/privacy.md`, which promises it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use waypost_app::domain::ids::PhotoHash;

use crate::background;
use crate::clock::{DAY_MS, HOUR_MS};
use crate::people;
use crate::state::AppState;
use crate::store::cases::{self, links};
use crate::store::photos::Files;
use crate::store::{StoreError, doomed, photos, reports, rights, verifications};

/// Most files that are dropped in one go.
const AT_ONCE: usize = 200;
/// How long those may take: much less than [`doomed::ABANDONED_AFTER_MS`].
const GONE_WITHIN: Duration = Duration::from_mins(1);

/// How old a file must be that no row names, in milliseconds: time to notice that the database is the wrong one. Other
/// files, of which it only believes that they are nobody's any more, do not wait for it.
const ORPHAN_AFTER_MS: i64 = 30 * DAY_MS;

/// After how many days what is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// A phone that has given no sign of life.
    pub device_days: u32,
    /// A photo that no report names.
    pub photo_days: u32,
    /// What was said of a station and counts for nothing: it is only known again if it is sent once more.
    pub verification_days: u32,
    /// That a report was taken back: no copy of it is on its way any more.
    pub withdrawn_days: u32,
    /// What a reporter sent, since something else is shown instead.
    pub original_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self { device_days: 180, photo_days: 7, verification_days: 60, withdrawn_days: 90, original_days: 30 }
    }
}

/// What was forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    pub devices: usize,
    pub photos: usize,
    pub withdrawn: u64,
    /// Reports of which what was sent is not kept any more.
    pub originals: usize,
    /// Files that no row knows.
    pub files: usize,
}

/// Sweeps now and every hour, until told to stop.
pub(crate) async fn keep_sweeping(state: AppState, stop: CancellationToken) {
    let sweep = async || match sweep(&state).await {
        Ok(forgotten) if forgotten == Forgotten::default() => {}
        Ok(forgotten) => tracing::info!(?forgotten, "what was due was forgotten"),
        Err(error) => tracing::error!(error = ?error, "what was due could not be forgotten"),
    };
    background::every(HOUR_MS, &state.store, &state.clock, &stop, "retention", sweep).await;
}

/// Drops what a crash has left to be dropped, every few minutes: meanwhile nobody can send the same photo again.
pub(crate) async fn keep_dropping(state: AppState, stop: CancellationToken) {
    let drop = async || match drop_abandoned(&state).await {
        Ok(0) => {}
        Ok(files) => tracing::info!(files, "photos that a crash had left were dropped"),
        Err(error) => tracing::error!(?error, "photos that a crash had left could not be dropped"),
    };
    background::every(doomed::ABANDONED_AFTER_MS, &state.store, &state.clock, &stop, "doomed", drop).await;
}

/// Forgets everything that is due.
///
/// # Errors
/// Those of the database and the file system; what was not done is done the next time.
pub async fn sweep(state: &AppState) -> anyhow::Result<Forgotten> {
    let _alone = state.sweeping.lock().await;
    let before = |days: u32| state.clock.now_ms().saturating_sub(i64::from(days).saturating_mul(DAY_MS));
    let now_ms = state.clock.now_ms();
    let retention = state.config.retention;
    let mut forgotten = Forgotten::default();
    let unnamed = before(retention.photo_days);
    loop {
        let (count, files) =
            state.store.write(move |conn| Box::pin(rights::drop_unnamed(conn, unnamed, now_ms))).await?;
        drop_files(state, &files).await?;
        forgotten.photos += count;
        if count == 0 {
            break;
        }
    }
    let unseen = before(retention.device_days);
    loop {
        let (count, files) =
            state.store.write(move |conn| Box::pin(rights::forget_unseen(conn, unseen, now_ms))).await?;
        drop_files(state, &files).await?;
        forgotten.devices += count;
        if count == 0 {
            break;
        }
    }
    let redacted = before(retention.original_days);
    loop {
        let (count, files) =
            state.store.write(move |conn| Box::pin(cases::forget_originals(conn, redacted, now_ms))).await?;
        drop_files(state, &files).await?;
        forgotten.originals += count;
        if count == 0 {
            break;
        }
    }
    let counted = before(retention.verification_days);
    state.store.write(move |conn| Box::pin(verifications::forget_uncounted(conn, counted))).await?;
    let withdrawn = before(retention.withdrawn_days);
    forgotten.withdrawn = state.store.write(move |conn| Box::pin(reports::forget_withdrawn(conn, withdrawn))).await?;
    state.store.write(move |conn| Box::pin(people::forget_dead(conn, now_ms))).await?;
    state.store.write(move |conn| Box::pin(links::forget_dead(conn, now_ms))).await?;
    forgotten.files = orphans(state).await?;
    Ok(forgotten)
}

/// Drops files whose end was decided and has not come: what a crash, or a bucket that did not answer, has left.
///
/// # Errors
/// Those of the database.
pub async fn drop_abandoned(state: &AppState) -> Result<usize, StoreError> {
    let _alone = state.sweeping.lock().await;
    abandoned(state).await
}

async fn abandoned(state: &AppState) -> Result<usize, StoreError> {
    let now_ms = state.clock.now_ms();
    let files = doomed::abandoned(state.store.pool(), now_ms).await?;
    let dropped = doom_and_drop(state, files).await?;
    state.store.write(move |conn| Box::pin(doomed::forget(conn, now_ms))).await?;
    Ok(dropped)
}

/// Drops old files that no row names: a crash came between the file and its row. Not young ones, which softens the mistake
/// of starting a copy of the database, or an older backup of it, on photos that are in use; it does not make that safe:
/// these files go later, and what such a copy believes to be nobody's any more goes at once.
async fn orphans(state: &AppState) -> anyhow::Result<usize> {
    let mut dropped = abandoned(state).await?;
    let before = state.clock.now_ms().saturating_sub(ORPHAN_AFTER_MS);
    for folder in 0..=u8::MAX {
        let unnamed = unnamed(state, state.photos.list_older(folder, before).await?).await?;
        dropped += doom_and_drop(state, unnamed).await?;
    }
    Ok(dropped)
}

/// Those that no row names at present: only a first look, so that nobody who writes waits for it.
async fn unnamed(state: &AppState, files: Vec<PhotoHash>) -> Result<Vec<PhotoHash>, StoreError> {
    let mut conn = state.store.pool().acquire().await?;
    let mut unnamed = Vec::new();
    for file in files {
        if !photos::names(&mut conn, &file).await? {
            unnamed.push(file);
        }
    }
    Ok(unnamed)
}

async fn doom_and_drop(state: &AppState, files: Vec<PhotoHash>) -> Result<usize, StoreError> {
    let mut dropped = 0;
    for some in files.chunks(AT_ONCE) {
        let (some, now_ms) = (some.to_vec(), state.clock.now_ms());
        let doom = state.store.write(move |conn| Box::pin(async move { doomed::doom(conn, &some, now_ms).await }));
        dropped += drop_files(state, &Files(doom.await?)).await?;
    }
    Ok(dropped)
}

/// Drops files whose end is decided, also where whoever asks goes away meanwhile.
///
/// # Errors
/// Those of the database; what was not dropped is left to a sweep.
pub(crate) async fn drop_surely(state: &AppState, files: Files) -> anyhow::Result<()> {
    let state = state.clone();
    tokio::spawn(async move { drop_files(&state, &files).await }).await??;
    Ok(())
}

/// Drops files whose end is decided; how many were there, as far as that is known.
async fn drop_files(state: &AppState, Files(files): &Files) -> Result<usize, StoreError> {
    let mut dropped = 0;
    for some in files.chunks(AT_ONCE) {
        let dropping = state.photos.drop_files(some.iter().map(|doom| doom.file.clone()).collect());
        // One that has not gone by then may still go, so nobody may name it before a sweep drops it once more.
        let Ok(gone) = tokio::time::timeout(GONE_WITHIN, dropping).await else {
            tracing::warn!("photos that nobody names could not be dropped in time; a later sweep does it");
            continue;
        };
        let mut dooms = some.to_vec();
        dooms.retain(|doom| gone.iter().any(|(file, _)| *file == doom.file));
        if !dooms.is_empty() {
            state.store.write(move |conn| Box::pin(async move { doomed::note_gone(conn, &dooms).await })).await?;
        }
        dropped += gone.iter().filter(|(_, was_there)| *was_there).count();
    }
    Ok(dropped)
}
