//! Which stations are listed, in which order, computed once a change.

use super::query::Filters;
use crate::domain::geo::Wgs84;
use crate::domain::ids::StationId;
use crate::domain::schedule::{Schedule, Status};
use crate::domain::time::{Minute, Offset};
use crate::local::replica::Replica;

/// Metres walked in a minute.
const WALK_M_PER_MIN: f64 = 80.0;
/// Streets are longer than the straight line by about this.
const DETOUR: f64 = 1.3;
/// The night shift, in minutes after midnight: from this evening to the next morning.
const NIGHT: (i64, i64) = (22 * 60, 30 * 60);

/// One station in the list: where it stands in the replica, and what was computed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into [`Replica::stations`].
    pub at: usize,
    pub status: Status,
    pub way: Option<Way>,
}

/// How to get there on foot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Straight line, rounded to what is shown, so that a step does not redraw the list.
    pub metres: u32,
    /// Degrees clockwise from north, rounded to 5.
    pub bearing: i32,
    /// Open now, but closed by the time one arrives.
    pub late: bool,
}

/// The list. Rows are nearest first, or without a position those that are open first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// The revision and the moment the rows are true for.
    pub rev: i64,
    pub now: Minute,
    pub rows: Vec<Row>,
    /// Which of the rows stands big at the head: only where there is a position.
    pub lead: Option<usize>,
}

impl Rows {
    pub fn compute(replica: &Replica, filters: &Filters, from: Option<Wgs84>, now: Minute) -> Self {
        let offers: Vec<Vec<&StationId>> = filters
            .facilities
            .iter()
            .map(|kind| {
                let services = replica.snapshot().services.iter();
                let mut offering: Vec<_> =
                    services.filter(|service| service.kind == *kind).map(|service| &service.station).collect();
                offering.sort_unstable();
                offering
            })
            .collect();
        let mut rows: Vec<(f64, Row)> = Vec::new();
        for (at, station) in replica.stations().iter().enumerate() {
            let has_all = filters.facilities.iter().zip(&offers).all(|(kind, offering)| {
                station.facilities.contains(kind) || offering.binary_search(&&station.id).is_ok()
            });
            if !has_all {
                continue;
            }
            let status = replica.station_status(station, now);
            if filters.open_now && !status.is_open() {
                continue;
            }
            let schedule = replica.schedule(station.schedule.as_ref());
            if filters.night && !schedule.is_some_and(|schedule| open_all_night(schedule, replica.offset(), now)) {
                continue;
            }
            let metres = from.map(|from| from.distance_m(station.position()));
            let way = from.zip(metres).map(|(from, metres)| way(from, station.position(), metres, &status, now));
            rows.push((metres.unwrap_or_default(), Row { at, status, way }));
        }
        if from.is_some() {
            rows.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        } else {
            rows.sort_by_key(|(_, row)| rank(&row.status));
        }
        let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
        let lead = from.and_then(|_| lead(&rows));
        Self { rev: replica.snapshot().rev, now, rows, lead }
    }
}

fn way(from: Wgs84, to: Wgs84, metres: f64, status: &Status, now: Minute) -> Way {
    let walk = (metres * DETOUR / WALK_M_PER_MIN).ceil() as i64;
    let closes = match status {
        Status::Open { until } => *until,
        Status::ClosingSoon { until } => Some(*until),
        Status::Closed { .. } | Status::Unknown { .. } => None,
    };
    let step = if metres < 995.0 { 10.0 } else { 100.0 };
    Way {
        metres: ((metres / step).round() * step) as u32,
        bearing: ((from.bearing_deg(to) / 5.0).round() as i32 * 5).rem_euclid(360),
        late: closes.is_some_and(|closes| now.plus(walk) >= closes),
    }
}

/// The nearest that is open and still will be, else the nearest that is open, else the one that opens first.
fn lead(rows: &[Row]) -> Option<usize> {
    let in_time = |row: &Row| row.status.is_open() && row.way.is_some_and(|way| !way.late);
    rows.iter().position(in_time).or_else(|| rows.iter().position(|row| row.status.is_open())).or_else(|| {
        let opening = rows.iter().enumerate().filter_map(|(index, row)| match row.status {
            Status::Closed { opens: Some(opens) } => Some((opens, index)),
            _ => None,
        });
        opening.min().map(|(_, index)| index)
    })
}

/// Open first, then what opens soonest, then what nobody knows, then what stays closed.
fn rank(status: &Status) -> (u8, Minute) {
    match status {
        Status::Open { .. } => (0, Minute(0)),
        Status::ClosingSoon { .. } => (1, Minute(0)),
        Status::Closed { opens: Some(opens) } => (2, *opens),
        Status::Unknown { .. } => (3, Minute(0)),
        Status::Closed { opens: None } => (4, Minute(0)),
    }
}

/// Open without a break through the night that is under way or coming.
fn open_all_night(schedule: &Schedule, offset: Offset, now: Minute) -> bool {
    let today = offset.day(now);
    // Before six in the morning the night is the one that began yesterday.
    let evening = if offset.minute_of_day(now) < NIGHT.1 - 24 * 60 { today.plus(-1) } else { today };
    let midnight = offset.midnight(evening);
    schedule.open_at(midnight.plus(NIGHT.0)).is_some_and(|(_, end)| end >= midnight.plus(NIGHT.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ScheduleId;
    use crate::domain::station::{Facility, Station};
    use crate::domain::time::{CHINA, Day};
    use crate::local::prefs::Lang;
    use crate::wire::snapshot::Snapshot;

    const TODAY: Day = Day(20_781);
    const HERE: Wgs84 = Wgs84 { lat: 30.3172, lng: 120.1386 };

    fn clock(hours: i64, minutes: i64) -> Minute {
        CHINA.midnight(TODAY).plus(hours * 60 + minutes)
    }

    /// A station so many metres north, open today between two hours.
    fn place(name: &str, metres: f64, open: Option<(i64, i64)>) -> (Station, Schedule) {
        let station: Station = serde_json::from_value(serde_json::json!({
            "id": name, "slug": name, "name": name, "schedule": name,
            "lat": HERE.lat + metres / 111_195.0, "lng": HERE.lng,
        }))
        .unwrap();
        let open = open.map(|(from, to)| (clock(from, 0), clock(to, 0))).into_iter().collect();
        (station, Schedule { id: ScheduleId::from(name), open, ..Schedule::default() })
    }

    fn replica(places: Vec<(Station, Schedule)>) -> Replica {
        let (stations, schedules) = places.into_iter().unzip();
        let snapshot = Snapshot {
            rev: 1,
            horizon_start_min: CHINA.midnight(TODAY.plus(-1)),
            horizon_end_min: CHINA.midnight(TODAY.plus(35)),
            stations,
            schedules,
            ..Snapshot::default()
        };
        Replica::new(snapshot, false, Lang::Zh)
    }

    fn names(replica: &Replica, rows: &Rows) -> Vec<String> {
        rows.rows.iter().map(|row| replica.stations()[row.at].name.clone()).collect()
    }

    #[test]
    fn with_a_position_the_nearest_comes_first_and_the_nearest_open_one_leads() {
        let replica = replica(vec![
            place("far", 2000.0, Some((8, 20))),
            place("near", 100.0, None),
            place("middle", 500.0, Some((8, 20))),
        ]);
        let rows = Rows::compute(&replica, &Filters::default(), Some(HERE), clock(12, 0));
        assert_eq!(names(&replica, &rows), ["near", "middle", "far"]);
        assert_eq!(rows.lead, Some(1));
        assert_eq!(rows.rows[1].way, Some(Way { metres: 500, bearing: 0, late: false }));
    }

    #[test]
    fn one_that_closes_on_the_way_is_said_so_and_does_not_lead_while_another_is_reached_in_time() {
        let places = vec![place("closing", 500.0, Some((8, 20))), place("late", 1500.0, Some((8, 22)))];
        let replica = replica(places);
        // 500 m is 650 m of streets, nine minutes on foot.
        let rows = Rows::compute(&replica, &Filters::default(), Some(HERE), clock(19, 50));
        assert_eq!(rows.rows[0].way.map(|way| way.late), Some(false));
        assert_eq!(rows.lead, Some(0));
        let rows = Rows::compute(&replica, &Filters::default(), Some(HERE), clock(19, 51));
        assert_eq!(rows.rows[0].way.map(|way| way.late), Some(true));
        assert_eq!(rows.lead, Some(1));
    }

    #[test]
    fn with_everything_closed_the_one_that_opens_first_leads() {
        let replica = replica(vec![place("noon", 100.0, Some((12, 14))), place("early", 900.0, Some((7, 9)))]);
        let rows = Rows::compute(&replica, &Filters::default(), Some(HERE), clock(5, 0));
        assert_eq!(rows.lead, Some(1));
    }

    #[test]
    fn without_a_position_the_open_ones_come_first_in_a_steady_order() {
        let replica = replica(vec![
            place("never", 0.0, None),
            place("later", 0.0, Some((18, 20))),
            place("b", 0.0, Some((8, 20))),
            place("soon", 0.0, Some((14, 20))),
            place("a", 0.0, Some((9, 20))),
        ]);
        let rows = Rows::compute(&replica, &Filters::default(), None, clock(12, 0));
        assert_eq!(names(&replica, &rows), ["b", "a", "soon", "later", "never"]);
        assert_eq!(rows.lead, None);
    }

    #[test]
    fn filters_keep_what_has_everything_asked_for() {
        let mut places = vec![place("both", 0.0, Some((8, 20))), place("one", 0.0, Some((8, 20)))];
        places[0].0.facilities = vec![Facility::Charging, Facility::Water];
        places[1].0.facilities = vec![Facility::Charging];
        let replica = replica(places);
        let wanted = |facilities| Filters { facilities, ..Filters::default() };
        let list = |filters: &Filters| names(&replica, &Rows::compute(&replica, filters, None, clock(12, 0)));
        assert_eq!(list(&wanted(vec![Facility::Charging])), ["both", "one"]);
        assert_eq!(list(&wanted(vec![Facility::Charging, Facility::Water])), ["both"]);
        assert!(list(&wanted(vec![Facility::Tea])).is_empty());
    }

    #[test]
    fn the_night_shift_wants_the_whole_night() {
        let schedule = |from, to| Schedule { open: vec![(clock(from, 0), clock(to, 0))], ..Schedule::default() };
        for (hours, now, kept) in [
            ((20, 32), (12, 0), true),
            ((20, 29), (12, 0), false),
            ((23, 32), (12, 0), false),
            ((0, 24), (12, 0), false),
            ((-4, 8), (3, 0), true),
            ((-4, 8), (12, 0), false),
        ] {
            let night = open_all_night(&schedule(hours.0, hours.1), CHINA, clock(now.0, now.1));
            assert_eq!(night, kept, "{hours:?} at {now:?}");
        }
    }
}
