//! The district in numbers, and its reports as a sheet.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::collections::HashMap;

use crate::support::phone::{Phone, report_with};
use crate::support::staff::sign_in;
use crate::support::verifications::{TEA, say};
use crate::support::{TestServer, problem};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;
use waypost_app::wire::staff::numbers::{HOURS, Numbers};

async fn ask(server: &TestServer, worker: &Client, query: &str) -> Response {
    worker.get(server.url(&format!("/api/v1/staff/{query}"))).send().await.expect("an answer")
}

async fn numbers(server: &TestServer, worker: &Client, query: &str) -> Numbers {
    let answer = ask(server, worker, &format!("numbers{query}")).await;
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    answer.json().await.expect("numbers")
}

/// A report of its own place, sent now.
async fn send(server: &TestServer, lat: f64, now: &str, description: &str) -> Uuid {
    let mut body = report_with("lat", Some(json!(lat)));
    (body["captured_at"], body["description"]) = (json!(now), json!(description));
    let id = Uuid::now_v7();
    assert_eq!(Phone::new(1).send_report(server, id, &body).await.status(), StatusCode::CREATED);
    id
}

async fn step(server: &TestServer, worker: &Client, case: Uuid, mut body: Value) {
    body["event_id"] = json!(Uuid::now_v7());
    let url = server.url(&format!("/api/v1/staff/cases/{case}/events"));
    let answer = worker.post(url).json(&body).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.text().await);
}

async fn unit(server: &TestServer, name: &str) -> Value {
    let admin = sign_in(server, Role::Admin).await;
    let url = server.url("/api/v1/staff/units");
    let made = admin.post(url).json(&json!({"name": name})).send().await.expect("an answer");
    made.json::<Value>().await.expect("JSON")["id"].clone()
}

#[tokio::test]
async fn weeks_units_and_doors_are_counted_as_they_happened() {
    let tuesday = "2026-11-17T09:00:00+08:00";
    let server = TestServer::start_at(tuesday).await;
    let worker = sign_in(&server, Role::Worker).await;
    let lamps = unit(&server, "路灯所").await;
    let first = send(&server, 30.1, tuesday, "灯不亮").await;
    step(&server, &worker, first, json!({"version": 0, "step": "accept"})).await;
    step(&server, &worker, first, json!({"version": 1, "step": "assign", "unit": lamps})).await;

    // Three working days later, on a Friday.
    server.set_clock("2026-11-20T15:00:00+08:00");
    let worker = sign_in(&server, Role::Worker).await;
    step(&server, &worker, first, json!({"version": 2, "step": "fix", "note_public": "换了灯泡"})).await;
    // It says that it is repaired, but is no repair.
    step(&server, &worker, first, json!({"version": 3, "step": "note", "note_internal": "旧灯泡留着"})).await;

    let monday = "2026-11-23T09:00:00+08:00";
    server.set_clock(monday);
    let worker = sign_in(&server, Role::Worker).await;
    let second = send(&server, 30.2, monday, "又不亮").await;
    step(&server, &worker, second, json!({"version": 0, "step": "accept"})).await;
    step(&server, &worker, second, json!({"version": 1, "step": "assign", "unit": lamps})).await;
    let now = "2026-11-24T12:30:00+08:00";
    server.set_clock(now);
    let worker = sign_in(&server, Role::Worker).await;
    step(&server, &worker, second, json!({"version": 2, "step": "fix", "note_public": "接好了"})).await;
    send(&server, 30.3, now, "井盖松").await;
    say(&server, 2, TEA, "locked", "2026-11-24T12:00:00+08:00").await;
    say(&server, 3, TEA, "confirmed", "2026-11-24T12:10:00+08:00").await;

    let found = numbers(&server, &worker, "?from=2026-11-16&to=2026-11-24").await;
    let weeks: Vec<_> = found
        .weeks
        .iter()
        .map(|week| (week.monday.as_str(), week.received, week.fixed, week.confirmed, week.locked))
        .collect();
    assert_eq!(weeks, [("2026-11-16", 1, 1, 0, 0), ("2026-11-23", 2, 1, 1, 1)]);
    let units: Vec<_> = found
        .units
        .iter()
        .map(|unit| (unit.name.as_str(), unit.fixed, unit.median_working_days, unit.open, unit.overdue))
        .collect();
    assert_eq!(units, [("路灯所", 2, Some(2.0), 0, 0), ("", 0, None, 1, 0)]);

    // A day that is left out takes what happened on it along.
    let cut = numbers(&server, &worker, "?from=2026-11-18&to=2026-11-23").await;
    let weeks: Vec<_> = cut.weeks.iter().map(|week| (week.received, week.fixed, week.locked)).collect();
    assert_eq!(weeks, [(0, 1, 0), (1, 0, 0)]);
    // Left out: eight weeks, with this one.
    let usual = numbers(&server, &worker, "").await;
    assert_eq!((usual.weeks.len(), usual.from.as_str(), usual.to.as_str()), (8, "2026-10-05", "2026-11-24"));
    assert_eq!(usual.weeks.iter().map(|week| week.received).sum::<u32>(), 3);
}

#[tokio::test]
async fn what_comes_back_and_is_repaired_again_counts_from_when_it_came_back() {
    let server = TestServer::start_at("2026-11-16T09:00:00+08:00").await;
    let worker = sign_in(&server, Role::Worker).await;
    let lamps = unit(&server, "路灯所").await;
    let id = send(&server, 30.1, "2026-11-16T09:00:00+08:00", "灯不亮").await;
    step(&server, &worker, id, json!({"version": 0, "step": "accept"})).await;
    step(&server, &worker, id, json!({"version": 1, "step": "assign", "unit": lamps})).await;
    step(&server, &worker, id, json!({"version": 2, "step": "fix", "note_public": "好了"})).await;
    server.set_clock("2026-11-26T09:00:00+08:00");
    let worker = sign_in(&server, Role::Worker).await;
    step(&server, &worker, id, json!({"version": 3, "step": "reopen"})).await;
    step(&server, &worker, id, json!({"version": 4, "step": "assign", "unit": lamps})).await;
    server.set_clock("2026-11-27T09:00:00+08:00");
    let worker = sign_in(&server, Role::Worker).await;
    step(&server, &worker, id, json!({"version": 5, "step": "fix", "note_public": "这次好了"})).await;
    let again = numbers(&server, &worker, "?from=2026-11-23&to=2026-11-27").await;
    assert_eq!((again.units[0].fixed, again.units[0].median_working_days), (1, Some(1.0)));
    let both = numbers(&server, &worker, "?from=2026-11-16&to=2026-11-27").await;
    assert_eq!((both.units[0].fixed, both.units[0].median_working_days), (2, Some(0.5)));
}

#[tokio::test]
async fn each_hour_of_a_week_says_how_many_stations_are_open_and_where_none_is() {
    let server = TestServer::start_at("2026-11-24T08:30:00+08:00").await;
    let worker = sign_in(&server, Role::Worker).await;
    let make = async |path: &str, entry: Value| {
        let url = server.url(&format!("/api/v1/staff/{path}"));
        let made = worker.post(url).json(&json!({"entry": entry})).send().await.expect("an answer");
        assert_eq!(made.status(), StatusCode::CREATED);
        made.json::<Value>().await.expect("JSON")["id"].clone()
    };
    let station = |name: &str, hours: &str| json!({"name": name, "lat": 30.3, "lng": 120.1, "district": "试验街道", "hours": hours});
    let office = make("stations", station("白天", "工作日 9:00-17:30")).await;
    make("stations", station("夜里", "每天 20:00-次日6:00")).await;
    make("stations", station("随缘", "看心情")).await;
    make("exceptions", json!({"target": office, "first": "2026-11-25", "last": "2026-11-25", "reason": "检修"})).await;

    let found = numbers(&server, &worker, "").await.coverage;
    assert_eq!(found.monday, "2026-11-23");
    let (whole, places) = found.places.split_first().expect("the whole district");
    assert_eq!((whole.name.as_deref(), whole.open.len()), (None, HOURS));
    assert_eq!(whole.stations, places.iter().map(|place| place.stations).sum::<u32>());
    let ours = places.iter().find(|place| place.name.as_deref() == Some("试验街道")).expect("the subdistrict");
    assert_eq!((ours.stations, ours.unknown), (3, 1));
    let day = |ahead: usize| &ours.open[24 * ahead..24 * (ahead + 1)];
    let tuesday = [1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1];
    assert_eq!(day(1), tuesday);
    assert!(day(2)[9..17].iter().all(|open| *open == 0), "closed for repair");
    assert!(day(5)[9..17].iter().all(|open| *open == 0), "a Saturday");
    // Any other week: without the closure.
    let next = numbers(&server, &worker, "?week=2026-12-03").await.coverage;
    let ours = next.places.iter().find(|place| place.name.as_deref() == Some("试验街道")).expect("the subdistrict");
    assert_eq!((next.monday.as_str(), &ours.open[48..72]), ("2026-11-30", &tuesday[..]));
}

#[tokio::test]
async fn reports_as_a_sheet_are_one_row_each_and_none_of_their_words_is_a_formula() {
    let now = "2026-11-24T09:00:00+08:00";
    let server = TestServer::start_at(now).await;
    let worker = sign_in(&server, Role::Worker).await;
    let lamps = unit(&server, "@路灯所").await;
    let id = send(&server, 30.1, now, "=HYPERLINK(\"http://x\",\"看,这里\")").await;
    send(&server, 30.2, now, "两行\n第二行").await;
    step(&server, &worker, id, json!({"version": 0, "step": "accept", "note_internal": "看过了"})).await;
    step(&server, &worker, id, json!({"version": 1, "step": "assign", "unit": lamps})).await;
    let answer = ask(&server, &worker, "numbers.csv?from=2026-11-24&to=2026-11-24").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let header = |name: &str| answer.headers().get(name).and_then(|it| it.to_str().ok()).unwrap_or_default().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8");
    assert!(header("content-disposition").contains("reports-2026-11-24-2026-11-24.csv"));
    let text = answer.text().await.expect("a text");
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head: Vec<String> = reader.headers().expect("a head").iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 2);
    let row = rows.iter().find(|row| row.get(1) == Some(&id.to_string())).expect("the report");
    let cell = |name: &str| row.get(head.iter().position(|it| it == name).expect("a column")).expect("a cell");
    assert_eq!(cell("description"), "'=HYPERLINK(\"http://x\",\"看,这里\")");
    assert_eq!((cell("unit"), cell("state"), cell("category")), ("'@路灯所", "assigned", "road"));
    assert_eq!((cell("lat"), cell("accepted_at"), cell("fixed_at")), ("30.1", now, ""));
    assert!(cell("internal_notes").contains("看过了"), "{}", cell("internal_notes"));
    let empty = ask(&server, &worker, "numbers.csv?from=2026-11-01&to=2026-11-02").await;
    assert_eq!(empty.text().await.expect("a text").lines().count(), 1, "only the head");
}

#[tokio::test]
async fn a_sheet_says_what_is_true_of_the_last_repair_and_declined_only_what_is() {
    let now = "2026-11-24T09:00:00+08:00";
    let server = TestServer::start_at(now).await;
    let (worker, lamps) = (sign_in(&server, Role::Worker).await, unit(&server, "路灯所").await);
    let id = send(&server, 30.1, now, "灯不亮").await;
    let cells = async |names: [&str; 4]| {
        let text = ask(&server, &worker, "numbers.csv?from=2026-11-24&to=2026-11-24").await.text().await.expect("text");
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let row: HashMap<String, String> = reader.deserialize().next().expect("a row").expect("cells");
        names.map(|name| row[name].clone())
    };
    let told = ["fixed_at", "confirmed_at", "declined_at", "declined_reason"];
    let why = json!({"version": 0, "step": "decline", "reason": "no_fault", "note_public": "没有发现"});
    step(&server, &worker, id, why).await;
    assert_eq!(cells(told).await, ["", "", now, "no_fault"]);
    step(&server, &worker, id, json!({"version": 1, "step": "accept"})).await;
    assert_eq!(cells(told).await, [""; 4], "it was taken on after all");
    step(&server, &worker, id, json!({"version": 2, "step": "assign", "unit": lamps})).await;
    step(&server, &worker, id, json!({"version": 3, "step": "fix", "note_public": "换了灯泡"})).await;
    let url = server.url(&format!("/api/v1/reports/{id}/answers/{}", Uuid::now_v7()));
    let said = server.http.put(url).bearer_auth(&Phone::new(1).token).json(&json!({"says": "confirmed"})).send();
    assert_eq!(said.await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(cells(told).await, [now, now, "", ""]);
    step(&server, &worker, id, json!({"version": 5, "step": "reopen"})).await;
    step(&server, &worker, id, json!({"version": 6, "step": "assign", "unit": lamps})).await;
    let later = "2026-11-24T10:00:00+08:00";
    server.set_clock(later);
    step(&server, &worker, id, json!({"version": 7, "step": "fix", "note_public": "又换了"})).await;
    assert_eq!(cells(told).await, [later, "", "", ""], "nobody has confirmed the second repair");
}

#[tokio::test]
async fn days_that_cannot_be_meant_are_refused_by_name() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let worker = sign_in(&server, Role::Worker).await;
    for (query, name) in [
        ("from=x", "from"),
        ("to=2026-13-01", "to"),
        ("week=yesterday", "week"),
        ("from=2026-11-24&to=2026-11-23", "to"),
        ("from=2025-11-22&to=2026-11-24", "from"),
        ("from=1969-12-31", "from"),
        ("to=9999-01-01", "to"),
    ] {
        let words = problem(ask(&server, &worker, &format!("numbers?{query}")).await, 422).await;
        assert!(words.starts_with(name), "{query}: {words}");
        if name != "week" {
            problem(ask(&server, &worker, &format!("numbers.csv?{query}")).await, 422).await;
        }
    }
    numbers(&server, &worker, "?from=2025-11-24&to=2026-11-24").await;
}
