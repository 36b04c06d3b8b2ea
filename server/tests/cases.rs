//! Reports as staff work on them: the queue, the steps, and who may take them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::{get, read, reported, send, step, take, unit};
use crate::support::phone::{Phone, report_with};
use crate::support::pictures::jpeg;
use crate::support::staff::{Member, member, sign_in, sign_in_unit};
use crate::support::{TestServer, problem};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;

const NOW: &str = "2026-11-24T09:00:30+08:00";

#[tokio::test]
async fn a_report_is_accepted_assigned_fixed_and_confirmed_and_its_reporter_sees_the_public_part() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let admin = sign_in(&server, Role::Admin).await;
    let Member { http: worker, name, id: staff, .. } = member(&server, Role::Worker, None).await;
    let roads = unit(&server, &admin, "市政养护").await;
    let repairs = sign_in_unit(&server, roads).await;
    let id = reported(&server, &phone).await;
    let path = format!("/api/v1/staff/cases/{id}");

    let case = read(&worker, &server, &path).await;
    assert_eq!((&case["state"], &case["version"], &case["lat"]), (&json!("received"), &json!(0), &json!(30.317_234)));
    assert_eq!(case["due_at"], "2026-11-25T09:00:30+08:00");
    assert_eq!(case["steps"], json!(["accept", "merge", "decline", "redact", "note"]));
    assert_eq!(case["events"][0]["by"], json!({"kind": "reporter"}));

    let case =
        take(&worker, &server, id, 0, "accept", json!({"note_public": "看到了，谢谢", "note_internal": "急"})).await;
    assert_eq!((&case["state"], &case["version"]), (&json!("accepted"), &json!(1)));
    assert_eq!(case["due_at"], "2026-12-01T18:00:00+08:00", "five working days for a road");
    assert_eq!(case["events"][1]["by"], json!({"kind": "staff", "id": staff, "name": name}));
    assert_eq!(case["events"][1]["note_internal"], "急");
    take(&worker, &server, id, 1, "note", json!({"note_internal": "秘密"})).await;
    let case = take(&worker, &server, id, 2, "assign", json!({"unit": roads})).await;
    assert_eq!((&case["unit"], &case["due_at"]), (&json!(roads), &json!("2026-12-01T18:00:00+08:00")));
    take(&repairs, &server, id, 3, "start", json!({})).await;
    let case = take(&repairs, &server, id, 4, "fix", json!({"note_public": "换了新的路缘石"})).await;
    assert_eq!((&case["state"], &case["due_at"], &case["overdue"]), (&json!("fixed"), &Value::Null, &json!(false)));

    let own = phone.get(&server, &format!("/api/v1/reports/{id}")).await.text().await.expect("text");
    assert!(!own.contains('急') && !own.contains("秘密"), "{own}");
    let own: Value = serde_json::from_str(&own).expect("JSON");
    let told: Vec<_> = own["timeline"].as_array().expect("a list").iter().map(|e| (&e["state"], &e["note"])).collect();
    let expected = [
        ("received", ""),
        ("accepted", "看到了，谢谢"),
        ("assigned", ""),
        ("in_progress", ""),
        ("fixed", "换了新的路缘石"),
    ];
    assert_eq!(
        told,
        expected.map(|(state, note)| (json!(state), json!(note))).iter().map(|(s, n)| (s, n)).collect::<Vec<_>>()
    );

    // The reporter looks, twice because of a bad line, and only the own phone may.
    let answers = format!("/api/v1/reports/{id}/answers/{}", Uuid::now_v7());
    let say = |phone: &Phone, says: &str| {
        let body = json!({"says": says, "note": "还是坏的"});
        server.http.put(server.url(&answers)).bearer_auth(&phone.token).json(&body).send()
    };
    problem(say(&Phone::new(2), "not_fixed").await.expect("an answer"), 404).await;
    for _ in 0..2 {
        let answer = say(&phone, "not_fixed").await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.json::<Value>().await.expect("JSON")["state"], "reopened");
    }
    problem(say(&phone, "confirmed").await.expect("an answer"), 409).await;
    problem(say(&phone, "perhaps").await.expect("an answer"), 422).await;
    let case = read(&worker, &server, &path).await;
    assert_eq!((&case["version"], &case["due_at"]), (&json!(6), &json!("2026-11-25T09:00:30+08:00")));
    assert_eq!(case["events"][6]["note_internal"], "还是坏的");
    let public = server.get(&format!("/api/v1/reports/{id}")).await.text().await.expect("text");
    assert!(public.contains("reopened") && !public.contains("还是坏的"), "{public}");
}

#[tokio::test]
async fn that_it_is_not_fixed_is_taken_for_fourteen_days() {
    let server = TestServer::start_at(NOW).await;
    let (phone, worker) = (Phone::new(1), sign_in(&server, Role::Worker).await);
    let admin = sign_in(&server, Role::Admin).await;
    let id = reported(&server, &phone).await;
    let roads = unit(&server, &admin, "市政").await;
    take(&worker, &server, id, 0, "accept", json!({})).await;
    take(&worker, &server, id, 1, "assign", json!({"unit": roads})).await;
    take(&worker, &server, id, 2, "fix", json!({"note_public": "好了"})).await;
    // What somebody notes later does not make the repair later.
    server.set_clock("2026-12-04T09:00:00+08:00");
    let worker = sign_in(&server, Role::Worker).await;
    take(&worker, &server, id, 3, "note", json!({"note_internal": "复查过"})).await;
    server.set_clock("2026-12-08T09:00:31+08:00");
    let say = |says: &str| {
        let url = server.url(&format!("/api/v1/reports/{id}/answers/{}", Uuid::now_v7()));
        server.http.put(url).bearer_auth(&phone.token).json(&json!({"says": says})).send()
    };
    problem(say("not_fixed").await.expect("an answer"), 409).await;
    assert_eq!(say("confirmed").await.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_sent_twice_is_done_once() {
    let server = TestServer::start_at(NOW).await;
    let worker = sign_in(&server, Role::Worker).await;
    let id = reported(&server, &Phone::new(1)).await;
    let accept = step(0, "accept", &json!({}));
    let first: Value = send(&worker, &server, id, &accept).await.json().await.expect("JSON");
    let again: Value = send(&worker, &server, id, &accept).await.json().await.expect("JSON");
    assert_eq!(first, again);
    assert_eq!(again["events"].as_array().expect("a list").len(), 2);
    let mut other = accept.clone();
    other["step"] = json!("decline");
    other["reason"] = json!("no_fault");
    other["note_public"] = json!("没有发现");
    assert!(problem(send(&worker, &server, id, &other).await, 422).await.contains("event_id"));
}

#[tokio::test]
async fn whoever_decided_on_an_older_state_hears_who_changed_it_when_and_to_what() {
    let server = TestServer::start_at(NOW).await;
    let fast = member(&server, Role::Worker, None).await;
    let slow = sign_in(&server, Role::Worker).await;
    let id = reported(&server, &Phone::new(1)).await;
    take(&fast.http, &server, id, 0, "accept", json!({})).await;
    let body = step(0, "decline", &json!({"reason": "not_ours", "note_public": "不归我们"}));
    let refused = send(&slow, &server, id, &body).await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    let refused: Value = refused.json().await.expect("JSON");
    assert_eq!(refused["changed"]["by"]["name"], json!(fast.name));
    assert_eq!((&refused["changed"]["at"], &refused["changed"]["state"]), (&json!(NOW), &json!("accepted")));
    let case = read(&slow, &server, &format!("/api/v1/staff/cases/{id}")).await;
    assert_eq!((&case["state"], &case["version"]), (&json!("accepted"), &json!(1)));
}

#[tokio::test]
async fn many_who_edit_one_case_at_once_never_lose_a_change() {
    const EACH: usize = 6;
    let server = TestServer::start_at(NOW).await;
    let id = reported(&server, &Phone::new(1)).await;
    let mut people = Vec::new();
    for _ in 0..3 {
        people.push(member(&server, Role::Worker, None).await);
    }
    let write = async |person: &Member| {
        for number in 0..EACH {
            let mut version = 0;
            loop {
                let note = json!({"note_internal": format!("{} {number}", person.name)});
                let answer = send(&person.http, &server, id, &step(version, "note", &note)).await;
                let (status, body) = (answer.status(), answer.json::<Value>().await.expect("JSON"));
                if status == StatusCode::OK {
                    break;
                }
                assert_eq!(status, StatusCode::CONFLICT, "{body}");
                version = body["changed"]["version"].as_i64().expect("a version");
            }
        }
    };
    futures::future::join_all(people.iter().map(write)).await;
    let case = read(&people[0].http, &server, &format!("/api/v1/staff/cases/{id}")).await;
    let events = case["events"].as_array().expect("a list");
    let mut notes: Vec<_> = events.iter().skip(1).map(|e| e["note_internal"].as_str().expect("text")).collect();
    notes.sort_unstable();
    let mut expected: Vec<_> =
        people.iter().flat_map(|p| (0..EACH).map(|number| format!("{} {number}", p.name))).collect();
    expected.sort_unstable();
    assert_eq!(notes, expected);
    let versions: Vec<_> = events.iter().map(|e| e["version"].as_u64().expect("a number")).collect();
    assert_eq!(versions, (0..=expected.len() as u64).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_may_not_be_done_is_refused_by_name_and_changes_nothing() {
    let server = TestServer::start_at(NOW).await;
    let worker = sign_in(&server, Role::Worker).await;
    let id = reported(&server, &Phone::new(1)).await;
    for (name, more, field) in [
        ("start", json!({}), "step"),
        ("fix", json!({"note_public": "x"}), "step"),
        ("fly", json!({}), "step"),
        ("decline", json!({"note_public": "x"}), "reason"),
        ("decline", json!({"reason": "bored", "note_public": "x"}), "reason"),
        ("decline", json!({"reason": "privacy"}), "note_public"),
        ("note", json!({"note_public": " "}), "note_public"),
        ("note", json!({"note_internal": "长".repeat(1001)}), "note_internal"),
        ("note", json!({"note_internal": 7}), "note_internal"),
        ("accept", json!({"version": "0"}), "version"),
        ("accept", json!({"event_id": null}), "event_id"),
        ("merge", json!({}), "into"),
        ("merge", json!({"into": id}), "into"),
        ("merge", json!({"into": Uuid::now_v7()}), "into"),
    ] {
        let detail = problem(send(&worker, &server, id, &step(0, name, &more)).await, 422).await;
        assert!(detail.contains(field), "{name} {more}: {detail}");
    }
    take(&worker, &server, id, 0, "accept", json!({})).await;
    for unit in [Value::Null, json!(Uuid::now_v7()), json!("nobody")] {
        let detail = problem(send(&worker, &server, id, &step(1, "assign", &json!({"unit": unit}))).await, 422).await;
        assert!(detail.contains("unit"), "{detail}");
    }
    problem(send(&worker, &server, Uuid::now_v7(), &step(0, "accept", &json!({}))).await, 404).await;
    let case = read(&worker, &server, &format!("/api/v1/staff/cases/{id}")).await;
    assert_eq!(case["version"], 1);
}

#[tokio::test]
async fn a_unit_sees_and_works_on_its_own_cases_only() {
    let server = TestServer::start_at(NOW).await;
    let (admin, phone) = (sign_in(&server, Role::Admin).await, Phone::new(1));
    let (roads, lamps) = (unit(&server, &admin, "道路").await, unit(&server, &admin, "路灯").await);
    let (of_roads, of_lamps) = (sign_in_unit(&server, roads).await, sign_in_unit(&server, lamps).await);
    let of_none = member(&server, Role::Unit, None).await.http;
    let (_, photo) = phone.send_photo(&server, &jpeg(8, 8)).await;
    let id = Uuid::now_v7();
    phone.send_report(&server, id, &report_with("photos", Some(json!([photo])))).await;
    take(&admin, &server, id, 0, "accept", json!({})).await;
    take(&admin, &server, id, 1, "assign", json!({"unit": roads})).await;

    let path = format!("/api/v1/staff/cases/{id}");
    let picture = format!("/api/v1/staff/photos/{photo}");
    for (client, sees) in [(&of_roads, true), (&of_lamps, false), (&of_none, false), (&admin, true)] {
        let queue = read(client, &server, "/api/v1/staff/cases").await;
        assert_eq!(queue["cases"].as_array().expect("a list").len(), usize::from(sees));
        let expected = if sees { StatusCode::OK } else { StatusCode::NOT_FOUND };
        assert_eq!(get(client, &server, &path).await.status(), expected);
        assert_eq!(get(client, &server, &picture).await.status(), expected);
        assert_eq!(get(client, &server, &format!("{picture}/thumb")).await.status(), expected);
    }
    // Asking for another unit's shows nothing more.
    let others = read(&of_lamps, &server, &format!("/api/v1/staff/cases?unit={}", roads.0)).await;
    assert_eq!(others["cases"], json!([]));
    problem(send(&of_lamps, &server, id, &step(2, "start", &json!({}))).await, 404).await;
    let not_theirs = step(2, "decline", &json!({"reason": "not_ours", "note_public": "x"}));
    problem(send(&of_roads, &server, id, &not_theirs).await, 403).await;
    let case = take(&of_roads, &server, id, 2, "start", json!({})).await;
    assert_eq!(case["steps"], json!(["fix", "note"]));

    let case = take(&admin, &server, id, 3, "hand_over", json!({"unit": lamps})).await;
    assert_eq!((&case["state"], &case["unit"]), (&json!("assigned"), &json!(lamps)));
    let case = read(&of_lamps, &server, &path).await;
    assert_eq!(case["events"].as_array().expect("a list").len(), 5, "the history goes with it");
    problem(get(&of_roads, &server, &path).await, 404).await;
}

#[tokio::test]
async fn a_report_of_the_same_is_followed_through_the_other() {
    let server = TestServer::start_at(NOW).await;
    let (worker, second) = (sign_in(&server, Role::Worker).await, Phone::new(2));
    let (first_id, second_id) = (reported(&server, &Phone::new(1)).await, reported(&server, &second).await);
    take(&worker, &server, second_id, 0, "merge", json!({"into": first_id})).await;
    take(&worker, &server, first_id, 0, "accept", json!({"note_public": "收到"})).await;
    let own: Value = second.get(&server, &format!("/api/v1/reports/{second_id}")).await.json().await.expect("JSON");
    assert_eq!((&own["state"], &own["merged_into"]["id"]), (&json!("accepted"), &json!(first_id)));
    assert_eq!(own["timeline"][1]["note"], "收到");
    let queue = read(&worker, &server, "/api/v1/staff/cases").await;
    assert_eq!(queue["cases"].as_array().expect("a list").len(), 1);
    let case = read(&worker, &server, &format!("/api/v1/staff/cases/{second_id}")).await;
    assert_eq!(case["steps"], json!(["separate", "note"]));
    problem(send(&worker, &server, second_id, &step(1, "accept", &json!({}))).await, 422).await;
}
