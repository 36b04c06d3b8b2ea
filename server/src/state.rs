//! What every handler can reach.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::Config;
use crate::http::Known;
use crate::intake::Intake;
use crate::metrics::Metrics;
use crate::people::People;
use crate::photo::Archive;
use crate::public::Counts;
use crate::shell::Pages;
use crate::site::Site;
use crate::snapshots::Snapshots;
use crate::store::Store;

/// Shared by all requests; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
    pub clock: Clock,
    pub store: Store,
    /// Phones that are no strangers.
    pub known: Known,
    pub people: People,
    pub photos: Archive,
    pub intake: Intake,
    pub metrics: Metrics,
    pub snapshots: Snapshots,
    pub site: Site,
    pub pages: Pages,
    /// Numbers of the public reports.
    pub counts: Counts,
    /// One sweep at a time: whoever has waited for one knows that everything is done.
    pub sweeping: Arc<Mutex<()>>,
    /// Cancelled when the server is to stop: answers without an end of their own end then.
    pub stop: CancellationToken,
}
