//! Reports on their way in.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::database;
use crate::support::phone::{Phone, assert_nothing_stored, report, report_with, rows, sha256};
use crate::support::pictures::jpeg;
use crate::support::{TestServer, header, problem};
use futures::future::join_all;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::wire::problem::Problem;

const NOW: &str = "2026-11-24T09:00:30+08:00";

/// Asserts a 422 and gives the fields it names with their messages.
async fn faults(response: Response) -> Vec<(String, String)> {
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(header(&response, "content-type"), "application/problem+json");
    let problem: Value = response.json().await.expect("JSON");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let errors = problem["errors"].as_array().expect("errors").iter();
    errors.map(|error| (text(&error["field"]), text(&error["message"]))).collect()
}

/// The fields a report is refused for.
async fn refused_fields(server: &TestServer, body: &Value) -> Vec<String> {
    let answer = Phone::new(1).send_report(server, Uuid::now_v7(), body).await;
    faults(answer).await.into_iter().map(|(field, _)| field).collect()
}

#[tokio::test]
async fn a_report_sent_twice_is_stored_once_and_answered_with_the_same_bytes() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let id = Uuid::now_v7();
    let first = phone.send_report(&server, id, &report()).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    let receipt = first.bytes().await.expect("a body");

    server.set_clock("2026-11-25T09:00:00+08:00");
    let second = phone.send_report(&server, id, &report()).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(second.bytes().await.expect("a body"), receipt);
    assert_eq!(rows(&server).await, [1, 0, 0, 1, 0, 1]);

    let receipt: Value = serde_json::from_slice(&receipt).expect("JSON");
    assert_eq!(receipt["id"], id.to_string());
    assert_eq!(receipt["state"], "received");
    assert_eq!(receipt["received_at"], NOW);
    assert_eq!(receipt["code"].as_str().expect("text").len(), 4);
    assert_eq!(receipt.as_object().expect("an object").len(), 4);
}

#[tokio::test]
async fn the_same_report_written_differently_is_the_same_report() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let id = Uuid::now_v7();
    let first = phone.send_report(&server, id, &report()).await.bytes().await.expect("a body");
    let mut other = report_with("captured_at", Some(json!("2026-11-24T00:10:00.000Z")));
    other["description"] = json!("  The kerb is broken\n");
    other["accuracy_m"] = json!(1.25e1);
    other["a field of a newer phone"] = json!(true);
    let second = phone.send_report(&server, id, &other).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(second.bytes().await.expect("a body"), first);
}

#[tokio::test]
async fn fault_05_twenty_identical_reports_at_once_are_one_row_and_one_receipt() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (_, photo) = phone.send_photo(&server, &jpeg(8, 8)).await;
    let (id, body) = (Uuid::now_v7(), report_with("photos", Some(json!([photo]))));
    let answers = join_all((0..20).map(|_| async {
        let answer = phone.send_report(&server, id, &body).await;
        (answer.status(), answer.bytes().await.expect("a body"))
    }))
    .await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count(), 1);
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 19);
    assert!(answers.iter().all(|(_, receipt)| *receipt == answers[0].1));
    assert_eq!(rows(&server).await, [1, 1, 1, 1, 1, 1]);
}

#[tokio::test]
async fn the_same_id_with_other_content_or_from_another_phone_is_409_and_changes_nothing() {
    let server = TestServer::start().await;
    let (phone, other) = (Phone::new(1), Phone::new(2));
    let id = Uuid::now_v7();
    phone.send_report(&server, id, &report()).await;
    for (field, value) in [
        ("category", json!("tree")),
        ("description", json!("Something else")),
        ("lat", json!(30.3)),
        ("lng", json!(120.1)),
        ("accuracy_m", Value::Null),
        ("captured_at", json!("2026-11-24T08:10:01+08:00")),
        ("landmark", json!("south gate")),
    ] {
        problem(phone.send_report(&server, id, &report_with(field, Some(value))).await, 409).await;
    }
    let carried_over: Problem = other.send_report(&server, id, &report()).await.json().await.expect("a problem");
    let named: Vec<_> = carried_over.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!((carried_over.status, &named[..]), (409, &["device"][..]), "phones tell it from other content");

    assert_eq!(rows(&server).await[3..], [1, 0, 1]);
    let kept: Value = phone.get(&server, &format!("/api/v1/reports/{id}")).await.json().await.expect("JSON");
    assert_eq!(kept["description"], "The kerb is broken");
}

#[tokio::test]
async fn every_missing_field_is_named() {
    let server = TestServer::start().await;
    for field in ["category", "lat", "lng", "captured_at"] {
        assert_eq!(refused_fields(&server, &report_with(field, None)).await, [field]);
        assert_eq!(refused_fields(&server, &report_with(field, Some(Value::Null))).await, [field]);
    }
    assert_eq!(refused_fields(&server, &json!({})).await, ["category", "description", "lat", "lng", "captured_at"]);
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn fields_that_may_be_left_out_may_be_left_out() {
    let server = TestServer::start().await;
    let body =
        json!({"category": "road", "description": "x", "lat": 30, "lng": 120, "captured_at": "2026-11-24T08:10:00Z"});
    let answer = Phone::new(1).send_report(&server, Uuid::now_v7(), &body).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn every_field_of_the_wrong_type_or_value_is_named() {
    let server = TestServer::start().await;
    for (field, value) in [
        ("category", json!(7)),
        ("category", json!("volcano")),
        ("description", json!(["x"])),
        ("description", json!("字".repeat(1001))),
        ("lat", json!("30.3")),
        ("lat", json!(90.001)),
        ("lat", json!(-1e308)),
        ("lng", json!(true)),
        ("lng", json!(180.5)),
        ("accuracy_m", json!(-1)),
        ("accuracy_m", json!("near")),
        ("captured_at", json!(1_795_479_000)),
        ("captured_at", json!("yesterday")),
        ("captured_at", json!("2026-02-30T08:10:00+08:00")),
        ("captured_at", json!("2026-11-24T25:10:00+08:00")),
        ("captured_at", json!("2026-11-24T08:10:00")),
        ("landmark", json!({})),
        ("landmark", json!("x".repeat(201))),
        ("photos", json!("none")),
        ("photos", json!([1])),
        ("photos", json!(["kerb.jpg"])),
    ] {
        assert_eq!(refused_fields(&server, &report_with(field, Some(value.clone()))).await, [field], "{value}");
    }
    let mut all = report_with("lat", Some(json!("x")));
    all["category"] = json!("volcano");
    all["captured_at"] = json!("2026-02-30T08:10:00+08:00");
    assert_eq!(refused_fields(&server, &all).await, ["lat", "category", "captured_at"]);
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_phone_whose_clock_is_years_ahead_is_believed() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let id = Uuid::now_v7();
    let body = report_with("captured_at", Some(json!("2099-01-01T00:00:00+08:00")));
    assert_eq!(phone.send_report(&server, id, &body).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn what_is_not_json_is_400_and_says_where() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let deep = "[".repeat(10_000);
    for body in [
        "",
        "{",
        "{\"lat\": NaN}",
        "{\"lat\": 1e999}",
        "not json",
        "{\"category\": \"road\",}",
        "{}{}",
        "\u{feff}{}",
        &deep,
    ] {
        let request = phone.put_report(&server, Uuid::now_v7(), &json!({})).body(body.to_owned());
        let detail = problem(request.send().await.expect("an answer"), 400).await;
        assert!(detail.contains("line 1 column"), "{body:.20}: {detail}");
    }
    let broken = phone.put_report(&server, Uuid::now_v7(), &json!({})).body(b"{\"category\": \"\xff\"}".to_vec());
    problem(broken.send().await.expect("an answer"), 400).await;
    for no_object in ["[]", "null", "\"report\"", "7"] {
        let request = phone.put_report(&server, Uuid::now_v7(), &json!({})).body(no_object);
        let detail = problem(request.send().await.expect("an answer"), 400).await;
        assert!(detail.contains("not an object"), "{detail}");
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn other_content_types_are_415_and_long_bodies_413() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let url = server.url(&format!("/api/v1/reports/{}", Uuid::now_v7()));
    let put = || server.http.put(&url).bearer_auth(&phone.token);
    problem(put().body(report().to_string()).send().await.expect("an answer"), 415).await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "json"] {
        let request = put().header("content-type", kind).body(report().to_string());
        problem(request.send().await.expect("an answer"), 415).await;
    }
    let long = report_with("description", Some(json!("x".repeat(64 * 1024))));
    problem(put().json(&long).send().await.expect("an answer"), 413).await;
    assert_nothing_stored(&server).await;

    let request = put().header("content-type", "application/json; charset=utf-8").body(report().to_string());
    assert_eq!(request.send().await.expect("an answer").status(), StatusCode::CREATED);
}

#[tokio::test]
async fn an_id_that_is_no_uuid_is_400() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let nil = Uuid::nil().to_string();
    for id in ["1", "K7Q2", "0193-not-a-uuid", "%00", "%ff", &nil, "0193a7e0aaaa7bbb8cccddddeeeeffff"] {
        let url = server.url(&format!("/api/v1/reports/{id}"));
        let put = server.http.put(&url).bearer_auth(&phone.token).json(&report());
        problem(put.send().await.expect("an answer"), 400).await;
        problem(server.http.get(&url).send().await.expect("an answer"), 400).await;
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_report_needs_a_token() {
    let server = TestServer::start().await;
    let url = server.url(&format!("/api/v1/reports/{}", Uuid::now_v7()));
    let bare = server.http.put(&url).json(&report()).send().await.expect("an answer");
    assert_eq!(header(&bare, "www-authenticate"), "Bearer");
    problem(bare, 401).await;
    for token in ["x", "secret", &"z".repeat(64), &"ab".repeat(31)] {
        let request = server.http.put(&url).bearer_auth(token).json(&report());
        problem(request.send().await.expect("an answer"), 401).await;
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn only_the_hash_of_a_token_is_kept() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    phone.send_report(&server, Uuid::now_v7(), &report()).await;
    let kept: String = sqlx::query_scalar("SELECT token_sha256 FROM devices")
        .fetch_one(server.running.state().store.pool())
        .await
        .expect("a device");
    assert_eq!(kept, sha256(phone.token.as_bytes()));
}

#[tokio::test]
async fn a_photo_this_phone_has_not_sent_is_422() {
    let server = TestServer::start().await;
    let (phone, other) = (Phone::new(1), Phone::new(2));
    let (_, own) = phone.send_photo(&server, &jpeg(8, 8)).await;
    let (_, others) = other.send_photo(&server, &jpeg(16, 16)).await;
    for unknown in [&others, &sha256(b"never sent")] {
        let body = report_with("photos", Some(json!([own, unknown])));
        let errors = faults(phone.send_report(&server, Uuid::now_v7(), &body).await).await;
        assert_eq!(errors.len(), 1);
        assert_eq!(errors[0].0, "photos");
        assert!(errors[0].1.contains(unknown) && !errors[0].1.contains(&own), "{errors:?}");
    }
    assert_eq!(rows(&server).await[3..], [0, 0, 0]);

    let twice = report_with("photos", Some(json!([own, own])));
    assert_eq!(refused_fields(&server, &twice).await, ["photos"]);
    let six = report_with("photos", Some(json!(vec![own.clone(); 6])));
    assert_eq!(refused_fields(&server, &six).await[0], "photos");
}

#[tokio::test]
async fn a_restart_keeps_everything() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (_, photo) = phone.send_photo(&server, &jpeg(32, 32)).await;
    let (id, body) = (Uuid::now_v7(), report_with("photos", Some(json!([photo]))));
    let receipt = phone.send_report(&server, id, &body).await.bytes().await.expect("a body");
    let path = format!("/api/v1/reports/{id}");
    let seen = phone.get(&server, &path).await.bytes().await.expect("a body");
    let picture = phone.get(&server, &format!("/api/v1/photos/{photo}")).await.bytes().await.expect("a body");

    let server = server.restart_with(|_| {}).await;
    assert_eq!(phone.get(&server, &path).await.bytes().await.expect("a body"), seen);
    assert_eq!(phone.get(&server, &format!("/api/v1/photos/{photo}")).await.bytes().await.expect("a body"), picture);
    let again = phone.send_report(&server, id, &body).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.bytes().await.expect("a body"), receipt);
    assert_eq!(phone.send_photo(&server, &jpeg(32, 32)).await.0.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_character_that_no_database_stores_is_left_out() {
    let server = TestServer::start().await;
    let (phone, id) = (Phone::new(1), Uuid::now_v7());
    let body = report_with("description", Some(json!("kerb\0 broken")));
    assert_eq!(phone.send_report(&server, id, &body).await.status(), StatusCode::CREATED);
    assert_eq!(phone.send_report(&server, id, &body).await.status(), StatusCode::OK);
    let stored: Value = phone.get(&server, &format!("/api/v1/reports/{id}")).await.json().await.expect("JSON");
    assert_eq!(stored["description"], "kerb broken");
}

#[tokio::test]
async fn on_a_full_disk_the_phone_is_told_to_keep_the_report() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    database::fill_up(&server.running.state().store).await;
    let long = report_with("description", Some(json!("字".repeat(1000))));
    let mut refused = None;
    for _ in 0..200 {
        let id = Uuid::now_v7();
        let answer = phone.send_report(&server, id, &long).await;
        if answer.status() != StatusCode::CREATED {
            refused = Some((id, answer));
            break;
        }
    }
    let (id, answer) = refused.expect("the database fills up");
    problem(answer, 507).await;
    let before = rows(&server).await;
    assert_eq!(before[3], before[5], "every report has its event");
    problem(phone.get(&server, &format!("/api/v1/reports/{id}")).await, 404).await;

    database::make_room(&server.running.state().store).await;
    assert_eq!(phone.send_report(&server, id, &long).await.status(), StatusCode::CREATED);
    assert_eq!(rows(&server).await[3], before[3] + 1);
}
