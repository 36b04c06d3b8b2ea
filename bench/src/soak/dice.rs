//! Random numbers that a seed repeats.

use std::time::{SystemTime, UNIX_EPOCH};

/// `SplitMix64`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..most`.
    pub(super) const fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }
}

/// A seed for those who give none.
///
/// # Errors
/// If the clock stands before 1970.
pub(super) fn any_seed() -> anyhow::Result<u64> {
    Ok(u64::from(SystemTime::now().duration_since(UNIX_EPOCH)?.subsec_nanos()))
}
