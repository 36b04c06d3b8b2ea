//! The district as one document: what a phone keeps to answer everything without the network.

use serde::{Deserialize, Serialize};

use crate::domain::geo::Wgs84;
use crate::domain::ids::ReportId;
use crate::domain::market::Market;
use crate::domain::report::{Category, ReportState};
use crate::domain::schedule::{Horizon, Schedule};
use crate::domain::service::Service;
use crate::domain::station::{Landmark, Station};
use crate::domain::time::{Minute, Offset};
use crate::json::FromJson;

/// The lowest client number this server still answers; a phone with a lower one must update first.
pub const MIN_CLIENT: u32 = 1;
/// This build's client number, compared with [`Snapshot::min_client`].
pub const CLIENT: u32 = 1;

/// Answer of `GET /api/v1/snapshot`, whole or as changes since a revision.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
pub struct Snapshot {
    /// Grows with every change; ask for changes with `?since=`.
    pub rev: i64,
    /// Another number where the server was set back to a backup: revisions then mean something else, and changes do not follow
    /// from those before.
    #[serde(default)]
    pub epoch: i64,
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
    /// Ids of stations, services, schedules, markets, landmarks and open reports that are gone (changes only).
    #[serde(default)]
    pub removed: Vec<String>,
    pub district: District,
    pub stations: Vec<Station>,
    pub services: Vec<Service>,
    pub schedules: Vec<Schedule>,
    pub markets: Vec<Market>,
    #[serde(default)]
    pub landmarks: Vec<Landmark>,
    /// Defects that the district knows and has not repaired yet.
    #[serde(default)]
    pub open_reports: Vec<OpenReport>,
}

/// A public report that waits for its repair ([`ReportState::is_open`]), as much of it as tells whether a defect has been
/// reported already. Nothing that could tell who reported it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, FromJson)]
pub struct OpenReport {
    pub id: ReportId,
    /// Short enough to read out on the phone.
    pub code: String,
    pub category: Category,
    pub state: ReportState,
    /// WGS-84 decimal degrees, rounded to about 100 m.
    pub lat: f64,
    pub lng: f64,
    pub received_at_min: Minute,
}

impl OpenReport {
    #[must_use]
    pub const fn position(&self) -> Wgs84 {
        Wgs84 { lat: self.lat, lng: self.lng }
    }
}

/// The district itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[from_json(fill)]
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::market::SkillKind;
    use crate::domain::station::Facility;

    /// The least a server of version 1 may send.
    fn least() -> Value {
        json!({
            "rev": 7,
            "generated_at": "2026-11-24T08:10:00+08:00",
            "generated_at_min": 29_924_170,
            "horizon_start_min": 29_922_720,
            "horizon_end_min": 29_973_120,
            "utc_offset_min": 480,
            "min_client": 1,
            "full": true,
            "district": { "name": "拱墅区" },
            "stations": [{ "id": "s1", "slug": "xinxin", "name": "新新首护驿站", "lat": 30.3172, "lng": 120.1386 }],
            "services": [{ "id": "v1", "station": "s1", "kind": "haircut", "name": "免费理发" }],
            "schedules": [{ "id": "h1", "rule": "Th 14:00-17:00" }],
            "markets": [{ "id": "m1", "name": "公益市集", "lat": 30.3172, "lng": 120.1386 }],
        })
    }

    fn read(value: Value) -> Snapshot {
        serde_json::from_value(value).expect("a snapshot")
    }

    #[test]
    fn what_a_server_leaves_out_is_empty_or_not_known() {
        let snapshot = read(least());
        assert_eq!((snapshot.removed.len(), snapshot.landmarks.len(), snapshot.open_reports.len()), (0, 0, 0));
        assert!(!snapshot.district.sample);
        let station = &snapshot.stations[0];
        assert_eq!((station.schedule.as_ref(), station.verified_at_min), (None, None));
        assert!(station.facilities.is_empty() && station.phone.is_empty() && !station.sample);
        assert_eq!(snapshot.services[0].price_fen, None, "not said is not free");
        assert!(snapshot.schedules[0].open.is_empty() && snapshot.schedules[0].unknown.is_empty());
        assert_eq!((snapshot.markets[0].station.as_ref(), snapshot.markets[0].skills.len()), (None, 0));
        assert_eq!(snapshot.horizon(), Horizon { start: Minute(29_922_720), end: Minute(29_973_120) });
    }

    #[test]
    fn what_a_newer_server_adds_does_not_stop_an_older_phone() {
        let mut value = least();
        value["weather"] = json!({ "rain": true });
        value["district"]["logo"] = json!("x.svg");
        value["stations"][0]["accessible"] = json!(["ramp"]);
        value["stations"][0]["facilities"] = json!(["charging", "helipad", "water"]);
        value["services"][0]["kind"] = json!("massage");
        value["schedules"][0]["colour"] = json!(null);
        value["markets"][0]["skills"] = json!([{ "kind": "juggling", "name": "杂耍", "level": 3 }]);
        let snapshot = read(value);
        assert_eq!(snapshot.stations[0].facilities, [Facility::Charging, Facility::Other, Facility::Water]);
        assert_eq!(snapshot.services[0].kind, Facility::Other);
        assert_eq!(snapshot.markets[0].skills[0].kind, SkillKind::Other);
        assert_eq!(snapshot.markets[0].skills[0].name, "杂耍");
    }

    #[test]
    fn a_full_snapshot_is_the_same_after_a_journey() {
        let mut value = least();
        value["full"] = json!(false);
        value["removed"] = json!(["s9"]);
        value["district"]["sample"] = json!(true);
        value["stations"][0]["facilities"] = json!(["charging"]);
        value["stations"][0]["schedule"] = json!("h1");
        value["stations"][0]["entrance"] = json!([{ "text": "坐扶梯下到 B1" }]);
        value["stations"][0]["linked"] = json!("s2");
        value["stations"][0]["verified_at_min"] = json!(29_900_000);
        value["services"][0]["price_fen"] = json!(990);
        value["schedules"][0]["open"] = json!([[29_924_640, 29_924_820]]);
        value["schedules"][0]["unknown"] = json!([[29_960_000, 29_973_120, "2027 not announced"]]);
        value["markets"][0]["skills"] = json!([{ "kind": "knives", "name": "磨刀", "from_min": 0, "places": 12 }]);
        value["landmarks"] = json!([{ "id": "l1", "name": "桥西", "lat": 30.3212, "lng": 120.1432 }]);
        value["open_reports"] = json!([{
            "id": "0193a2b0-0000-7000-8000-000000000001", "code": "K7Q2", "category": "road", "state": "assigned",
            "lat": 30.317, "lng": 120.139, "received_at_min": 29_900_000,
        }]);
        let snapshot = read(value);
        assert_eq!(snapshot.open_reports[0].state, ReportState::Assigned);
        assert_eq!(snapshot.schedules[0].open, [(Minute(29_924_640), Minute(29_924_820))]);
        assert_eq!(snapshot.schedules[0].unknown[0].2, "2027 not announced");
        let text = serde_json::to_string(&snapshot).expect("json");
        assert_eq!(serde_json::from_str::<Snapshot>(&text).expect("reads its own words"), snapshot);
    }

    #[test]
    fn a_snapshot_without_its_stations_is_refused_rather_than_taken_for_an_empty_district() {
        let mut value = least();
        value.as_object_mut().expect("an object").remove("stations");
        assert!(serde_json::from_value::<Snapshot>(value).is_err());
    }
}
