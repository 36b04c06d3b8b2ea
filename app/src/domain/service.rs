//! What a station offers beyond its facilities: a haircut on Thursdays, lunch on weekdays, classes after school.

use serde::{Deserialize, Serialize};

use super::ids::{ScheduleId, ServiceId, StationId};
use super::station::Facility;
use crate::json::FromJson;

/// One offer at one station.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Service {
    pub id: ServiceId,
    pub station: StationId,
    pub kind: Facility,
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    /// Who gives it.
    #[serde(default)]
    pub provider: String,
    #[serde(default)]
    pub provider_en: String,
    /// Price in fen; 0 is free, `None` is not said.
    #[serde(default)]
    pub price_fen: Option<u32>,
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub note_en: String,
    /// When it is given; `None` where nobody has said.
    #[serde(default)]
    pub schedule: Option<ScheduleId>,
    #[serde(default)]
    pub sample: bool,
}
