//! What the district's reports and stations come to, in numbers.

use serde::{Deserialize, Serialize};

use crate::domain::ids::UnitId;

/// Hours of a week.
pub const HOURS: usize = 7 * 24;

/// Answer of `GET /api/v1/staff/numbers`.
///
/// Query, all optional: `from` and `to`, the first and the last day, at most a year (the last eight weeks if left out);
/// `week`, any day of the week whose hours are asked about (this week if left out).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// The first and the last day, such as `2026-11-24`.
    pub from: String,
    pub to: String,
    /// Each week that has a day in the period, oldest first; of a week that is cut off only its days within.
    pub weeks: Vec<WeekNumbers>,
    /// Units that have repaired something in the period or have something to repair now, by name; at the end what was
    /// nobody's.
    pub units: Vec<UnitNumbers>,
    pub coverage: Coverage,
}

/// What happened in one week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekNumbers {
    pub monday: String,
    /// Reports that came in.
    pub received: u32,
    /// Repairs, also of what was repaired before and came back.
    pub fixed: u32,
    /// People on the spot who found what is written of a station right.
    pub confirmed: u32,
    /// People who found a door locked while it should have been open.
    pub locked: u32,
}

/// What one unit has done and has to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitNumbers {
    /// `None`: repaired or waiting without a unit.
    pub unit: Option<UnitId>,
    /// Empty where there is no unit.
    pub name: String,
    /// Repairs in the period.
    pub fixed: u32,
    /// Working days from being given it (or getting it back) to its repair: half of the repairs took no longer.
    pub median_working_days: Option<f64>,
    /// What waits now, and how much of that is late.
    pub open: u32,
    pub overdue: u32,
}

/// How many stations are open when, over one week.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    pub monday: String,
    /// The whole district first, then each subdistrict by name.
    pub places: Vec<PlaceCoverage>,
}

/// The same of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaceCoverage {
    /// `None`: the whole district. Empty: stations of which nobody has said where they belong.
    pub name: Option<String>,
    pub stations: u32,
    /// Stations of which nobody knows when they are open.
    pub unknown: u32,
    /// Of each hour from Monday 00:00 on, how many stations are open at its worst moment: 0 is a gap.
    pub open: Vec<u32>,
}
