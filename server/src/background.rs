//! Work that nobody asks for, done by one copy of the program for all.

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::store::{Store, StoreError, jobs};

/// Does something now, because a crash may have left something to do, and after each `period_ms` by this clock where no other
/// copy of the program has taken it (`job` is its name among them); until told to stop.
pub(crate) async fn every<F: Future<Output = ()>>(
    period_ms: i64,
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
            let mine = take(store, job, now_ms, period_ms).await;
            if let Err(error) = &mine {
                tracing::error!(%error, job, "it cannot be told whether another copy does this");
            }
            if mine.unwrap_or_default() || !started {
                what().await;
            }
            started = true;
            clock.until(now_ms.saturating_add(period_ms)).await;
        }
    })
    .await;
}

/// Due again after half of the period: copies do not wake at the same moment, and one that takes it early must not leave the
/// others without it for two of them.
async fn take(store: &Store, job: &'static str, now_ms: i64, period_ms: i64) -> Result<bool, StoreError> {
    store.write(move |conn| Box::pin(jobs::take(conn, job, now_ms, period_ms / 2))).await
}
