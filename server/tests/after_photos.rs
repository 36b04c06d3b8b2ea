//! What staff show of a repair: who may send it, who sees it, and how long it stays.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::photo_files;
use crate::support::phone::{Phone, report, report_with, sha256};
use crate::support::pictures::jpeg;
use crate::support::public_reports::page;
use crate::support::staff::{Member, member, sign_in, sign_in_unit};
use crate::support::{TestServer, problem};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::staff::Role;
use waypost_app::wire::report::ReportView;
use waypost_server::retention::sweep;

const NOW: &str = "2026-11-24T09:00:30+08:00";

async fn status(client: &Client, server: &TestServer, path: &str) -> StatusCode {
    client.get(server.url(path)).send().await.expect("an answer").status()
}

async fn send(client: &Client, server: &TestServer, case: Uuid, body: &Value) -> Response {
    let url = server.url(&format!("/api/v1/staff/cases/{case}/events"));
    client.post(url).json(body).send().await.expect("an answer")
}

fn step(version: i64, step: &str, more: &Value) -> Value {
    let mut body = json!({"event_id": Uuid::now_v7(), "version": version, "step": step});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// Takes a step that is taken, and gives the case.
async fn take(client: &Client, server: &TestServer, case: Uuid, version: i64, name: &str, more: Value) -> Value {
    let answer = send(client, server, case, &step(version, name, &more)).await;
    let (status, body) = (answer.status(), answer.text().await.expect("text"));
    assert_eq!(status, StatusCode::OK, "{name}: {body}");
    serde_json::from_str(&body).expect("JSON")
}

async fn put_as(client: &Client, server: &TestServer, name: &str, bytes: Vec<u8>) -> Response {
    client.put(server.url(&format!("/api/v1/staff/photos/{name}"))).body(bytes).send().await.expect("an answer")
}

/// Sends a picture of so many pixels, and gives its name.
async fn photo(client: &Client, server: &TestServer, pixels: u32) -> String {
    let bytes = jpeg(pixels, pixels);
    let name = sha256(&bytes);
    let answer = put_as(client, server, &name, bytes).await;
    assert!([StatusCode::CREATED, StatusCode::OK].contains(&answer.status()), "{}", answer.status());
    name
}

async fn unit(server: &TestServer, admin: &Client, name: &str) -> UnitId {
    let answer = admin.post(server.url("/api/v1/staff/units")).json(&json!({"name": name})).send().await;
    let unit: Value = answer.expect("an answer").json().await.expect("JSON");
    UnitId(unit["id"].as_str().expect("an id").parse().expect("a UUID"))
}

/// A report of a phone that a unit has been given.
async fn assigned(server: &TestServer, phone: &Phone, admin: &Client, unit: UnitId) -> Uuid {
    let id = Uuid::now_v7();
    assert_eq!(phone.send_report(server, id, &report()).await.status(), StatusCode::CREATED);
    take(admin, server, id, 0, "accept", json!({})).await;
    take(admin, server, id, 1, "assign", json!({"unit": unit})).await;
    id
}

#[tokio::test]
async fn a_repair_is_shown_to_its_reporter_to_those_who_follow_it_and_to_everybody() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone, follower) = (sign_in(&server, Role::Admin).await, Phone::new(1), Phone::new(2));
    let roads = unit(&server, &admin, "道路").await;
    let repairs = sign_in_unit(&server, roads).await;
    let id = assigned(&server, &phone, &admin, roads).await;
    let following = Uuid::now_v7();
    follower.send_report(&server, following, &report_with("same_as", Some(json!(id)))).await;

    let bytes = jpeg(24, 16);
    let name = sha256(&bytes);
    for expected in [StatusCode::CREATED, StatusCode::OK] {
        let stored = put_as(&repairs, &server, &name, bytes.clone()).await;
        assert_eq!(stored.status(), expected);
        let stored: Value = stored.json().await.expect("JSON");
        assert_eq!(stored, json!({"sha256": name, "width": 24, "height": 16}));
    }
    let second = photo(&repairs, &server, 8).await;
    let public = format!("/api/v1/photos/{name}");
    problem(phone.get(&server, &public).await, 404).await;
    let fix = step(2, "fix", &json!({"photos": [name.to_uppercase(), second]}));
    for _ in 0..2 {
        let case: Value = send(&repairs, &server, id, &fix).await.json().await.expect("JSON");
        assert_eq!((&case["state"], &case["events"][3]["photos"]), (&json!("fixed"), &json!([name, second])));
        assert_eq!(case["events"][2]["photos"], json!([]));
        assert_eq!(case["photos"], json!([]), "those of the reporter are something else");
    }
    for (phone, id) in [(&phone, id), (&follower, following), (&Phone::new(3), id)] {
        let view: ReportView =
            phone.get(&server, &format!("/api/v1/reports/{id}")).await.json().await.expect("a report");
        let shown: Vec<_> = view.timeline.iter().map(|entry| entry.photos.len()).collect();
        assert_eq!(shown, [0, 0, 0, 2]);
        assert_eq!(phone.get(&server, &public).await.status(), StatusCode::OK);
        assert_eq!(phone.get(&server, &format!("{public}?size=thumb")).await.status(), StatusCode::OK);
    }
    assert_eq!(server.get(&public).await.status(), StatusCode::OK);
    // What shows nothing says nothing of it: phones of an earlier build get the bytes they know.
    let text = phone.get(&server, &format!("/api/v1/reports/{id}")).await.text().await.expect("text");
    assert_eq!(text.matches(r#""photos""#).count(), 2, "{text}");
}

#[tokio::test]
async fn photos_are_of_before_the_repair_once_there_are_some_of_after_it() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let roads = unit(&server, &admin, "道路").await;
    let repairs = sign_in_unit(&server, roads).await;
    let (_, reported) = phone.send_photo(&server, &jpeg(64, 48)).await;
    let id = Uuid::now_v7();
    phone.send_report(&server, id, &report_with("photos", Some(json!([reported])))).await;
    take(&admin, &server, id, 0, "accept", json!({})).await;
    let case = take(&admin, &server, id, 1, "assign", json!({"unit": roads})).await;
    let public = format!("/reports/{}", case["code"].as_str().expect("a code"));
    let titles = |html: String| ["上报时", "修复前", "修复后"].map(|words| html.contains(words));
    assert_eq!(titles(page(&server, &public).await), [true, false, false]);
    let mended = photo(&repairs, &server, 16).await;
    take(&repairs, &server, id, 2, "fix", json!({"photos": [mended]})).await;
    assert_eq!(titles(page(&server, &public).await), [false, true, true]);
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_by_name_and_changes_nothing() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let roads = unit(&server, &admin, "道路").await;
    let repairs = sign_in_unit(&server, roads).await;
    let id = assigned(&server, &phone, &admin, roads).await;
    let (of_reporter, of_admin) = (phone.send_photo(&server, &jpeg(8, 8)).await.1, photo(&admin, &server, 9).await);
    let mut own = Vec::new();
    for pixels in 10..16 {
        own.push(photo(&repairs, &server, pixels).await);
    }
    for (photos, named) in [
        (json!([]), "note_public"),
        (json!(own), "photos"),
        (json!([own[0], own[0]]), "photos"),
        (json!(["volcano"]), "photos"),
        (json!([7]), "photos"),
        (json!("all"), "photos"),
        (json!([own[0], sha256(b"never sent")]), "photos"),
        (json!([of_reporter]), "photos"),
        (json!([of_admin]), "photos"),
    ] {
        let words = problem(send(&repairs, &server, id, &step(2, "fix", &json!({"photos": photos}))).await, 422).await;
        assert!(words.contains(named), "{photos}: {words}");
    }
    let case = take(&repairs, &server, id, 2, "note", json!({"photos": own[..5]})).await;
    assert_eq!((&case["version"], &case["state"]), (&json!(3), &json!("assigned")));
    take(&repairs, &server, id, 3, "fix", json!({"note_public": "补好了"})).await;
}

#[tokio::test]
async fn staff_send_photos_under_the_same_rules_as_phones() {
    let server = TestServer::start_at(NOW).await;
    let worker = sign_in(&server, Role::Worker).await;
    let mut half = jpeg(90, 90);
    half.truncate(half.len() / 2);
    for (name, bytes, expected) in [
        (sha256(b"other"), jpeg(8, 8), 409),
        (sha256(b"words"), b"words".to_vec(), 415),
        (sha256(&half), half.clone(), 422),
        ("volcano".to_owned(), jpeg(8, 8), 400),
    ] {
        problem(put_as(&worker, &server, &name, bytes).await, expected).await;
    }
    assert_eq!(photo_files(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_unit_sees_what_is_shown_of_its_own_cases_only() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let (roads, lamps) = (unit(&server, &admin, "道路").await, unit(&server, &admin, "路灯").await);
    let Member { http: repairs, .. } = member(&server, Role::Unit, Some(roads)).await;
    let (colleague, others) = (sign_in_unit(&server, roads).await, sign_in_unit(&server, lamps).await);
    let id = assigned(&server, &phone, &admin, roads).await;
    let name = photo(&repairs, &server, 16).await;
    let path = format!("/api/v1/staff/photos/{name}");
    // Before a step names it, it is its sender's alone.
    for (client, expected) in [(&repairs, 200), (&colleague, 404), (&others, 404), (&admin, 404)] {
        assert_eq!(status(client, &server, &path).await.as_u16(), expected);
    }
    take(&repairs, &server, id, 2, "start", json!({"photos": [name]})).await;
    for (client, expected) in [(&repairs, 200), (&colleague, 200), (&others, 404), (&admin, 200)] {
        assert_eq!(status(client, &server, &path).await.as_u16(), expected);
        assert_eq!(status(client, &server, &format!("{path}/thumb")).await.as_u16(), expected);
    }
    assert_eq!(status(&server.http, &server, &path).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn what_is_shown_of_a_declined_report_is_its_reporters_and_goes_with_it() {
    let server = TestServer::start_at("2026-11-01T08:00:00+08:00").await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let id = Uuid::now_v7();
    phone.send_report(&server, id, &report()).await;
    let name = photo(&worker, &server, 16).await;
    let words = json!({"reason": "no_fault", "note_public": "没有发现", "photos": [name]});
    take(&worker, &server, id, 0, "decline", words).await;
    let path = format!("/api/v1/photos/{name}");
    assert_eq!(phone.get(&server, &path).await.status(), StatusCode::OK);
    problem(Phone::new(2).get(&server, &path).await, 404).await;
    problem(server.get(&path).await, 404).await;

    // It is no longer kept for whoever sent it, and so gone with the report at once.
    server.set_clock("2026-11-08T08:01:00+08:00");
    sweep(server.running.state()).await.expect("swept");
    assert_eq!(photo_files(&server).await.len(), 2);
    let url = server.url(&format!("/api/v1/reports/{id}"));
    let gone = server.http.delete(url).bearer_auth(&phone.token).send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(photo_files(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_an_event_shows_is_never_swept_and_what_none_shows_is_after_a_week() {
    let server = TestServer::start_at("2026-11-01T08:00:00+08:00").await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let roads = unit(&server, &admin, "道路").await;
    let repairs = sign_in_unit(&server, roads).await;
    let id = assigned(&server, &phone, &admin, roads).await;
    let (shown, unused) = (photo(&repairs, &server, 16).await, photo(&repairs, &server, 8).await);
    take(&repairs, &server, id, 2, "fix", json!({"photos": [shown]})).await;
    let seen = async |name: &String| phone.get(&server, &format!("/api/v1/photos/{name}")).await.status().as_u16();
    for (day, files) in
        [("2026-11-08T07:59:00+08:00", 4), ("2026-11-08T08:01:00+08:00", 2), ("2027-11-08T08:00:00+08:00", 2)]
    {
        server.set_clock(day);
        sweep(server.running.state()).await.expect("swept");
        assert_eq!((photo_files(&server).await.len(), seen(&shown).await), (files, 200), "{day}");
    }
    assert_eq!(seen(&unused).await, 404);
    // What shows the same is stored again, and neither keeps the other from anything.
    let again = phone.send_photo(&server, &jpeg(16, 16)).await;
    assert_eq!((again.0.status(), again.1), (StatusCode::OK, shown.clone()));
    let url = server.url("/api/v1/device");
    server.http.delete(url).bearer_auth(&phone.token).send().await.expect("an answer");
    assert_eq!(server.get(&format!("/api/v1/photos/{shown}")).await.status(), StatusCode::OK);
}
