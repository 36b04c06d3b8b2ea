//! The numbers above the list. All repairs of a period are looked at for them, so each is kept for a minute: however many people
//! look at the page, the database is asked once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use waypost_app::domain::report::Category;

use crate::error::Error;
use crate::schedule::calendar::Calendar;
use crate::schedule::working_days;
use crate::store::Store;
use crate::store::reports::public::{self, Filter, Numbers};

/// For so long they are good, in milliseconds.
const KEPT_MS: i64 = 60 * 1000;
/// Most of them in memory. There are as many as categories and periods, and new ones every day.
const MOST: usize = 128;

/// How many were received and repaired, and how long repairs took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) received: u64,
    pub(super) fixed: usize,
    /// Twice the median, in working days; `None` without a repair.
    pub(super) median_halves: Option<u32>,
}

/// Which reports are counted: a category or all, received at this moment or later.
type Key = (Option<Category>, i64);
/// When they were counted, by the server's clock. Whoever counts holds it, and the others wait for what comes out.
type Slot = Arc<tokio::sync::Mutex<Option<(i64, Counted)>>>;

/// What was counted lately; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<Mutex<HashMap<Key, Slot>>>);

impl Counts {
    /// The numbers of a filter, whichever of the two groups it asks for; at most a minute old.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) async fn of(
        &self,
        store: &Store,
        filter: Filter,
        calendar: &Arc<Calendar>,
        now_ms: i64,
    ) -> Result<Counted, Error> {
        let slot = self.slot((filter.category, filter.since_ms));
        let mut kept = slot.lock().await;
        if let Some((at_ms, counted)) = *kept
            && (0..KEPT_MS).contains(&now_ms.saturating_sub(at_ms))
        {
            return Ok(counted);
        }
        let mut conn = store.moment().await?;
        let numbers = public::numbers(&mut conn, filter).await?;
        drop(conn);
        let calendar = calendar.clone();
        let counting = tokio::task::spawn_blocking(move || count(&numbers, &calendar));
        let counted = counting.await.map_err(anyhow::Error::from)?;
        *kept = Some((now_ms, counted));
        Ok(counted)
    }

    fn slot(&self, key: Key) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(&key) {
            slots.clear();
        }
        slots.entry(key).or_default().clone()
    }
}

fn count(numbers: &Numbers, calendar: &Calendar) -> Counted {
    let mut took: Vec<_> =
        numbers.repairs.iter().map(|(received, fixed)| working_days::passed(calendar, *received, *fixed)).collect();
    Counted { received: numbers.received, fixed: took.len(), median_halves: median(&mut took) }
}

/// Twice the middle one: between two it is half of their sum.
fn median(values: &mut [u32]) -> Option<u32> {
    values.sort_unstable();
    let (lower, upper) = (values.len().checked_sub(1)? / 2, values.len() / 2);
    Some(values.get(lower)?.saturating_add(*values.get(upper)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_two_in_the_middle() {
        for (mut values, halves) in [
            (vec![], None),
            (vec![3], Some(6)),
            (vec![9, 1], Some(10)),
            (vec![4, 1, 2], Some(4)),
            (vec![0, 7, 1, 2], Some(3)),
        ] {
            assert_eq!(median(&mut values), halves, "{values:?}");
        }
    }

    #[test]
    fn however_many_days_go_by_no_more_than_so_many_are_kept() {
        let counts = Counts::default();
        for day in 0..1_000 {
            drop(counts.slot((None, day)));
        }
        assert!(counts.0.lock().unwrap().len() <= MOST);
    }
}
