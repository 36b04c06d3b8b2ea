//! A station (驿站): a place where couriers, riders and drivers are welcome.

use serde::{Deserialize, Serialize};

use super::geo::Wgs84;
use super::ids::{LandmarkId, PhotoHash, ScheduleId, StationId};
use super::time::Minute;
use crate::json::FromJson;

/// What a person finds at a station. Codes this build does not know are kept as [`Facility::Other`], so an older
/// phone survives a newer server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Facility {
    /// 充电
    Charging,
    /// 饮水
    Water,
    /// 用餐
    Meals,
    /// 理发
    Haircut,
    /// 卫生间
    Toilet,
    /// 存单: orders may be left here for a while
    OrderHolding,
    /// 法律援助
    LegalAid,
    /// 休息
    Rest,
    /// 热饭 (microwave)
    Microwave,
    /// 茶水
    Tea,
    /// 四点半课堂, classes for couriers' children
    Classes,
    /// 零工市场
    Jobs,
    /// 住宿
    Lodging,
    #[default]
    #[serde(other)]
    Other,
}

impl Facility {
    /// Every facility that can be chosen as a filter, in the order the chips are shown.
    pub const ALL: [Self; 13] = [
        Self::Charging,
        Self::Water,
        Self::Meals,
        Self::Haircut,
        Self::Toilet,
        Self::OrderHolding,
        Self::LegalAid,
        Self::Rest,
        Self::Microwave,
        Self::Tea,
        Self::Classes,
        Self::Jobs,
        Self::Lodging,
    ];

    /// The code on the wire and in import files.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Charging => "charging",
            Self::Water => "water",
            Self::Meals => "meals",
            Self::Haircut => "haircut",
            Self::Toilet => "toilet",
            Self::OrderHolding => "order_holding",
            Self::LegalAid => "legal_aid",
            Self::Rest => "rest",
            Self::Microwave => "microwave",
            Self::Tea => "tea",
            Self::Classes => "classes",
            Self::Jobs => "jobs",
            Self::Lodging => "lodging",
            Self::Other => "other",
        }
    }

    /// The facility a code names.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facility| facility.code() == code)
    }
}

/// One step on the way in ("down the escalator by the fountain").
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct EntranceStep {
    pub text: String,
    #[serde(default)]
    pub text_en: String,
    /// What it looks like there; everybody may see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<PhotoHash>,
}

/// A station as couriers see it. Texts are Chinese; a field with `_en` is its English, empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Station {
    pub id: StationId,
    /// Its name in URLs: `/stations/{slug}`.
    pub slug: String,
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub address_en: String,
    /// What to look for when nearly there.
    #[serde(default)]
    pub landmark: String,
    #[serde(default)]
    pub landmark_en: String,
    /// Subdistrict (街道).
    #[serde(default)]
    pub district: String,
    #[serde(default)]
    pub district_en: String,
    /// WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
    /// Its opening hours; `None` where nobody has said, or not in words that are understood.
    #[serde(default)]
    pub schedule: Option<ScheduleId>,
    /// What somebody has said of its opening hours, where that is not understood; empty where there is a schedule.
    #[serde(default)]
    pub hours_words: String,
    #[serde(default)]
    pub facilities: Vec<Facility>,
    /// Who may enter and what is needed.
    #[serde(default)]
    pub access: String,
    #[serde(default)]
    pub access_en: String,
    #[serde(default)]
    pub entrance: Vec<EntranceStep>,
    #[serde(default)]
    pub phone: String,
    /// Who runs it.
    #[serde(default)]
    pub operator: String,
    #[serde(default)]
    pub operator_en: String,
    /// What is worth knowing beyond hours and facilities.
    #[serde(default)]
    pub about: String,
    #[serde(default)]
    pub about_en: String,
    /// The other half of a linked pair (双驿站).
    #[serde(default)]
    pub linked: Option<StationId>,
    /// Where the data comes from.
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub source_en: String,
    /// When somebody last confirmed the data on the spot; `None`: never.
    #[serde(default)]
    pub verified_at_min: Option<Minute>,
    /// Since when people have reported the door locked during its stated hours, and nobody has confirmed it since;
    /// from then on nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_at_min: Option<Minute>,
    /// Part of the built-in sample district.
    #[serde(default)]
    pub sample: bool,
}

impl Station {
    /// A station of which nothing is known yet but where it is.
    #[must_use]
    pub const fn new(id: StationId, slug: String, place: Wgs84) -> Self {
        Self {
            id,
            slug,
            name: String::new(),
            name_en: String::new(),
            address: String::new(),
            address_en: String::new(),
            landmark: String::new(),
            landmark_en: String::new(),
            district: String::new(),
            district_en: String::new(),
            lat: place.lat,
            lng: place.lng,
            schedule: None,
            hours_words: String::new(),
            facilities: Vec::new(),
            access: String::new(),
            access_en: String::new(),
            entrance: Vec::new(),
            phone: String::new(),
            operator: String::new(),
            operator_en: String::new(),
            about: String::new(),
            about_en: String::new(),
            linked: None,
            source: String::new(),
            source_en: String::new(),
            verified_at_min: None,
            locked_at_min: None,
            sample: false,
        }
    }

    #[must_use]
    pub const fn position(&self) -> Wgs84 {
        Wgs84 { lat: self.lat, lng: self.lng }
    }
}

/// A place people know by name: chosen where there is no GPS.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Landmark {
    pub id: LandmarkId,
    pub name: String,
    #[serde(default)]
    pub name_en: String,
    /// WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
}

impl Landmark {
    #[must_use]
    pub const fn position(&self) -> Wgs84 {
        Wgs84 { lat: self.lat, lng: self.lng }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facility_codes_are_the_names_on_the_wire_and_read_back() {
        for facility in Facility::ALL {
            assert_eq!(Facility::from_code(facility.code()), Some(facility));
            assert_eq!(serde_json::to_string(&facility).expect("json"), format!("\"{}\"", facility.code()));
        }
        assert_eq!(Facility::from_code("helipad"), None);
        assert_eq!(Facility::from_code("other"), None, "other is nothing to filter by");
    }
}
