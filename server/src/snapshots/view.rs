//! One revision of the district on one day.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::wire::snapshot::{MIN_CLIENT, OpenReport, Snapshot};

use crate::clock::rfc3339_minute;
use crate::schedule::calendar::{Calendar, hex};
use crate::schedule::effective::{self, Effective};
use crate::schedule::exceptions::{Days, Stretch};
use crate::schedule::timetable::Timetable;
use crate::schedule::{self, unannounced};
use crate::site::Encoded;
use crate::store::district::{Content, Head, Row};
use crate::store::effective::Effect;

/// Changes since so many different revisions are kept encoded: after a change most phones ask from the same one.
const KEPT_CHANGES: usize = 16;

/// A snapshot with the revisions of its parts and its encodings.
#[derive(Debug)]
pub struct View {
    snapshot: Arc<Snapshot>,
    revs: Arc<Revs>,
    hours: Arc<Hours>,
    /// Hash of everything but the time of making.
    content: Arc<str>,
    full: Arc<Encoded>,
    changes: Mutex<HashMap<i64, Arc<Encoded>>>,
}

/// What a view is built on, all of one moment.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) content: Content,
    pub(super) open_reports: Vec<Row<OpenReport>>,
    pub(super) effect: Effect,
    pub(super) calendar: Arc<Calendar>,
    /// The revisions say what has changed up to this day; see `store::effective::settle`.
    pub(super) settled: bool,
}

/// What is needed to evaluate hours outside the horizon.
#[derive(Debug)]
struct Hours {
    calendar: Arc<Calendar>,
    rules: HashMap<ScheduleId, String>,
    timetable: Timetable,
    warnings: Vec<String>,
    settled: bool,
}

/// The revisions of a snapshot's parts, in the order of its lists.
#[derive(Debug)]
struct Revs {
    spans: i64,
    stations: Vec<i64>,
    services: Vec<i64>,
    schedules: Vec<i64>,
    markets: Vec<i64>,
    landmarks: Vec<i64>,
    open_reports: Vec<i64>,
    removed: Vec<Row<String>>,
}

fn split<T>(rows: Vec<Row<T>>) -> (Vec<i64>, Vec<T>) {
    rows.into_iter().map(|row| (row.rev, row.item)).unzip()
}

/// Gives keepers the schedules that are in effect, with the revision at which that last changed.
fn in_effect<T>(
    mut rows: Vec<Row<T>>,
    effect: &Effect,
    effective: &HashMap<&str, Option<ScheduleId>>,
    parts: impl Fn(&mut T) -> (&str, &mut Option<ScheduleId>),
) -> Vec<Row<T>> {
    for Row { rev, item } in &mut rows {
        let (id, schedule) = parts(item);
        if let Some(told) = effect.told.keepers.get(id) {
            *rev = told.rev.max(*rev);
        }
        if let Some(effective) = effective.get(id) {
            schedule.clone_from(effective);
        }
    }
    rows
}

impl View {
    pub(super) fn build(ground: Ground, now: Minute) -> serde_json::Result<Self> {
        let Ground { content, open_reports, effect, calendar, settled } = ground;
        let horizon = schedule::horizon(now);
        let rules: HashMap<ScheduleId, String> = content.rules.into_iter().map(|row| row.item).collect();
        let mut effective: HashMap<&str, Option<ScheduleId>> = HashMap::new();
        let mut kept: BTreeMap<ScheduleId, Effective> = BTreeMap::new();
        for (keeper, hours) in effect.timetable.all(Days::around(horizon, CHINA)) {
            let id = hours.id();
            effective.insert(&keeper.id, id.clone());
            kept.extend(id.map(|id| (id, hours)));
        }
        let rule_of = |hours: &Effective| hours.schedule.as_ref().and_then(|id| rules.get(id)).map(String::as_str);
        let warnings = unannounced(kept.values().filter_map(rule_of), &calendar, horizon);
        let of_rev = |id: &ScheduleId| effect.told.schedules.get(id).copied().unwrap_or(content.head.rev);
        let schedule_revs = kept.keys().map(of_rev).collect();
        let schedules = kept
            .into_iter()
            .map(|(id, hours)| effective::schedule(id, rule_of(&hours), &hours.stretches, &calendar, horizon))
            .collect();
        let stations = in_effect(content.stations, &effect, &effective, |it| (it.id.as_str(), &mut it.schedule));
        let services = in_effect(content.services, &effect, &effective, |it| (it.id.as_str(), &mut it.schedule));
        let markets = in_effect(content.markets, &effect, &effective, |it| (it.id.as_str(), &mut it.schedule));
        let (station_revs, stations) = split(stations);
        let (service_revs, services) = split(services);
        let (market_revs, markets) = split(markets);
        let (landmark_revs, landmarks) = split(content.landmarks);
        let (open_revs, open_reports) = split(open_reports);
        let mut snapshot = Snapshot {
            rev: content.head.rev,
            epoch: content.head.epoch,
            generated_at: String::new(),
            generated_at_min: Minute::default(),
            horizon_start_min: horizon.start,
            horizon_end_min: horizon.end,
            utc_offset_min: CHINA,
            min_client: MIN_CLIENT,
            full: true,
            removed: Vec::new(),
            district: content.head.district,
            stations,
            services,
            schedules,
            markets,
            landmarks,
            open_reports,
        };
        let revs = Revs {
            spans: content.head.spans_rev,
            stations: station_revs,
            services: service_revs,
            schedules: schedule_revs,
            markets: market_revs,
            landmarks: landmark_revs,
            open_reports: open_revs,
            removed: content.removed,
        };
        let hash = hex(&Sha256::digest(serde_json::to_vec(&snapshot)?)[..8]);
        stamp(&mut snapshot, now);
        drop(effective);
        let hours = Hours { calendar, rules, timetable: effect.timetable, warnings, settled };
        Self::with(snapshot, Arc::new(revs), Arc::new(hours), hash.into())
    }

    fn with(snapshot: Snapshot, revs: Arc<Revs>, hours: Arc<Hours>, content: Arc<str>) -> serde_json::Result<Self> {
        let full = Arc::new(Encoded::new(serde_json::to_vec(&snapshot)?, &content));
        Ok(Self { snapshot: Arc::new(snapshot), revs, hours, content, full, changes: Mutex::default() })
    }

    /// The same content, made at another minute of the same day.
    pub(super) fn at(&self, now: Minute) -> serde_json::Result<Self> {
        let mut snapshot = Snapshot::clone(&self.snapshot);
        stamp(&mut snapshot, now);
        Self::with(snapshot, self.revs.clone(), self.hours.clone(), self.content.clone())
    }

    pub(super) fn is_settled(&self) -> bool {
        self.hours.settled
    }

    pub(super) fn is_for(&self, head: &Head, today: Day) -> bool {
        self.is_settled()
            && self.snapshot.rev == head.rev
            && self.snapshot.epoch == head.epoch
            && CHINA.day(self.snapshot.generated_at_min) == today
            && self.snapshot.district == head.district
    }

    /// Everything.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The calendar it was evaluated with.
    pub fn calendar(&self) -> &Arc<Calendar> {
        &self.hours.calendar
    }

    /// What the operator should know and do something about, in words.
    pub fn warnings(&self) -> &[String] {
        &self.hours.warnings
    }

    /// The rule of a station, service or market, and the exceptions that beat it in a window, which may lie anywhere.
    pub fn hours(&self, keeper: &str, window: Horizon) -> (Option<&str>, Vec<Stretch>) {
        let effective = self.hours.timetable.effective(keeper, Days::around(window, CHINA)).unwrap_or_default();
        let rule = effective.schedule.and_then(|id| self.hours.rules.get(&id));
        (rule.map(String::as_str), effective.stretches)
    }

    /// The revision at which a service or market last changed: itself, its times, or the station it is given at. 0 if
    /// there is neither of that name.
    pub fn rev_of(&self, keeper: &str) -> i64 {
        let (all, revs) = (&*self.snapshot, &*self.revs);
        let rev = |revs: &[i64], at: Option<usize>| at.and_then(|at| revs.get(at)).copied().unwrap_or_default();
        let market = all.markets.iter().position(|it| it.id.as_str() == keeper);
        let service = all.services.iter().position(|it| it.id.as_str() == keeper);
        let given = service.and_then(|at| all.services.get(at));
        let station = given.and_then(|service| all.stations.iter().position(|it| it.id == service.station));
        let kept = market.and_then(|at| all.markets.get(at)).map(|market| &market.schedule);
        let kept = kept.or_else(|| given.map(|service| &service.schedule)).and_then(Option::as_ref);
        let schedule = kept.and_then(|kept| all.schedules.iter().position(|it| it.id == *kept));
        rev(&revs.markets, market)
            .max(rev(&revs.services, service))
            .max(rev(&revs.stations, station))
            .max(rev(&revs.schedules, schedule))
    }

    /// The body for a phone that has everything up to `since`; 0 is a phone that has nothing.
    ///
    /// A phone ahead of the server has seen a future that was undone (an older backup was restored), so it gets
    /// everything, too.
    ///
    /// # Errors
    /// If the snapshot cannot be written as JSON.
    pub fn encoded_since(&self, since: i64) -> serde_json::Result<Arc<Encoded>> {
        // What is not settled moves the window without saying which schedules moved with it.
        if since <= 0 || since > self.snapshot.rev || !self.is_settled() {
            return Ok(self.full.clone());
        }
        let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = changes.get(&since) {
            return Ok(kept.clone());
        }
        if changes.len() >= KEPT_CHANGES {
            changes.clear();
        }
        let tag = format!("{}-{since}", self.content);
        let encoded = Arc::new(Encoded::new(serde_json::to_vec(&self.changes_since(since))?, &tag));
        changes.insert(since, encoded.clone());
        Ok(encoded)
    }

    fn changes_since(&self, since: i64) -> Snapshot {
        let all = &*self.snapshot;
        let schedules = if self.revs.spans > since {
            all.schedules.clone()
        } else {
            newer(&all.schedules, &self.revs.schedules, since)
        };
        Snapshot {
            full: false,
            removed: self.revs.removed.iter().filter(|row| row.rev > since).map(|row| row.item.clone()).collect(),
            stations: newer(&all.stations, &self.revs.stations, since),
            services: newer(&all.services, &self.revs.services, since),
            schedules,
            markets: newer(&all.markets, &self.revs.markets, since),
            landmarks: newer(&all.landmarks, &self.revs.landmarks, since),
            open_reports: newer(&all.open_reports, &self.revs.open_reports, since),
            district: all.district.clone(),
            generated_at: all.generated_at.clone(),
            ..*all
        }
    }
}

fn newer<T: Clone>(items: &[T], revs: &[i64], since: i64) -> Vec<T> {
    items.iter().zip(revs).filter(|(_, rev)| **rev > since).map(|(item, _)| item.clone()).collect()
}

fn stamp(snapshot: &mut Snapshot, now: Minute) {
    snapshot.generated_at = rfc3339_minute(now);
    snapshot.generated_at_min = now;
}
