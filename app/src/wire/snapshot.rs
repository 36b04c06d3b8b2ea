//! The district as one document: what a phone keeps to answer everything without the network.

use serde::{Deserialize, Serialize};

use crate::domain::market::Market;
use crate::domain::schedule::{Horizon, Schedule};
use crate::domain::service::Service;
use crate::domain::station::{Landmark, Station};
use crate::domain::time::{Minute, Offset};

/// The lowest client number this server still answers; a phone with a lower one must update first.
pub const MIN_CLIENT: u32 = 1;
/// This build's client number, compared with [`Snapshot::min_client`].
pub const CLIENT: u32 = 1;

/// Answer of `GET /api/v1/snapshot`, whole or as changes since a revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Grows with every change; ask for changes with `?since=`.
    pub rev: i64,
    /// The server's clock, RFC 3339 with offset.
    pub generated_at: String,
    /// The same, in epoch minutes.
    pub generated_at_min: Minute,
    /// Schedules were evaluated for `[horizon_start_min, horizon_end_min)`; outside, nothing is known.
    pub horizon_start_min: Minute,
    pub horizon_end_min: Minute,
    pub utc_offset_min: Offset,
    pub min_client: u32,
    /// True: this is everything, forget what was there. False: upserts, plus [`Snapshot::removed`].
    pub full: bool,
    /// Ids of stations, services, schedules, markets and landmarks that are gone (changes only).
    #[serde(default)]
    pub removed: Vec<String>,
    pub district: District,
    pub stations: Vec<Station>,
    pub services: Vec<Service>,
    pub schedules: Vec<Schedule>,
    pub markets: Vec<Market>,
    #[serde(default)]
    pub landmarks: Vec<Landmark>,
}

/// The district itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct District {
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    /// The built-in sample is (still) part of the data.
    #[serde(default)]
    pub sample: bool,
}

impl Snapshot {
    #[must_use]
    pub const fn horizon(&self) -> Horizon {
        Horizon { start: self.horizon_start_min, end: self.horizon_end_min }
    }
}
