//! What people in front of a station say of it, on its way in.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::phone::Phone;
use crate::support::verifications::{NOON, OFFICE, TEA, change, clock, put, refused_fields, rows, said, send, station};
use crate::support::{TestServer, header, problem};
use futures::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::wire::problem::Problem;
use waypost_server::store::district::{Change, Kind};

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
    let from_another: Problem = send(&server, &Phone::new(2), id, &body).await.json().await.expect("a problem");
    let named: Vec<_> = from_another.errors.iter().map(|error| error.field.as_str()).collect();
    assert_eq!((from_another.status, &named[..]), (409, &["device"][..]), "phones tell it from other content");
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
