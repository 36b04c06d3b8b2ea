//! What the operator reads in the log.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod support;

use std::sync::{Arc, Mutex};

use support::TestServer;
use waypost_server::schedule::calendar::Year;
use waypost_server::store::Connection;
use waypost_server::store::calendar::put_year;
use waypost_server::store::district::Change;

/// Changes the calendar of 2025.
async fn announce(server: &TestServer, body: &str) {
    let year = Year::parse(2025, body).expect("a year");
    let state = server.running.state();
    let job = state.store.write(move |conn: &mut Connection| {
        Box::pin(async move { put_year(&mut Change::begin(conn).await?, &year).await })
    });
    job.await.expect("stored");
    state.snapshots.changed();
}

/// What is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn warnings_of(&self, year: &str) -> usize {
        let text = String::from_utf8(self.0.lock().expect("the log").clone()).expect("text");
        text.lines().filter(|line| line.contains("WARN") && line.contains(year)).count()
    }
}

#[tokio::test]
async fn the_log_warns_once_a_day_however_often_the_district_changes() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    // For all threads, and so in a test binary of its own: whether an event is wanted at all is remembered process-wide.
    tracing::subscriber::set_global_default(subscriber).expect("the only subscriber");
    let server = TestServer::start_at("2026-12-10T12:00:00+08:00").await;
    for body in [r#"{"days_off":[],"working_weekends":["2025-01-11"]}"#, r#"{"days_off":[],"working_weekends":[]}"#] {
        server.json("/api/v1/snapshot").await;
        announce(&server, body).await;
    }
    server.json("/api/v1/snapshot").await;
    assert_eq!(log.warnings_of("2027"), 1);
    server.set_clock("2026-12-11T00:00:00+08:00");
    server.json("/api/v1/snapshot").await;
    assert_eq!(log.warnings_of("2027"), 2);
}
