//! One revision of the district on one day.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::wire::snapshot::{MIN_CLIENT, Snapshot};

use crate::clock::rfc3339_minute;
use crate::schedule;
use crate::schedule::calendar::{Calendar, hex};
use crate::site::Encoded;
use crate::store::district::{Content, Head, Row};

/// Changes since so many different revisions are kept encoded: after a change most phones ask from the same one.
const KEPT_CHANGES: usize = 16;

/// A snapshot with the revisions of its parts and its encodings.
#[derive(Debug)]
pub struct View {
    snapshot: Arc<Snapshot>,
    revs: Arc<Revs>,
    /// Hash of everything but the time of making.
    content: Arc<str>,
    full: Arc<Encoded>,
    changes: Mutex<HashMap<i64, Arc<Encoded>>>,
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
    removed: Vec<Row<String>>,
}

fn split<T>(rows: Vec<Row<T>>) -> (Vec<i64>, Vec<T>) {
    rows.into_iter().map(|row| (row.rev, row.item)).unzip()
}

impl View {
    pub(super) fn build(content: Content, calendar: &Calendar, now: Minute) -> serde_json::Result<Self> {
        let horizon = schedule::horizon(now);
        let (station_revs, stations) = split(content.stations);
        let (service_revs, services) = split(content.services);
        let (market_revs, markets) = split(content.markets);
        let (landmark_revs, landmarks) = split(content.landmarks);
        let (schedule_revs, rules) = split(content.rules);
        let schedules =
            rules.into_iter().map(|(_, rule)| schedule::evaluate_or_unknown(&rule, calendar, horizon)).collect();
        let mut snapshot = Snapshot {
            rev: content.head.rev,
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
        };
        let revs = Revs {
            spans: content.head.spans_rev,
            stations: station_revs,
            services: service_revs,
            schedules: schedule_revs,
            markets: market_revs,
            landmarks: landmark_revs,
            removed: content.removed,
        };
        let hash = hex(&Sha256::digest(serde_json::to_vec(&snapshot)?)[..8]);
        stamp(&mut snapshot, now);
        Self::with(snapshot, Arc::new(revs), hash.into())
    }

    fn with(snapshot: Snapshot, revs: Arc<Revs>, content: Arc<str>) -> serde_json::Result<Self> {
        let full = Arc::new(Encoded::new(serde_json::to_vec(&snapshot)?, &content));
        Ok(Self { snapshot: Arc::new(snapshot), revs, content, full, changes: Mutex::default() })
    }

    /// The same content, made at another minute of the same day.
    pub(super) fn at(&self, now: Minute) -> serde_json::Result<Self> {
        let mut snapshot = Snapshot::clone(&self.snapshot);
        stamp(&mut snapshot, now);
        Self::with(snapshot, self.revs.clone(), self.content.clone())
    }

    pub(super) fn is_for(&self, head: &Head, today: Day) -> bool {
        self.snapshot.rev == head.rev
            && CHINA.day(self.snapshot.generated_at_min) == today
            && self.snapshot.district == head.district
    }

    /// Everything.
    pub fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The revision at which a market or its times last changed; `None` if there is no such market.
    pub fn market_rev(&self, position: usize) -> Option<i64> {
        let market = self.snapshot.markets.get(position)?;
        let times = self
            .snapshot
            .schedules
            .iter()
            .position(|schedule| Some(&schedule.id) == market.schedule.as_ref())
            .and_then(|at| self.revs.schedules.get(at));
        self.revs.markets.get(position).copied().max(times.copied())
    }

    /// The body for a phone that has everything up to `since`; 0 is a phone that has nothing.
    ///
    /// A phone ahead of the server has seen a future that was undone (an older backup was restored), so it gets
    /// everything, too.
    ///
    /// # Errors
    /// If the snapshot cannot be written as JSON.
    pub fn encoded_since(&self, since: i64) -> serde_json::Result<Arc<Encoded>> {
        if since <= 0 || since > self.snapshot.rev {
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
