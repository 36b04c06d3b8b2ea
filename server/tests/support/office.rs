//! The stations' pages of the staff, as a program that uses them.

use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use waypost_app::domain::staff::Role;

use super::TestServer;
use super::staff::sign_in;

/// Somebody of the staff who keeps stations, and the server.
pub struct Office {
    pub server: TestServer,
    pub worker: Client,
}

impl Office {
    pub async fn open_at(moment: &str) -> Self {
        let server = TestServer::start_at(moment).await;
        let worker = sign_in(&server, Role::Worker).await;
        Self { server, worker }
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Response {
        let url = self.server.url(&format!("/api/v1/staff/{path}"));
        self.worker.request(method, url).json(body).send().await.expect("an answer")
    }

    pub async fn get(&self, path: &str) -> Value {
        let response = self.send(Method::GET, path, &Value::Null).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.send(Method::POST, path, body).await
    }

    /// What was made, with its id and version.
    pub async fn make(&self, path: &str, entry: Value) -> Value {
        let response = self.post(path, &json!({"why": "opened", "entry": entry})).await;
        let status = response.status();
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body
    }

    /// Gives something another version.
    pub async fn put(&self, path: &str, kept: &Value, change: impl FnOnce(&mut Value)) -> Response {
        let mut entry = kept["entry"].clone();
        change(&mut entry);
        let path = format!("{path}/{}", kept["id"].as_str().expect("an id"));
        self.send(Method::PUT, &path, &json!({"version": kept["version"], "why": "seen", "entry": entry})).await
    }

    /// A station as phones get it.
    pub async fn on_phones(&self, id: &Value) -> Option<Value> {
        let snapshot = self.server.json("/api/v1/snapshot").await;
        snapshot["stations"].as_array().expect("stations").iter().find(|station| station["id"] == *id).cloned()
    }
}
