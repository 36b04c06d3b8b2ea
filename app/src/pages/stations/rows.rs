//! Which stations are listed, in which order, computed once a change.

use super::query::Filters;
use crate::domain::arrival::{Arrival, arrival};
use crate::domain::geo::Wgs84;
use crate::domain::ids::StationId;
use crate::domain::schedule::Status;
use crate::domain::time::Minute;
use crate::local::replica::Replica;

/// One station in the list: where it stands in the replica, and what was computed for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index into [`Replica::stations`].
    pub at: usize,
    pub status: Status,
    pub way: Option<Way>,
}

/// How to get there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// Straight line, rounded to what is shown, so that a step does not redraw the list.
    pub metres: u32,
    /// Degrees clockwise from north, rounded to 5.
    pub bearing: i32,
    /// Whether what is open now still is when one arrives.
    pub arrival: Arrival,
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
        let shift = filters.shift.coming(replica.offset(), now);
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
            if filters.night && !schedule.is_some_and(|schedule| schedule.open_through(shift.0, shift.1)) {
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
    let step = if metres < 995.0 { 10.0 } else { 100.0 };
    Way {
        metres: ((metres / step).round() * step) as u32,
        bearing: ((from.bearing_deg(to) / 5.0).round() as i32 * 5).rem_euclid(360),
        arrival: arrival(metres.round() as u32, status, now),
    }
}

/// The nearest that is open and still will be, on foot or else for whoever rides; else the nearest that is open, else the
/// one that opens first.
fn lead(rows: &[Row]) -> Option<usize> {
    let nearest = |arrival: Arrival| {
        rows.iter().position(|row| row.status.is_open() && row.way.is_some_and(|way| way.arrival == arrival))
    };
    let open = [Arrival::InTime, Arrival::OnlyRiding, Arrival::TooLate].into_iter().find_map(nearest);
    open.or_else(|| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ScheduleId;
    use crate::domain::night::NightShift;
    use crate::domain::schedule::Schedule;
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
        assert_eq!(rows.rows[1].way, Some(Way { metres: 500, bearing: 0, arrival: Arrival::InTime }));
    }

    #[test]
    fn one_that_closes_on_the_way_is_said_so_and_does_not_lead_while_another_is_reached_in_time() {
        let places = vec![place("closing", 500.0, Some((8, 20))), place("late", 1500.0, Some((8, 22)))];
        let replica = replica(places);
        // 500 m is 650 m of streets, nine minutes on foot.
        let rows = Rows::compute(&replica, &Filters::default(), Some(HERE), clock(19, 50));
        assert_eq!(rows.rows[0].way.map(|way| way.arrival), Some(Arrival::InTime));
        assert_eq!(rows.lead, Some(0));
        let rows = Rows::compute(&replica, &Filters::default(), Some(HERE), clock(19, 51));
        assert_eq!(rows.rows[0].way.map(|way| way.arrival), Some(Arrival::OnlyRiding));
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
    fn the_night_shift_wants_the_whole_night_as_it_is_set() {
        let listed = |hours: (i64, i64), shift: NightShift, now: (i64, i64)| {
            let filters = Filters { night: true, shift, ..Filters::default() };
            !Rows::compute(&replica(vec![place("a", 0.0, Some(hours))]), &filters, None, clock(now.0, now.1))
                .rows
                .is_empty()
        };
        for (hours, now, kept) in [
            ((20, 32), (12, 0), true),
            ((20, 29), (12, 0), false),
            ((23, 32), (12, 0), false),
            ((0, 24), (12, 0), false),
            ((-4, 8), (3, 0), true),
            ((-4, 8), (12, 0), false),
        ] {
            assert_eq!(listed(hours, NightShift::default(), now), kept, "{hours:?} at {now:?}");
        }
        let short = NightShift { from: 23 * 60, to: 5 * 60 };
        assert!(listed((20, 29), short, (12, 0)) && listed((23, 32), short, (12, 0)));
    }
}
