//! What the way into a station looks like: who may show it, who sees it, and how long it stays.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::photo_files;
use crate::support::office::Office;
use crate::support::phone::{Phone, sha256};
use crate::support::pictures::jpeg;
use crate::support::problem;
use crate::support::staff::sign_in;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use waypost_app::domain::staff::Role;
use waypost_server::retention::sweep;

const NOW: &str = "2026-11-24T09:00:30+08:00";
const SLUG: &str = "qiaoxi";

fn entry(entrance: Value) -> Value {
    json!({"name": "桥西小站", "slug": SLUG, "lat": 30.3172, "lng": 120.1386, "entrance": entrance})
}

impl Office {
    /// Sends a picture as one of staff, and gives its name.
    async fn photo(&self, pixels: u32) -> String {
        let bytes = jpeg(pixels, 8);
        let name = sha256(&bytes);
        let url = self.server.url(&format!("/api/v1/staff/photos/{name}"));
        let answer = self.worker.put(url).body(bytes).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::CREATED);
        name
    }

    /// A new station with these steps, as it is kept.
    async fn lead_in(&self, entrance: Value) -> Response {
        self.post("stations", &json!({"entry": entry(entrance)})).await
    }

    async fn made(&self, entrance: Value) -> Value {
        self.make("stations", entry(entrance)).await
    }

    /// Gives a station other steps.
    async fn change(&self, kept: &Value, entrance: Value) -> Value {
        let answer = self.put("stations", kept, |entry| entry["entrance"] = entrance).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.expect("JSON")
    }

    /// The steps as phones get them.
    async fn way_on_phones(&self) -> Value {
        let snapshot = self.server.json("/api/v1/snapshot").await;
        let stations = snapshot["stations"].as_array().expect("stations");
        stations.iter().find(|station| station["slug"] == SLUG).expect("the station")["entrance"].clone()
    }

    /// How everybody is answered who asks for a picture.
    async fn in_public(&self, photo: &str) -> StatusCode {
        self.server.get_status(format!("/api/v1/photos/{photo}?size=thumb")).await
    }

    async fn sweep_at(&self, moment: &str) {
        self.server.set_clock(moment);
        sweep(self.server.running.state()).await.expect("swept");
    }
}

#[tokio::test]
async fn everybody_sees_a_photo_for_as_long_as_a_station_shows_it_and_staff_also_afterwards() {
    let office = Office::open_at(NOW).await;
    let photo = office.photo(16).await;
    assert_eq!(office.in_public(&photo).await, StatusCode::NOT_FOUND);
    let steps = json!([{"text": "走下沉广场的扶梯", "text_en": "", "photo": photo}, {"text": "左转", "text_en": ""}]);
    let made = office.made(steps.clone()).await;
    assert_eq!((&made["entry"]["entrance"], &office.way_on_phones().await), (&steps, &steps));
    assert_eq!(office.in_public(&photo).await, StatusCode::OK);

    let changed = office.change(&made, json!([{"text": "左转"}])).await;
    assert_eq!(office.in_public(&photo).await, StatusCode::NOT_FOUND);
    let colleague = sign_in(&office.server, Role::Worker).await;
    let url = office.server.url(&format!("/api/v1/staff/photos/{photo}/thumb"));
    assert_eq!(colleague.get(url).send().await.expect("an answer").status(), StatusCode::OK);

    // It is there still when somebody takes the change back, however late.
    office.sweep_at("2027-11-24T09:00:30+08:00").await;
    let worker = sign_in(&office.server, Role::Worker).await;
    let url = office.server.url(&format!("/api/v1/staff/changes/{}/undo", changed["version"]));
    let undone = worker.post(url).json(&json!({})).send().await.expect("an answer");
    assert_eq!(undone.status(), StatusCode::OK);
    assert_eq!(office.way_on_phones().await, steps);
    assert_eq!(office.in_public(&photo).await, StatusCode::OK);

    let seen = office.server.json("/api/v1/snapshot").await;
    assert!(seen["stations"].as_array().is_some_and(|all| all.len() > 1), "other stations stay");
    let view = worker.get(office.server.url(&format!("/api/v1/staff/stations/{}", made["id"].as_str().expect("id"))));
    let view: Value = view.send().await.expect("an answer").json().await.expect("JSON");
    let url = office.server.url(&format!(
        "/api/v1/staff/stations/{}?version={}",
        made["id"].as_str().expect("id"),
        view["version"]
    ));
    assert_eq!(worker.delete(url).send().await.expect("an answer").status(), StatusCode::NO_CONTENT);
    assert_eq!(office.in_public(&photo).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_station_shows_no_photo_that_is_not_there_or_that_a_reporter_has_sent() {
    let office = Office::open_at(NOW).await;
    let nothing = "a".repeat(64);
    let (answer, private) = Phone::new(1).send_photo(&office.server, &jpeg(16, 16)).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    for photo in [nothing, private.clone()] {
        let answer = office.lead_in(json!([{"text": "左转", "photo": photo}])).await;
        let detail = problem(answer, 422).await;
        assert!(detail.starts_with("entrance names a photo"), "{detail}");
    }
    assert_eq!(office.in_public(&private).await, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_photo_that_no_station_ever_showed_is_dropped_and_one_that_was_shown_stays() {
    let office = Office::open_at(NOW).await;
    let (shown, loose) = (office.photo(16).await, office.photo(24).await);
    office.made(json!([{"text": "左转", "photo": shown}])).await;
    assert_eq!(photo_files(&office.server).await.len(), 4, "two pictures and their thumbnails");
    office.sweep_at("2026-12-03T09:00:30+08:00").await;
    assert_eq!(photo_files(&office.server).await.len(), 2);
    assert_eq!(office.in_public(&shown).await, StatusCode::OK);
    let url = office.server.url(&format!("/api/v1/staff/photos/{loose}"));
    let worker = sign_in(&office.server, Role::Worker).await;
    assert_eq!(worker.get(url).send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_file_with_the_same_steps_leaves_their_photos_and_one_with_others_is_not_taken_over_them() {
    let office = Office::open_at(NOW).await;
    let bring = async |words: &str| -> Value {
        let file = format!("slug,name,lat,lng,entrance\n{SLUG},桥西小站,30.3172,120.1386,{words}\n");
        let url = office.server.url("/api/v1/staff/import");
        office.worker.post(url).body(file).send().await.expect("an answer").json().await.expect("JSON")
    };
    assert_eq!(bring("左转").await["ending"], "written");
    let list: Value = office.send(Method::GET, "stations", &Value::Null).await.json().await.expect("JSON");
    let id = list["stations"][0]["id"].as_str().expect("an id");
    let view: Value =
        office.send(Method::GET, &format!("stations/{id}"), &Value::Null).await.json().await.expect("JSON");
    let photo = office.photo(16).await;
    let steps = json!([{"text": "左转", "text_en": "", "photo": photo}]);
    let kept = json!({"id": id, "version": view["version"], "entry": view["station"]});
    office.change(&kept, steps.clone()).await;

    let again = bring("左转").await;
    assert!(!again["report"].as_str().expect("a report").contains("kept"), "{again}");
    assert_eq!(office.way_on_phones().await, steps);
    let other = bring("右转").await;
    assert!(other["report"].as_str().expect("a report").contains("kept: entrance"), "{other}");
    assert_eq!(office.way_on_phones().await, steps);
    let export = office.send(Method::GET, "export?format=csv", &Value::Null).await.text().await.expect("text");
    assert!(export.contains("左转") && !export.contains(&photo), "{export}");
}
