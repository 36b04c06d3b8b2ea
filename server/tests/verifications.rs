//! What people in front of a station say of it: on its way in, and what phones are told.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod support;

use futures::future::{BoxFuture, join_all};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use support::command::import;
use support::days::day;
use support::district;
use support::phone::Phone;
use support::{TestServer, at, header, problem};
use uuid::Uuid;
use waypost_app::domain::schedule::Status;
use waypost_app::domain::station::Station;
use waypost_app::domain::time::Minute;
use waypost_app::local::prefs::Lang;
use waypost_app::local::replica::Replica;
use waypost_app::local::snapshot::merge;
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::schedule::exceptions::{Days, Exception, Times};
use waypost_server::store::district::{Change, Kind};
use waypost_server::store::{self, Connection, StoreError, exceptions};

/// A Tuesday.
const NOON: &str = "2026-11-24T12:00:00+08:00";
/// Open `Mo-Su 07:30-19:00`.
const TEA: &str = "aixin-tea";
/// Open `Mo-Fr 09:00-12:00,13:30-17:30`.
const OFFICE: &str = "hexie-labour";

fn said(station: &str, kind: &str, at: &str) -> Value {
    json!({ "station": station, "kind": kind, "at": at })
}

/// A moment on the Tuesday.
fn clock(time: &str) -> String {
    format!("2026-11-24T{time}+08:00")
}

fn put(server: &TestServer, phone: &Phone, id: Uuid, body: &Value) -> RequestBuilder {
    server.http.put(server.url(&format!("/api/v1/verifications/{id}"))).bearer_auth(&phone.token).json(body)
}

async fn send(server: &TestServer, phone: &Phone, id: Uuid, body: &Value) -> Response {
    put(server, phone, id, body).send().await.expect("an answer")
}

/// Says something that must be stored.
async fn say(server: &TestServer, phone: u8, station: &str, kind: &str, at: &str) {
    let answer = send(server, &Phone::new(phone), Uuid::now_v7(), &said(station, kind, at)).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{phone} {kind} {at}");
}

/// Phones find the tea station locked on the Tuesday.
async fn locked(server: &TestServer, reports: &[(u8, &str)]) {
    for (phone, time) in reports {
        say(server, *phone, TEA, "locked", &clock(time)).await;
    }
}

async fn snapshot(server: &TestServer) -> Snapshot {
    district::of(server).await
}

fn of<'a>(all: &'a Snapshot, slug: &str) -> &'a Station {
    all.stations.iter().find(|station| station.slug == slug).expect("the station")
}

async fn station(server: &TestServer, slug: &str) -> Station {
    of(&snapshot(server).await, slug).clone()
}

fn minute(moment: &str) -> Minute {
    Minute::from_millis(at(moment).timestamp_millis())
}

/// Since when the tea station counts as locked, as a time on the Tuesday.
async fn locked_since(server: &TestServer) -> Option<Minute> {
    station(server, TEA).await.locked_at_min
}

/// Rows of devices and verifications.
async fn rows(server: &TestServer) -> [i64; 2] {
    let counts: Vec<i64> =
        sqlx::query_scalar("SELECT COUNT(*) FROM devices UNION ALL SELECT COUNT(*) FROM verifications")
            .fetch_all(server.running.state().store.pool())
            .await
            .expect("counts");
    counts.try_into().expect("two tables")
}

/// The fields a verification is refused for.
async fn refused_fields(server: &TestServer, body: &Value) -> Vec<String> {
    let answer = send(server, &Phone::new(1), Uuid::now_v7(), body).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
    let problem: Value = answer.json().await.expect("JSON");
    let errors = problem["errors"].as_array().expect("errors").iter();
    errors.map(|error| error["field"].as_str().expect("text").to_owned()).collect()
}

/// Changes the district while the server runs.
async fn change<F>(server: &TestServer, act: F)
where
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<(), StoreError>> + Send + 'static,
{
    let state = server.running.state();
    state.store.write(act).await.expect("stored");
    state.snapshots.changed();
}

/// Changes a station as staff do.
async fn staff(server: &TestServer, slug: &'static str, how: fn(&mut Station)) {
    change(server, move |conn| {
        Box::pin(async move {
            let content = store::district::load(conn).await?.expect("a district");
            let mut stations = content.stations.into_iter().map(|row| row.item);
            let mut station = stations.find(|station| station.slug == slug).expect("the station");
            how(&mut station);
            Change::begin(conn).await?.station(&station).await
        })
    })
    .await;
}

#[tokio::test]
async fn a_verification_sent_twice_is_stored_once_and_answered_with_the_same_bytes() {
    let server = TestServer::start_at(NOON).await;
    let (phone, id) = (Phone::new(1), Uuid::now_v7());
    let body = said(TEA, "confirmed", "2026-11-24T11:50:07+08:00");
    let first = send(&server, &phone, id, &body).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    let receipt = first.bytes().await.expect("a body");

    server.set_clock("2026-11-25T09:00:00+08:00");
    let mut again = said(TEA, "confirmed", "2026-11-24T03:50:07.000Z");
    again["a field of a newer phone"] = json!(true);
    let second = send(&server, &phone, id, &again).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(second.bytes().await.expect("a body"), receipt);
    assert_eq!(rows(&server).await, [1, 1]);
    let receipt: Value = serde_json::from_slice(&receipt).expect("JSON");
    assert_eq!(receipt, json!({"id": id, "station": TEA, "kind": "confirmed", "received_at": NOON}));
}

#[tokio::test]
async fn a_receipt_is_given_again_even_after_the_station_is_gone() {
    let server = TestServer::start_at(NOON).await;
    let (phone, id, body) = (Phone::new(1), Uuid::now_v7(), said("wujiadun-home", "locked", NOON));
    let receipt = send(&server, &phone, id, &body).await.bytes().await.expect("a body");
    change(&server, |conn| {
        Box::pin(async move {
            let mut change = Change::begin(conn).await?;
            for service in ["sv-classes", "sv-jobs", "sv-lodging"] {
                change.remove(Kind::Service, service).await?;
            }
            assert!(change.remove(Kind::Station, "st-wujiadun").await?);
            Ok(())
        })
    })
    .await;
    let again = send(&server, &phone, id, &body).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.bytes().await.expect("a body"), receipt);
    assert_eq!(refused_fields(&server, &body).await, ["station"]);
}

#[tokio::test]
async fn twenty_identical_verifications_at_once_are_one_row_and_one_receipt() {
    let server = TestServer::start_at(NOON).await;
    let (phone, id, body) = (Phone::new(1), Uuid::now_v7(), said(TEA, "locked", NOON));
    let answers = join_all((0..20).map(|_| async {
        let answer = send(&server, &phone, id, &body).await;
        (answer.status(), answer.bytes().await.expect("a body"))
    }))
    .await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count(), 1);
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 19);
    assert!(answers.iter().all(|(_, receipt)| *receipt == answers[0].1));
    assert_eq!(rows(&server).await, [1, 1]);
}

#[tokio::test]
async fn the_same_id_with_other_content_or_from_another_phone_is_409_and_changes_nothing() {
    let server = TestServer::start_at(NOON).await;
    let (phone, id) = (Phone::new(1), Uuid::now_v7());
    let body = said(TEA, "locked", &clock("11:50:00"));
    send(&server, &phone, id, &body).await;
    for other in [
        said(OFFICE, "locked", &clock("11:50:00")),
        said(TEA, "confirmed", &clock("11:50:00")),
        said(TEA, "locked", &clock("11:50:01")),
    ] {
        problem(send(&server, &phone, id, &other).await, 409).await;
    }
    problem(send(&server, &Phone::new(2), id, &body).await, 409).await;
    assert_eq!(rows(&server).await, [1, 1]);
    assert_eq!(station(&server, TEA).await.verified_at_min, None);
}

#[tokio::test]
async fn every_field_that_is_missing_or_wrong_is_named() {
    let server = TestServer::start_at(NOON).await;
    let good = said(TEA, "locked", NOON);
    for (name, value) in [
        ("station", Value::Null),
        ("station", json!("nowhere")),
        ("station", json!(" ")),
        ("station", json!("st-chashui")),
        ("station", json!(7)),
        ("kind", Value::Null),
        ("kind", json!("closed")),
        ("kind", json!("Locked")),
        ("kind", json!([])),
        ("at", Value::Null),
        ("at", json!(1_795_479_000)),
        ("at", json!("yesterday")),
        ("at", json!("2026-11-24")),
        ("at", json!("2026-11-24T08:10:00")),
        ("at", json!("2026-02-30T08:10:00+08:00")),
        ("at", json!("2026-11-24T25:10:00+08:00")),
        ("at", json!("2026-11-24 08:10:00+08:00")),
    ] {
        let mut body = good.clone();
        body[name] = value.clone();
        assert_eq!(refused_fields(&server, &body).await, [name], "{value}");
    }
    assert_eq!(refused_fields(&server, &json!({})).await, ["station", "kind", "at"]);
    assert_eq!(refused_fields(&server, &said("nowhere", "shut", "now")).await, ["kind", "at"]);
    assert_eq!(rows(&server).await, [0, 0]);
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_by_its_status() {
    let server = TestServer::start_at(NOON).await;
    let (phone, good) = (Phone::new(1), said(TEA, "locked", NOON));
    for broken in ["", "{", "not json", "{}{}", "[]", "null", "7"] {
        let request = put(&server, &phone, Uuid::now_v7(), &json!({})).body(broken);
        problem(request.send().await.expect("an answer"), 400).await;
    }
    for id in ["7", "not-a-uuid", &Uuid::nil().to_string(), &Uuid::now_v7().simple().to_string()] {
        let url = server.url(&format!("/api/v1/verifications/{id}"));
        let request = server.http.put(url).bearer_auth(&phone.token).json(&good);
        problem(request.send().await.expect("an answer"), 400).await;
    }
    let url = server.url(&format!("/api/v1/verifications/{}", Uuid::now_v7()));
    let plain = server.http.put(url).bearer_auth(&phone.token).body(good.to_string());
    problem(plain.send().await.expect("an answer"), 415).await;
    let mut large = good.clone();
    large["station"] = json!("x".repeat(5_000));
    problem(send(&server, &phone, Uuid::now_v7(), &large).await, 413).await;
    problem(server.get(&format!("/api/v1/verifications/{}", Uuid::now_v7())).await, 405).await;
    assert_eq!(rows(&server).await, [0, 0]);
}

#[tokio::test]
async fn without_a_phones_own_token_nothing_is_stored() {
    let server = TestServer::start_at(NOON).await;
    let request = |token: Option<&str>| {
        let request = server.http.put(server.url(&format!("/api/v1/verifications/{}", Uuid::now_v7())));
        let request = request.json(&said(TEA, "locked", NOON));
        token.map_or(request.try_clone().expect("a copy"), |token| request.header("authorization", token))
    };
    for token in [None, Some("Bearer secret"), Some("Basic YTpi"), Some("Bearer "), Some("x")] {
        let answer = request(token).send().await.expect("an answer");
        assert_eq!(header(&answer, "www-authenticate"), "Bearer");
        problem(answer, 401).await;
    }
    assert_eq!(rows(&server).await, [0, 0]);
}

#[tokio::test]
async fn a_confirmation_is_told_to_phones_as_a_change_of_that_station_alone() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server).await;
    say(&server, 1, TEA, "confirmed", &clock("11:50:40")).await;
    let changes = server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await;
    let changes: Snapshot = serde_json::from_value(changes).expect("a snapshot");
    assert!(changes.rev > before.rev && !changes.full);
    assert_eq!(changes.stations.iter().map(|it| it.slug.as_str()).collect::<Vec<_>>(), [TEA]);
    assert!(changes.services.is_empty() && changes.schedules.is_empty() && changes.markets.is_empty());
    let merged = merge(Some(&before), changes).expect("changes that follow");
    assert_eq!(of(&merged, TEA).verified_at_min, Some(minute("2026-11-24T11:50:00+08:00")));
    assert_eq!(of(&merged, OFFICE).verified_at_min, None);
    // A second one of the same minute is nothing that phones would have to hear of.
    say(&server, 2, TEA, "confirmed", &clock("11:50:59")).await;
    assert_eq!(snapshot(&server).await.rev, merged.rev);
}

#[tokio::test]
async fn the_latest_of_staffs_word_and_the_confirmations_is_when_a_station_was_verified() {
    let server = TestServer::start_at(NOON).await;
    let by_staff = "2026-11-20T09:00:00+08:00";
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-20T09:00:00+08:00"))).await;
    let verified = async || station(&server, TEA).await.verified_at_min;
    say(&server, 1, TEA, "confirmed", "2026-11-19T09:00:00+08:00").await;
    assert_eq!(verified().await, Some(minute(by_staff)));
    say(&server, 2, TEA, "confirmed", "2026-11-23T09:00:00+08:00").await;
    assert_eq!(verified().await, Some(minute("2026-11-23T09:00:00+08:00")));
    // Long under way, and from a clock that is years behind.
    say(&server, 3, TEA, "confirmed", "2026-10-01T09:00:00+08:00").await;
    say(&server, 4, TEA, "confirmed", "1970-01-02T09:00:00+08:00").await;
    assert_eq!(verified().await, Some(minute("2026-11-23T09:00:00+08:00")));
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-24T08:00:00+08:00"))).await;
    assert_eq!(verified().await, Some(minute("2026-11-24T08:00:00+08:00")));
}

#[tokio::test]
async fn a_confirmation_from_the_future_counts_as_of_when_it_was_received() {
    let server = TestServer::start_at(NOON).await;
    say(&server, 1, TEA, "confirmed", "2099-01-01T00:00:00+08:00").await;
    assert_eq!(station(&server, TEA).await.verified_at_min, Some(minute(NOON)));
}

#[tokio::test]
async fn of_one_phone_the_latest_word_of_a_day_counts_in_whatever_order_it_arrives() {
    for reversed in [false, true] {
        let server = TestServer::start_at(NOON).await;
        let mut words = vec![("confirmed", "09:00:00"), ("confirmed", "10:00:00"), ("locked", "11:00:00")];
        if reversed {
            words.reverse();
        }
        say(&server, 1, TEA, "confirmed", "2026-11-23T18:00:00+08:00").await;
        for (kind, time) in words {
            say(&server, 1, TEA, kind, &clock(time)).await;
        }
        let verified = station(&server, TEA).await.verified_at_min;
        assert_eq!(verified, Some(minute("2026-11-23T18:00:00+08:00")), "taken back by the same phone");
    }
}

#[tokio::test]
async fn three_phones_that_find_the_door_locked_leave_its_hours_unknown_from_the_third_on() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:10:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    assert_eq!(snapshot(&server).await.rev, before.rev, "nothing to tell yet");
    locked(&server, &[(3, "10:30:20")]).await;
    let since = Some(minute("2026-11-24T10:30:00+08:00"));
    assert_eq!(locked_since(&server).await, since);

    let changes = server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await;
    let merged = merge(Some(&before), serde_json::from_value(changes).expect("a snapshot")).expect("changes");
    for (lang, words) in [(Lang::Zh, "有人报告门锁着"), (Lang::En, "reported locked")] {
        let replica = Replica::new(merged.clone(), false, lang);
        let at = |time: &str| replica.station_status(of(&merged, TEA), minute(&clock(time)));
        assert!(at("10:29:00").is_open());
        assert_eq!(at("10:30:00"), Status::Unknown { reason: Some(words.to_owned()) });
        assert_eq!(at("23:00:00"), Status::Unknown { reason: Some(words.to_owned()) });
    }
    let page = server.get(&format!("/stations/{TEA}")).await.text().await.expect("text");
    assert!(page.contains("有人报告门锁着"), "{page}");
    let list = server.get("/").await.text().await.expect("text");
    assert!(list.contains("有人报告门锁着"));
}

#[tokio::test]
async fn the_hours_of_a_station_reported_locked_are_unknown_from_that_minute_on() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:10:00"), (3, "10:30:00")]).await;
    let intervals = async |window: &str| {
        let hours = server.json(&format!("/api/v1/stations/{TEA}/hours?{window}")).await;
        let told = hours["intervals"].as_array().expect("intervals").iter().map(|it| {
            let text = |name: &str| it[name].as_str().expect("text").to_owned();
            (text("start"), text("end"), text("state"), text("comment"))
        });
        told.collect::<Vec<_>>()
    };
    let row = |start: &str, end: &str, state: &str, comment: &str| {
        (start.to_owned(), end.to_owned(), state.to_owned(), comment.to_owned())
    };
    let words = "有人报告门锁着 / reported locked";
    let (midnight, next) = ("2026-11-24T00:00:00+08:00", "2026-11-26T00:00:00+08:00");
    assert_eq!(
        intervals("from=2026-11-24&to=2026-11-26").await,
        [
            row(midnight, "2026-11-24T07:30:00+08:00", "closed", ""),
            row("2026-11-24T07:30:00+08:00", "2026-11-24T10:30:00+08:00", "open", ""),
            row("2026-11-24T10:30:00+08:00", next, "unknown", words),
        ]
    );
    assert_eq!(
        intervals("from=2026-11-25&to=2026-11-26").await,
        [row("2026-11-25T00:00:00+08:00", next, "unknown", words)]
    );
    let before = intervals("from=2026-11-23&to=2026-11-24").await;
    assert!(before.iter().all(|(.., state, comment)| state != "unknown" && comment.is_empty()), "{before:?}");
}

#[tokio::test]
async fn one_phone_that_finds_the_door_locked_three_times_is_one_phone() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (1, "09:30:00"), (1, "10:00:00"), (2, "10:10:00"), (2, "10:20:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    // Not even over midnight, which makes two of it.
    server.set_clock("2026-11-25T03:00:00+08:00");
    let night = ["2026-11-24T23:30:00+08:00", "2026-11-25T00:10:00+08:00"];
    for (phone, at) in [(1, night[0]), (1, night[1]), (2, night[1])] {
        say(&server, phone, "leshi-container", "locked", at).await;
    }
    assert_eq!(station(&server, "leshi-container").await.locked_at_min, None);
    say(&server, 3, "leshi-container", "locked", night[1]).await;
    assert_eq!(station(&server, "leshi-container").await.locked_at_min, Some(minute(night[1])));
}

#[tokio::test]
async fn two_hours_are_within_two_hours_and_a_second_more_is_not() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "11:00:01")]).await;
    assert_eq!(locked_since(&server).await, None);
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "11:00:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("11:00:00"))));
}

#[tokio::test]
async fn the_order_of_arrival_does_not_matter_nor_does_a_fourth_phone_take_anything_back() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(3, "10:30:00"), (1, "09:00:00"), (2, "10:00:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    locked(&server, &[(4, "11:30:00"), (1, "11:50:00"), (2, "11:55:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    locked(&server, &[(5, "09:30:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:00:00"))));
}

#[tokio::test]
async fn a_door_locked_outside_the_stated_hours_is_no_news() {
    let server = TestServer::start_at("2026-11-24T23:00:00+08:00").await;
    for (phone, time) in [(1, "17:29:00"), (2, "17:29:30"), (3, "17:30:00"), (4, "18:00:00"), (5, "12:30:00")] {
        say(&server, phone, OFFICE, "locked", &clock(time)).await;
    }
    assert_eq!(station(&server, OFFICE).await.locked_at_min, None);
    // A closure says so as well.
    let repair = Exception {
        id: "ex-1".to_owned(),
        target: "st-chashui".to_owned(),
        days: Days::new(day("2026-11-24"), day("2026-11-24")).expect("days"),
        times: Times::parse("").expect("times"),
        reason: "检修".to_owned(),
        reason_en: String::new(),
    };
    change(&server, |conn| Box::pin(async move { exceptions::put(&mut Change::begin(conn).await?, &repair).await }))
        .await;
    locked(&server, &[(1, "09:00:00"), (2, "09:10:00"), (3, "09:20:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    say(&server, 6, OFFICE, "locked", &clock("17:29:59")).await;
    assert_eq!(station(&server, OFFICE).await.locked_at_min, Some(minute(&clock("17:29:00"))));
}

#[tokio::test]
async fn a_later_confirmation_opens_the_door_again_and_an_earlier_one_does_not() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "10:30:00")]).await;
    let before = snapshot(&server).await;
    say(&server, 4, TEA, "confirmed", &clock("08:30:00")).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    say(&server, 5, TEA, "confirmed", &clock("10:45:00")).await;
    let now = snapshot(&server).await;
    assert!(now.rev > before.rev);
    assert_eq!((of(&now, TEA).locked_at_min, of(&now, TEA).verified_at_min), (None, Some(minute(&clock("10:45:00")))));
    // What was said before it counts no more; three new ones do.
    locked(&server, &[(6, "10:50:00"), (7, "11:00:00")]).await;
    assert_eq!(locked_since(&server).await, None);
    locked(&server, &[(8, "11:10:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("11:10:00"))));
}

#[tokio::test]
async fn a_phone_that_takes_its_word_back_is_not_among_the_three() {
    let server = TestServer::start_at(NOON).await;
    say(&server, 1, TEA, "locked", &clock("09:00:00")).await;
    say(&server, 1, TEA, "confirmed", &clock("09:05:00")).await;
    locked(&server, &[(2, "09:10:00"), (3, "09:20:00")]).await;
    assert_eq!(locked_since(&server).await, None);
}

#[tokio::test]
async fn doors_found_locked_weeks_ago_say_nothing_of_today() {
    let server = TestServer::start_at(NOON).await;
    for phone in 1..=3 {
        say(&server, phone, TEA, "locked", "2026-10-20T10:00:00+08:00").await;
        say(&server, phone, TEA, "locked", "1970-01-02T10:00:00+08:00").await;
    }
    assert_eq!(locked_since(&server).await, None);
    assert_eq!(rows(&server).await, [3, 6]);
}

#[tokio::test]
async fn reports_from_clocks_that_are_ahead_count_as_of_when_they_were_received() {
    let server = TestServer::start_at(NOON).await;
    for (phone, at) in [(1, "2026-11-24T15:00:00+08:00"), (2, "2027-01-01T00:00:00+08:00"), (3, "2099-01-01T00:00:00Z")]
    {
        say(&server, phone, TEA, "locked", at).await;
    }
    assert_eq!(locked_since(&server).await, Some(minute(NOON)));
}

#[tokio::test]
async fn staffs_later_verification_and_other_hours_end_it_and_other_words_do_not() {
    let server = TestServer::start_at(NOON).await;
    let lock = async || {
        locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "10:30:00")]).await;
        assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    };
    lock().await;
    staff(&server, TEA, |station| station.phone = "0571-1".to_owned()).await;
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-24T08:00:00+08:00"))).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("10:30:00"))));
    let rev = snapshot(&server).await.rev;
    staff(&server, TEA, |station| station.verified_at_min = Some(minute("2026-11-24T11:00:00+08:00"))).await;
    let changes: Snapshot =
        serde_json::from_value(server.json(&format!("/api/v1/snapshot?since={rev}")).await).expect("a snapshot");
    assert_eq!(of(&changes, TEA).locked_at_min, None);
    // The verification was not the last word.
    locked(&server, &[(4, "11:10:00"), (5, "11:20:00"), (6, "11:30:00")]).await;
    assert_eq!(locked_since(&server).await, Some(minute(&clock("11:30:00"))));

    staff(&server, TEA, |station| station.schedule = None).await;
    assert_eq!(locked_since(&server).await, None);
    locked(&server, &[(7, "11:40:00"), (8, "11:40:00"), (9, "11:40:00")]).await;
    assert_eq!(locked_since(&server).await, None, "nobody states hours any more");
}

#[tokio::test]
async fn an_import_of_other_hours_ends_it_for_phones_too() {
    let server = TestServer::start_at(NOON).await;
    let csv = |hours: &str| format!("slug,name,lat,lng,hours\ncorner,Corner,30.3,120.1,{hours}\n");
    let first = import(server.data.path(), "stations.csv", csv("Mo-Su 08:00-18:00").as_bytes(), &[]);
    assert_eq!(first.code, 0, "{}", first.err);
    server.running.state().snapshots.changed();
    for phone in 1..=3 {
        say(&server, phone, "corner", "locked", &clock("08:30:00")).await;
    }
    let before = snapshot(&server).await;
    assert_eq!(of(&before, "corner").locked_at_min, Some(minute(&clock("08:30:00"))));
    assert_eq!(import(server.data.path(), "stations.csv", csv("Mo-Su 09:00-18:00").as_bytes(), &[]).code, 0);
    server.running.state().snapshots.changed();
    let changes = server.json(&format!("/api/v1/snapshot?since={}", before.rev)).await;
    let merged = merge(Some(&before), serde_json::from_value(changes).expect("a snapshot")).expect("changes");
    assert_eq!(of(&merged, "corner").locked_at_min, None);
}

#[tokio::test]
async fn what_people_said_is_still_known_after_a_restart() {
    let server = TestServer::start_at(NOON).await;
    locked(&server, &[(1, "09:00:00"), (2, "10:00:00"), (3, "10:30:00")]).await;
    say(&server, 1, OFFICE, "confirmed", &clock("10:00:00")).await;
    let before = snapshot(&server).await;
    let server = server.restart_with(|_| {}).await;
    let after = snapshot(&server).await;
    assert_eq!(after.stations, before.stations);
    assert_eq!(after.rev, before.rev);
}
