//! The district as this phone holds it.

use std::sync::Arc;

use crate::domain::geo::Wgs84;
use crate::domain::ids::{LandmarkId, ScheduleId, StationId};
use crate::domain::market::Market;
use crate::domain::schedule::{Horizon, Schedule, Status};
use crate::domain::service::Service;
use crate::domain::station::{Landmark, Station};
use crate::domain::time::{Minute, Offset};
use crate::local::prefs::Lang;
use crate::text::{text, words};
use crate::wire::snapshot::{District, Snapshot};

/// A snapshot with what is needed to look things up. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Replica(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    snapshot: Arc<Snapshot>,
    partial: bool,
    lang: Lang,
    /// The snapshot's schedules, by their ids.
    schedules: Vec<usize>,
}

impl Replica {
    /// `partial`: the snapshot leaves out some stations or days (the seed of one page). `lang`: of the reasons it gives.
    #[must_use]
    pub fn new(snapshot: impl Into<Arc<Snapshot>>, partial: bool, lang: Lang) -> Self {
        let snapshot = snapshot.into();
        let mut schedules: Vec<usize> = (0..snapshot.schedules.len()).collect();
        schedules.sort_unstable_by_key(|at| snapshot.schedules.get(*at).map(|schedule| &schedule.id));
        Self(Arc::new(Inner { snapshot, partial, lang, schedules }))
    }

    /// Nothing has ever been received: not even an empty district.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.snapshot.rev == 0
    }

    /// Only what one server-rendered page needed; the whole district is on its way.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.0.partial
    }

    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.0.snapshot
    }

    #[must_use]
    pub fn district(&self) -> &District {
        &self.0.snapshot.district
    }

    /// The server's clock when this data was made.
    #[must_use]
    pub fn generated_at(&self) -> Minute {
        self.0.snapshot.generated_at_min
    }

    #[must_use]
    pub fn offset(&self) -> Offset {
        self.0.snapshot.utc_offset_min
    }

    #[must_use]
    pub fn horizon(&self) -> Horizon {
        self.0.snapshot.horizon()
    }

    #[must_use]
    pub fn stations(&self) -> &[Station] {
        &self.0.snapshot.stations
    }

    #[must_use]
    pub fn station_by_slug(&self, slug: &str) -> Option<&Station> {
        self.stations().iter().find(|station| station.slug == slug)
    }

    #[must_use]
    pub fn station(&self, id: &StationId) -> Option<&Station> {
        self.stations().iter().find(|station| station.id == *id)
    }

    pub fn services_of<'a>(&'a self, station: &'a StationId) -> impl Iterator<Item = &'a Service> + 'a {
        self.0.snapshot.services.iter().filter(move |service| service.station == *station)
    }

    #[must_use]
    pub fn markets(&self) -> &[Market] {
        &self.0.snapshot.markets
    }

    #[must_use]
    pub fn landmarks(&self) -> &[Landmark] {
        &self.0.snapshot.landmarks
    }

    /// Where a landmark is, or a station that stands in for one: not every district names landmarks.
    #[must_use]
    pub fn place(&self, id: &LandmarkId) -> Option<Wgs84> {
        let landmark = self.landmarks().iter().find(|landmark| landmark.id == *id).map(Landmark::position);
        landmark.or_else(|| {
            self.stations().iter().find(|station| station.id.as_str() == id.as_str()).map(Station::position)
        })
    }

    #[must_use]
    pub fn schedule(&self, id: Option<&ScheduleId>) -> Option<&Schedule> {
        let (id, all) = (id?, &self.0.snapshot.schedules);
        let at = self.0.schedules.binary_search_by_key(&Some(id), |at| all.get(*at).map(|schedule| &schedule.id));
        all.get(*self.0.schedules.get(at.ok()?)?)
    }

    /// What a schedule says of a moment; unknown where there is no schedule, and after the last day of the data, whose age
    /// is then the reason.
    #[must_use]
    pub fn status(&self, schedule: Option<&ScheduleId>, at: Minute) -> Status {
        let Some(schedule) = self.schedule(schedule) else { return Status::Unknown { reason: None } };
        if at >= self.horizon().end && !self.is_partial() {
            let age = words::ago(self.0.lang, at.since(self.generated_at()));
            return Status::Unknown { reason: Some((text(self.0.lang).common.data_too_old)(&age)) };
        }
        schedule.status(at, self.horizon())
    }

    /// What a station's hours say of a moment; where they are not understood, their words are the reason. Nobody knows
    /// once people have reported the door locked.
    #[must_use]
    pub fn station_status(&self, station: &Station, at: Minute) -> Status {
        if station.locked_at_min.is_some_and(|locked| locked <= at) {
            return Status::Unknown { reason: Some(text(self.0.lang).station.reported_locked.to_owned()) };
        }
        match self.status(station.schedule.as_ref(), at) {
            Status::Unknown { reason: None } if !station.hours_words.is_empty() => {
                Status::Unknown { reason: Some(station.hours_words.clone()) }
            }
            status => status,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_that_are_not_understood_are_the_reason_why_nobody_knows() {
        let replica = Replica::new(Snapshot::default(), false, Lang::Zh);
        let mut station = Station::new("st-a".into(), "a".to_owned(), Wgs84 { lat: 30.3, lng: 120.1 });
        assert_eq!(replica.station_status(&station, Minute(0)), Status::Unknown { reason: None });
        station.hours_words = "看门口通知".to_owned();
        let reason = Some("看门口通知".to_owned());
        assert_eq!(replica.station_status(&station, Minute(0)), Status::Unknown { reason });
    }

    #[test]
    fn after_the_last_day_of_the_data_its_age_is_the_reason_why_nobody_knows() {
        for (lang, words) in
            [(Lang::Zh, "数据取于 36 天前，说不准了"), (Lang::En, "data from 36 days ago; nobody can say")]
        {
            let made = Minute(30_000_000);
            let always = Schedule { id: "sc".into(), open: vec![(made, made.plus(50_400))], ..Schedule::default() };
            let snapshot = Snapshot {
                generated_at_min: made,
                horizon_start_min: made,
                horizon_end_min: made.plus(50_400),
                schedules: vec![always],
                ..Snapshot::default()
            };
            let replica = Replica::new(snapshot, false, lang);
            let id = "sc".into();
            assert!(replica.status(Some(&id), made.plus(50_399)).is_open());
            let unknown = Status::Unknown { reason: Some(words.to_owned()) };
            assert_eq!(replica.status(Some(&id), made.plus(36 * 1440)), unknown);
        }
    }

    #[test]
    fn a_door_reported_locked_leaves_its_station_unknown_from_then_on_whatever_its_hours_say() {
        for (lang, words) in [(Lang::Zh, "有人报告门锁着"), (Lang::En, "reported locked")] {
            let always = Schedule { id: "sc".into(), open: vec![(Minute(0), Minute(9_000))], ..Schedule::default() };
            let snapshot = Snapshot { horizon_end_min: Minute(9_000), schedules: vec![always], ..Snapshot::default() };
            let replica = Replica::new(snapshot, false, lang);
            let mut station = Station::new("st-a".into(), "a".to_owned(), Wgs84 { lat: 30.3, lng: 120.1 });
            station.schedule = Some("sc".into());
            station.locked_at_min = Some(Minute(500));
            assert!(replica.station_status(&station, Minute(499)).is_open());
            let unknown = Status::Unknown { reason: Some(words.to_owned()) };
            assert_eq!(replica.station_status(&station, Minute(500)), unknown);
            assert_eq!(replica.station_status(&station, Minute(20_000)), unknown);
            station.locked_at_min = None;
            assert!(replica.station_status(&station, Minute(500)).is_open());
        }
    }
}
