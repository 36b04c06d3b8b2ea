//! Word that the queue looks different, as it happens, and what stands around the queue: counts, similar cases, templates.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::Duration;

use crate::support::cases::{read, reported, take, unit};
use crate::support::database::tells_of_revisions;
use crate::support::phone::{Phone, report_with};
use crate::support::staff::{sign_in, sign_in_unit};
use crate::support::{TestServer, problem};
use reqwest::multipart::Form;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;

const NOW: &str = "2026-11-24T09:00:30+08:00";
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who has the queue before them.
struct Watcher(Response);

impl Watcher {
    /// The first word comes at once.
    async fn begin(client: &Client, server: &TestServer) -> Self {
        let answer = client.get(server.url("/api/v1/staff/events")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(answer.headers()["content-type"].to_str().expect("text").starts_with("text/event-stream"));
        let mut watcher = Self(answer);
        watcher.hear("at once").await;
        watcher
    }

    /// Waits for the next word.
    async fn hear(&mut self, of: &str) {
        let heard = async {
            loop {
                let chunk = self.0.chunk().await.expect("the stream goes on").expect("the stream has not ended");
                if String::from_utf8_lossy(&chunk).contains("event: cases") {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, heard).await.unwrap_or_else(|_| panic!("nothing was heard of {of}"));
    }
}

#[tokio::test]
async fn whoever_has_the_queue_before_them_hears_of_all_that_changes_it() {
    let server = TestServer::start().await;
    let admin = sign_in(&server, Role::Admin).await;
    let unit = unit(&server, &admin, "市政养护").await;
    let mut watcher = Watcher::begin(&admin, &server).await;

    let phone = Phone::new(1);
    let case = reported(&server, &phone).await;
    watcher.hear("a new report").await;

    let fields = [("category", "road"), ("description", "The kerb"), ("near", "lm-wantong"), ("lat", ""), ("lng", "")];
    let form = Form::new().text("id", Uuid::now_v7().to_string()).text("landmark", "");
    let form = fields.into_iter().fold(form, |form, (name, value)| form.text(name, value));
    let sent = server.http.post(server.url("/report")).multipart(form).send().await.expect("an answer");
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    watcher.hear("a report by the form").await;

    take(&admin, &server, case, 0, "accept", json!({})).await;
    watcher.hear("a step").await;
    take(&admin, &server, case, 1, "assign", json!({"unit": unit})).await;
    watcher.hear("another step").await;

    let link = server.url(&format!("/api/v1/staff/cases/{case}/link"));
    let link: Value =
        admin.post(link).json(&json!({"days": 1})).send().await.expect("an answer").json().await.expect("JSON");
    let form = Form::new().text("event_id", Uuid::now_v7().to_string()).text("step", "fix").text("note", "换好了");
    let done = server.http.post(link["url"].as_str().expect("a URL")).multipart(form).send().await.expect("an answer");
    assert_eq!(done.status(), StatusCode::SEE_OTHER);
    watcher.hear("a unit's repair").await;

    let says = json!({"says": "not_fixed"});
    let url = server.url(&format!("/api/v1/reports/{case}/answers/{}", Uuid::now_v7()));
    let answer = server.http.put(url).bearer_auth(&phone.token).json(&says).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    watcher.hear("the reporter's answer").await;

    let phone = Phone::new(2);
    let taken_back = reported(&server, &phone).await;
    watcher.hear("one more report").await;
    let url = server.url(&format!("/api/v1/reports/{taken_back}"));
    let gone = server.http.delete(url).bearer_auth(&phone.token).send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    watcher.hear("a report that was taken back").await;
}

#[tokio::test]
async fn word_reaches_those_who_watch_at_another_copy() {
    let server = TestServer::start().await;
    if !tells_of_revisions(&server.running.state().store) {
        // A file has one copy.
        return;
    }
    let other = server.beside().await;
    let worker = sign_in(&server, Role::Worker).await;
    let mut watcher = Watcher::begin(&worker, &other).await;
    reported(&server, &Phone::new(1)).await;
    watcher.hear("a report at the other copy").await;
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_those_who_watch() {
    let server = TestServer::start_with(|config| config.limits.drain = Duration::from_mins(5)).await;
    let worker = sign_in(&server, Role::Worker).await;
    let mut watcher = Watcher::begin(&worker, &server).await;
    tokio::time::timeout(PATIENCE, server.running.stop()).await.expect("in time").expect("stopped");
    while let Ok(Some(_)) = watcher.0.chunk().await {}
}

#[tokio::test]
async fn cases_are_counted_by_state_and_a_unit_counts_its_own() {
    let server = TestServer::start_at(NOW).await;
    let admin = sign_in(&server, Role::Admin).await;
    let unit = unit(&server, &admin, "市政养护").await;
    let theirs = reported(&server, &Phone::new(1)).await;
    reported(&server, &Phone::new(2)).await;
    take(&admin, &server, theirs, 0, "accept", json!({})).await;
    take(&admin, &server, theirs, 1, "assign", json!({"unit": unit})).await;
    let counts = read(&admin, &server, "/api/v1/staff/cases/counts").await;
    let states = json!([{"state": "assigned", "cases": 1}, {"state": "received", "cases": 1}]);
    assert_eq!(counts, json!({"states": states, "overdue": 0}));
    server.set_clock("2026-12-24T09:00:30+08:00");
    let own = sign_in_unit(&server, unit).await;
    let counts = read(&own, &server, "/api/v1/staff/cases/counts").await;
    assert_eq!(counts, json!({"states": [{"state": "assigned", "cases": 1}], "overdue": 1}));
}

#[tokio::test]
async fn similar_cases_are_of_the_same_kind_close_by_and_not_declined_nearest_first() {
    let server = TestServer::start_at(NOW).await;
    let worker = sign_in(&server, Role::Worker).await;
    let north = |metres: f64| Some(json!(30.3172 + metres / 111_195.08));
    let mut ids = Vec::new();
    for (number, metres, category) in [
        (1, 0.0, "road"),
        (2, 200.0, "road"),
        (3, 60.0, "road"),
        (4, 10.0, "tree"),
        (5, 260.0, "road"),
        (6, 20.0, "road"),
    ] {
        let mut body = report_with("lat", north(metres));
        (body["lng"], body["category"]) = (json!(120.1386), json!(category));
        let id = Uuid::now_v7();
        assert_eq!(Phone::new(number).send_report(&server, id, &body).await.status(), StatusCode::CREATED);
        ids.push(id);
    }
    let why = json!({"reason": "no_fault", "note_public": "没有发现"});
    take(&worker, &server, ids[5], 0, "decline", why).await;
    let list = read(&worker, &server, &format!("/api/v1/staff/cases/{}/similar", ids[0])).await;
    let found: Vec<&str> =
        list["cases"].as_array().expect("cases").iter().map(|case| case["id"].as_str().expect("an id")).collect();
    assert_eq!(found, [ids[2].to_string(), ids[1].to_string()]);
    let nobodys = Uuid::now_v7();
    let answer = worker.get(server.url(&format!("/api/v1/staff/cases/{nobodys}/similar"))).send().await;
    problem(answer.expect("an answer"), 404).await;
}

#[tokio::test]
async fn templates_are_replaced_as_a_whole_or_not_at_all() {
    let server = TestServer::start().await;
    let worker = sign_in(&server, Role::Worker).await;
    let path = "/api/v1/staff/templates";
    let put = |body: Value| worker.put(server.url(path)).json(&body).send();
    let given = read(&worker, &server, path).await;
    assert!(given["templates"].as_array().is_some_and(|all| !all.is_empty()), "a district begins with some");
    for (body, said) in [
        (json!({"version": 0, "templates": [{"step": "fix", "words": "  "}]}), "words "),
        (json!({"version": 0, "templates": [{"step": "fix", "words": "好".repeat(1001)}]}), "words "),
        (json!({"version": 0, "templates": [{"step": "assign", "words": "给你"}]}), "step "),
        (json!({"version": 0, "templates": vec![json!({"step": "fix", "words": "好"}); 51]}), "templates "),
        (json!({"version": 0}), "templates "),
        (json!({"templates": []}), "version "),
    ] {
        let detail = problem(put(body).await.expect("an answer"), 422).await;
        assert!(detail.starts_with(said), "{detail}");
        assert_eq!(read(&worker, &server, path).await, given);
    }
    let mut own =
        json!({"version": 0, "templates": [{"step": "note", "words": "已联系"}, {"step": "fix", "words": "修好了"}]});
    let answer = put(own.clone()).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    own["version"] = json!(1);
    assert_eq!(answer.json::<Value>().await.expect("JSON"), own);
    assert_eq!(read(&worker, &server, path).await, own);
    // Somebody who has seen the first list.
    let late = put(json!({"version": 0, "templates": []})).await.expect("an answer");
    assert_eq!(late.status(), StatusCode::CONFLICT);
    let late: Value = late.json().await.expect("JSON");
    assert_eq!((&late["changed"], &late["errors"][0]["field"]), (&own, &json!("version")));
    assert_eq!(read(&worker, &server, path).await, own);
}
