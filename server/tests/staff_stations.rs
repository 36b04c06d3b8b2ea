//! Stations kept true by staff: made, changed, retired, with every version kept and every change taken back.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::office::Office;
use crate::support::staff::sign_in;
use crate::support::{at, problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use waypost_app::domain::staff::Role;
use waypost_app::wire::staff::stations::{Entry, Overtaken};

const NOW: &str = "2026-11-24T08:30:00+08:00";

fn kiosk() -> Value {
    json!({"name": "桥西小站", "lat": 30.3172, "lng": 120.1386, "hours": "工作日 9:00-17:00", "facilities": ["water"]})
}

#[tokio::test]
async fn a_station_made_by_staff_is_on_phones_with_its_hours_as_a_rule() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    assert_eq!(made["entry"]["slug"], "qiao-xi-xiao-zhan");
    let rule = made["entry"]["hours"].as_str().expect("hours");
    assert!(rule.contains("09:00-17:00"), "{rule}");
    let seen = office.on_phones(&made["id"]).await.expect("the station");
    assert_eq!(seen["name"], "桥西小站");
    assert!(seen["schedule"].is_string());
    let view = office.get(&format!("stations/{}", made["id"].as_str().expect("an id"))).await;
    assert_eq!((&view["station"], &view["version"]), (&made["entry"], &made["version"]));
    assert_eq!(view["hours_understood"], true);
}

#[tokio::test]
async fn the_list_says_the_hours_as_people_say_them_where_it_takes_few_words() {
    let office = Office::open_at(NOW).await;
    let mut expected = Vec::new();
    for (hours, usual, usual_en) in [
        ("工作日 9:00-17:00", "平时周一至周五 9:00–17:00", "usually Mon–Fri 9:00–17:00"),
        ("24/7", "每天全天", "daily all day"),
        ("24/7; PH off", "平时每天全天", "usually daily all day"),
        ("PH 10:00-16:00", "", ""),
        ("sunrise-sunset", "", ""),
        ("看心情", "", ""),
    ] {
        let mut entry = kiosk();
        entry["hours"] = json!(hours);
        entry["slug"] = json!(format!("kiosk-{}", expected.len()));
        expected.push((office.make("stations", entry).await["id"].clone(), usual, usual_en));
    }
    let list = office.get("stations").await;
    let rows = list["stations"].as_array().expect("stations");
    for (id, usual, usual_en) in expected {
        let row = rows.iter().find(|row| row["id"] == id).expect("the station");
        assert_eq!((&row["usual"], &row["usual_en"]), (&json!(usual), &json!(usual_en)), "{row}");
    }
}

#[tokio::test]
async fn what_is_made_twice_under_one_id_is_made_once_and_answered_with_what_is_there() {
    let office = Office::open_at(NOW).await;
    let id = "0192f0a0-7c3e-7aaa-8bbb-1234567890ab";
    let body = json!({"id": id, "why": "opened", "entry": kiosk()});
    let first = office.post("stations", &body).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    let first: Value = first.json().await.expect("JSON");
    assert_eq!(first["id"], format!("st-{}", id.replace('-', "")));
    let again = office.post("stations", &body).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.json::<Value>().await.expect("JSON"), first);
    // What a colleague has done to it meanwhile is no reason to refuse it, and is what is answered.
    let changed = office.put("stations", &first, |it| it["phone"] = json!("0571-1")).await;
    let changed: Value = changed.json().await.expect("JSON");
    let again = office.post("stations", &body).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(again.json::<Value>().await.expect("JSON"), changed);
    let history = office.get(&format!("changes?entity={}", first["id"].as_str().expect("an id"))).await;
    assert_eq!(history["changes"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn services_markets_and_exceptions_are_made_once_under_one_id_too() {
    let office = Office::open_at(NOW).await;
    let station = office.make("stations", kiosk()).await["id"].clone();
    let market = json!({"name": "市集", "lat": 30.3172, "lng": 120.1386, "hours": "每月第二个周六 上午9点到11点"});
    for (path, entry) in [
        ("services", json!({"station": station, "kind": "haircut", "name": "理发", "hours": "每周四 14:00-17:00"})),
        ("exceptions", json!({"target": station, "first": "2026-11-26", "last": "2026-11-26", "reason": "检修"})),
        ("markets", market),
    ] {
        let body = json!({"id": "0192f0a0-7c3e-7aaa-8bbb-1234567890ac", "entry": entry});
        let first = office.post(path, &body).await;
        assert_eq!(first.status(), StatusCode::CREATED, "{path}");
        let again = office.post(path, &body).await;
        assert_eq!(again.status(), StatusCode::OK, "{path}");
        assert_eq!(first.json::<Value>().await.expect("JSON"), again.json::<Value>().await.expect("JSON"), "{path}");
    }
}

#[tokio::test]
async fn an_id_that_made_something_makes_nothing_else_not_even_once_it_is_retired() {
    let office = Office::open_at(NOW).await;
    let body = |name: &str| {
        let mut entry = kiosk();
        entry["name"] = json!(name);
        json!({"id": "0192f0a0-7c3e-7aaa-8bbb-1234567890ad", "entry": entry})
    };
    let made = office.post("stations", &body("桥西小站")).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.expect("JSON");
    let other = office.post("stations", &body("河东小站")).await;
    assert_eq!(other.status(), StatusCode::CONFLICT);
    let overtaken: Overtaken = other.json().await.expect("what is there");
    assert_eq!(overtaken.now.map(|now| json!(now.id)), Some(made["id"].clone()));
    let path = format!("stations/{}?version={}", made["id"].as_str().expect("an id"), made["version"]);
    assert_eq!(office.send(Method::DELETE, &path, &Value::Null).await.status(), StatusCode::NO_CONTENT);
    assert!(problem(office.post("stations", &body("桥西小站")).await, 409).await.contains("retired"));
    assert_eq!(office.on_phones(&made["id"]).await, None);
    let response = office.post("stations", &json!({"id": "st-mine", "entry": kiosk()})).await;
    assert!(problem(response, 422).await.contains("id"));
}

#[tokio::test]
async fn of_two_who_change_the_same_version_the_second_learns_who_was_first_and_when() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    let first = office.put("stations", &made, |it| it["phone"] = json!("0571-1")).await;
    assert_eq!(first.status(), StatusCode::OK);
    let detail = problem(office.put("stations", &made, |it| it["phone"] = json!("0571-2")).await, 409).await;
    assert!(detail.contains("worker ") && detail.contains("2026-11-24T08:30:00+08:00"), "{detail}");
    let first: Value = first.json().await.expect("JSON");
    let second = office.put("stations", &made, |it| it["phone"] = json!("0571-2")).await;
    let overtaken: Overtaken = second.json().await.expect("what it is now");
    let now = overtaken.now.expect("it is there");
    assert_eq!((json!(now.version), json!(now.id)), (first["version"].clone(), made["id"].clone()));
    assert!(matches!(now.entry, Entry::Station(station) if station.phone == "0571-1"));
    assert!(overtaken.by.is_some_and(|by| by.name.starts_with("worker ") && by.at == "2026-11-24T08:30:00+08:00"));
    assert_eq!(office.on_phones(&made["id"]).await.expect("the station")["phone"], "0571-1");
}

#[tokio::test]
async fn a_change_is_taken_back_by_another_one_and_that_one_too() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    let changed = office.put("stations", &made, |it| it["hours"] = json!("24小时")).await;
    let changed: Value = changed.json().await.expect("JSON");
    assert_eq!(changed["entry"]["hours"], "24/7");
    let undo = |rev: &Value| format!("changes/{rev}/undo");
    let undone = office.post(&undo(&changed["version"]), &json!({"why": "a mistake"})).await;
    assert_eq!(undone.status(), StatusCode::OK);
    let undone: Value = undone.json().await.expect("JSON");
    assert_eq!(undone["undoes"], changed["version"]);
    assert_eq!(undone["entries"][0]["after"]["entry"], made["entry"]);
    // The making, too, although two changes came after it: it stands as it was made.
    assert_eq!(office.post(&undo(&made["version"]), &json!({})).await.status(), StatusCode::OK);
    assert_eq!(office.on_phones(&made["id"]).await, None);
    let detail = problem(office.post(&undo(&changed["version"]), &json!({})).await, 409).await;
    assert!(detail.contains("retired"), "{detail}");
    let id = made["id"].as_str().expect("an id");
    let history = office.get(&format!("changes?entity={id}")).await;
    let whys: Vec<_> = history["changes"].as_array().expect("changes").iter().map(|one| &one["why"]).collect();
    assert_eq!(whys, ["", "a mistake", "seen", "opened"]);
    let page = office.get(&format!("changes?entity={id}&limit=3")).await;
    let rest = office.get(&format!("changes?entity={id}&before={}", page["next"])).await;
    assert_eq!(rest["changes"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["next"], Value::Null);
}

#[tokio::test]
async fn a_station_goes_with_all_that_is_at_it_and_comes_back_with_it() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    let mut twin = kiosk();
    (twin["name"], twin["linked"]) = (json!("地下小站"), made["id"].clone());
    let twin = office.make("stations", twin).await;
    assert_eq!(
        office.on_phones(&made["id"]).await.expect("the station")["linked"],
        twin["id"],
        "a pair has two halves"
    );
    let cut = json!({"station": made["id"], "kind": "haircut", "name": "理发", "hours": "每周四 14:00-17:00"});
    let cut = office.make("services", cut).await;
    let closed = json!({"target": cut["id"], "first": "2026-11-26", "last": "2026-11-26", "reason": "师傅休息"});
    office.make("exceptions", closed).await;
    let market = json!({"name": "市集", "lat": 30.3172, "lng": 120.1386, "station": made["id"],
        "hours": "每月第二个周六 上午9点到11点", "skills": [{"kind": "knives", "name": "磨刀", "person": "老王"}]});
    let market = office.make("markets", market).await;
    let id = made["id"].as_str().expect("an id");
    let before = office.get(&format!("stations/{id}")).await;
    assert_eq!(
        (before["services"].as_array().map(Vec::len), before["exceptions"].as_array().map(Vec::len)),
        (Some(1), Some(1))
    );
    let path = format!("stations/{id}?version={}&why=moved", before["version"]);
    let gone = office.send(Method::DELETE, &path, &Value::Null).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    let snapshot = office.server.json("/api/v1/snapshot").await;
    assert!(snapshot["services"].as_array().expect("services").iter().all(|one| one["id"] != cut["id"]));
    let kept = snapshot["markets"].as_array().expect("markets").iter().find(|one| one["id"] == market["id"]);
    assert_eq!(kept.expect("the market")["station"], Value::Null);
    assert_eq!(office.on_phones(&twin["id"]).await.expect("the twin")["linked"], Value::Null);
    let rev = office.get(&format!("changes?entity={id}")).await["changes"][0]["rev"].clone();
    assert_eq!(office.post(&format!("changes/{rev}/undo"), &json!({})).await.status(), StatusCode::OK);
    let after = office.get(&format!("stations/{id}")).await;
    assert_eq!(after["station"], before["station"]);
    assert_eq!(after["services"][0]["entry"], before["services"][0]["entry"]);
    assert_eq!(after["exceptions"][0]["entry"], before["exceptions"][0]["entry"]);
    assert_eq!(office.on_phones(&twin["id"]).await.expect("the twin")["linked"], made["id"]);
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_the_field_named() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    let station = |field: &str, value: Value| {
        let mut entry = kiosk();
        entry["slug"] = json!("another");
        entry[field] = value;
        ("stations", entry)
    };
    let service = json!({"station": made["id"], "kind": "haircut", "name": "理发", "hours": "看心情"});
    for (field, (path, entry)) in [
        ("name", station("name", json!("  "))),
        ("lat", station("lat", json!(120.1))),
        ("lat", station("lat", json!("north"))),
        ("slug", station("slug", json!("a b"))),
        ("slug", station("slug", made["entry"]["slug"].clone())),
        ("linked", station("linked", json!("st-nowhere"))),
        ("about", station("about", json!("\u{0}"))),
        ("hours", ("services", service)),
        ("station", ("services", json!({"station": "st-nowhere", "name": "理发"}))),
        ("target", ("exceptions", json!({"target": "st-nowhere", "first": "2026-11-26", "last": "2026-11-26"}))),
        ("last", ("exceptions", json!({"target": made["id"], "first": "2026-11-26", "last": "2026-11-25"}))),
        ("first", ("exceptions", json!({"target": made["id"], "first": "soon", "last": "2026-11-25"}))),
        (
            "hours",
            ("exceptions", json!({"target": made["id"], "first": "2026-11-26", "last": "2026-11-26", "hours": "x"})),
        ),
        (
            "skills",
            ("markets", json!({"name": "市集", "lat": 30.3, "lng": 120.1, "skills": [{"kind": "knives", "name": ""}]})),
        ),
    ] {
        let response = office.post(path, &json!({"entry": entry})).await;
        let status = response.status();
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} of {entry}: {body}");
        let named: Vec<_> = body["errors"].as_array().expect("errors").iter().map(|one| &one["field"]).collect();
        assert!(named.iter().any(|name| name.as_str().is_some_and(|name| name.starts_with(field))), "{field}: {body}");
    }
    for path in ["stations/%00", "stations/st-nowhere"] {
        assert_eq!(office.send(Method::GET, path, &Value::Null).await.status(), StatusCode::NOT_FOUND);
        let edit = json!({"version": 1, "entry": kiosk()});
        assert_eq!(office.send(Method::PUT, path, &edit).await.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(office.post("changes/7000/undo", &json!({})).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_has_seen_a_station_tomorrow() {
    let office = Office::open_at(NOW).await;
    let now = at(NOW).timestamp() / 60;
    let ahead = |minutes: i64| {
        let mut entry = kiosk();
        entry["verified_at_min"] = json!(now + minutes);
        entry
    };
    for minutes in [6, 1440, 1_000_000] {
        let refused = office.post("stations", &json!({"entry": ahead(minutes)})).await;
        assert!(problem(refused, 422).await.starts_with("verified_at_min "), "{minutes}");
    }
    // Clocks differ a little.
    let made = office.make("stations", ahead(5)).await;
    let seen = office.put("stations", &made, |entry| entry["verified_at_min"] = json!(now + 6)).await;
    assert!(problem(seen, 422).await.starts_with("verified_at_min "));
    let seen = office.put("stations", &made, |entry| entry["verified_at_min"] = json!(now)).await;
    assert_eq!(seen.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_worklist_ends_with_what_was_verified_last() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    let never = office.get("stations?order=worklist").await;
    let never = never["stations"].as_array().expect("stations").iter().filter(|one| one["verified_at"].is_null());
    let never: Vec<_> = never.map(|one| one["id"].clone()).collect();
    assert!(never.contains(&made["id"]));
    let path = format!("stations/{}/verified", made["id"].as_str().expect("an id"));
    let verified = office.post(&path, &json!({"version": made["version"]})).await;
    assert_eq!(verified.status(), StatusCode::OK);
    let worklist = office.get("stations?order=worklist").await;
    let (last, others) = worklist["stations"].as_array().and_then(|all| all.split_last()).expect("a station");
    assert_eq!((&last["id"], &last["verified_at"]), (&made["id"], &json!(NOW)));
    assert_eq!(others.len() + 1, never.len(), "nothing else of the sample is verified");
    problem(office.post(&path, &json!({"version": made["version"]})).await, 409).await;
}

#[tokio::test]
async fn the_list_says_what_each_station_is_now_and_until_when() {
    let office = Office::open_at(NOW).await;
    let made = office.make("stations", kiosk()).await;
    let mut words = kiosk();
    (words["name"], words["hours"]) = (json!("河东小站"), json!("看心情开"));
    let unclear = office.make("stations", words).await;
    let list = office.get("stations").await;
    let row = |id: &Value| {
        let stations = list["stations"].as_array().expect("stations");
        stations.iter().find(|one| one["id"] == *id).expect("the station").clone()
    };
    // 09:00 on the same Tuesday, in minutes since 1970.
    let nine = json!(29_924_700);
    assert_eq!((&row(&made["id"])["state"], &row(&made["id"])["until_min"]), (&json!("closed"), &nine));
    assert_eq!((&row(&unclear["id"])["state"], &row(&unclear["id"])["until_min"]), (&json!("unknown"), &Value::Null));
}

#[tokio::test]
async fn stations_are_kept_by_workers_and_admins_only() {
    let office = Office::open_at(NOW).await;
    let url = office.server.url("/api/v1/staff/stations");
    let unit = sign_in(&office.server, Role::Unit).await;
    for (client, status) in [(&office.server.http, 401), (&unit, 403)] {
        let body = json!({"entry": kiosk()});
        assert_eq!(client.get(&url).send().await.expect("an answer").status().as_u16(), status);
        assert_eq!(client.post(&url).json(&body).send().await.expect("an answer").status().as_u16(), status);
    }
    let admin = sign_in(&office.server, Role::Admin).await;
    assert_eq!(admin.get(&url).send().await.expect("an answer").status(), StatusCode::OK);
}
