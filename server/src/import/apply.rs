//! Carrying out a plan, in one transaction.

use std::collections::HashSet;

use waypost_app::domain::ids::ScheduleId;
use waypost_app::domain::market::Market;
use waypost_app::domain::service::Service;
use waypost_app::domain::station::Station;
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::wire::snapshot::District;

use super::draft::{Draft, Refused};
use super::plan::{Found, Plan, plan};
use super::report::SampleGone;
use crate::sample::Sample;
use crate::schedule;
use crate::schedule::calendar::Calendar;
use crate::store::district::{self, Change, Content, Kind, Row};
use crate::store::{Connection, Database, StoreError, imports, open_to_read};

/// What is to be imported, with all that is needed to found a district for it.
#[derive(Debug)]
pub(crate) struct Job {
    rows: Vec<Result<Draft, Refused>>,
    overwrite: bool,
    today: Day,
    fingerprint: String,
    /// Landmarks carry no mark of their own that they are part of the sample.
    sample_landmarks: HashSet<String>,
}

/// What was done, or would be.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) plan: Plan,
    pub(crate) sample: Option<SampleGone>,
    /// The revision of the changes; `None` where phones have nothing to hear of.
    pub(crate) rev: Option<i64>,
}

impl Job {
    /// # Errors
    /// If the built-in sample is wrong.
    pub(crate) fn new(
        rows: Vec<Result<Draft, Refused>>,
        overwrite: bool,
        calendar: &Calendar,
        now: Minute,
    ) -> serde_json::Result<Self> {
        Ok(Self {
            rows,
            overwrite,
            today: CHINA.day(now),
            fingerprint: schedule::fingerprint(calendar),
            sample_landmarks: Sample::gongshu()?.landmarks().map(|landmark| landmark.id.to_string()).collect(),
        })
    }
}

/// What an import would do. Writes nothing; where there is no database, it is taken for an empty one.
///
/// # Errors
/// Those of the database.
pub(crate) async fn rehearse(database: &Database, job: &Job) -> Result<Done, StoreError> {
    let before = match open_to_read(database).await? {
        Some(mut conn) => Before::read(&mut conn, job).await?,
        None => Before::default(),
    };
    let plan = plan(&job.rows, &before.found, job.overwrite);
    let sample = before.sample.as_ref().map(|sample| sample.gone(&plan));
    Ok(Done { plan, sample, rev: None })
}

/// Imports, unless a row is refused. Call it inside [`crate::store::Store::write`].
///
/// # Errors
/// Those of the database.
pub(crate) async fn carry_out(conn: &mut Connection, job: &Job) -> Result<Done, StoreError> {
    let before = Before::read(conn, job).await?;
    let plan = plan(&job.rows, &before.found, job.overwrite);
    let sample = before.sample.as_ref().map(|sample| sample.gone(&plan));
    let mut done = Done { plan, sample, rev: None };
    if done.plan.refused() > 0 {
        return Ok(done);
    }
    district::found(conn, job.today, &job.fingerprint).await?;
    for (station, said) in &done.plan.said {
        imports::keep(conn, station, said).await?;
    }
    if done.plan.stations.is_empty() && before.sample.is_none() {
        return Ok(done);
    }
    let mut change = Change::begin(conn).await?;
    if let Some(sample) = &before.sample {
        sample.remove(&mut change, &done.plan).await?;
    }
    for (station, rule) in &done.plan.stations {
        if let Some(rule) = rule {
            change.rule(rule).await?;
        }
        change.station(station).await?;
    }
    for id in before.schedules.left_by(&done.plan, before.sample.as_ref()) {
        change.remove(Kind::Schedule, id.as_str()).await?;
    }
    done.rev = Some(change.rev());
    Ok(done)
}

/// The district before the import.
#[derive(Debug, Default)]
struct Before {
    found: Found,
    /// Where the built-in sample is (still) part of it.
    sample: Option<SampleParts>,
    schedules: Schedules,
}

/// What of the sample is there.
#[derive(Debug, Default)]
struct SampleParts {
    stations: Vec<Station>,
    /// Also those that people here have added to a station of the sample: they go with it.
    services: Vec<Service>,
    markets: Vec<Market>,
    landmarks: Vec<String>,
}

/// Who keeps which schedule.
#[derive(Debug, Default)]
struct Schedules(Vec<(String, ScheduleId)>);

impl Before {
    async fn read(conn: &mut Connection, job: &Job) -> Result<Self, StoreError> {
        let Some(content) = district::load(conn).await? else { return Ok(Self::default()) };
        let said = imports::all(conn).await?.into_iter().collect();
        let schedules = Schedules::of(&content);
        let Content { head, stations, services, markets, landmarks, rules, removed } = content;
        let (sample, stations): (Vec<Station>, Vec<Station>) = items(stations).partition(|station| station.sample);
        let ids: HashSet<_> = sample.iter().map(|station| station.id.clone()).collect();
        let services: Vec<_> =
            items(services).filter(|service| service.sample || ids.contains(&service.station)).collect();
        let markets: Vec<_> = items(markets).filter(|market| market.sample).collect();
        let parts = SampleParts {
            landmarks: items(landmarks)
                .map(|landmark| landmark.id.to_string())
                .filter(|id| job.sample_landmarks.contains(id))
                .collect(),
            stations: sample.clone(),
            services,
            markets,
        };
        Ok(Self {
            sample: (head.district.sample || !sample.is_empty()).then_some(parts),
            found: Found { stations, sample, rules: items(rules).collect(), said, gone: items(removed).collect() },
            schedules,
        })
    }
}

fn items<T>(rows: Vec<Row<T>>) -> impl Iterator<Item = T> {
    rows.into_iter().map(|row| row.item)
}

impl SampleParts {
    /// Stations whose id no row takes over.
    fn stations_to_remove<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a Station> {
        let taken: HashSet<_> = plan.stations.iter().map(|(station, _)| &station.id).collect();
        self.stations.iter().filter(move |station| !taken.contains(&station.id))
    }

    fn services_to_remove(&self, plan: &Plan) -> Vec<&Service> {
        let going: HashSet<_> = self.stations_to_remove(plan).map(|station| &station.id).collect();
        self.services.iter().filter(|service| service.sample || going.contains(&service.station)).collect()
    }

    fn gone(&self, plan: &Plan) -> SampleGone {
        SampleGone {
            stations: self.stations.len(),
            services: self.services_to_remove(plan).len(),
            markets: self.markets.len(),
            landmarks: self.landmarks.len(),
        }
    }

    async fn remove(&self, change: &mut Change<'_>, plan: &Plan) -> Result<(), StoreError> {
        // The sample's name goes with it: nobody has said what the district is called.
        change.name(&District::default()).await?;
        for service in self.services_to_remove(plan) {
            change.remove(Kind::Service, service.id.as_str()).await?;
        }
        for market in &self.markets {
            change.remove(Kind::Market, market.id.as_str()).await?;
        }
        for station in self.stations_to_remove(plan) {
            change.remove(Kind::Station, station.id.as_str()).await?;
        }
        for landmark in &self.landmarks {
            change.remove(Kind::Landmark, landmark).await?;
        }
        Ok(())
    }
}

impl Schedules {
    fn of(content: &Content) -> Self {
        let stations = content.stations.iter().map(|row| (row.item.id.as_str(), row.item.schedule.as_ref()));
        let services = content.services.iter().map(|row| (row.item.id.as_str(), row.item.schedule.as_ref()));
        let markets = content.markets.iter().map(|row| (row.item.id.as_str(), row.item.schedule.as_ref()));
        let all = stations.chain(services).chain(markets);
        Self(all.filter_map(|(id, schedule)| Some((id.to_owned(), schedule?.clone()))).collect())
    }

    /// Schedules that the changes leave without anybody who keeps them.
    fn left_by(&self, plan: &Plan, sample: Option<&SampleParts>) -> Vec<ScheduleId> {
        let mut changed: HashSet<&str> = plan.stations.iter().map(|(station, _)| station.id.as_str()).collect();
        if let Some(sample) = sample {
            changed.extend(sample.stations.iter().map(|station| station.id.as_str()));
            changed.extend(sample.services_to_remove(plan).iter().map(|service| service.id.as_str()));
            changed.extend(sample.markets.iter().map(|market| market.id.as_str()));
        }
        let (left, stay): (Vec<_>, Vec<_>) = self.0.iter().partition(|(id, _)| changed.contains(id.as_str()));
        let after = plan.stations.iter().filter_map(|(station, _)| station.schedule.as_ref());
        let kept: HashSet<_> = stay.iter().map(|(_, schedule)| schedule).chain(after).collect();
        let left: HashSet<_> = left.into_iter().map(|(_, schedule)| schedule).filter(|id| !kept.contains(id)).collect();
        left.into_iter().cloned().collect()
    }
}
