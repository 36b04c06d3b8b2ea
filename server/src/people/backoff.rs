//! Whoever fails to sign in waits a little longer each time. Nobody is locked out: after the wait the right password works,
//! however many wrong ones came before.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::clock::HOUR_MS;
use crate::http::network;

/// Failures by one name that cost nothing: people mistype.
const FREE: u32 = 4;
/// The same from one address, behind which a whole office may be.
const FREE_ADDRESS: u32 = 20;
/// The longest wait, in milliseconds: 300 guesses a day are none worth making, and whoever has typed enough wrong ones can wait
/// for it.
const LONGEST_MS: i64 = 5 * 60 * 1000;
/// After so long without a failure all is forgotten, in milliseconds.
pub(super) const FORGOTTEN_MS: i64 = HOUR_MS;
/// Most addresses that are told apart at once, in about a megabyte. Those that come in beyond share a row.
const MOST: usize = 20_000;

/// Milliseconds that nothing is looked at after so many failures in a row: none, then a second, doubled with each.
pub fn wait_ms(failures: u32) -> i64 {
    after(failures, FREE)
}

fn after(failures: u32, free: u32) -> i64 {
    match failures.checked_sub(free + 1) {
        None => 0,
        Some(doublings) => 1000_i64.checked_shl(doublings.min(20)).unwrap_or(LONGEST_MS).min(LONGEST_MS),
    }
}

/// Addresses from which signing in has failed lately: as salted hashes, in memory only.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    salt: RandomState,
    book: Mutex<HashMap<u64, Failures>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last_ms: i64,
    next_ms: i64,
}

impl Addresses {
    /// Counts an attempt before it is looked at; one that comes too early is not counted and gets the milliseconds that are left.
    pub(super) fn begin(&self, from: IpAddr, now_ms: i64) -> Option<i64> {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let mut key = self.salt.hash_one(network(from));
        if !book.contains_key(&key) && book.len() >= MOST {
            book.retain(|_, failures| failures.last_ms > now_ms - FORGOTTEN_MS);
            if book.len() >= MOST {
                key = self.salt.hash_one("everybody else");
            }
        }
        let failures = book.entry(key).or_default();
        if failures.next_ms > now_ms {
            return Some(failures.next_ms - now_ms);
        }
        if failures.last_ms <= now_ms - FORGOTTEN_MS {
            failures.count = 0;
        }
        failures.count = failures.count.saturating_add(1);
        failures.last_ms = now_ms;
        failures.next_ms = now_ms + after(failures.count, FREE_ADDRESS);
        None
    }

    /// The attempt did not fail after all. Earlier ones still count: whoever has an account could guess at others' between.
    pub(super) fn take_back(&self, from: IpAddr) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(failures) = book.get_mut(&self.salt.hash_one(network(from))) {
            failures.count = failures.count.saturating_sub(1);
            failures.next_ms = failures.last_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_to_five_minutes_and_no_further() {
        let waits: Vec<i64> = (1..=8).map(wait_ms).collect();
        assert_eq!(waits, [0, 0, 0, 0, 1_000, 2_000, 4_000, 8_000]);
        assert_eq!([14, 100, u32::MAX].map(wait_ms), [LONGEST_MS; 3]);
    }

    #[test]
    fn an_address_waits_after_twenty_failures_and_another_does_not() {
        let (addresses, office) = (Addresses::default(), IpAddr::from([203, 0, 113, 9]));
        for _ in 0..21 {
            assert_eq!(addresses.begin(office, 1_000), None);
        }
        assert_eq!(addresses.begin(office, 1_400), Some(600), "asking too early costs nothing");
        assert_eq!(addresses.begin(IpAddr::from([203, 0, 113, 10]), 1_400), None);
        assert_eq!(addresses.begin(office, 2_000), None);
        assert_eq!(addresses.begin(office, 2_000), Some(2_000));
        assert_eq!(addresses.begin(office, 2_000 + FORGOTTEN_MS), None);
        assert_eq!(addresses.begin(office, 2_000 + FORGOTTEN_MS), None, "all was forgotten");
    }

    #[test]
    fn who_signs_in_rightly_is_not_counted_but_what_came_before_is() {
        let (addresses, office) = (Addresses::default(), IpAddr::from([203, 0, 113, 9]));
        for _ in 0..100 {
            assert_eq!(addresses.begin(office, 0), None);
            addresses.take_back(office);
        }
        for _ in 0..20 {
            assert_eq!(addresses.begin(office, 0), None);
        }
        assert_eq!(addresses.begin(office, 0), None);
        addresses.take_back(office);
        assert_eq!(addresses.begin(office, 0), None, "the right one did not cost anything");
        assert_eq!(addresses.begin(office, 0), Some(1_000));
    }

    #[test]
    fn however_many_addresses_come_no_more_than_so_many_are_kept() {
        let addresses = Addresses::default();
        for number in 0..MOST as u32 + 500 {
            addresses.begin(IpAddr::from(std::net::Ipv4Addr::from_bits(number)), 0);
        }
        assert!(addresses.book.lock().unwrap().len() <= MOST + 1);
    }
}
