//! How much a device may send, and how much memory photos may take.

use std::time::Duration;

/// Generous for a courier, whose app makes photos of about a megabyte; there to keep one phone from filling the disk.
#[derive(Clone, Copy, Debug)]
pub struct PhotoLimits {
    /// Photos that a device may send within 24 hours.
    pub photos_a_day: u32,
    /// Bytes of those photos, as they are sent.
    pub bytes_a_day: u64,
    /// Bytes that the unfinished uploads of a device may have when they are whole.
    pub unfinished_bytes: u64,
    /// Unfinished uploads that a device may have, however short they are.
    pub unfinished: u32,
    /// Bytes that have come of the unfinished uploads of all devices; beyond it none is begun. Not counted in a bucket.
    pub unfinished_in_all: u64,
    /// How long an upload is kept after its last byte.
    pub unfinished_for: Duration,
    /// Bodies that may arrive at once. Each takes up to 400 KB of memory, however large it is.
    pub arriving: usize,
    /// Of those, how many may come from one device.
    pub arriving_of_device: usize,
    /// And how many from one network, where addresses are measured at all. Phones that are no strangers are not counted.
    pub arriving_of_network: usize,
    /// Whole photos that may wait to be decoded.
    pub waiting: usize,
    /// How long a photo waits for its turn, to arrive and to be decoded, before its sender is asked to come again.
    pub patience: Duration,
    /// Bytes of memory for all pictures that are being decoded. One that needs more by itself is refused.
    pub memory: u64,
    /// Bytes of memory for all pictures that are being sent; beyond it whoever asks for another is asked to come again.
    pub sending: u64,
    /// Of those, how many for one network, where addresses are measured at all.
    pub sending_to_network: u64,
    /// Bytes that stay free where photos, and the database, are on a disk: below it photos wait, and words are still taken.
    pub reserve: u64,
}

impl Default for PhotoLimits {
    fn default() -> Self {
        Self {
            photos_a_day: 1_000,
            bytes_a_day: 2 * 1024 * 1024 * 1024,
            unfinished_bytes: 256 * 1024 * 1024,
            unfinished: 256,
            unfinished_in_all: 20 * 1024 * 1024 * 1024,
            unfinished_for: Duration::from_hours(48),
            arriving: 128,
            // The app sends one at a time; a connection that has died may hold another for a while.
            arriving_of_device: 4,
            arriving_of_network: 32,
            waiting: 64,
            patience: Duration::from_secs(10),
            memory: 160 * 1024 * 1024,
            sending: 64 * 1024 * 1024,
            sending_to_network: 16 * 1024 * 1024,
            reserve: 512 * 1024 * 1024,
        }
    }
}
