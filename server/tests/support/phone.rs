//! A phone as the server sees it: a token, and what it sends.

use reqwest::{Body, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::ReportState;
use waypost_server::store::reports;

use super::TestServer;
use super::files::{photo_files, scratch_files};

#[derive(Clone, Debug)]
pub struct Phone {
    pub token: String,
}

impl Phone {
    /// Phones with different numbers have different tokens.
    pub fn new(number: u8) -> Self {
        Self { token: sha256(&[number]) }
    }

    pub fn put_photo(&self, server: &TestServer, sha256: &str, body: impl Into<Body>) -> RequestBuilder {
        server.http.put(server.url(&format!("/api/v1/photos/{sha256}"))).bearer_auth(&self.token).body(body)
    }

    /// Sends a photo under its hash, and gives the answer and the hash.
    pub async fn send_photo(&self, server: &TestServer, bytes: &[u8]) -> (Response, String) {
        let name = sha256(bytes);
        (self.put_photo(server, &name, bytes.to_vec()).send().await.expect("an answer"), name)
    }

    pub fn put_report(&self, server: &TestServer, id: Uuid, body: &Value) -> RequestBuilder {
        server.http.put(server.url(&format!("/api/v1/reports/{id}"))).bearer_auth(&self.token).json(body)
    }

    pub async fn send_report(&self, server: &TestServer, id: Uuid, body: &Value) -> Response {
        self.put_report(server, id, body).send().await.expect("an answer")
    }

    pub async fn get(&self, server: &TestServer, path: &str) -> Response {
        server.http.get(server.url(path)).bearer_auth(&self.token).send().await.expect("an answer")
    }
}

/// A report with nothing wrong.
pub fn report() -> Value {
    json!({
        "category": "road",
        "description": "The kerb is broken",
        "lat": 30.317_234,
        "lng": 120.138_678,
        "accuracy_m": 12.5,
        "captured_at": "2026-11-24T08:10:00+08:00",
        "landmark": "north gate",
        "photos": [],
    })
}

/// The same with one field set, or left out if it is `None`.
pub fn report_with(field: &str, value: Option<Value>) -> Value {
    let mut body = report();
    let fields = body.as_object_mut().expect("an object");
    match value {
        Some(value) => fields.insert(field.to_owned(), value),
        None => fields.remove(field),
    };
    body
}

pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text grows");
        text
    })
}

/// What staff will do: move a report on.
pub async fn advance(server: &TestServer, id: Uuid, next: ReportState, note: &'static str) {
    let store = &server.running.state().store;
    let at = 1_795_500_000_000;
    let moved =
        store.write(move |conn| Box::pin(async move { reports::advance(conn, ReportId(id), next, at, note).await }));
    assert!(moved.await.expect("the store answers"), "{next:?} is a possible next state");
}

/// Rows of each table a report or photo touches: devices, photos, `photo_devices`, reports, `report_photos`,
/// `report_events`.
pub async fn rows(server: &TestServer) -> [i64; 6] {
    let counts: Vec<i64> = sqlx::query_scalar(
        "SELECT COUNT(*) FROM devices UNION ALL SELECT COUNT(*) FROM photos
         UNION ALL SELECT COUNT(*) FROM photo_devices UNION ALL SELECT COUNT(*) FROM reports
         UNION ALL SELECT COUNT(*) FROM report_photos UNION ALL SELECT COUNT(*) FROM report_events",
    )
    .fetch_all(server.running.state().store.pool())
    .await
    .expect("counts");
    counts.try_into().expect("six tables")
}

pub async fn assert_nothing_stored(server: &TestServer) {
    assert_eq!(rows(server).await, [0; 6]);
    assert_eq!(photo_files(server).await, Vec::<String>::new());
    assert_eq!(scratch_files(server), Vec::<std::path::PathBuf>::new());
}
