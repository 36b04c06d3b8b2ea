//! Work that nobody asks for, done by one copy of the program for all.

use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, HOUR_MS};
use crate::store::{Store, StoreError, jobs};

/// Does something now, because a crash may have left something to do, and every hour by this clock where no other copy of the
/// program has taken it (`job` is its name among them); until told to stop.
pub(crate) async fn every_hour<F: Future<Output = ()>>(
    store: &Store,
    clock: &Clock,
    stop: &CancellationToken,
    job: &'static str,
    mut what: impl FnMut() -> F,
) {
    stop.run_until_cancelled(async {
        let mut started = false;
        loop {
            let now_ms = clock.now_ms();
            let mine = take(store, job, now_ms).await;
            if let Err(error) = &mine {
                tracing::error!(%error, job, "it cannot be told whether another copy does this");
            }
            if mine.unwrap_or_default() || !started {
                what().await;
            }
            started = true;
            clock.until(now_ms.saturating_add(HOUR_MS)).await;
        }
    })
    .await;
}

/// Due again after half an hour: copies do not wake at the same moment, and one that takes it early must not leave the others
/// without it for two hours.
async fn take(store: &Store, job: &'static str, now_ms: i64) -> Result<bool, StoreError> {
    store.write(move |conn| Box::pin(jobs::take(conn, job, now_ms, HOUR_MS / 2))).await
}
