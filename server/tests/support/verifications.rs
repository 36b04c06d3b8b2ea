//! Saying something of a station, and looking at what became of it.

use super::district;
use super::phone::Phone;
use super::{TestServer, at, header};
use futures::future::BoxFuture;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::station::Station;
use waypost_app::domain::time::Minute;
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::store::district::Change;
use waypost_server::store::{self, Connection, StoreError};

/// A Tuesday.
pub const NOON: &str = "2026-11-24T12:00:00+08:00";
/// Open `Mo-Su 07:30-19:00`.
pub const TEA: &str = "aixin-tea";
/// Open `Mo-Fr 09:00-12:00,13:30-17:30`.
pub const OFFICE: &str = "hexie-labour";

pub fn said(station: &str, kind: &str, at: &str) -> Value {
    json!({ "station": station, "kind": kind, "at": at })
}

/// A moment on the Tuesday.
pub fn clock(time: &str) -> String {
    format!("2026-11-24T{time}+08:00")
}

pub fn put(server: &TestServer, phone: &Phone, id: Uuid, body: &Value) -> RequestBuilder {
    server.http.put(server.url(&format!("/api/v1/verifications/{id}"))).bearer_auth(&phone.token).json(body)
}

pub async fn send(server: &TestServer, phone: &Phone, id: Uuid, body: &Value) -> Response {
    put(server, phone, id, body).send().await.expect("an answer")
}

/// Says something that must be stored.
pub async fn say(server: &TestServer, phone: u8, station: &str, kind: &str, at: &str) {
    let answer = send(server, &Phone::new(phone), Uuid::now_v7(), &said(station, kind, at)).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{phone} {kind} {at}");
}

/// Phones find the tea station locked on the Tuesday.
pub async fn locked(server: &TestServer, reports: &[(u8, &str)]) {
    for (phone, time) in reports {
        say(server, *phone, TEA, "locked", &clock(time)).await;
    }
}

pub async fn snapshot(server: &TestServer) -> Snapshot {
    district::of(server).await
}

pub fn of<'a>(all: &'a Snapshot, slug: &str) -> &'a Station {
    all.stations.iter().find(|station| station.slug == slug).expect("the station")
}

pub async fn station(server: &TestServer, slug: &str) -> Station {
    of(&snapshot(server).await, slug).clone()
}

pub fn minute(moment: &str) -> Minute {
    Minute::from_millis(at(moment).timestamp_millis())
}

/// Since when the tea station counts as locked, as a time on the Tuesday.
pub async fn locked_since(server: &TestServer) -> Option<Minute> {
    station(server, TEA).await.locked_at_min
}

/// Rows of devices and verifications.
pub async fn rows(server: &TestServer) -> [i64; 2] {
    let counts: Vec<i64> =
        sqlx::query_scalar("SELECT COUNT(*) FROM devices UNION ALL SELECT COUNT(*) FROM verifications")
            .fetch_all(server.running.state().store.pool())
            .await
            .expect("counts");
    counts.try_into().expect("two tables")
}

/// The fields a verification is refused for.
pub async fn refused_fields(server: &TestServer, body: &Value) -> Vec<String> {
    let answer = send(server, &Phone::new(1), Uuid::now_v7(), body).await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
    let problem: Value = answer.json().await.expect("JSON");
    let errors = problem["errors"].as_array().expect("errors").iter();
    errors.map(|error| error["field"].as_str().expect("text").to_owned()).collect()
}

/// Changes the district while the server runs.
pub async fn change<F>(server: &TestServer, act: F)
where
    F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<(), StoreError>> + Send + 'static,
{
    let state = server.running.state();
    state.store.write(act).await.expect("stored");
    state.snapshots.changed();
}

/// Changes a station as staff do.
pub async fn staff(server: &TestServer, slug: &'static str, how: fn(&mut Station)) {
    change(server, move |conn| {
        Box::pin(async move {
            let content = store::district::load(conn).await?.expect("a district");
            let mut stations = content.stations.into_iter().map(|row| row.item);
            let mut station = stations.find(|station| station.slug == slug).expect("the station");
            how(&mut station);
            Change::begin(conn).await?.station(&station).await
        })
    })
    .await;
}
