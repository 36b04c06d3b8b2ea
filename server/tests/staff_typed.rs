//! What staff type or bring in a file, and how they are told what it means before it is kept.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::office::Office;
use crate::support::staff::sign_in;
use crate::support::{TestServer, problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use waypost_app::domain::staff::Role;

const NOW: &str = "2026-11-24T08:30:00+08:00";

#[tokio::test]
async fn an_import_leaves_alone_what_staff_have_changed() {
    let office = Office::open_at(NOW).await;
    let bring = async |query: &str, file: &'static str| {
        let url = office.server.url(&format!("/api/v1/staff/import{query}"));
        office.worker.post(url).body(file).send().await.expect("an answer")
    };
    let file = "slug,name,lat,lng,phone\nqiaoxi,桥西,30.3172,120.1386,0571-1\n";
    let tried: Value = bring("?dry_run=true", file).await.json().await.expect("JSON");
    assert_eq!(tried["ending"], "dry_run");
    assert!(
        office.get("stations").await["stations"]
            .as_array()
            .expect("stations")
            .iter()
            .all(|one| one["slug"] != "qiaoxi")
    );
    let done: Value = bring("", file).await.json().await.expect("JSON");
    assert_eq!(done["ending"], "written", "{done}");
    let list = office.get("stations").await;
    let id = list["stations"][0]["id"].as_str().expect("an id").to_owned();
    let view = office.get(&format!("stations/{id}")).await;
    let kept = json!({"id": id, "version": view["version"], "entry": view["station"]});
    assert_eq!(office.put("stations", &kept, |it| it["phone"] = json!("0571-9")).await.status(), StatusCode::OK);
    let again: Value = bring("", "slug,name,lat,lng,phone\nqiaoxi,桥西驿站,30.3172,120.1386,0571-2\n")
        .await
        .json()
        .await
        .expect("JSON");
    assert!(again["report"].as_str().expect("a report").contains("kept: phone"), "{again}");
    let seen = office.on_phones(&json!(id)).await.expect("the station");
    assert_eq!((&seen["name"], &seen["phone"]), (&json!("桥西驿站"), &json!("0571-9")));
    let stale = office.put("stations", &kept, |it| it["phone"] = json!("")).await;
    assert!(problem(stale, 409).await.contains("an import"));
    let detail = problem(bring("", "slug,name,lat,lng\na,甲,north,120\n").await, 422).await;
    assert!(detail.starts_with("row 2, lat "), "{detail}");
    let in_chinese = problem(bring("?lang=zh", "slug,name,lat,lng\na,甲,north,120\n").await, 422).await;
    assert!(in_chinese.starts_with("第 2 行，纬度 “north”不是度数"), "{in_chinese}");
    let file = "slug,name,lat,lng,facilities\na,甲,30.3,120.1,按摩;充电\n";
    let in_chinese = problem(bring("?lang=zh", file).await, 422).await;
    assert!(in_chinese.contains("不认识“按摩”，可用：充电、饮水"), "{in_chinese}");
    let export = office.send(Method::GET, "export?format=csv", &Value::Null).await.text().await.expect("text");
    assert!(export.contains("0571-9"), "{export}");
}

#[tokio::test]
async fn typed_hours_are_shown_day_by_day_with_days_off_and_worked_weekends_named() {
    let server = TestServer::start_at("2026-09-30T12:00:00+08:00").await;
    let client = sign_in(&server, Role::Worker).await;
    let url = server.url("/api/v1/staff/hours/preview");
    let ask = async |words: &str| -> Value {
        let response = client.post(&url).json(&json!({"words": words})).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("JSON")
    };
    let shown = ask("工作日 9:00-17:00").await;
    let days = shown["days"].as_array().expect("days");
    assert_eq!((days.len(), &days[0]["date"]), (14, &json!("2026-09-30")));
    assert_eq!(days[0]["hours"]["spans"][0], json!(["2026-09-30T09:00:00+08:00", "2026-09-30T17:00:00+08:00"]));
    assert_eq!((&days[1]["kind"], &days[1]["hours"]["state"]), (&json!("day_off"), &json!("closed")));
    let makeup: Vec<_> = days.iter().filter(|day| day["kind"] == "working_weekend").collect();
    assert_eq!(makeup.len(), 1, "{days:?}");
    assert_eq!((&makeup[0]["date"], &makeup[0]["hours"]["state"]), (&json!("2026-10-10"), &json!("open")));
    let unclear = ask("周一 9:00-17:00；下雨天看情况").await;
    assert_eq!((&unclear["rule"], &unclear["not_understood"]), (&Value::Null, &json!(["下雨天看情况"])));
    assert_eq!(ask("Mo-Fr 09:00-25:99").await["rule"], Value::Null);
}
