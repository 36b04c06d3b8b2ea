//! Word that the queue of staff looks different, for those who have it before them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::database::CASES;
use super::{Database, Pool};

/// Other copies are told at most so often: a rush of reports is one piece of news to people.
const PAUSE: Duration = Duration::from_secs(1);

/// Counts what happened; cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct QueueNews {
    /// Here.
    own: Arc<watch::Sender<u64>>,
    /// Here or at another copy.
    all: Arc<watch::Sender<u64>>,
}

impl QueueNews {
    pub(super) fn happened(&self) {
        self.own.send_modify(|count| *count = count.wrapping_add(1));
        self.heard();
    }

    /// Something happened at another copy, or may have.
    pub(super) fn heard(&self) {
        self.all.send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.all.subscribe()
    }

    /// A file has one copy, which needs no telling.
    pub(super) async fn keep_telling(&self, database: &Database, pool: &Pool) {
        let Database::Postgres(_) = database else { return std::future::pending().await };
        let mut news = self.own.subscribe();
        // The sender is here, so that this cannot end.
        while news.changed().await.is_ok() {
            let told = sqlx::query("SELECT CAST(pg_notify($1, '') AS TEXT)").bind(CASES).execute(pool).await;
            if let Err(error) = told {
                tracing::warn!(%error, "other copies do not hear that the queue looks different");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}
