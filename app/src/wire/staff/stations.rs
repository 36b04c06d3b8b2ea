//! Stations, services, markets and exceptions as staff keep them. Moments are RFC 3339 with offset.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::ids::{StaffId, StationId};
use crate::domain::market::Skill;
use crate::domain::schedule::State;
use crate::domain::station::{EntranceStep, Facility};
use crate::domain::time::Minute;
use crate::wire::problem::Problem;

/// Body of `POST /api/v1/staff/hours/preview`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursWords {
    /// Chinese, or a rule in OSM's `opening_hours` syntax.
    pub words: String,
}

/// What words about hours mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursPreview {
    /// The rule as it was understood; `None` where it was not, wholly.
    pub rule: Option<String>,
    /// The parts that are not understood; where each is understood alone but not all together, all of it.
    pub not_understood: Vec<String>,
    /// Why a rule that looks like one is none; mostly empty.
    #[serde(default)]
    pub reason: String,
    /// The next 14 days from today, in China's calendar; empty where there is no rule.
    pub days: Vec<PreviewDay>,
}

/// One day of a preview.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewDay {
    /// Such as `2026-11-24`.
    pub date: String,
    /// 0 is Monday.
    pub weekday: u8,
    pub kind: DayKind,
    pub hours: DayHours,
}

/// What kind of day China's calendar says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    Workday,
    Weekend,
    /// A statutory day off.
    DayOff,
    /// A weekend day worked in exchange for a day off (调休).
    WorkingWeekend,
    /// The days off of its year are not known yet.
    NotAnnounced,
}

/// What hours say of one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DayHours {
    /// From and to; the last one may run into the next morning.
    Open {
        spans: Vec<(String, String)>,
    },
    AllDay,
    Closed,
    /// Nobody can say, with the reason where there is one.
    Unknown {
        reason: String,
    },
}

/// A station as staff write it. What is left out is empty.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StationDraft {
    /// Made from the name if empty.
    pub slug: String,
    pub name: String,
    pub name_en: String,
    pub address: String,
    pub address_en: String,
    pub landmark: String,
    pub landmark_en: String,
    pub district: String,
    pub district_en: String,
    /// WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
    /// Chinese or a rule; words that are not understood are kept as they are, and the hours are unknown.
    pub hours: String,
    pub facilities: Vec<Facility>,
    pub access: String,
    pub access_en: String,
    pub entrance: Vec<EntranceStep>,
    pub phone: String,
    pub operator: String,
    pub operator_en: String,
    pub about: String,
    pub about_en: String,
    /// The other half of a linked pair. Where that station has no link yet, it gets the one back.
    pub linked: Option<StationId>,
    pub source: String,
    pub source_en: String,
    pub verified_at_min: Option<Minute>,
    /// Part of the built-in sample. What is sent is ignored.
    pub sample: bool,
}

/// A service as staff write it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceDraft {
    pub station: StationId,
    pub kind: Facility,
    pub name: String,
    pub name_en: String,
    pub provider: String,
    pub provider_en: String,
    /// In fen; 0 is free, `None` is not said.
    pub price_fen: Option<u32>,
    pub note: String,
    pub note_en: String,
    /// Chinese or a rule, which must be understood; empty where nobody has said.
    pub hours: String,
    /// What is sent is ignored.
    pub sample: bool,
}

/// A market as staff write it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MarketDraft {
    pub name: String,
    pub name_en: String,
    pub place: String,
    pub place_en: String,
    /// WGS-84 decimal degrees.
    pub lat: f64,
    pub lng: f64,
    pub station: Option<StationId>,
    /// Chinese or a rule, which must be understood: each open span is one session.
    pub hours: String,
    pub skills: Vec<Skill>,
    /// The last session in one line.
    pub last: String,
    pub last_en: String,
    /// What is sent is ignored.
    pub sample: bool,
}

/// Days on which a station, a service or a market does not keep its rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExceptionDraft {
    /// The id of a station, a service or a market.
    pub target: String,
    /// First and last day, both included, such as `2026-11-24`.
    pub first: String,
    pub last: String,
    /// `10:00-12:00,14:00-16:00`; empty where it is closed.
    pub hours: String,
    pub reason: String,
    pub reason_en: String,
}

/// Anything that staff keep.
#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(clippy::large_enum_variant, reason = "most of them are stations, and a box would be in the way of each")
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "entry", rename_all = "snake_case")]
pub enum Entry {
    Station(StationDraft),
    Service(ServiceDraft),
    Market(MarketDraft),
    Exception(ExceptionDraft),
}

/// Something with its id and version. Whoever changes it says which version they saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept<T> {
    pub id: String,
    /// The revision at which it last changed, by whomever.
    pub version: i64,
    pub entry: T,
}

/// Body of `POST` (a new one) and `PUT` (another version) of `/api/v1/staff/stations`, `…/services`, `…/markets` and
/// `…/exceptions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit<T> {
    /// Of a `POST`: a UUID from which the id of the new one is made. The same again with the same entry is answered with
    /// what is there, with another entry refused (409). Without it the server makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Uuid>,
    /// The version that was seen; needed for `PUT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Why; may be empty.
    #[serde(default)]
    pub why: String,
    pub entry: T,
}

/// The 409 of a `PUT` or `DELETE`: somebody else was faster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overtaken {
    #[serde(flatten)]
    pub problem: Problem,
    /// What is kept now; `None` where it is retired.
    pub now: Option<Kept<Entry>>,
    /// Who made it so; `None`: an import.
    pub by: Option<ChangedBy>,
}

/// Who of the staff has changed something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedBy {
    pub id: StaffId,
    pub name: String,
    pub at: String,
}

/// Answer of `GET /api/v1/staff/stations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationList {
    pub rev: i64,
    pub stations: Vec<StationRow>,
}

/// A station in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationRow {
    pub id: StationId,
    pub version: i64,
    pub slug: String,
    pub name: String,
    pub name_en: String,
    pub district: String,
    pub lat: f64,
    pub lng: f64,
    /// The rule, or the words that are not understood.
    pub hours: String,
    pub hours_understood: bool,
    /// What the rule says of ordinary weeks, as people say it; empty where that takes more than a few words.
    #[serde(default)]
    pub usual: String,
    #[serde(default)]
    pub usual_en: String,
    pub facilities: Vec<Facility>,
    pub linked: Option<StationId>,
    /// When staff or people on the spot last confirmed it.
    pub verified_at: Option<String>,
    /// Since when its door is reported locked.
    pub locked_at: Option<String>,
    /// What it is now; unknown also while its door is reported locked.
    pub state: State,
    /// When that changes, as far as it is known.
    pub until_min: Option<Minute>,
    pub sample: bool,
}

/// Answer of `GET /api/v1/staff/stations/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StationView {
    pub id: StationId,
    pub version: i64,
    pub station: StationDraft,
    pub hours_understood: bool,
    pub verified_at: Option<String>,
    pub locked_at: Option<String>,
    pub services: Vec<Kept<ServiceDraft>>,
    /// Of the station and of its services.
    pub exceptions: Vec<Kept<ExceptionDraft>>,
}

/// Answer of `GET /api/v1/staff/markets`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarketList {
    pub markets: Vec<Kept<MarketDraft>>,
    pub exceptions: Vec<Kept<ExceptionDraft>>,
}

/// Answer of `GET /api/v1/staff/changes`, the latest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    pub changes: Vec<Change>,
    /// Ask for `?before=` this to go on; `None` at the end.
    pub next: Option<i64>,
}

/// What somebody changed at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub rev: i64,
    pub at: String,
    pub by: StaffId,
    pub by_name: String,
    pub why: String,
    /// The change that it takes back.
    pub undoes: Option<i64>,
    pub entries: Vec<ChangedEntry>,
}

/// One thing in a change, before and after: without a before it was made, without an after it was retired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedEntry {
    pub id: String,
    pub before: Option<Entry>,
    pub after: Option<Entry>,
}

/// Answer of `POST /api/v1/staff/import`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    pub ending: ImportEnding,
    /// Row by row, in words.
    pub report: String,
    /// So many stations of the built-in sample go for good, with everything else of it.
    #[serde(default)]
    pub sample_stations_gone: usize,
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportEnding {
    Written,
    NothingToDo,
    DryRun,
}
