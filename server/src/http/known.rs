//! Phones that are no strangers: what they may do does not hang on who else is at their address.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::clock::{Clock, DAY_MS};
use crate::store::devices::{self, DeviceId};
use crate::store::{Store, StoreError};

/// How long ago a phone must have been heard of first, in milliseconds: a script that makes itself phones has to have done so
/// the day before.
const SINCE_MS: i64 = DAY_MS;
/// How long the database is not asked about a known phone again.
const REMEMBERED: Duration = Duration::from_mins(10);
/// Most phones that are remembered, in a megabyte. For others the database is asked each time.
const MOST: usize = 20_000;
/// Questions under way at once: whoever makes up tokens does not keep the database from its work.
const ASKING: usize = 2;

/// Asks the database, and remembers for a while; cheap to clone.
#[derive(Clone)]
pub struct Known(Option<Arc<Inner>>);

struct Inner {
    store: Store,
    clock: Clock,
    salt: RandomState,
    /// Until when, by a salted hash.
    remembered: Mutex<HashMap<u64, Instant>>,
    asking: Semaphore,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

impl Known {
    /// Those that a database has.
    pub fn of(store: Store, clock: Clock) -> Self {
        let (salt, remembered) = (RandomState::new(), Mutex::default());
        Self(Some(Arc::new(Inner { store, clock, salt, remembered, asking: Semaphore::new(ASKING) })))
    }

    /// Everybody is a stranger.
    pub fn nobody() -> Self {
        Self(None)
    }

    /// Whether a phone was heard of a day ago. Where that cannot be found out now, it was not: it comes again later.
    pub(super) async fn has(&self, device: &DeviceId) -> bool {
        self.has_within(Duration::ZERO, device).await
    }

    /// The same, by whoever can wait for so long until others have asked.
    pub(crate) async fn has_within(&self, patience: Duration, device: &DeviceId) -> bool {
        let Some(inner) = &self.0 else { return false };
        let key = inner.salt.hash_one(device);
        if inner.remembers(key, Instant::now()) {
            return true;
        }
        let Ok(Ok(_turn)) = tokio::time::timeout(patience, inner.asking.acquire()).await else { return false };
        match inner.ask(device).await {
            Ok(known) => {
                if known {
                    inner.remember(key, Instant::now());
                }
                known
            }
            Err(error) => {
                tracing::warn!(%error, "cannot tell whether a phone is known");
                false
            }
        }
    }
}

impl Inner {
    async fn ask(&self, device: &DeviceId) -> Result<bool, StoreError> {
        let mut conn = self.store.pool().acquire().await?;
        devices::was_seen_before(&mut conn, device, self.clock.now_ms() - SINCE_MS).await
    }

    fn remembers(&self, key: u64, now: Instant) -> bool {
        let remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        remembered.get(&key).is_some_and(|until| *until > now)
    }

    fn remember(&self, key: u64, now: Instant) {
        let mut remembered = self.remembered.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() >= MOST {
            remembered.retain(|_, until| *until > now);
        }
        if remembered.len() < MOST {
            remembered.insert(key, now + REMEMBERED);
        }
    }
}
