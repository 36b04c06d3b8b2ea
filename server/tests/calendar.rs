//! The calendar feeds, as calendar programs read them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::collections::HashMap;

use crate::support::ical::{Event, read};
use crate::support::staff::{change, exception, put, remove};
use crate::support::{TestServer, district, header, problem};
use proptest::prelude::*;
use reqwest::StatusCode;
use waypost_app::domain::market::Market;
use waypost_app::domain::schedule::Schedule;
use waypost_app::domain::time::Minute;
use waypost_app::local::prefs::Lang;
use waypost_app::local::replica::Replica;
use waypost_app::text::calendar::Maker;
use waypost_app::wire::snapshot::Snapshot;

const NOON: &str = "2026-11-24T12:00:00+08:00";
const MARKET: &str = "/calendar/market.ics";
const XINXIN: &str = "/calendar/stations/xinxin-shouhu.ics";

async fn file(server: &TestServer, path: &str) -> String {
    let response = server.get(path).await;
    assert_eq!(response.status(), StatusCode::OK, "{path}");
    assert_eq!(header(&response, "content-type"), "text/calendar; charset=utf-8");
    let text = response.text().await.expect("text");
    assert!(text.starts_with("BEGIN:VCALENDAR\r\n") && text.ends_with("END:VCALENDAR\r\n"), "{text}");
    assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{text}");
    text
}

async fn events(server: &TestServer, path: &str) -> Vec<Event> {
    read(&file(server, path).await).1
}

fn by_uid(events: Vec<Event>) -> HashMap<String, Event> {
    events.into_iter().map(|event| (event.uid.clone(), event)).collect()
}

fn named<'a>(events: &'a [Event], uid: &str) -> &'a Event {
    events.iter().find(|event| event.uid == uid).unwrap_or_else(|| panic!("no {uid} in {events:#?}"))
}

#[tokio::test]
async fn every_session_of_the_coming_weeks_is_an_event_in_shanghais_time() {
    let server = TestServer::start_at(NOON).await;
    let text = file(&server, MARKET).await;
    for line in ["VERSION:2.0", "TZID:Asia/Shanghai", "TZOFFSETTO:+0800", "DTSTAMP:20261124T040000Z"] {
        assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
    }
    let (name, events) = read(&text);
    assert_eq!(name, "拱墅区公益市集");
    let [event] = events.as_slice() else { panic!("one second Saturday in the horizon: {events:#?}") };
    assert_eq!(event.uid, "mk-gongyi-20261212@waypost");
    assert_eq!((event.start.as_str(), event.end.as_str()), ("2026-12-12 09:00", "2026-12-12 11:00"));
    assert_eq!((event.summary.as_str(), event.cancelled), ("小哥公益市集", false));
    assert!(event.description.contains("示例数据") && event.description.contains("王师傅"), "{}", event.description);
    assert_eq!(event.url, "", "the public address is not known");
}

#[tokio::test]
async fn every_time_a_service_is_given_in_the_coming_weeks_is_an_event_at_its_station() {
    let server = TestServer::start_at(NOON).await;
    let (name, events) = read(&file(&server, XINXIN).await);
    assert_eq!(name, "“新新首护”驿站的服务");
    let times: Vec<_> = events.iter().map(|event| (event.start.as_str(), event.end.as_str())).collect();
    assert_eq!(
        times,
        [
            ("2026-11-26 14:00", "2026-11-26 17:00"),
            ("2026-12-03 14:00", "2026-12-03 17:00"),
            ("2026-12-10 14:00", "2026-12-10 17:00"),
            ("2026-12-17 14:00", "2026-12-17 17:00"),
            ("2026-12-24 14:00", "2026-12-24 17:00"),
        ]
    );
    let event = &events[0];
    assert_eq!((event.uid.as_str(), event.summary.as_str()), ("sv-haircut-20261126@waypost", "免费理发"));
    assert!(event.location.starts_with("“新新首护”驿站，"), "{}", event.location);
    assert!(event.description.contains("示例数据"), "{}", event.description);

    // Morning and afternoon are two times of one day.
    let legal = events_of(&server, "sv-legal").await;
    assert_eq!(named(&legal, "sv-legal-20261126@waypost").start, "2026-11-26 09:00");
    assert_eq!(named(&legal, "sv-legal-20261126-2@waypost").start, "2026-11-26 14:00");
}

/// The feed of the station that gives a service.
async fn events_of(server: &TestServer, service: &str) -> Vec<Event> {
    let all = district::of(server).await;
    let given_at = &all.services.iter().find(|it| it.id.as_str() == service).expect("the service").station;
    let station = all.stations.iter().find(|it| it.id == *given_at).expect("its station");
    events(server, &format!("/calendar/stations/{}.ics", station.slug)).await
}

#[tokio::test]
async fn the_feeds_speak_english_when_asked() {
    let server = TestServer::start_at(NOON).await;
    let market = events(&server, &format!("{MARKET}?lang=en")).await;
    assert_eq!(market[0].summary, "Couriers’ Community Market");
    assert!(market[0].description.contains("Sample data"));
    let (name, services) = read(&file(&server, &format!("{XINXIN}?lang=en")).await);
    assert_eq!((name.as_str(), services[0].summary.as_str()), ("Xinxin Shouhu Station: services", "Free haircut"));
}

#[tokio::test]
async fn a_station_that_does_not_exist_has_no_feed() {
    let server = TestServer::start_at(NOON).await;
    for path in ["/calendar/stations/nowhere.ics", "/calendar/stations/xinxin-shouhu", "/calendar/stations/.ics"] {
        problem(server.get(path).await, 404).await;
    }
}

#[tokio::test]
async fn a_service_that_never_ends_is_no_event() {
    let server = TestServer::start_at(NOON).await;
    let mut service = district::of(&server).await.services.into_iter().find(|it| it.id.as_str() == "sv-haircut");
    change(&server, move |mut change| {
        Box::pin(async move {
            let mut service = service.take().expect("the service");
            service.schedule = Some(change.rule("24/7").await?);
            change.service(&service).await
        })
    })
    .await;
    assert_eq!(events(&server, XINXIN).await, []);
}

#[tokio::test]
async fn a_changed_session_keeps_its_uid_and_counts_up() {
    let server = TestServer::start_at(NOON).await;
    let before = events(&server, MARKET).await;
    let mut market = district::of(&server).await.markets[0].clone();
    change(&server, move |mut change| {
        Box::pin(async move {
            market.schedule = Some(change.rule("Sa[2] 10:00-12:00").await?);
            change.market(&market).await
        })
    })
    .await;
    let after = events(&server, MARKET).await;
    assert_eq!((after.len(), after[0].start.as_str()), (1, "2026-12-12 10:00"));
    assert_eq!(after[0].uid, before[0].uid);
    assert!(after[0].sequence > before[0].sequence);
}

#[tokio::test]
async fn what_changes_at_a_station_counts_its_services_up() {
    let server = TestServer::start_at(NOON).await;
    let before = events(&server, XINXIN).await;
    let all = district::of(&server).await;
    let mut station = all.stations.into_iter().find(|it| it.slug == "xinxin-shouhu").expect("the station");
    station.landmark = "地铁口".to_owned();
    change(&server, move |mut change| Box::pin(async move { change.station(&station).await })).await;
    let after = events(&server, XINXIN).await;
    assert!(after[0].location.contains("地铁口") && after[0].sequence > before[0].sequence, "{after:#?}");
    let mut service = all.services.into_iter().find(|it| it.id.as_str() == "sv-haircut").expect("the service");
    service.note = "带围布".to_owned();
    change(&server, move |mut change| Box::pin(async move { change.service(&service).await })).await;
    let last = events(&server, XINXIN).await;
    assert!(last[0].description.contains("带围布") && last[0].sequence > after[0].sequence, "{last:#?}");
}

#[tokio::test]
async fn a_day_off_is_the_same_event_cancelled_with_the_reason_until_it_is_undone() {
    let server = TestServer::start_at(NOON).await;
    let before = events(&server, XINXIN).await;
    // The station is closed, and so its service is.
    put(&server, exception("ex-1", "st-xinxin", ("2026-12-03", "2026-12-04"), "", "管道检修")).await;
    let closed = events(&server, XINXIN).await;
    assert_eq!(closed.len(), before.len());
    let uid = "sv-haircut-20261203@waypost";
    let (was, is) = (named(&before, uid), named(&closed, uid));
    assert_eq!((is.cancelled, &is.start, &is.end), (true, &was.start, &was.end));
    assert_eq!(is.summary, "取消：免费理发");
    assert!(is.description.starts_with("管道检修\n"), "{}", is.description);
    assert!(is.sequence > was.sequence);
    assert_eq!(closed.iter().filter(|event| event.cancelled).count(), 1);

    remove(&server, "ex-1").await;
    let again = events(&server, XINXIN).await;
    assert_eq!((named(&again, uid).cancelled, &named(&again, uid).summary), (false, &was.summary));
    assert!(named(&again, uid).sequence > is.sequence);
}

#[tokio::test]
async fn other_times_are_an_event_beside_the_cancelled_one() {
    let server = TestServer::start_at(NOON).await;
    put(&server, exception("ex-1", "sv-legal", ("2026-12-03", "2026-12-03"), "09:00-11:30,15:00-18:00", "下午晚到"))
        .await;
    let day: Vec<_> = events_of(&server, "sv-legal")
        .await
        .into_iter()
        .filter(|event| event.start.starts_with("2026-12-03"))
        .collect();
    let told: Vec<_> =
        day.iter().map(|event| (event.uid.as_str(), &event.start[11..], &event.end[11..], event.cancelled)).collect();
    assert_eq!(
        told,
        [
            ("sv-legal-20261203@waypost", "09:00", "11:30", false),
            ("sv-legal-20261203-2@waypost", "14:00", "17:00", true),
            ("sv-legal-20261203-3@waypost", "15:00", "18:00", false),
        ]
    );
    let reasons: Vec<_> = day.iter().map(|event| event.description.contains("下午晚到")).collect();
    assert_eq!(reasons, [false, true, true]);
}

#[tokio::test]
async fn a_moved_market_is_cancelled_on_its_old_day_and_stands_on_its_new_one() {
    let server = TestServer::start_at(NOON).await;
    let mut rain = exception("ex-1", "mk-gongyi", ("2026-12-12", "2026-12-12"), "", "下雨，改到周日");
    rain.reason_en = "Rain; moved to Sunday".to_owned();
    put(&server, rain).await;
    put(&server, exception("ex-2", "mk-gongyi", ("2026-12-13", "2026-12-13"), "09:00-11:00", "从周六改来")).await;
    let feed = events(&server, &format!("{MARKET}?lang=en")).await;
    let old = named(&feed, "mk-gongyi-20261212@waypost");
    assert_eq!((old.cancelled, old.start.as_str()), (true, "2026-12-12 09:00"));
    assert_eq!(old.summary, "Cancelled: Couriers’ Community Market");
    assert!(old.description.starts_with("Rain; moved to Sunday\n"), "{}", old.description);
    let new = named(&feed, "mk-gongyi-20261213@waypost");
    assert_eq!((new.cancelled, new.start.as_str()), (false, "2026-12-13 09:00"));
    assert!(new.description.contains("从周六改来"), "where nobody said it in English, the Chinese stands");
}

#[tokio::test]
async fn a_new_day_changes_nothing_of_what_was_told() {
    let server = TestServer::start_at(NOON).await;
    let mut service = district::of(&server).await.services.into_iter().find(|it| it.id.as_str() == "sv-tea");
    change(&server, move |mut change| {
        Box::pin(async move {
            let mut nights = service.take().expect("the service");
            nights.schedule = Some(change.rule("Mo-Su 08:00-10:00,22:00-06:00").await?);
            change.service(&nights).await
        })
    })
    .await;
    put(&server, exception("ex-1", "sv-legal", ("2026-12-03", "2026-12-03"), "09:00-11:30", "下午有事")).await;
    let slugs: Vec<String> = district::of(&server).await.stations.into_iter().map(|station| station.slug).collect();
    let mut before: HashMap<String, Event> = HashMap::new();
    let mut seen_again = 0;
    for clock in ["2026-11-24T23:50:00+08:00", "2026-11-25T00:10:00+08:00", "2026-12-01T09:00:00+08:00"] {
        server.set_clock(clock);
        let mut now = by_uid(events(&server, MARKET).await);
        for slug in &slugs {
            now.extend(by_uid(events(&server, &format!("/calendar/stations/{slug}.ics")).await));
        }
        for (uid, event) in &now {
            if let Some(old) = before.get(uid) {
                assert_eq!(event, old, "at {clock}");
                seen_again += 1;
            }
        }
        before = now;
    }
    assert!(seen_again > 100, "{seen_again}");
}

#[tokio::test]
async fn a_phone_writes_the_same_events_from_what_it_holds() {
    let server = TestServer::start_at(NOON).await;
    put(&server, exception("ex-1", "st-xinxin", ("2026-12-03", "2026-12-03"), "", "检修")).await;
    put(&server, exception("ex-2", "mk-gongyi", ("2026-12-12", "2026-12-12"), "13:00-15:00", "改到下午")).await;
    let snapshot = district::of(&server).await;
    let rev = snapshot.rev;
    let replica = Replica::new(snapshot, false, Lang::Zh);
    for (lang, query) in [(Lang::Zh, ""), (Lang::En, "?lang=en")] {
        let phone = Maker { replica: &replica, lang, origin: "", rev_of: &|_| rev };
        let mut pairs = vec![(phone.markets(), MARKET.to_owned())];
        for station in replica.stations() {
            pairs.push((phone.services(station), format!("/calendar/stations/{}.ics", station.slug)));
        }
        for (made, path) in pairs {
            let (mut own, feed) = (read(&made), read(&file(&server, &format!("{path}{query}")).await));
            for (own, feed) in own.1.iter_mut().zip(&feed.1) {
                assert!(own.sequence >= feed.sequence, "the feed must not look newer: {path}");
                own.sequence = feed.sequence;
            }
            assert_eq!(own, feed, "{path}");
        }
    }
}

#[tokio::test]
async fn a_district_without_markets_has_an_empty_calendar() {
    let server = TestServer::start_with(|config| config.sample = false).await;
    assert_eq!(events(&server, MARKET).await, []);
}

#[tokio::test]
async fn an_event_links_to_its_page_where_the_public_address_is_known() {
    let server = TestServer::start_with(|config| {
        config.public_url = Some("https://waypost.example".parse().expect("a URL"));
        config.clock = waypost_server::clock::Clock::fixed(crate::support::at(NOON));
    })
    .await;
    assert_eq!(events(&server, MARKET).await[0].url, "https://waypost.example/market");
    assert_eq!(events(&server, XINXIN).await[0].url, "https://waypost.example/stations/xinxin-shouhu");
}

proptest! {
    #[test]
    fn both_readers_get_any_words_back(name in "[\\PC&&\\S](\\PC|[\n,;:\\\\\"]){0,90}[\\PC&&\\S]", place in "[\\PC&&\\S]{0,90}") {
        let nine = Minute(29_924_700);
        let schedule = Schedule { id: "h".into(), open: vec![(nine, nine.plus(120))], ..Schedule::default() };
        let market = Market { id: "m".into(), name: name.clone(), place: place.clone(), schedule: Some("h".into()), ..Market::default() };
        let snapshot = Snapshot {
            rev: 7,
            horizon_start_min: nine.plus(-1440),
            horizon_end_min: nine.plus(1440),
            schedules: vec![schedule],
            markets: vec![market],
            ..Snapshot::default()
        };
let replica = Replica::new(snapshot, false, Lang::Zh);
        let file = Maker { replica: &replica, lang: Lang::Zh, origin: "", rev_of: &|_| 7 }.markets();
        let (_, events) = read(&file);
        prop_assert_eq!((events[0].summary.as_str(), events[0].location.as_str()), (name.as_str(), place.as_str()));
    }
}
