//! Exceptions as phones hear of them: who has another schedule, which schedules come and go, and the hours of a station.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::TestServer;
use crate::support::days::{day, window};
use crate::support::staff::{change, exception, put, remove};
use waypost_app::domain::ids::{ScheduleId, StationId};
use waypost_app::domain::schedule::{Schedule, State};
use waypost_app::domain::time::CHINA;
use waypost_app::local::snapshot::merge;
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::schedule::schedule_id;
use waypost_server::store::district::Kind;
use waypost_server::store::exceptions;

const NOON: &str = "2026-11-24T12:00:00+08:00";

async fn snapshot(server: &TestServer, query: &str) -> Snapshot {
    serde_json::from_value(server.json(&format!("/api/v1/snapshot{query}")).await).expect("a snapshot")
}

async fn since(server: &TestServer, rev: i64) -> Snapshot {
    snapshot(server, &format!("?since={rev}")).await
}

/// The schedule of a station, a service or a market.
fn of<'a>(all: &'a Snapshot, id: &str) -> &'a Schedule {
    let stations = all.stations.iter().map(|it| (it.id.as_str(), &it.schedule));
    let services = all.services.iter().map(|it| (it.id.as_str(), &it.schedule));
    let markets = all.markets.iter().map(|it| (it.id.as_str(), &it.schedule));
    let mut keepers = stations.chain(services).chain(markets);
    let schedule = keepers.find(|(keeper, _)| *keeper == id).and_then(|(_, schedule)| schedule.as_ref());
    let schedule = schedule.unwrap_or_else(|| panic!("{id} has no schedule"));
    all.schedules.iter().find(|it| it.id == *schedule).unwrap_or_else(|| panic!("{schedule} of {id} was not sent"))
}

/// A phone that asks for changes must end up with what a phone gets that asks for everything.
async fn follow(server: &TestServer, phone: &Snapshot) -> Snapshot {
    let merged = merge(Some(phone), since(server, phone.rev).await).expect("changes that follow");
    let whole = snapshot(server, "").await;
    assert_eq!(in_order(merged.clone()), in_order(whole));
    merged
}

fn in_order(mut all: Snapshot) -> Snapshot {
    all.stations.sort_by(|a, b| a.id.cmp(&b.id));
    all.services.sort_by(|a, b| a.id.cmp(&b.id));
    all.schedules.sort_by(|a, b| a.id.cmp(&b.id));
    all.markets.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

#[tokio::test]
async fn a_closed_station_closes_its_services_and_nothing_else() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server, "").await;
    put(&server, exception("ex-1", "st-chashui", ("2026-11-26", "2026-11-27"), "", "检修")).await;
    let changes = since(&server, before.rev).await;
    assert_eq!(changes.stations.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["st-chashui"]);
    let mut services: Vec<_> = changes.services.iter().map(|it| it.id.as_str()).collect();
    services.sort_unstable();
    assert_eq!(services, ["sv-cooltea", "sv-tea"]);
    assert!(changes.markets.is_empty() && changes.landmarks.is_empty());
    assert_eq!(changes.schedules.len(), 3, "of the station and of each service");

    let now = follow(&server, &before).await;
    let ten = CHINA.midnight(day("2026-11-26")).plus(600);
    for id in ["st-chashui", "sv-tea", "sv-cooltea"] {
        assert_eq!(of(&now, id).state(ten, now.horizon()), State::Closed, "{id}");
        let told = of(&now, id).exception_at(ten).unwrap_or_else(|| panic!("{id} does not say why"));
        assert_eq!(told.reason, "检修", "{id}");
        assert_eq!((CHINA.day(told.start), CHINA.day(told.end)), (day("2026-11-26"), day("2026-11-28")), "{id}");
    }
    assert_eq!(of(&before, "st-chashui").state(ten, before.horizon()), State::Open);
    assert_eq!(of(&now, "st-leshi"), of(&before, "st-leshi"));
}

#[tokio::test]
async fn schedules_that_nobody_keeps_any_more_are_dropped_and_come_back() {
    let server = TestServer::start_at(NOON).await;
    let first = snapshot(&server, "").await;
    let ruled = of(&first, "st-chashui").id.clone();
    assert_eq!(first.stations.iter().filter(|it| it.schedule.as_ref() == Some(&ruled)).count(), 1);

    put(&server, exception("ex-1", "st-chashui", ("2026-11-26", "2026-11-26"), "", "检修")).await;
    let second = follow(&server, &first).await;
    assert!(!second.schedules.iter().any(|it| it.id == ruled), "no station keeps the bare rule");
    let closed = of(&second, "st-chashui").id.clone();

    put(&server, exception("ex-1", "st-chashui", ("2026-11-26", "2026-11-26"), "", "停电")).await;
    let third = follow(&server, &second).await;
    assert!(!third.schedules.iter().any(|it| it.id == closed), "another reason is another schedule");
    assert!(since(&server, second.rev).await.removed.contains(&closed.0));

    remove(&server, "ex-1").await;
    let fourth = follow(&server, &third).await;
    assert_eq!(of(&fourth, "st-chashui"), of(&first, "st-chashui"));
    let all_at_once = since(&server, first.rev).await;
    assert!(!all_at_once.removed.contains(&ruled.0), "what has come back is not gone");
    assert_eq!(all_at_once.stations.len(), 1, "a phone that slept through it is told where it stands now");
    assert_eq!(in_order(merge(Some(&first), all_at_once).expect("changes")).schedules, in_order(fourth).schedules);
}

#[tokio::test]
async fn the_same_closure_of_the_same_hours_is_one_schedule() {
    let server = TestServer::start_at(NOON).await;
    let stations = snapshot(&server, "").await.stations;
    let two = ["st-leshi", "st-yunhe"];
    change(&server, move |mut change| {
        Box::pin(async move {
            let always = change.rule("24/7").await?;
            for mut station in stations.into_iter().filter(|it| two.contains(&it.id.as_str())) {
                let id = station.id.as_str().to_owned();
                let soon = exception(&format!("{id}-1"), &id, ("2026-12-12", "2026-12-12"), "", "年检");
                let later = exception(&format!("{id}-2"), &id, ("2027-01-01", "2027-01-01"), "", "元旦");
                exceptions::put(&mut change, &soon).await?;
                exceptions::put(&mut change, &later).await?;
                station.schedule = Some(always.clone());
                change.station(&station).await?;
            }
            Ok(())
        })
    })
    .await;
    let all = snapshot(&server, "").await;
    assert_eq!(of(&all, "st-leshi").id, of(&all, "st-yunhe").id);
    assert_eq!(of(&all, "st-leshi").exceptions.len(), 1, "New Year's Day is beyond the horizon");
    assert_ne!(of(&all, "st-leshi").id, schedule_id("24/7"));
}

#[tokio::test]
async fn an_exception_far_off_is_told_when_the_horizon_reaches_it_and_forgotten_after_it() {
    let server = TestServer::start_at("2026-11-24T23:00:00+08:00").await;
    let rule = |all: &Snapshot| of(all, "st-yunhe").exceptions.len();
    // The last day of the horizon is the 28th of December.
    put(&server, exception("ex-1", "st-yunhe", ("2026-12-29", "2026-12-30"), "", "年检")).await;
    let mut phone = snapshot(&server, "").await;
    assert_eq!(rule(&phone), 0);
    server.set_clock("2026-11-25T00:00:00+08:00");
    let changes = since(&server, phone.rev).await;
    assert_eq!(changes.stations.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["st-yunhe"]);
    phone = follow(&server, &phone).await;
    assert_eq!(rule(&phone), 1);

    server.set_clock("2026-11-26T00:00:00+08:00");
    assert!(since(&server, phone.rev).await.stations.is_empty(), "the day moved, the exception did not");
    phone = follow(&server, &phone).await;
    assert_eq!(rule(&phone), 1);

    // The horizon begins yesterday, and the night of the day before that reaches into it.
    server.set_clock("2027-01-01T12:00:00+08:00");
    phone = follow(&server, &phone).await;
    let dawn = CHINA.midnight(day("2026-12-31")).plus(60);
    assert_eq!(of(&phone, "st-yunhe").state(dawn, phone.horizon()), State::Closed);
    server.set_clock("2027-01-02T12:00:00+08:00");
    phone = follow(&server, &phone).await;
    assert_eq!(of(&phone, "st-yunhe").id, schedule_id("Mo-Su 16:00-02:00"));
}

#[tokio::test]
async fn a_phone_that_slept_through_everything_catches_up() {
    let server = TestServer::start_at(NOON).await;
    let first = snapshot(&server, "").await;
    put(&server, exception("ex-1", "st-chashui", ("2026-11-26", "2026-11-27"), "", "检修")).await;
    snapshot(&server, "").await;
    server.set_clock("2026-11-30T12:00:00+08:00");
    snapshot(&server, "").await;
    put(&server, exception("ex-2", "sv-haircut", ("2026-12-03", "2026-12-03"), "15:00-18:00", "师傅晚到")).await;
    follow(&server, &first).await;
    change(&server, |mut change| {
        Box::pin(async move {
            change.remove(Kind::Service, "sv-haircut").await?;
            Ok(())
        })
    })
    .await;
    let last = follow(&server, &first).await;
    assert!(!last.services.iter().any(|it| it.id.as_str() == "sv-haircut"));
}

#[tokio::test]
async fn a_rule_removed_and_kept_again_before_anybody_asked_is_not_gone() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server, "").await;
    let mut station = before.stations.iter().find(|it| it.id.as_str() == "st-yunhe").expect("a station").clone();
    change(&server, move |mut change| {
        Box::pin(async move {
            let old = station.schedule.take().expect("a schedule");
            change.station(&station).await?;
            assert!(change.remove(Kind::Schedule, old.as_str()).await?);
            station.schedule = Some(change.rule("Mo-Su 16:00-02:00").await?);
            change.station(&station).await
        })
    })
    .await;
    let after = follow(&server, &before).await;
    assert_eq!(of(&after, "st-yunhe"), of(&before, "st-yunhe"));
}

#[tokio::test]
async fn a_moved_market_is_on_its_new_day() {
    let server = TestServer::start_at(NOON).await;
    put(&server, exception("ex-1", "mk-gongyi", ("2026-12-12", "2026-12-12"), "", "改到周日")).await;
    put(&server, exception("ex-2", "mk-gongyi", ("2026-12-13", "2026-12-13"), "09:00-11:00", "从周六改来")).await;
    let all = snapshot(&server, "").await;
    let sessions = &of(&all, "mk-gongyi").open;
    let ninth = CHINA.midnight(day("2026-12-13")).plus(540);
    assert_eq!(*sessions, [(ninth, ninth.plus(120))]);
}

#[tokio::test]
async fn a_station_without_hours_is_known_on_the_days_of_its_exceptions() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server, "").await;
    let mut station = before.stations[0].clone();
    station.id = StationId::from("st-new");
    station.slug = "new".to_owned();
    station.schedule = None;
    change(&server, move |mut change| Box::pin(async move { change.station(&station).await })).await;
    put(&server, exception("ex-1", "st-new", ("2026-11-25", "2026-11-25"), "10:00-12:00", "试营业")).await;
    let now = follow(&server, &before).await;
    let at = |hour: i64| CHINA.midnight(day("2026-11-25")).plus(hour * 60);
    let states = [-1, 11, 13, 25].map(|hour| of(&now, "st-new").state(at(hour), now.horizon()));
    assert_eq!(states, [State::Unknown, State::Open, State::Closed, State::Unknown]);
    let hours = server.json("/api/v1/stations/new/hours?from=2026-11-24&to=2026-11-26").await;
    assert_eq!(hours["rule"], serde_json::Value::Null);
    assert!(hours["intervals"][0]["comment"].as_str().is_some_and(|words| words.contains("not given")), "{hours}");
    remove(&server, "ex-1").await;
    let later = follow(&server, &now).await;
    assert_eq!(later.stations.iter().find(|it| it.slug == "new").expect("it").schedule, None::<ScheduleId>);
}

#[tokio::test]
async fn the_hours_of_a_station_have_its_exceptions_also_beyond_the_horizon() {
    let server = TestServer::start_at(NOON).await;
    let mut repair = exception("ex-1", "st-chashui", ("2027-02-01", "2027-02-02"), "", "春节前检修");
    repair.reason_en = "Repairs before Spring Festival".to_owned();
    put(&server, repair).await;
    let stations = snapshot(&server, "").await.stations;
    let slug = &stations.iter().find(|it| it.id.as_str() == "st-chashui").expect("a station").slug;
    let hours = server.json(&format!("/api/v1/stations/{slug}/hours?from=2027-01-31&to=2027-02-04")).await;
    assert_eq!(hours["rule"], "Mo-Su 07:30-19:00");
    let closed: Vec<_> = hours["intervals"]
        .as_array()
        .expect("intervals")
        .iter()
        .filter(|it| it["comment"] == "春节前检修 / Repairs before Spring Festival")
        .collect();
    assert_eq!(closed.len(), 1, "{hours}");
    assert_eq!(closed[0]["state"], "closed");
    assert_eq!(closed[0]["start"], "2027-02-01T00:00:00+08:00");
    assert_eq!(closed[0]["end"], "2027-02-03T00:00:00+08:00");
}

#[tokio::test]
async fn exceptions_are_listed_as_they_were_written_with_the_revision_that_wrote_them() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server, "").await.rev;
    let (a, b) = (
        exception("ex-b", "st-yunhe", ("2026-12-01", "2026-12-05"), "18:00-02:00,10:00-12:00", "灯会"),
        exception("ex-a", "st-yunhe", ("2026-12-03", "2026-12-03"), "", "停电"),
    );
    put(&server, a.clone()).await;
    put(&server, b.clone()).await;
    let mut conn = server.running.state().store.pool().acquire().await.expect("a reader");
    let listed = exceptions::list(&mut conn).await.expect("exceptions");
    assert_eq!(listed.iter().map(|row| &row.item).collect::<Vec<_>>(), [&a, &b]);
    assert!(listed[0].rev > before && listed[1].rev > listed[0].rev);
    let all = snapshot(&server, "").await;
    let reasons = |text: &str| {
        let noon = window(text, "2027-01-01").start.plus(720);
        of(&all, "st-yunhe").exception_at(noon).map(|it| it.reason.clone())
    };
    assert_eq!(
        ["2026-12-02", "2026-12-03", "2026-12-04", "2026-12-06"].map(reasons),
        [Some("灯会".to_owned()), Some("停电".to_owned()), Some("灯会".to_owned()), None],
        "on a day of two the later one counts"
    );
}
