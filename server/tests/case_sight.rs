//! What of a case is for everybody, for its reporter, for staff, and for the unit that has it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::{get, read, reported, send, step, take, unit};
use crate::support::phone::{Phone, report_with, sha256};
use crate::support::pictures::jpeg;
use crate::support::staff::{sign_in, sign_in_unit};
use crate::support::{TestServer, header, problem};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;

const NOW: &str = "2026-11-24T09:00:30+08:00";

/// Sends a picture of so many pixels as somebody of the staff, and gives its name.
async fn picture(client: &Client, server: &TestServer, pixels: u32) -> String {
    let bytes = jpeg(pixels, pixels);
    let name = sha256(&bytes);
    let url = server.url(&format!("/api/v1/staff/photos/{name}"));
    assert_eq!(client.put(url).body(bytes).send().await.expect("an answer").status(), StatusCode::CREATED);
    name
}

async fn own(server: &TestServer, phone: &Phone, id: Uuid) -> Value {
    phone.get(server, &format!("/api/v1/reports/{id}")).await.json().await.expect("JSON")
}

fn notes(report: &Value) -> Vec<(&str, &str)> {
    let entries = report["timeline"].as_array().expect("a list").iter();
    entries.map(|entry| (entry["state"].as_str().expect("text"), entry["note"].as_str().expect("text"))).collect()
}

fn declined() -> Value {
    json!({"reason": "privacy", "note_public": "拍到了您家门牌"})
}

#[tokio::test]
async fn what_was_said_and_shown_while_a_report_was_not_public_stays_with_its_reporter() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let id = reported(&server, &phone).await;
    let [asked, door, kerb] =
        [picture(&worker, &server, 8).await, picture(&worker, &server, 16).await, picture(&worker, &server, 24).await];
    take(&worker, &server, id, 0, "note", json!({"note_public": "是您家门口吗", "photos": [asked]})).await;
    let mut body = declined();
    body["photos"] = json!([door]);
    take(&worker, &server, id, 1, "decline", body).await;
    take(&worker, &server, id, 2, "accept", json!({"note_public": "受理了", "photos": [kerb]})).await;

    let mine = own(&server, &phone, id).await;
    let expected =
        [("received", ""), ("received", "是您家门口吗"), ("declined", "拍到了您家门牌"), ("accepted", "受理了")];
    assert_eq!(notes(&mine), expected);
    let one = server.json(&format!("/api/v1/reports/{id}")).await;
    let near = server.json("/api/v1/reports?near=30.317,120.139").await["reports"][0].clone();
    let preview = read(&worker, &server, &format!("/api/v1/staff/cases/{id}/public")).await;
    for stranger in [one, near, preview] {
        assert_eq!(notes(&stranger), [("received", ""), ("accepted", "受理了")]);
        assert_eq!(stranger["timeline"][1]["photos"], json!([kerb]));
    }
    for (photo, status) in [(&asked, StatusCode::NOT_FOUND), (&door, StatusCode::NOT_FOUND), (&kerb, StatusCode::OK)] {
        assert_eq!(server.get_status(format!("/api/v1/photos/{photo}")).await, status);
        assert_eq!(server.get_status(format!("/api/v1/photos/{photo}?size=thumb")).await, status);
        let path = format!("/api/v1/photos/{photo}");
        assert_eq!(phone.get(&server, &path).await.status(), StatusCode::OK, "its reporter sees them all");
    }
}

#[tokio::test]
async fn what_is_said_of_a_merged_report_reaches_its_reporter_between_the_steps_of_the_other() {
    let server = TestServer::start_at(NOW).await;
    let (worker, first, second) = (sign_in(&server, Role::Worker).await, Phone::new(1), Phone::new(2));
    let (first_id, second_id) = (reported(&server, &first).await, reported(&server, &second).await);
    let shown = picture(&worker, &server, 8).await;
    server.set_clock("2026-11-24T09:01:00+08:00");
    take(&worker, &server, first_id, 0, "accept", json!({"note_public": "收到"})).await;
    server.set_clock("2026-11-24T09:02:00+08:00");
    let merge = json!({"into": first_id, "note_public": "别人已经报过"});
    take(&worker, &server, second_id, 0, "merge", merge).await;
    server.set_clock("2026-11-24T09:03:00+08:00");
    take(&worker, &server, second_id, 1, "note", json!({"note_internal": "同一处"})).await;
    let note = json!({"note_public": "您拍得更清楚", "photos": [shown]});
    take(&worker, &server, second_id, 2, "note", note).await;
    server.set_clock("2026-11-24T09:04:00+08:00");
    take(&worker, &server, first_id, 1, "decline", json!({"reason": "not_ours", "note_public": "不归本区"})).await;

    let merged = own(&server, &second, second_id).await;
    let expected = [
        ("received", ""),
        ("accepted", "收到"),
        ("accepted", "别人已经报过"),
        ("accepted", "您拍得更清楚"),
        ("declined", "不归本区"),
    ];
    assert_eq!(notes(&merged), expected);
    assert_eq!((&merged["state"], &merged["timeline"][3]["photos"]), (&json!("declined"), &json!([shown])));
    let mine: Value = second.get(&server, "/api/v1/device").await.json().await.expect("JSON");
    assert!(mine.to_string().contains("您拍得更清楚") && !mine.to_string().contains("同一处"), "{mine}");
    let other = own(&server, &first, first_id).await;
    assert_eq!(notes(&other), [("received", ""), ("accepted", "收到"), ("declined", "不归本区")]);
    let photo = format!("/api/v1/photos/{shown}");
    assert_eq!(second.get(&server, &photo).await.status(), StatusCode::OK);
    assert_eq!(server.get_status(photo).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn staff_read_a_report_whole_and_a_unit_only_what_it_has() {
    let server = TestServer::start_at(NOW).await;
    let (admin, worker) = (sign_in(&server, Role::Admin).await, sign_in(&server, Role::Worker).await);
    let (roads, lamps) = (unit(&server, &admin, "道路").await, unit(&server, &admin, "路灯").await);
    let (of_roads, of_lamps) = (sign_in_unit(&server, roads).await, sign_in_unit(&server, lamps).await);
    let (phone, id) = (Phone::new(1), Uuid::now_v7());
    let body = report_with("description", Some(json!("车牌浙A12345")));
    assert_eq!(phone.send_report(&server, id, &body).await.status(), StatusCode::CREATED);
    let path = format!("/api/v1/reports/{id}");
    let answer = get(&worker, &server, &path).await;
    assert_eq!((answer.status(), header(&answer, "cache-control")), (StatusCode::OK, "no-store"));
    let whole = own(&server, &phone, id).await;
    assert_eq!(answer.json::<Value>().await.expect("JSON"), whole);
    assert_eq!(read(&admin, &server, &path).await, whole);
    for client in [&of_roads, &of_lamps, &server.http] {
        problem(get(client, &server, &path).await, 404).await;
    }

    let redact = json!({"event_id": Uuid::now_v7(), "version": 0, "description": "一辆车", "note_internal": "车牌"});
    let url = server.url(&format!("/api/v1/staff/cases/{id}/redactions"));
    assert_eq!(worker.post(url).json(&redact).send().await.expect("an answer").status(), StatusCode::OK);
    take(&worker, &server, id, 1, "accept", json!({})).await;
    take(&worker, &server, id, 2, "assign", json!({"unit": roads})).await;
    for client in [&admin, &worker, &of_roads] {
        let seen = read(client, &server, &path).await;
        assert_eq!((&seen["description"], &seen["landmark"]), (&json!("一辆车"), &json!("north gate")));
        assert_eq!((&seen["lat"], &seen["accuracy_m"]), (&json!(30.317_234), &json!(12.5)));
    }
    let strange = read(&of_lamps, &server, &path).await;
    assert_eq!(strange, server.json(&path).await, "a unit is a stranger to what is another's");
    assert_eq!((&strange["lat"], &strange["landmark"]), (&json!(30.317), &json!("")));
    assert_eq!(own(&server, &phone, id).await["description"], "车牌浙A12345");
}

#[tokio::test]
async fn a_case_names_what_is_nearest_to_it_and_nothing_that_is_far() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let near = reported(&server, &phone).await;
    let case = read(&worker, &server, &format!("/api/v1/staff/cases/{near}")).await;
    let snapshot = server.json("/api/v1/snapshot").await;
    let places = ["landmarks", "stations"].map(|kind| snapshot[kind].as_array().expect("a list").clone()).concat();
    let away = |place: &Value| {
        let (north, east) =
            (place["lat"].as_f64().expect("lat") - 30.317_234, place["lng"].as_f64().expect("lng") - 120.138_678);
        north.hypot(east * 0.863)
    };
    let nearest = places.iter().min_by(|one, other| away(one).total_cmp(&away(other))).expect("a place");
    assert_eq!(case["near"]["name"], nearest["name"]);

    let far = Uuid::now_v7();
    let sent = phone.send_report(&server, far, &report_with("lat", Some(json!(30.25)))).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    assert_eq!(read(&worker, &server, &format!("/api/v1/staff/cases/{far}")).await["near"], Value::Null);
}

#[tokio::test]
async fn a_case_is_shown_also_where_nobody_can_tell_what_is_near_to_it() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let id = reported(&server, &phone).await;
    let damaged = server.running.state().store.write(|conn| {
        Box::pin(async move {
            for sql in ["UPDATE stations SET body = '?'", "UPDATE district SET rev = rev + 1"] {
                sqlx::query(sql).execute(&mut *conn).await?;
            }
            Ok(())
        })
    });
    damaged.await.expect("damaged");
    server.running.state().snapshots.changed();
    assert!(server.running.state().snapshots.current().await.is_err());
    let case = read(&worker, &server, &format!("/api/v1/staff/cases/{id}")).await;
    assert_eq!((&case["state"], &case["near"]), (&json!("received"), &Value::Null));
}

#[tokio::test]
async fn a_unit_has_a_case_until_it_is_declined_or_taken_on_anew() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let roads = unit(&server, &admin, "道路").await;
    let of_roads = sign_in_unit(&server, roads).await;
    let id = reported(&server, &phone).await;
    let path = format!("/api/v1/staff/cases/{id}");
    let nothing = async |version: i64, why: &str| {
        assert_eq!(read(&admin, &server, &path).await["unit"], Value::Null, "{why}");
        problem(get(&of_roads, &server, &path).await, 404).await;
        problem(send(&of_roads, &server, id, &step(version, "note", &json!({"note_internal": "x"}))).await, 404).await;
        assert_eq!(read(&of_roads, &server, "/api/v1/staff/cases").await["cases"], json!([]), "{why}");
        let asked = read(&admin, &server, &format!("/api/v1/staff/cases?state=declined&unit={}", roads.0)).await;
        assert_eq!(asked["cases"], json!([]), "{why}");
        assert_eq!(read(&of_roads, &server, "/api/v1/staff/cases/counts").await["states"], json!([]), "{why}");
        let link = admin.post(server.url(&format!("{path}/link"))).json(&json!({"days": 1})).send().await;
        problem(link.expect("an answer"), 422).await;
    };
    take(&admin, &server, id, 0, "accept", json!({})).await;
    take(&admin, &server, id, 1, "assign", json!({"unit": roads})).await;
    take(&admin, &server, id, 2, "decline", declined()).await;
    nothing(3, "it was declined").await;
    take(&admin, &server, id, 3, "accept", json!({})).await;
    nothing(4, "it was taken on after all").await;

    take(&admin, &server, id, 4, "assign", json!({"unit": roads})).await;
    take(&of_roads, &server, id, 5, "fix", json!({"note_public": "好了"})).await;
    let url = server.url(&format!("/api/v1/reports/{id}/answers/{}", Uuid::now_v7()));
    let said = server.http.put(url).bearer_auth(&phone.token).json(&json!({"says": "not_fixed"})).send();
    assert_eq!(said.await.expect("an answer").status(), StatusCode::OK);
    let again = read(&of_roads, &server, &path).await;
    assert_eq!((&again["state"], &again["unit"]), (&json!("reopened"), &json!(roads)), "whoever repaired it sees it");
    take(&admin, &server, id, 7, "accept", json!({})).await;
    nothing(8, "it was taken on anew").await;
}
