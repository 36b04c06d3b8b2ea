//! Who sees which reports, and how much of them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::phone::{Phone, advance, report, report_with};
use crate::support::pictures::jpeg;
use crate::support::{TestServer, problem};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::report::ReportState;

const NOW: &str = "2026-11-24T09:00:30+08:00";

#[tokio::test]
async fn the_reporter_sees_everything_and_strangers_nothing_until_it_is_public() {
    let server = TestServer::start_at(NOW).await;
    let (phone, stranger) = (Phone::new(1), Phone::new(2));
    let mut photos = Vec::new();
    for size in [8, 16] {
        photos.push(phone.send_photo(&server, &jpeg(size, size)).await.1);
    }
    // Not in the order of their hashes.
    photos.sort_by(|a, b| b.cmp(a));
    let id = Uuid::now_v7();
    let body = report_with("photos", Some(json!(photos)));
    let receipt: Value = phone.send_report(&server, id, &body).await.json().await.expect("JSON");

    let path = format!("/api/v1/reports/{id}");
    let mut expected = body.clone();
    for (field, value) in [
        ("id", json!(id)),
        ("code", receipt["code"].clone()),
        ("state", json!("received")),
        ("received_at", json!(NOW)),
        ("timeline", json!([{"state": "received", "at": NOW, "note": ""}])),
        ("merged_into", Value::Null),
    ] {
        expected[field] = value;
    }
    assert_eq!(phone.get(&server, &path).await.json::<Value>().await.expect("JSON"), expected);
    problem(stranger.get(&server, &path).await, 404).await;
    problem(server.get(&path).await, 404).await;

    advance(&server, id, ReportState::Accepted, "The unit is told").await;
    let public: Value = stranger.get(&server, &path).await.json().await.expect("JSON");
    assert_eq!((&public["lat"], &public["lng"]), (&json!(30.317), &json!(120.139)));
    assert_eq!((&public["accuracy_m"], &public["landmark"]), (&Value::Null, &json!("")));
    assert_eq!(public["state"], "accepted");
    assert_eq!(public["timeline"][1]["note"], "The unit is told");
    assert_eq!(server.json(&path).await, public);
    let own: Value = phone.get(&server, &path).await.json().await.expect("JSON");
    assert_eq!((&own["lat"], &own["landmark"]), (&body["lat"], &body["landmark"]));

    advance(&server, id, ReportState::Declined, "").await;
    problem(stranger.get(&server, &path).await, 404).await;
    problem(server.get(&format!("/api/v1/reports/{}", Uuid::now_v7())).await, 404).await;
}

#[tokio::test]
async fn strangers_find_public_reports_nearest_first() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    // About 1 km, 0, 500 m and 30 km north of the first station; the one at 200 m is not public.
    let mut ids = Vec::new();
    for (north, public) in [(0.009, true), (0.0, true), (0.0045, true), (0.27, true), (0.0018, false)] {
        let id = Uuid::now_v7();
        phone.send_report(&server, id, &report_with("lat", Some(json!(30.3 + north)))).await;
        if public {
            advance(&server, id, ReportState::Accepted, "").await;
        }
        ids.push(id.to_string());
    }
    let found = async |query: &str| -> Vec<Value> {
        let list = server.json(&format!("/api/v1/reports?{query}")).await;
        list["reports"].as_array().expect("a list").iter().map(|report| report["id"].clone()).collect()
    };
    assert_eq!(found("near=30.3,120.139&radius_m=2000").await, [&*ids[1], &ids[2], &ids[0]]);
    assert_eq!(found("near=30.3,120.139&radius_m=600").await, [&*ids[1], &ids[2]]);
    // 1 km if not said otherwise; the report at 0.009° is 1001 m away.
    assert_eq!(found("near=30.3,120.139").await, [&*ids[1], &ids[2]]);
    assert_eq!(found("near=30.309,120.139&radius_m=600").await, [&*ids[0], &ids[2]]);
    assert!(found("near=-30.3,-120.139&radius_m=20000").await.is_empty());
    for far in ["90,0", "-90,180", "0,180", "0,-180"] {
        assert!(found(&format!("near={far}&radius_m=20000")).await.is_empty());
    }
}

#[tokio::test]
async fn searching_in_small_circles_does_not_find_where_somebody_stood() {
    let server = TestServer::start().await;
    let id = Uuid::now_v7();
    Phone::new(1).send_report(&server, id, &report()).await;
    advance(&server, id, ReportState::Accepted, "").await;
    let found = async |near: &str| {
        let list = server.json(&format!("/api/v1/reports?near={near}&radius_m=10")).await;
        list["reports"].as_array().expect("a list").len()
    };
    assert_eq!(found("30.317234,120.138678").await, 0, "the true place");
    assert_eq!(found("30.317,120.139").await, 1, "the rounded place");
}

#[tokio::test]
async fn at_most_fifty_reports_come_at_once_and_they_are_the_nearest() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    for step in (0..60).rev() {
        let id = Uuid::now_v7();
        phone.send_report(&server, id, &report_with("lat", Some(json!(30.3 + f64::from(step) * 0.001)))).await;
        advance(&server, id, ReportState::Accepted, "").await;
    }
    let list = server.json("/api/v1/reports?near=30.3,120.139&radius_m=20000").await;
    let list = list["reports"].as_array().expect("a list");
    assert_eq!(list.len(), 50);
    assert_eq!(list[0]["lat"], 30.3);
    assert_eq!(list[49]["lat"], 30.349);
}

#[tokio::test]
async fn a_search_that_makes_no_sense_is_400_and_names_the_parameter() {
    let server = TestServer::start().await;
    for (query, named) in [
        ("", "near"),
        ("?radius_m=100", "near"),
        ("?near=", "near"),
        ("?near=30.3", "near"),
        ("?near=30.3;120.1", "near"),
        ("?near=here,there", "near"),
        ("?near=91,120", "near"),
        ("?near=NaN,NaN", "near"),
        ("?near=inf,120", "near"),
        ("?near=30.3,120.1&radius_m=0", "radius_m"),
        ("?near=30.3,120.1&radius_m=-5", "radius_m"),
        ("?near=30.3,120.1&radius_m=NaN", "radius_m"),
        ("?near=30.3,120.1&radius_m=1e9", "radius_m"),
        ("?near=30.3,120.1&radius_m=far", "radius_m"),
    ] {
        let detail = problem(server.get(&format!("/api/v1/reports{query}")).await, 400).await;
        assert!(detail.contains(&format!("`{named}`")), "{query}: {detail}");
    }
}
