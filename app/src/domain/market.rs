//! The monthly skills market (公益市集): couriers cut hair, sharpen knives and mend kettles for residents.

use serde::{Deserialize, Serialize};

use super::geo::Wgs84;
use super::ids::{MarketId, ScheduleId, StationId};
use crate::json::FromJson;

/// What somebody does for residents at the market.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum SkillKind {
    /// 理发
    Haircut,
    /// 磨刀
    Knives,
    /// 家电维修
    Appliances,
    /// 搬运
    Carrying,
    /// 代购
    Shopping,
    /// 上门探访
    HomeVisit,
    #[default]
    #[serde(other)]
    Other,
}

/// One skill at a market's sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Skill {
    pub kind: SkillKind,
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    /// Who does it, as they wish to be called.
    #[serde(default)]
    pub person: String,
    #[serde(default)]
    pub person_en: String,
    /// Minutes after the session begins that this skill starts and ends; `None`: the whole session.
    #[serde(default)]
    pub from_min: Option<u16>,
    #[serde(default)]
    pub to_min: Option<u16>,
    /// How many people can be served; `None`: not limited.
    #[serde(default)]
    pub places: Option<u16>,
}

/// A market that comes again by a rule ("second Saturday, nine to eleven").
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Market {
    pub id: MarketId,
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub place_en: String,
    /// WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
    /// The station it is held at, where it is one.
    #[serde(default)]
    pub station: Option<StationId>,
    /// Each open span is one session.
    #[serde(default)]
    pub schedule: Option<ScheduleId>,
    #[serde(default)]
    pub skills: Vec<Skill>,
    /// The last session in one line.
    #[serde(default)]
    pub last: String,
    #[serde(default)]
    pub last_en: String,
    #[serde(default)]
    pub sample: bool,
}

impl Market {
    #[must_use]
    pub const fn position(&self) -> Wgs84 {
        Wgs84 { lat: self.lat, lng: self.lng }
    }
}
