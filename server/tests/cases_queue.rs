//! The queue, a page at a time, and the units that cases are given to.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::unit;
use crate::support::phone::{Phone, report_with};
use crate::support::pictures::jpeg;
use crate::support::staff::{sign_in, sign_in_unit};
use crate::support::{TestServer, problem};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;

async fn queue(client: &Client, server: &TestServer, query: &str) -> Value {
    let url = server.url(&format!("/api/v1/staff/cases{query}"));
    let answer = client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "{query}");
    answer.json().await.expect("JSON")
}

fn ids(list: &Value) -> Vec<Uuid> {
    let cases = list["cases"].as_array().expect("a list").iter();
    cases.map(|case| case["id"].as_str().expect("an id").parse().expect("a UUID")).collect()
}

async fn take(client: &Client, server: &TestServer, case: Uuid, mut body: Value) {
    body["event_id"] = json!(Uuid::now_v7());
    let url = server.url(&format!("/api/v1/staff/cases/{case}/events"));
    let answer = client.post(url).json(&body).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_queue_is_read_by_deadline_page_by_page_and_each_case_once() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let mut reports = Vec::new();
    for minute in 0..7 {
        // Two of each minute, so that the place alone does not say which comes first.
        server.set_clock(&format!("2026-11-24T09:0{}:00+08:00", minute / 2));
        let id = Uuid::now_v7();
        // So far apart that none is the same as another.
        let body = report_with("lat", Some(json!(30.0 + f64::from(minute))));
        assert_eq!(phone.send_report(&server, id, &body).await.status(), StatusCode::CREATED);
        reports.push((minute / 2, id));
    }
    reports.sort_unstable_by_key(|(minute, id)| (*minute, id.to_string()));
    let in_order: Vec<_> = reports.iter().map(|(_, id)| *id).collect();
    assert_eq!(ids(&queue(&worker, &server, "").await), in_order);

    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = queue(&worker, &server, &format!("?limit=2{after}")).await;
        found.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(found, in_order);

    server.set_clock("2026-11-25T09:00:30+08:00");
    // Sessions do not outlive a night.
    let worker = sign_in(&server, Role::Worker).await;
    let overdue = queue(&worker, &server, "?overdue=true").await;
    assert_eq!(ids(&overdue), in_order[..2]);
    assert_eq!(overdue["cases"][0]["overdue"], true);

    // What is declined waits for nobody; it is found by its state, the latest first.
    for id in &in_order[..3] {
        let body = json!({"version": 0, "step": "decline", "reason": "not_ours", "note_public": "不归本区"});
        take(&worker, &server, *id, body).await;
    }
    assert_eq!(ids(&queue(&worker, &server, "").await), in_order[3..]);
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let page = queue(&worker, &server, &format!("?state=declined&limit=1{after}")).await;
        found.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    found.reverse();
    assert_eq!(found, in_order[..3]);
}

#[tokio::test]
async fn the_queue_is_filtered_by_words_and_by_category() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(1));
    let mut sent = Vec::new();
    for (words, category) in
        [("100% 坏了", "road"), ("100 坏了", "tree"), ("Lamp_post!", "lighting"), ("大厦Ａ座门口", "sign")]
    {
        let mut body = report_with("description", Some(json!(words)));
        body["category"] = json!(category);
        sent.push(Uuid::now_v7());
        phone.send_report(&server, sent[sent.len() - 1], &body).await;
    }
    for (query, expected) in [
        ("?q=100%25", &sent[..1]),
        ("?q=%E5%9D%8F", &sent[..2]),
        ("?q=lamp_POST!", &sent[2..3]),
        // Ａ座, whichever database it is.
        ("?q=%EF%BC%A1%E5%BA%A7", &sent[3..]),
        ("?q=l_m", &sent[..0]),
        ("?q=NORTH", &sent[..]),
        ("?q=%00", &sent[..]),
        ("?category=tree", &sent[1..2]),
        ("?state=received", &sent[..]),
        ("?state=accepted", &sent[..0]),
    ] {
        let mut found = ids(&queue(&worker, &server, query).await);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
    for query in
        ["state=new", "unit=7", "category=x", "overdue=1", "after=x", "after=1.x", "limit=0", "limit=101", "limit=x"]
    {
        let url = server.url(&format!("/api/v1/staff/cases?{query}"));
        problem(worker.get(url).send().await.expect("an answer"), 400).await;
    }
}

#[tokio::test]
async fn a_code_finds_its_case_in_every_state_also_that_of_a_report_that_is_followed_through_it() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let (worker, phone) = (sign_in(&server, Role::Worker).await, Phone::new(2));
    let (answer, photo) = phone.send_photo(&server, &jpeg(16, 16)).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let (first, same) = (Uuid::now_v7(), Uuid::now_v7());
    Phone::new(1).send_report(&server, first, &report_with("description", Some(json!("大坑")))).await;
    let mut body = report_with("description", Some(json!("坑里有水")));
    body["photos"] = json!([photo]);
    let receipt = phone.send_report(&server, same, &body).await;
    let code = receipt.json::<Value>().await.expect("a receipt")["code"].as_str().expect("a code").to_owned();
    take(&worker, &server, same, json!({"version": 0, "step": "merge", "into": first})).await;

    for query in [format!("?q={code}"), "?q=%E6%9C%89%E6%B0%B4".to_owned()] {
        assert_eq!(ids(&queue(&worker, &server, &query).await), [first], "{query}");
    }
    let case = queue(&worker, &server, &format!("/{first}")).await;
    let merged = &case["merged"][0];
    assert_eq!((&merged["id"], &merged["code"]), (&json!(same), &json!(code)));
    assert_eq!((&merged["description"], &merged["photos"]), (&json!("坑里有水"), &json!([photo])));

    // The unit that has the case sees what others show of it.
    let admin = sign_in(&server, Role::Admin).await;
    let roads = unit(&server, &admin, "市政养护").await;
    let theirs = sign_in_unit(&server, roads).await;
    let picture = server.url(&format!("/api/v1/staff/photos/{photo}"));
    let status = async |client: &Client| client.get(&picture).send().await.expect("an answer").status();
    assert_eq!(status(&theirs).await, StatusCode::NOT_FOUND);
    take(&worker, &server, first, json!({"version": 0, "step": "accept"})).await;
    take(&worker, &server, first, json!({"version": 1, "step": "assign", "unit": roads})).await;
    assert_eq!(status(&theirs).await, StatusCode::OK);

    let why = json!({"version": 2, "step": "decline", "reason": "no_fault", "note_public": "没有发现"});
    take(&worker, &server, first, why).await;
    assert!(ids(&queue(&worker, &server, "").await).is_empty());
    assert_eq!(ids(&queue(&worker, &server, &format!("?q={code}")).await), [first]);
    assert!(ids(&queue(&worker, &server, &format!("?q={code}&overdue=true")).await).is_empty());
}

#[tokio::test]
async fn what_several_admins_change_of_a_unit_at_once_all_stays() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let admin = sign_in(&server, Role::Admin).await;
    let url = server.url("/api/v1/staff/units");
    let added = admin.post(&url).json(&json!({"name": "路灯所"})).send().await.expect("an answer");
    let unit: Value = added.json().await.expect("JSON");
    let one = format!("{url}/{}", unit["id"].as_str().expect("an id"));
    for round in 0..10 {
        let bodies = [
            json!({"name": format!("路灯所{round}")}),
            json!({"contact": format!("王工{round}")}),
            json!({"phone": format!("0571-{round}")}),
            json!({"closed": round % 2 == 0}),
        ];
        let sent = bodies.iter().map(|body| admin.patch(&one).json(body).send());
        for answer in futures::future::join_all(sent).await {
            assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
        }
        let listed: Value = admin.get(&url).send().await.expect("an answer").json().await.expect("JSON");
        for body in &bodies {
            for (name, value) in body.as_object().expect("an object") {
                assert_eq!(&listed["units"][0][name], value, "{listed}");
            }
        }
    }
}

#[tokio::test]
async fn admins_keep_the_units_and_a_closed_one_gets_no_new_cases() {
    let server = TestServer::start_at("2026-11-24T09:00:00+08:00").await;
    let (admin, worker) = (sign_in(&server, Role::Admin).await, sign_in(&server, Role::Worker).await);
    let url = server.url("/api/v1/staff/units");
    let add = |client: &Client, body: Value| client.post(&url).json(&body).send();
    let added = add(&admin, json!({"name": " 路灯所 ", "phone": "0571-1"})).await.expect("an answer");
    assert_eq!(added.status(), StatusCode::CREATED);
    let unit: Value = added.json().await.expect("JSON");
    assert_eq!((&unit["name"], &unit["contact"], &unit["closed"]), (&json!("路灯所"), &json!(""), &json!(false)));
    problem(add(&worker, json!({"name": "x"})).await.expect("an answer"), 403).await;
    problem(add(&admin, json!({"name": "路灯所"})).await.expect("an answer"), 409).await;
    for body in [json!({}), json!({"name": " "}), json!({"name": 1}), json!({"name": "长".repeat(101)})] {
        assert!(problem(add(&admin, body).await.expect("an answer"), 422).await.contains("name"));
    }
    let one = format!("{url}/{}", unit["id"].as_str().expect("an id"));
    let changed = admin.patch(&one).json(&json!({"closed": true, "contact": "王工"})).send().await.expect("an answer");
    let changed: Value = changed.json().await.expect("JSON");
    assert_eq!(
        (&changed["name"], &changed["contact"], &changed["closed"]),
        (&json!("路灯所"), &json!("王工"), &json!(true))
    );
    let listed: Value = worker.get(&url).send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(listed, json!({"units": [changed]}));
    let missing = format!("{url}/{}", Uuid::now_v7());
    problem(admin.patch(missing).json(&json!({})).send().await.expect("an answer"), 404).await;

    let id = Uuid::now_v7();
    Phone::new(1).send_report(&server, id, &report_with("lat", Some(json!(30.0)))).await;
    take(&worker, &server, id, json!({"version": 0, "step": "accept"})).await;
    let body = json!({"event_id": Uuid::now_v7(), "version": 1, "step": "assign", "unit": unit["id"]});
    let events = server.url(&format!("/api/v1/staff/cases/{id}/events"));
    problem(worker.post(events).json(&body).send().await.expect("an answer"), 422).await;
}
