//! Cases of a running server, as staff work on them.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;

use super::TestServer;
use super::phone::{Phone, report};

pub async fn get(client: &Client, server: &TestServer, path: &str) -> Response {
    client.get(server.url(path)).send().await.expect("an answer")
}

pub async fn read(client: &Client, server: &TestServer, path: &str) -> Value {
    let answer = get(client, server, path).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    answer.json().await.expect("JSON")
}

pub async fn send(client: &Client, server: &TestServer, case: Uuid, body: &Value) -> Response {
    let url = server.url(&format!("/api/v1/staff/cases/{case}/events"));
    client.post(url).json(body).send().await.expect("an answer")
}

/// A step with more fields.
pub fn step(version: i64, step: &str, more: &Value) -> Value {
    let mut body = json!({"event_id": Uuid::now_v7(), "version": version, "step": step});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

/// Takes a step that is taken, and gives the case.
pub async fn take(client: &Client, server: &TestServer, case: Uuid, version: i64, name: &str, more: Value) -> Value {
    let answer = send(client, server, case, &step(version, name, &more)).await;
    let (status, body) = (answer.status(), answer.text().await.expect("text"));
    assert_eq!(status, StatusCode::OK, "{name}: {body}");
    serde_json::from_str(&body).expect("JSON")
}

pub async fn reported(server: &TestServer, phone: &Phone) -> Uuid {
    let id = Uuid::now_v7();
    assert_eq!(phone.send_report(server, id, &report()).await.status(), StatusCode::CREATED);
    id
}

pub async fn unit(server: &TestServer, admin: &Client, name: &str) -> UnitId {
    let body = json!({"name": name, "contact": "李工", "phone": "0571-12345"});
    let answer = admin.post(server.url("/api/v1/staff/units")).json(&body).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::CREATED);
    let unit: Value = answer.json().await.expect("JSON");
    UnitId(unit["id"].as_str().expect("an id").parse().expect("a UUID"))
}
