//! What every handler can reach.

use std::sync::Arc;

use crate::config::Config;

/// Shared by all requests; cheap to clone.
#[derive(Clone, Debug)]
pub struct AppState {
    pub config: Arc<Config>,
}
