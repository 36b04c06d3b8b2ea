//! `waypost staff`, and the link of the first start.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::io::Read;
use std::path::Path;
use std::process::Stdio;

use crate::support::command::{Ended, run, waypost};
use crate::support::program::{Program, serve};
use reqwest::StatusCode;
use serde_json::{Value, json};

const PASSWORD: &str = "kerb lamp tree 93 onion";

fn staff(data: &Path, args: &[&str]) -> Ended {
    let mut command = waypost();
    crate::support::database::named(&mut command, data);
    let site = ["--public-url", "https://waypost.example"];
    run(command.arg("staff").args(args).args(site).arg("--data-dir").arg(data), b"")
}

/// The token of the link that a command has printed on a line of its own.
fn token(words: &str) -> String {
    let link = words.lines().find(|line| line.starts_with("https://waypost.example/staff/setup#"));
    link.unwrap_or_else(|| panic!("{words}")).split_once('#').expect("a token").1.to_owned()
}

async fn post(program: &Program, path: &str, body: Value) -> StatusCode {
    let url = format!("{}{path}", program.url);
    reqwest::Client::new().post(url).json(&body).send().await.expect("an answer").status()
}

#[tokio::test]
async fn somebody_added_beside_a_running_server_chooses_a_password_and_signs_in() {
    let data = tempfile::tempdir().expect("a directory");
    let program = Program::start(serve(data.path()));
    let added = staff(data.path(), &["add", "李强", "--role", "worker"]);
    assert_eq!(added.code, 0, "{added:?}");
    let setup = json!({"token": token(&added.out), "password": PASSWORD});
    assert_eq!(post(&program, "/api/v1/staff/setup", setup.clone()).await, StatusCode::OK);
    assert_eq!(post(&program, "/api/v1/staff/setup", setup).await, StatusCode::UNPROCESSABLE_ENTITY, "it works once");
    let entered = post(&program, "/api/v1/staff/session", json!({"name": "李强", "password": PASSWORD})).await;
    assert_eq!(entered, StatusCode::OK);
    let again = staff(data.path(), &["add", "李强", "--role", "admin"]);
    assert!(again.code != 0 && again.err.contains("waypost staff reset"), "{again:?}");
    let reset = staff(data.path(), &["reset", "李强"]);
    assert_eq!(reset.code, 0, "{reset:?}");
    let other = "another lamp tree 93 onion";
    let setup = json!({"token": token(&reset.out), "password": other});
    assert_eq!(post(&program, "/api/v1/staff/setup", setup).await, StatusCode::OK);
    for (password, expected) in [(PASSWORD, StatusCode::UNAUTHORIZED), (other, StatusCode::OK)] {
        let entered = post(&program, "/api/v1/staff/session", json!({"name": "李强", "password": password})).await;
        assert_eq!(entered, expected);
    }
}

#[test]
fn what_makes_no_sense_is_said_in_plain_words_and_adds_nobody() {
    let data = tempfile::tempdir().expect("a directory");
    for (args, words) in [
        (&["add", "李强", "--role", "boss"][..], "admin, worker or unit"),
        (&["add", "李:强", "--role", "worker"], "colons"),
        (&["add", " ", "--role", "worker"], "empty"),
        (&["add", "李强", "--role", "worker", "--unit", "0193a2b0-0000-7000-8000-000000000001"], "role unit"),
        (&["add", "李强", "--role", "unit", "--unit", "0193a2b0-0000-7000-8000-000000000001"], "no such unit"),
        (&["reset", "李强"], "there is no 李强"),
    ] {
        let ended = staff(data.path(), args);
        assert!(ended.code != 0 && ended.out.is_empty() && ended.err.contains(words), "{args:?}: {ended:?}");
    }
}

#[tokio::test]
async fn the_first_start_prints_a_link_to_the_log_and_only_while_there_is_nobody() {
    let data = tempfile::tempdir().expect("a directory");
    let log = |somebody: bool| {
        let mut command = serve(data.path());
        command.args(["--public-url", "https://waypost.example", "--log-format", "json"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut program = Program::listening(child);
        program.signal("TERM");
        assert!(program.child.wait().expect("it ends").success());
        let mut log = String::new();
        program.child.stderr.take().expect("its log").read_to_string(&mut log).expect("text");
        assert_eq!(log.contains("https://waypost.example/staff/setup#"), !somebody, "{log}");
    };
    log(false);
    assert_eq!(staff(data.path(), &["add", "王芳", "--role", "admin"]).code, 0);
    log(true);
}
