//! The real server on a free port with a real database in a directory of its own.

#![allow(dead_code, unreachable_pub, reason = "a module of two programs, each of which uses its own part")]

pub mod cases;
pub mod command;
pub mod database;
pub mod days;
pub mod district;
pub mod files;
pub mod ical;
pub mod nginx;
pub mod office;
pub mod phone;
pub mod pictures;
pub mod program;
pub mod public_reports;
pub mod staff;
pub mod tus;
pub mod verifications;
pub mod wire;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use waypost_server::clock::Clock;
use waypost_server::config::Config;
use waypost_server::serve::{Running, start};

pub struct TestServer {
    pub running: Running,
    pub data: Arc<tempfile::TempDir>,
    pub http: reqwest::Client,
}

impl TestServer {
    /// With the sample district and the machine's clock.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// With settings changed from those of [`TestServer::start`].
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().expect("a temporary directory")), change).await
    }

    /// With the sample district, at a moment such as `2026-11-24T08:30:00+08:00`; the clock stands still.
    pub async fn start_at(moment: &str) -> Self {
        let clock = Clock::fixed(at(moment));
        Self::start_with(|config| config.clock = clock).await
    }

    /// Stops it and starts it again on the same data, with its settings changed.
    pub async fn restart_with(self, change: impl FnOnce(&mut Config)) -> Self {
        let before = self.running.state().config.clone();
        self.running.stop().await.expect("the server stops");
        Self::start_in(self.data, |config| {
            *config = Config::clone(&before);
            change(config);
        })
        .await
    }

    /// Another copy of the program beside it: on the same data and with the same settings.
    pub async fn beside(&self) -> Self {
        let settings = self.running.state().config.clone();
        Self::start_in(self.data.clone(), |config| *config = Config::clone(&settings)).await
    }

    /// On what is in a directory already.
    pub async fn start_on(data: tempfile::TempDir) -> Self {
        Self::start_in(Arc::new(data), |_| {}).await
    }

    async fn start_in(data: Arc<tempfile::TempDir>, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new("127.0.0.1:0".parse().expect("an address"), data.path());
        // Tests come from one address, and often; those about rates set their own.
        config.rates = None;
        config.photos_url = files::photos_url(data.path());
        change(&mut config);
        config.database.get_or_insert_with(|| database::of(&config.data_dir));
        let running = start(config).await.expect("the server starts");
        // Redirects are answers to look at; a pooled connection would outlive a restart.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self { running, data, http: http.build().expect("a client") }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr())
    }

    /// Moves a fixed clock.
    pub fn set_clock(&self, moment: &str) {
        self.running.state().clock.set(at(moment));
    }

    pub async fn get(&self, path: &str) -> Response {
        self.http.get(self.url(path)).send().await.expect("an answer")
    }

    pub async fn get_status(&self, path: String) -> StatusCode {
        self.get(&path).await.status()
    }

    /// The body of a 200 as JSON.
    pub async fn json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }
}

/// A moment written out.
pub fn at(moment: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(moment).expect("RFC 3339").to_utc()
}

/// Asserts that an answer is a problem document with this status, and gives its detail.
pub async fn problem(response: Response, status: u16) -> String {
    assert_eq!(response.status().as_u16(), status);
    let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
    assert_eq!(kind, "application/problem+json");
    let body: Value = response.json().await.expect("JSON");
    assert_eq!(body["status"], status);
    assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{body}");
    body["detail"].as_str().expect("a detail").to_owned()
}

/// A header as text.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap_or_else(|| panic!("no {name}")).to_str().expect("text")
}
