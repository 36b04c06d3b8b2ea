//! Years of the calendar that come after the build, and what the operator hears of years that have not come.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::TestServer;
use crate::support::days::date;
use waypost_app::domain::schedule::Schedule;
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::schedule::calendar::{Calendar, CalendarError, Year};
use waypost_server::store::Connection;
use waypost_server::store::calendar::{put_year, years};
use waypost_server::store::district::Change;

/// 35 days from here is 2027-01-14.
const LATE: &str = "2026-12-10T12:00:00+08:00";
/// New Year is a day off whatever will be announced; the rest is made up.
const NEXT: &str = r#"{"days_off":[["2027-01-01","2027-01-03"]],"working_weekends":["2027-01-09"]}"#;

async fn snapshot(server: &TestServer, query: &str) -> Snapshot {
    serde_json::from_value(server.json(&format!("/api/v1/snapshot{query}")).await).expect("a snapshot")
}

async fn announce(server: &TestServer, year: i32, body: &str) {
    let year = Year::parse(year, body).expect("a year");
    let state = server.running.state();
    let job = state.store.write(move |conn: &mut Connection| {
        Box::pin(async move { put_year(&mut Change::begin(conn).await?, &year).await })
    });
    job.await.expect("stored");
    state.snapshots.changed();
}

fn of_rule<'a>(snapshot: &'a Snapshot, rule: &str) -> &'a Schedule {
    snapshot.schedules.iter().find(|schedule| schedule.rule == rule).unwrap_or_else(|| panic!("no {rule}"))
}

async fn warnings(server: &TestServer) -> Vec<String> {
    let ready = server.json("/readyz").await;
    assert_eq!(ready["ready"], true);
    serde_json::from_value(ready["warnings"].clone()).expect("words")
}

#[test]
fn a_calendar_that_contradicts_itself_is_refused() {
    let both = r#"{"years":{"2026":{"days_off":[["2026-01-01","2026-01-04"]],"working_weekends":["2026-01-04"]}}}"#;
    assert!(matches!(Calendar::parse(both), Err(CalendarError::Contradiction(_))));
    let astray = r#"{"years":{"2026":{"days_off":[["2026-12-31","2027-01-02"]],"working_weekends":[]}}}"#;
    assert!(matches!(Calendar::parse(astray), Err(CalendarError::WrongYear { .. })));
    assert!(matches!(Calendar::parse("{}"), Err(CalendarError::Unreadable(_))));
    for (year, body, wrong) in [
        (2027, r#"{"days_off":[["2027-01-03","2027-01-01"]],"working_weekends":[]}"#, "before they begin"),
        (2027, r#"{"days_off":[],"working_weekends":["2027-01-04"]}"#, "neither a Saturday nor a Sunday"),
        (2027, r#"{"days_off":[],"working_weekend":[]}"#, "not a calendar"),
        (2027, r#"{"days_off":[["2026-12-31","2027-01-02"]],"working_weekends":[]}"#, "stands under the year 2027"),
        (9999, r#"{"days_off":[],"working_weekends":[]}"#, "not a year from 1970 to 2200"),
    ] {
        let error = Year::parse(year, body).expect_err(body).to_string();
        assert!(error.contains(wrong), "{body}: {error}");
    }
}

#[test]
fn a_stored_year_adds_to_the_calendar_or_replaces_what_it_had() {
    let built_in = Calendar::china().expect("a calendar");
    let year = |year, body| Year::parse(year, body).expect("a year");
    let next = year(2027, r#"{"days_off":[["2027-01-01","2027-01-03"]],"working_weekends":["2027-01-09"]}"#);
    assert_eq!(Year::parse(2027, &next.body().expect("a body")).expect("a year"), next);
    let longer = built_in.with_years([next]).expect("a calendar");
    assert!(longer.is_announced(date("2027-06-01")) && !built_in.is_announced(date("2027-06-01")));
    assert!(longer.is_day_off(date("2027-01-03")) && !longer.is_day_off(date("2027-01-04")));
    assert!(longer.is_working_weekend(date("2027-01-09")) && longer.is_working_weekend(date("2026-10-10")));
    assert_ne!(longer.fingerprint(), built_in.fingerprint());

    let other = year(2026, r#"{"days_off":[["2026-10-01","2026-10-02"]],"working_weekends":[]}"#);
    let corrected = built_in.with_years([other]).expect("a calendar");
    assert!(corrected.is_day_off(date("2026-10-02")) && !corrected.is_day_off(date("2026-10-03")));
    assert!(!corrected.is_working_weekend(date("2026-10-10")), "nothing of the old year is left");
    assert!(corrected.is_day_off(date("2025-10-08")), "other years stay");

    let again = built_in.with_years([]).expect("a calendar");
    assert_eq!(again.fingerprint(), built_in.fingerprint());
}

#[tokio::test]
async fn an_announced_year_reaches_phones_without_a_new_build() {
    let rule = "Mo-Fr 11:00-13:30; SH 11:00-13:30; PH off";
    let server = TestServer::start_at(LATE).await;
    let before = snapshot(&server, "").await;
    let unknown = &of_rule(&before, rule).unknown;
    assert_eq!(unknown.len(), 1);
    assert!(unknown[0].2.contains("2027 年放假安排未公布，平时周一至周五 11:00–13:30"), "{}", unknown[0].2);

    announce(&server, 2027, NEXT).await;
    let changes = snapshot(&server, &format!("?since={}", before.rev)).await;
    assert!(!changes.full && changes.rev > before.rev);
    assert_eq!(changes.schedules.len(), before.schedules.len(), "each may have changed");
    assert!(changes.stations.is_empty() && changes.removed.is_empty(), "and nothing else has");
    let now = of_rule(&changes, rule);
    assert!(now.unknown.is_empty());
    let open: Vec<_> = now.open.iter().map(|(start, _)| changes.utc_offset_min.day(*start).date()).collect();
    let in_january: Vec<_> = open.iter().filter(|date| date.year == 2027).map(|date| date.day).collect();
    assert_eq!(in_january, [4, 5, 6, 7, 8, 9, 11, 12, 13], "the 9th is a Saturday that is worked");

    let calendar = server.running.state().snapshots.calendar().await.expect("a calendar");
    assert!(calendar.is_working_weekend("2027-01-09".parse().expect("a date")));
    let hours = server.json("/api/v1/stations/hexie-labour/hours?from=2027-01-09&to=2027-01-10").await;
    assert!(hours["intervals"].as_array().expect("intervals").iter().any(|it| it["state"] == "open"), "{hours}");
}

#[tokio::test]
async fn a_stored_year_is_still_there_after_a_restart_and_moves_nothing_again() {
    let server = TestServer::start_at(LATE).await;
    announce(&server, 2027, NEXT).await;
    let before = snapshot(&server, "").await;
    let server = server.restart_with(|_| {}).await;
    assert_eq!(snapshot(&server, "").await, before);
    let mut conn = server.running.state().store.pool().acquire().await.expect("a reader");
    let kept = years(&mut conn).await.expect("years");
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].item, Year::parse(2027, NEXT).expect("a year"));
}

#[tokio::test]
async fn a_built_in_year_can_be_corrected() {
    let server = TestServer::start_at("2026-11-24T12:00:00+08:00").await;
    let rule = "Mo-Fr 11:00-13:30; SH 11:00-13:30; PH off";
    let before = of_rule(&snapshot(&server, "").await, rule).open.len();
    announce(&server, 2026, r#"{"days_off":[["2026-11-25","2026-11-27"]],"working_weekends":["2026-11-29"]}"#).await;
    assert_eq!(of_rule(&snapshot(&server, "").await, rule).open.len(), before - 3 + 1);
}

#[tokio::test]
async fn the_operator_is_warned_when_the_horizon_reaches_a_year_nobody_has_announced() {
    let server = TestServer::start_at("2026-11-26T12:00:00+08:00").await;
    assert!(warnings(&server).await.is_empty(), "the last day of the horizon is the 30th of December");
    server.set_clock("2026-11-28T00:00:00+08:00");
    let said = warnings(&server).await;
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("2027"), "{said:?}");
    announce(&server, 2027, NEXT).await;
    assert!(warnings(&server).await.is_empty());
}

#[tokio::test]
async fn nobody_is_warned_where_no_rule_depends_on_holidays() {
    let server = TestServer::start_with(|config| {
        config.sample = false;
        config.clock = waypost_server::clock::Clock::fixed(crate::support::at(LATE));
    })
    .await;
    assert!(warnings(&server).await.is_empty());
}
