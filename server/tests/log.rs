//! What the operator reads in the log.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

mod support;

use std::io::Read;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use support::phone::{Phone, report, sha256};
use support::pictures::jpeg;
use support::program::{Program, serve};
use support::{TestServer, header};
use uuid::Uuid;
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

/// The whole log, after the program has ended.
fn log(mut program: Program) -> Vec<Value> {
    program.signal("TERM");
    let mut text = String::new();
    program.child.stderr.take().expect("its log").read_to_string(&mut text).expect("text");
    assert!(program.child.wait().expect("it ends").success());
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|_| panic!("{line}")));
    lines.collect()
}

#[tokio::test]
async fn each_request_is_one_line_of_json_that_says_what_was_done_and_not_who_did_it_where() {
    let data = tempfile::tempdir().expect("a directory");
    let mut command = serve(data.path());
    command.args(["--trust-proxy", "--log", "waypost_server=debug", "--log-format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let program = Program::listening(child);
    let (http, phone, id, picture) = (Client::new(), Phone::new(1), Uuid::now_v7(), jpeg(64, 64));
    let name = sha256(&picture);
    let ask = |method, path: String| {
        let request = http.request(method, format!("{}{path}", program.url));
        request.bearer_auth(&phone.token).header("x-forwarded-for", "203.0.113.77")
    };
    let mut asked = Vec::new();
    for (request, method, route, status) in [
        (
            ask(Method::PUT, format!("/api/v1/photos/{name}")).body(picture.clone()),
            "PUT",
            "/api/v1/photos/{sha256}",
            201,
        ),
        (ask(Method::PUT, format!("/api/v1/reports/{id}")).json(&report()), "PUT", "/api/v1/reports/{id}", 201),
        (ask(Method::GET, format!("/api/v1/reports/{id}")), "GET", "/api/v1/reports/{id}", 200),
        (ask(Method::GET, "/api/v1/reports?near=30.317234,120.138678".to_owned()), "GET", "/api/v1/reports", 200),
        (ask(Method::GET, "/market?at=30.317234".to_owned()), "GET", "{page}", 200),
        (ask(Method::GET, format!("/api/v1/curious/{}", phone.token)), "GET", "{nothing}", 404),
        (ask(Method::DELETE, format!("/api/v1/reports/{id}")), "DELETE", "/api/v1/reports/{id}", 204),
    ] {
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::from_u16(status).expect("a status"), "{method} {route}");
        let request_id = header(&answer, "x-request-id").to_owned();
        asked.push((request_id, method, route, status, answer.bytes().await.expect("a body").len() as u64));
    }
    let lines = log(program);
    let answers: Vec<_> = lines.iter().filter(|line| line["message"] == "answered").collect();
    assert_eq!(answers.len(), asked.len());
    for (request_id, method, route, status, bytes) in &asked {
        let line = answers.iter().find(|line| line["span"]["id"] == request_id.as_str()).expect("a line");
        let said = (line["span"]["method"].as_str(), line["route"].as_str());
        assert_eq!(said, (Some(*method), Some(*route)), "{line}");
        assert_eq!(
            (&line["status"], &line["bytes_out"], &line["whole"]),
            (&(*status).into(), &(*bytes).into(), &true.into())
        );
        assert!(line["elapsed_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{line}");
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    assert!(answers.iter().any(|line| line["bytes_in"] == picture.len()), "{answers:?}");
    let secrets = [phone.token.clone(), sha256(phone.token.as_bytes()), id.to_string(), name];
    // The link for the first of the staff is for whoever reads the log, and has the server's own address.
    let for_operators = |line: &&Value| line["target"] == "waypost_server::cli::serve";
    // A moment, or how long something took, may be any number.
    let without_times = |line: &Value| {
        let mut line = line.clone();
        let said = line.as_object_mut().expect("an object");
        for time in ["timestamp", "elapsed_ms"] {
            said.remove(time);
        }
        line.to_string()
    };
    for line in lines.iter().filter(|line| !for_operators(line)).map(without_times) {
        for secret in
            secrets.iter().map(String::as_str).chain(["30.317", "120.138", "203.0.113", "127.0.0.1", "kerb", "gate"])
        {
            assert!(!line.contains(secret), "{secret} in {line}");
        }
    }
}
