//! What strangers are shown of a report: other words and pictures than its reporter's, or nothing.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::cases::{get, read, send, step, take, unit};
use crate::support::files::photo_files;
use crate::support::phone::{Phone, report_with, sha256};
use crate::support::pictures::jpeg;
use crate::support::staff::{sign_in, sign_in_unit};
use crate::support::{TestServer, problem};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::staff::Role;
use waypost_server::retention::sweep;

const NOW: &str = "2026-11-24T09:00:30+08:00";
const WORDS: &str = "车牌浙A12345撞坏了路缘石";

/// A public case with two photos.
struct Shown {
    server: TestServer,
    admin: Client,
    worker: Client,
    phone: Phone,
    case: Uuid,
    photos: [String; 2],
}

impl Shown {
    async fn new() -> Self {
        let server = TestServer::start_at(NOW).await;
        let (admin, worker) = (sign_in(&server, Role::Admin).await, sign_in(&server, Role::Worker).await);
        let (phone, case) = (Phone::new(1), Uuid::now_v7());
        let photos = [phone.send_photo(&server, &jpeg(8, 8)).await.1, phone.send_photo(&server, &jpeg(16, 8)).await.1];
        let mut body = report_with("photos", Some(json!(photos)));
        body["description"] = json!(WORDS);
        assert_eq!(phone.send_report(&server, case, &body).await.status(), StatusCode::CREATED);
        take(&worker, &server, case, 0, "accept", json!({})).await;
        Self { server, admin, worker, phone, case, photos }
    }

    fn path(&self, end: &str) -> String {
        format!("/api/v1/staff/cases/{}{end}", self.case)
    }

    /// Sends a picture as the worker.
    async fn picture(&self, bytes: Vec<u8>) -> String {
        let name = sha256(&bytes);
        let url = self.server.url(&format!("/api/v1/staff/photos/{name}"));
        assert!(self.worker.put(url).body(bytes).send().await.expect("an answer").status().is_success());
        name
    }

    async fn redact(&self, body: &Value) -> Response {
        self.worker.post(self.server.url(&self.path("/redactions"))).json(body).send().await.expect("an answer")
    }

    async fn redacted(&self, version: i64, more: Value) -> Value {
        let answer = self.redact(&body(version, &more)).await;
        let (status, body) = (answer.status(), answer.text().await.expect("text"));
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    async fn own(&self) -> Value {
        let report = self.phone.get(&self.server, &format!("/api/v1/reports/{}", self.case)).await;
        report.json().await.expect("JSON")
    }

    async fn stranger(&self) -> Value {
        self.server.json(&format!("/api/v1/reports/{}", self.case)).await
    }

    async fn photo(&self, client: &Client, name: &str) -> StatusCode {
        get(client, &self.server, &format!("/api/v1/staff/photos/{name}")).await.status()
    }
}

fn body(version: i64, more: &Value) -> Value {
    let mut body = json!({"event_id": Uuid::now_v7(), "version": version, "note_internal": "车牌"});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn strangers_see_what_is_shown_instead_and_only_admins_and_the_reporter_what_was_sent() {
    let shown = Shown::new().await;
    let [plate, kerb] = &shown.photos;
    let roads = unit(&shown.server, &shown.admin, "市政").await;
    take(&shown.worker, &shown.server, shown.case, 1, "assign", json!({"unit": roads})).await;
    let of_roads = sign_in_unit(&shown.server, roads).await;
    let blurred = shown.picture(jpeg(24, 8)).await;
    let change = json!({"description": "路缘石被撞坏", "photos": [{"photo": plate, "instead": blurred}]});
    let case = shown.redacted(2, change).await;
    assert_eq!((&case["description"], &case["photos"]), (&json!("路缘石被撞坏"), &json!([blurred, kerb])));
    let event = &case["events"][3];
    assert_eq!(
        (&event["step"], &event["note_internal"], &event["state"]),
        (&json!("redact"), &json!("车牌"), &json!("assigned"))
    );
    assert_eq!((&event["by"]["kind"], &event["note_public"]), (&json!("staff"), &json!("")));

    let stranger = shown.stranger().await;
    assert_eq!((&stranger["description"], &stranger["photos"]), (&json!("路缘石被撞坏"), &json!([blurred, kerb])));
    assert_eq!(stranger["timeline"].as_array().expect("a list").len(), 3, "it is no step of the repair");
    assert_eq!(stranger, read(&shown.worker, &shown.server, &shown.path("/public")).await);
    let near = shown.server.get("/api/v1/reports?near=30.317,120.139").await.text().await.expect("text");
    assert!(near.contains("路缘石被撞坏") && !near.contains(WORDS) && !near.contains(plate), "{near}");
    for (photo, status) in [(plate, StatusCode::NOT_FOUND), (&blurred, StatusCode::OK), (kerb, StatusCode::OK)] {
        assert_eq!(shown.server.get_status(format!("/api/v1/photos/{photo}")).await, status);
        assert_eq!(shown.photo(&of_roads, photo).await, status);
        assert_eq!(shown.photo(&shown.worker, photo).await, status);
        assert_eq!(shown.photo(&shown.admin, photo).await, StatusCode::OK);
    }

    let own = shown.own().await;
    assert_eq!((&own["description"], &own["photos"]), (&json!(WORDS), &json!([plate, kerb])));
    for client in [&shown.worker, &of_roads] {
        let case = get(client, &shown.server, &shown.path("")).await.text().await.expect("text");
        assert!(!case.contains("12345") && !case.contains(plate), "{case}");
        let found = read(client, &shown.server, "/api/v1/staff/cases?q=12345").await;
        assert_eq!(found["cases"], json!([]), "nor by searching");
    }
    let case = read(&shown.admin, &shown.server, &shown.path("")).await;
    let original = json!({"description": WORDS, "photos": [plate, kerb], "until": "2026-12-24T09:00:30+08:00"});
    assert_eq!(case["original"], original);
    let queue = read(&shown.admin, &shown.server, "/api/v1/staff/cases").await;
    assert_eq!(queue["cases"][0]["photo"], json!(blurred));

    // A mistake is mended; nothing at all can be shown as well.
    let case = shown.redacted(3, json!({"photos": [{"photo": blurred}]})).await;
    assert_eq!((&case["photos"], &case["description"]), (&json!([kerb]), &json!("路缘石被撞坏")));
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{blurred}")).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_photo_of_the_repair_is_replaced_wherever_it_is_shown_and_goes_after_a_week() {
    let mut shown = Shown::new().await;
    let roads = unit(&shown.server, &shown.admin, "市政").await;
    take(&shown.worker, &shown.server, shown.case, 1, "assign", json!({"unit": roads})).await;
    let passer_by = shown.picture(jpeg(24, 8)).await;
    let repair = json!({"photos": [passer_by], "note_public": "换好了"});
    take(&shown.worker, &shown.server, shown.case, 2, "fix", repair.clone()).await;
    take(&shown.worker, &shown.server, shown.case, 3, "note", repair).await;
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{passer_by}")).await, StatusCode::OK);

    let blurred = shown.picture(jpeg(32, 8)).await;
    for (photo, instead) in [(&shown.photos[0], &passer_by), (&passer_by, &passer_by), (&passer_by, &shown.photos[1])] {
        let change = json!({"photos": [{"photo": photo, "instead": instead}]});
        let detail = problem(shown.redact(&body(4, &change)).await, 422).await;
        assert!(detail.starts_with("photos would show"), "{detail}");
    }
    let case = shown.redacted(4, json!({"photos": [{"photo": passer_by, "instead": blurred}]})).await;
    let pictures = |case: &Value| -> Vec<Value> {
        case["events"].as_array().expect("events").iter().map(|event| event["photos"].clone()).collect()
    };
    assert_eq!(pictures(&case)[3..], [json!([blurred]), json!([blurred]), json!([])]);
    // What the reporter sent was not touched.
    let admins = read(&shown.admin, &shown.server, &shown.path("")).await;
    assert_eq!((&admins["photos"], &admins["original"]), (&json!(shown.photos), &Value::Null));
    for report in [shown.own().await, shown.stranger().await] {
        let text = report.to_string();
        assert!(text.contains(&blurred) && !text.contains(&passer_by), "{text}");
    }
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{passer_by}")).await, StatusCode::NOT_FOUND);
    let own = shown.phone.get(&shown.server, &format!("/api/v1/photos/{passer_by}")).await;
    assert_eq!(own.status(), StatusCode::NOT_FOUND);

    shown.server.set_clock("2026-12-03T09:00:30+08:00");
    sweep(shown.server.running.state()).await.expect("swept");
    assert_eq!(
        photo_files(&shown.server).await.len(),
        6,
        "two of the reporter, one of the repair, and their thumbnails"
    );
    shown.worker = sign_in(&shown.server, Role::Worker).await;
    let case = shown.redacted(5, json!({"photos": [{"photo": blurred}]})).await;
    assert_eq!(pictures(&case)[3..], [json!([]), json!([]), json!([]), json!([])]);
}

#[tokio::test]
async fn what_was_sent_is_forgotten_after_a_month_and_what_is_shown_stays() {
    let mut shown = Shown::new().await;
    let [plate, kerb] = shown.photos.clone();
    let blurred = shown.picture(jpeg(24, 8)).await;
    let change =
        json!({"description": "路缘石被撞坏", "photos": [{"photo": plate, "instead": blurred}, {"photo": kerb}]});
    shown.redacted(1, change).await;
    let state = shown.server.running.state();
    // Somebody blurs it better when nobody else names the first try any more.
    shown.server.set_clock("2026-12-03T09:00:30+08:00");
    sweep(state).await.expect("swept");
    shown.worker = sign_in(&shown.server, Role::Worker).await;
    let better = shown.picture(jpeg(40, 8)).await;
    shown.redacted(2, json!({"photos": [{"photo": blurred, "instead": better}]})).await;
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{blurred}")).await, StatusCode::NOT_FOUND);

    shown.server.set_clock("2027-01-02T09:00:30+08:00");
    sweep(state).await.expect("swept");
    assert_eq!(shown.own().await["description"], WORDS);
    shown.server.set_clock("2027-01-02T09:00:31+08:00");
    // The server's own sweep may be first; files go with their rows.
    assert_eq!(sweep(state).await.expect("swept").files, 0);
    assert_eq!(photo_files(&shown.server).await.len(), 2, "one picture and its thumbnail");
    for report in [shown.own().await, shown.stranger().await] {
        assert_eq!((&report["description"], &report["photos"]), (&json!("路缘石被撞坏"), &json!([better])));
    }
    let left: Vec<String> =
        sqlx::query_scalar("SELECT sha256 FROM photos").fetch_all(state.store.pool()).await.expect("photos");
    assert_eq!(left, std::slice::from_ref(&better));
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{better}")).await, StatusCode::OK);
    let admin = sign_in(&shown.server, Role::Admin).await;
    assert_eq!(read(&admin, &shown.server, &shown.path("")).await["original"], Value::Null);
}

#[tokio::test]
async fn a_report_sent_again_after_what_it_showed_is_forgotten_gets_the_receipt_it_got_then() {
    let shown = Shown::new().await;
    let [plate, _] = &shown.photos;
    let mut sent = report_with("photos", Some(json!(shown.photos)));
    sent["description"] = json!(WORDS);
    let again = async || {
        let answer = shown.phone.send_report(&shown.server, shown.case, &sent).await;
        (answer.status(), answer.bytes().await.expect("a receipt"))
    };
    let before = again().await;
    assert_eq!(before.0, StatusCode::OK);
    shown.redacted(1, json!({"photos": [{"photo": plate}]})).await;
    shown.server.set_clock("2027-01-02T09:00:31+08:00");
    sweep(shown.server.running.state()).await.expect("swept");
    let gone = shown.phone.get(&shown.server, &format!("/api/v1/photos/{plate}")).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
    assert_eq!(again().await, before);

    // What is not received yet needs its photos, and the id stays that of what was received.
    let new = shown.phone.send_report(&shown.server, Uuid::now_v7(), &sent).await;
    assert!(problem(new, 422).await.contains(plate));
    let mut other = sent.clone();
    other["description"] = json!("另一处");
    problem(shown.phone.send_report(&shown.server, shown.case, &other).await, 409).await;
}

#[tokio::test]
async fn what_was_replaced_in_one_report_is_public_in_no_other_however_long_ago_that_was() {
    let shown = Shown::new().await;
    let [plate, _] = shown.photos.clone();
    // Somebody else has sent the same picture of another place.
    let (other, second) = (Phone::new(2), Uuid::now_v7());
    assert_eq!(other.send_photo(&shown.server, &jpeg(8, 8)).await.1, plate);
    let mut body = report_with("photos", Some(json!([plate])));
    body["lat"] = json!(30.35);
    assert_eq!(other.send_report(&shown.server, second, &body).await.status(), StatusCode::CREATED);
    take(&shown.worker, &shown.server, second, 0, "accept", json!({})).await;
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{plate}")).await, StatusCode::OK);
    shown.redacted(1, json!({"photos": [{"photo": plate}]})).await;
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{plate}")).await, StatusCode::NOT_FOUND);
    shown.server.set_clock("2027-01-02T09:00:31+08:00");
    sweep(shown.server.running.state()).await.expect("swept");
    assert_eq!(shown.own().await["photos"], json!([shown.photos[1]]), "what was sent is forgotten");
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{plate}")).await, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/photos/{plate}");
    assert_eq!(other.get(&shown.server, &path).await.status(), StatusCode::OK, "whoever sent it still sees it");
}

#[tokio::test]
async fn what_was_replaced_stays_hidden_when_its_report_is_taken_back() {
    let shown = Shown::new().await;
    let [plate, _] = shown.photos.clone();
    let (other, second) = (Phone::new(2), Uuid::now_v7());
    other.send_photo(&shown.server, &jpeg(8, 8)).await;
    let mut body = report_with("photos", Some(json!([plate])));
    body["lat"] = json!(30.35);
    assert_eq!(other.send_report(&shown.server, second, &body).await.status(), StatusCode::CREATED);
    take(&shown.worker, &shown.server, second, 0, "accept", json!({})).await;
    shown.redacted(1, json!({"photos": [{"photo": plate}]})).await;
    let declined = json!({"reason": "privacy", "note_public": "拍到了车牌"});
    take(&shown.worker, &shown.server, shown.case, 2, "decline", declined).await;
    let url = shown.server.url(&format!("/api/v1/reports/{}", shown.case));
    let gone = shown.server.http.delete(url).bearer_auth(&shown.phone.token).send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(shown.server.get_status(format!("/api/v1/photos/{plate}")).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_redaction_is_done_once_and_only_on_what_its_author_has_seen() {
    let shown = Shown::new().await;
    let change = body(1, &json!({"description": "路缘石被撞坏"}));
    let first: Value = shown.redact(&change).await.json().await.expect("JSON");
    let again: Value = shown.redact(&change).await.json().await.expect("JSON");
    assert_eq!(first, again);
    let late = shown.redact(&body(1, &json!({"description": "晚了"}))).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    assert_eq!(late.json::<Value>().await.expect("JSON")["changed"]["step"], "redact");
    assert_eq!(shown.stranger().await["description"], "路缘石被撞坏");
}

#[tokio::test]
async fn a_redaction_with_a_fault_is_refused_by_name_and_changes_nothing() {
    let shown = Shown::new().await;
    let [plate, kerb] = &shown.photos;
    let blurred = shown.picture(jpeg(24, 8)).await;
    let of_phone = shown.phone.send_photo(&shown.server, &jpeg(32, 8)).await.1;
    let none = "0".repeat(64);
    for (more, named) in [
        (json!({}), "description"),
        (json!({"description": "长".repeat(1001)}), "description"),
        (json!({"description": 7}), "description"),
        (json!({"description": "x", "note_internal": " "}), "note_internal"),
        (json!({"description": "x", "note_internal": "长".repeat(1001)}), "note_internal"),
        (json!({"description": "x", "version": null}), "version"),
        (json!({"description": "x", "event_id": "x"}), "event_id"),
        (json!({"photos": [plate]}), "photos"),
        (json!({"photos": [{"photo": "x"}]}), "photos"),
        (json!({"photos": [{"photo": none}]}), "photos"),
        (json!({"photos": [{"photo": plate}, {"photo": plate}]}), "photos"),
        (json!({"photos": [{"photo": plate, "instead": kerb}]}), "photos"),
        (json!({"photos": [{"photo": plate, "instead": blurred}, {"photo": kerb, "instead": blurred}]}), "photos"),
        (json!({"photos": [{"photo": plate, "instead": of_phone}]}), "photos"),
        (json!({"photos": [{"photo": plate, "instead": none}]}), "photos"),
        (json!({"photos": [{"photo": plate, "instead": blurred}, {"photo": kerb, "instead": "x"}]}), "photos"),
        (json!({"photos": vec![json!({"photo": plate}); 6]}), "photos"),
    ] {
        let detail = problem(shown.redact(&body(1, &more)).await, 422).await;
        assert!(detail.contains(named), "{more}: {detail}");
    }
    let url = shown.server.url(&format!("/api/v1/staff/cases/{}/redactions", Uuid::now_v7()));
    let answer = shown.worker.post(url).json(&body(0, &json!({"description": "x"}))).send().await;
    problem(answer.expect("an answer"), 404).await;
    let by_step = send(&shown.worker, &shown.server, shown.case, &step(1, "redact", &json!({}))).await;
    assert!(problem(by_step, 422).await.contains("redactions"));
    let stranger = shown.stranger().await;
    assert_eq!((&stranger["description"], &stranger["photos"]), (&json!(WORDS), &json!([plate, kerb])));
}

#[tokio::test]
async fn what_is_taken_down_strangers_see_no_more_whatever_becomes_of_it_until_it_is_published() {
    let shown = Shown::new().await;
    let Shown { server, worker, case, .. } = &shown;
    let open = async || {
        let list = server.json("/api/v1/snapshot").await["open_reports"].clone();
        list.as_array().expect("a list").iter().any(|report| report["id"] == json!(case))
    };
    server.running.state().snapshots.changed();
    assert!(open().await);
    let before = server.json("/api/v1/snapshot").await["rev"].as_i64().expect("a revision");
    assert_eq!(read(worker, server, &shown.path("")).await["taken_down"], false);
    let down = take(worker, server, *case, 1, "takedown", json!({"note_internal": "涉及隐私"})).await;
    assert_eq!((&down["state"], &down["taken_down"]), (&json!("accepted"), &json!(true)));
    let steps = down["steps"].as_array().expect("a list");
    assert!(steps.contains(&json!("publish")) && !steps.contains(&json!("takedown")), "{steps:?}");

    let nothing = async || {
        for path in [format!("/api/v1/reports/{case}"), format!("/api/v1/photos/{}", shown.photos[0])] {
            assert_eq!(server.get_status(path).await, StatusCode::NOT_FOUND);
        }
        assert_eq!(server.json("/api/v1/reports?near=30.317,120.139").await["reports"], json!([]));
        assert!(!open().await);
        problem(get(worker, server, &shown.path("/public")).await, 404).await;
    };
    nothing().await;
    let changes = server.json(&format!("/api/v1/snapshot?since={before}")).await.to_string();
    assert!(changes.contains(&case.to_string()), "phones that know of it hear that it is gone: {changes}");
    assert_eq!(shown.own().await["state"], "accepted", "its reporter still sees it");
    for (version, name, more) in [(2, "takedown", json!({})), (2, "fly", json!({}))] {
        problem(send(worker, server, *case, &step(version, name, &more)).await, 422).await;
    }

    let roads = unit(server, &shown.admin, "市政").await;
    take(worker, server, *case, 2, "assign", json!({"unit": roads})).await;
    nothing().await;
    let up = take(worker, server, *case, 3, "publish", json!({})).await;
    assert_eq!((&up["state"], &up["taken_down"]), (&json!("assigned"), &json!(false)));
    assert_eq!(shown.stranger().await["state"], "assigned");
    assert!(open().await);
    problem(send(worker, server, *case, &step(4, "publish", &json!({}))).await, 422).await;

    // What strangers do not see its reporter may take back.
    take(worker, server, *case, 4, "takedown", json!({})).await;
    let url = server.url(&format!("/api/v1/reports/{case}"));
    let gone = server.http.delete(url).bearer_auth(&shown.phone.token).send().await.expect("an answer");
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn only_what_is_public_is_taken_down() {
    let server = TestServer::start_at(NOW).await;
    let (worker, phone, case) = (sign_in(&server, Role::Worker).await, Phone::new(1), Uuid::now_v7());
    phone.send_report(&server, case, &report_with("photos", None)).await;
    for name in ["takedown", "publish"] {
        assert!(problem(send(&worker, &server, case, &step(0, name, &json!({}))).await, 422).await.contains("step"));
    }
    problem(get(&worker, &server, &format!("/api/v1/staff/cases/{case}/public")).await, 404).await;
}
