//! Reports that were merged by mistake, and stand alone again.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::{get, read, reported, send, step, take, unit};
use crate::support::phone::{Phone, report};
use crate::support::public_reports::page;
use crate::support::staff::{Member, member, sign_in, sign_in_unit};
use crate::support::{TestServer, problem};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;

const NOW: &str = "2026-11-24T09:00:30+08:00";

async fn case(client: &Client, server: &TestServer, id: Uuid) -> Value {
    read(client, server, &format!("/api/v1/staff/cases/{id}")).await
}

/// The cases of the queue, in its order.
async fn queue(client: &Client, server: &TestServer) -> Vec<Value> {
    let queue = read(client, server, "/api/v1/staff/cases").await;
    queue["cases"].as_array().expect("a list").iter().map(|case| case["id"].clone()).collect()
}

async fn own(server: &TestServer, phone: &Phone, id: Uuid) -> Value {
    phone.get(server, &format!("/api/v1/reports/{id}")).await.json().await.expect("JSON")
}

fn states(report: &Value) -> Vec<&str> {
    let entries = report["timeline"].as_array().expect("a list").iter();
    entries.map(|entry| entry["state"].as_str().expect("text")).collect()
}

#[tokio::test]
async fn what_was_merged_by_mistake_is_back_in_the_queue_by_the_time_it_had_and_both_histories_say_by_whom() {
    let server = TestServer::start_at(NOW).await;
    let Member { http: worker, name, id: staff, .. } = member(&server, Role::Worker, None).await;
    let phones = [Phone::new(1), Phone::new(2), Phone::new(3)];
    let first = reported(&server, &phones[0]).await;
    let mistaken = reported(&server, &phones[1]).await;
    let same = reported(&server, &phones[2]).await;
    for merged in [mistaken, same] {
        take(&worker, &server, merged, 0, "merge", json!({"into": first})).await;
    }
    take(&worker, &server, first, 0, "accept", json!({"note_public": "收到"})).await;
    assert_eq!(queue(&worker, &server).await, [json!(first)]);
    let before = case(&worker, &server, mistaken).await;
    assert_eq!((&before["steps"], &before["due_at"]), (&json!(["separate", "note"]), &Value::Null));

    server.set_clock("2026-11-24T10:00:00+08:00");
    let after = take(&worker, &server, mistaken, 1, "separate", json!({"note_internal": "隔着一条街"})).await;
    assert_eq!(
        (&after["state"], &after["merged_into"], &after["version"]),
        (&json!("received"), &Value::Null, &json!(2))
    );
    assert_eq!(after["due_at"], "2026-11-25T09:00:30+08:00", "a day from when it was received");
    assert_eq!(after["steps"], json!(["accept", "merge", "decline", "redact", "note"]));
    let by = json!({"kind": "staff", "id": staff, "name": name});
    let event = &after["events"][2];
    assert_eq!((&event["step"], &event["by"]), (&json!("separate"), &by));
    assert_eq!((&event["at"], &event["note_internal"]), (&json!("2026-11-24T10:00:00+08:00"), &json!("隔着一条街")));
    assert_eq!(queue(&worker, &server).await, [json!(mistaken), json!(first)], "nobody has looked at it yet");

    let other = case(&worker, &server, first).await;
    assert_eq!((&other["state"], &other["version"]), (&json!("accepted"), &json!(2)));
    assert_eq!(other["due_at"], "2026-12-01T18:00:00+08:00", "as before");
    let event = &other["events"][2];
    assert_eq!((&event["step"], &event["by"], &event["note_internal"]), (&json!("separate"), &by, &after["code"]));
    let merged = other["merged"].as_array().expect("a list");
    assert_eq!((merged.len(), &merged[0]["id"]), (1, &json!(same)));
}

#[tokio::test]
async fn whoever_reported_it_sees_their_own_state_again_and_strangers_see_it_once_it_is_taken_on() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phones) = (sign_in(&server, Role::Worker).await, [Phone::new(1), Phone::new(2), Phone::new(3)]);
    let first = reported(&server, &phones[0]).await;
    let mistaken = reported(&server, &phones[1]).await;
    let same = reported(&server, &phones[2]).await;
    for merged in [mistaken, same] {
        take(&worker, &server, merged, 0, "merge", json!({"into": first})).await;
    }
    let accepted = take(&worker, &server, first, 0, "accept", json!({})).await;
    let seen = own(&server, &phones[1], mistaken).await;
    assert_eq!((&seen["state"], states(&seen)), (&json!("accepted"), vec!["received", "accepted"]));
    let public = format!("/reports/{}", accepted["code"].as_str().expect("a code"));
    assert!(page(&server, &public).await.contains("另有 2 条上报说的是同一处"));
    server.running.state().snapshots.changed();
    let told = server.json("/api/v1/snapshot").await;

    let after = take(&worker, &server, mistaken, 1, "separate", json!({})).await;
    let seen = own(&server, &phones[1], mistaken).await;
    assert_eq!((&seen["state"], &seen["merged_into"]), (&json!("received"), &Value::Null));
    assert_eq!(states(&seen), ["received"]);
    // What is between staff is nobody else's news.
    for (phone, id) in [(&phones[0], first), (&phones[2], same)] {
        let seen = own(&server, phone, id).await;
        assert_eq!((&seen["state"], states(&seen)), (&json!("accepted"), vec!["received", "accepted"]));
    }
    problem(server.get(&format!("/api/v1/reports/{mistaken}")).await, 404).await;
    let of_its_own = format!("/reports/{}", after["code"].as_str().expect("a code"));
    assert_eq!(server.get_status(of_its_own.clone()).await, StatusCode::NOT_FOUND);
    assert!(page(&server, &public).await.contains("另有 1 条上报说的是同一处"));
    server.running.state().snapshots.changed();
    assert_eq!(server.json("/api/v1/snapshot").await["rev"], told["rev"], "what is not public is nobody's news");

    take(&worker, &server, mistaken, 2, "accept", json!({"note_public": "另一处，也受理了"})).await;
    let seen = own(&server, &phones[1], mistaken).await;
    assert_eq!((&seen["state"], &seen["timeline"][1]["note"]), (&json!("accepted"), &json!("另一处，也受理了")));
    assert_eq!(server.get_status(of_its_own).await, StatusCode::OK);
    server.running.state().snapshots.changed();
    let open = server.json("/api/v1/snapshot").await["open_reports"].clone();
    assert_eq!(open.as_array().expect("a list").len(), 2);
}

#[tokio::test]
async fn what_is_sent_twice_separates_once_and_only_what_is_merged_and_as_it_was_seen() {
    let server = TestServer::start_at(NOW).await;
    let worker = sign_in(&server, Role::Worker).await;
    let (first, mistaken) = (reported(&server, &Phone::new(1)).await, reported(&server, &Phone::new(2)).await);
    let alone = problem(send(&worker, &server, mistaken, &step(0, "separate", &json!({}))).await, 422).await;
    assert!(alone.contains("step"), "{alone}");
    take(&worker, &server, mistaken, 0, "merge", json!({"into": first})).await;

    let old = send(&worker, &server, mistaken, &step(0, "separate", &json!({}))).await;
    assert_eq!(old.status(), StatusCode::CONFLICT);
    assert_eq!(old.json::<Value>().await.expect("JSON")["changed"]["step"], "merge");
    assert_eq!(case(&worker, &server, mistaken).await["merged_into"]["id"], json!(first));

    let body = step(1, "separate", &json!({}));
    let once: Value = send(&worker, &server, mistaken, &body).await.json().await.expect("JSON");
    let again: Value = send(&worker, &server, mistaken, &body).await.json().await.expect("JSON");
    assert_eq!((&once, &once["version"]), (&again, &json!(2)));
    assert_eq!(case(&worker, &server, first).await["version"], 1);
    for (id, version) in [(mistaken, 2), (first, 1)] {
        problem(send(&worker, &server, id, &step(version, "separate", &json!({}))).await, 422).await;
    }

    // Whoever thinks better of it merges it again, and the deadline goes with it.
    let merged = take(&worker, &server, mistaken, 2, "merge", json!({"into": first})).await;
    assert_eq!((&merged["merged_into"]["id"], &merged["due_at"]), (&json!(first), &Value::Null));
}

#[tokio::test]
async fn a_unit_separates_nothing() {
    let server = TestServer::start_at(NOW).await;
    let admin = sign_in(&server, Role::Admin).await;
    let roads = unit(&server, &admin, "市政养护").await;
    let of_roads = sign_in_unit(&server, roads).await;
    let (first, mistaken) = (reported(&server, &Phone::new(1)).await, reported(&server, &Phone::new(2)).await);
    take(&admin, &server, mistaken, 0, "merge", json!({"into": first})).await;
    take(&admin, &server, first, 0, "accept", json!({})).await;
    take(&admin, &server, first, 1, "assign", json!({"unit": roads})).await;
    problem(send(&of_roads, &server, mistaken, &step(1, "separate", &json!({}))).await, 403).await;
    problem(get(&of_roads, &server, &format!("/api/v1/staff/cases/{mistaken}")).await, 404).await;
    assert_eq!(case(&admin, &server, mistaken).await["merged_into"]["id"], json!(first));

    // Why it is separated stays with the one that the unit does not have.
    let after = take(&admin, &server, mistaken, 1, "separate", json!({"note_internal": "住户说的是另一栋"})).await;
    let theirs = case(&of_roads, &server, first).await;
    assert_eq!((&theirs["unit"], &theirs["events"][3]["note_internal"]), (&json!(roads), &after["code"]));
    assert!(!theirs.to_string().contains("另一栋"), "{theirs}");
}

#[tokio::test]
async fn what_was_merged_on_arrival_stays_separate_when_it_is_sent_again() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let (first, again) = (reported(&server, &phone).await, reported(&server, &phone).await);
    assert_eq!(own(&server, &phone, again).await["merged_into"]["id"], json!(first));
    take(&worker, &server, again, 0, "separate", json!({})).await;
    assert_eq!(phone.send_report(&server, again, &report()).await.status(), StatusCode::OK);
    let seen = own(&server, &phone, again).await;
    assert_eq!((&seen["state"], &seen["merged_into"]), (&json!("received"), &Value::Null));
    assert_eq!(queue(&worker, &server).await.len(), 2);

    // Neither does it go with the other one.
    let url = server.url(&format!("/api/v1/reports/{first}"));
    let gone = server.http.delete(url).bearer_auth(&phone.token).send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(queue(&worker, &server).await, [json!(again)]);
}

#[tokio::test]
async fn what_came_along_with_it_stays_with_the_other_one_until_it_is_separated_itself() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(2));
    let first = reported(&server, &Phone::new(1)).await;
    let (mistaken, told_again) = (reported(&server, &phone).await, reported(&server, &phone).await);
    take(&worker, &server, mistaken, 0, "merge", json!({"into": first})).await;
    take(&worker, &server, mistaken, 1, "separate", json!({})).await;
    assert_eq!(case(&worker, &server, told_again).await["merged_into"]["id"], json!(first));
    take(&worker, &server, told_again, 0, "separate", json!({})).await;
    take(&worker, &server, told_again, 1, "merge", json!({"into": mistaken})).await;
    assert_eq!(own(&server, &phone, told_again).await["merged_into"]["id"], json!(mistaken));
    assert_eq!(case(&worker, &server, first).await["merged"], json!([]));
}

#[tokio::test]
async fn what_was_said_of_the_repair_before_it_was_separated_is_said_once_and_goes_with_the_report() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phones) = (sign_in(&server, Role::Admin).await, [Phone::new(1), Phone::new(2)]);
    let roads = unit(&server, &admin, "道路").await;
    let first = reported(&server, &phones[0]).await;
    let other = reported(&server, &phones[1]).await;
    take(&admin, &server, other, 0, "merge", json!({"into": first})).await;
    take(&admin, &server, first, 0, "accept", json!({})).await;
    take(&admin, &server, first, 1, "assign", json!({"unit": roads})).await;
    take(&admin, &server, first, 2, "fix", json!({"note_public": "补好了"})).await;
    let url = server.url(&format!("/api/v1/reports/{other}/answers/{}", Uuid::now_v7()));
    let say = async || {
        let body = json!({"says": "not_fixed", "note": "我家门口还是坏的"});
        server.http.put(&url).bearer_auth(&phones[1].token).json(&body).send().await.expect("an answer").status()
    };
    assert_eq!(say().await, StatusCode::OK);
    let code = take(&admin, &server, other, 1, "separate", json!({})).await["code"].clone();
    // The answer was lost, and so it is sent again.
    assert_eq!(say().await, StatusCode::OK);
    let words = async || -> Vec<Value> {
        let view = case(&admin, &server, first).await;
        let events = view["events"].as_array().expect("a list").iter();
        events.map(|event| event["note_internal"].clone()).filter(|note| *note != "").collect()
    };
    assert_eq!(words().await, [json!("我家门口还是坏的"), code]);

    let gone = server.http.delete(server.url(&format!("/api/v1/reports/{other}"))).bearer_auth(&phones[1].token).send();
    assert_eq!(gone.await.expect("an answer").status(), StatusCode::NO_CONTENT);
    assert_eq!(words().await, Vec::<Value>::new(), "nothing of it is left");
}
