//! A few places for each: for each device, for each network. Whoever has taken all of their own waits, and nobody else does.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

/// So many places for each key. Nothing is kept of who neither has one nor waits for one. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Each<K> {
    places: usize,
    all: Arc<Mutex<HashMap<K, Places>>>,
}

/// Those of a key.
#[derive(Debug)]
struct Places {
    free: Arc<Semaphore>,
    /// How many have an interest in them: counted under the lock, where nobody comes or goes meanwhile.
    seats: usize,
}

/// One of them, or several, given back when dropped.
#[derive(Debug)]
pub(super) struct Place<K: Eq + Hash> {
    // Goes first: when the last seat goes, and with it the key, all places are free.
    _permit: OwnedSemaphorePermit,
    _seat: Seat<K>,
}

/// Interest in the places of a key: as long as anybody has it, all take from the same ones.
#[derive(Debug)]
struct Seat<K: Eq + Hash> {
    each: Each<K>,
    key: K,
    free: Arc<Semaphore>,
}

impl<K: Clone + Eq + Hash> Each<K> {
    pub(super) fn new(places: usize) -> Self {
        Self { places, all: Arc::default() }
    }

    /// Waits for a place.
    pub(super) async fn take(&self, key: K) -> Result<Place<K>, AcquireError> {
        self.take_many(key, 1).await
    }

    /// Waits for so many places, which must not be more than there are.
    pub(super) async fn take_many(&self, key: K, places: u32) -> Result<Place<K>, AcquireError> {
        let seat = self.seat(key);
        let permit = seat.free.clone().acquire_many_owned(places).await?;
        Ok(Place { _permit: permit, _seat: seat })
    }

    fn seat(&self, key: K) -> Seat<K> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Places { free: Arc::new(Semaphore::new(self.places)), seats: 0 };
        let places = all.entry(key.clone()).or_insert_with(new);
        places.seats += 1;
        Seat { each: self.clone(), key, free: places.free.clone() }
    }
}

impl<K: Eq + Hash> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut all = self.each.all.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(places) = all.get_mut(&self.key) else { return };
        places.seats -= 1;
        if places.seats == 0 {
            all.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(10);

    #[tokio::test]
    async fn whoever_has_all_of_their_places_waits_for_one_and_nobody_else_does() {
        let each = Each::new(2);
        let first = each.take("a").await.unwrap();
        let _second = each.take("a").await.unwrap();
        assert!(tokio::time::timeout(MOMENT, each.take("a")).await.is_err());
        assert!(each.take("b").await.is_ok());
        let (third, ()) = tokio::join!(each.take("a"), async { drop(first) });
        assert!(third.is_ok());
        assert!(tokio::time::timeout(MOMENT, each.take("a")).await.is_err(), "two, whoever waited");
    }

    #[tokio::test]
    async fn nothing_is_kept_of_who_has_left() {
        let each = Each::new(1);
        let first = each.take("a").await.unwrap();
        assert!(tokio::time::timeout(MOMENT, each.take("a")).await.is_err());
        drop(each.take("b").await.unwrap());
        assert_eq!(each.all.lock().unwrap().len(), 1);
        drop(first);
        assert_eq!(each.all.lock().unwrap().len(), 0);
    }

    #[test]
    fn two_that_leave_at_once_leave_nothing_behind() {
        let each = Each::new(2);
        let (first, second) = (each.seat("a"), each.seat("a"));
        // What a seat still has in its hand for a moment after it has looked whether it is the last one.
        let in_hand = [first.free.clone(), second.free.clone()];
        drop((first, second));
        assert_eq!(each.all.lock().unwrap().len(), 0);
        drop(in_hand);
    }
}
