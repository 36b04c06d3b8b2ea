//! Whose turn it is: to arrive, and to be decoded.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{PhotoError, PhotoLimits};

/// Shared by all photos; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Turns {
    arriving: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Kilobytes that decoding may take.
    memory: Arc<Semaphore>,
    memory_kb: u32,
    /// What even the smallest picture takes, so that no more are decoded at once than there are cores.
    least_kb: u32,
    patience: Duration,
    /// Of those that arrive, and those that wait.
    most: (usize, usize),
}

/// Leave to decode one picture, for as long as this is held.
#[derive(Debug)]
pub(super) struct Turn {
    _place: OwnedSemaphorePermit,
    _memory: OwnedSemaphorePermit,
}

impl Turns {
    pub(super) fn new(limits: &PhotoLimits) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1));
        let memory_kb = u32::try_from(limits.memory / 1024).unwrap_or(u32::MAX >> 1);
        Self {
            arriving: Arc::new(Semaphore::new(limits.arriving)),
            waiting: Arc::new(Semaphore::new(limits.waiting)),
            memory: Arc::new(Semaphore::new(memory_kb as usize)),
            memory_kb,
            least_kb: memory_kb / cores.max(1),
            patience: limits.patience,
            most: (limits.arriving, limits.waiting),
        }
    }

    /// How many arrive, and how many are being decoded or wait for it.
    pub(super) fn under_way(&self) -> (usize, usize) {
        let (arriving, waiting) = self.most;
        (arriving - self.arriving.available_permits(), waiting - self.waiting.available_permits())
    }

    /// Waits a moment while too many bodies arrive.
    pub(super) async fn arrive(&self) -> Result<OwnedSemaphorePermit, PhotoError> {
        self.within(self.arriving.clone().acquire_owned()).await
    }

    /// Waits while others decode, unless too many wait already; `memory` in bytes.
    pub(super) async fn decode(&self, memory: u64) -> Result<Turn, PhotoError> {
        let needed = u32::try_from(memory.div_ceil(1024)).unwrap_or(u32::MAX);
        if needed > self.memory_kb {
            return Err(PhotoError::TooManyPixels);
        }
        let place = self.waiting.clone().try_acquire_owned().map_err(|_| PhotoError::Busy)?;
        let memory = self.memory.clone().acquire_many_owned(needed.max(self.least_kb));
        Ok(Turn { _place: place, _memory: self.within(memory).await? })
    }

    async fn within<T, E>(&self, turn: impl Future<Output = Result<T, E>>) -> Result<T, PhotoError> {
        match tokio::time::timeout(self.patience, turn).await {
            Ok(Ok(turn)) => Ok(turn),
            _ => Err(PhotoError::Busy),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1024 * 1024;

    fn turns(waiting: usize) -> Turns {
        let patience = Duration::from_millis(10);
        Turns::new(&PhotoLimits { arriving: 1, waiting, patience, memory: 100 * MB, ..PhotoLimits::default() })
    }

    #[tokio::test]
    async fn the_memory_of_all_pictures_together_stays_within_its_bound() {
        let turns = turns(10);
        let large = turns.decode(90 * MB).await.unwrap();
        assert!(matches!(turns.decode(20 * MB).await, Err(PhotoError::Busy)));
        drop(large);
        assert!(turns.decode(20 * MB).await.is_ok());
        assert!(matches!(turns.decode(101 * MB).await, Err(PhotoError::TooManyPixels)), "it would wait for ever");
    }

    #[tokio::test]
    async fn who_finds_too_many_waiting_is_sent_away_at_once() {
        assert!(matches!(turns(0).decode(MB).await, Err(PhotoError::Busy)));
    }

    #[tokio::test]
    async fn no_more_bodies_arrive_at_once_than_allowed() {
        let turns = turns(1);
        let first = turns.arrive().await.unwrap();
        assert!(matches!(turns.arrive().await, Err(PhotoError::Busy)));
        drop(first);
        assert!(turns.arrive().await.is_ok());
    }
}
