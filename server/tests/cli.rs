//! The program itself, started as a person starts it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::io::Read;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use crate::support::command::waypost;
use crate::support::program::{Program, serve};

fn get(program: &Program, path: &str) -> String {
    let addr = program.url.strip_prefix("http://").expect("an address");
    let mut stream = std::net::TcpStream::connect(addr).expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn refused(mut command: Command) -> String {
    let Output { status, stderr, stdout } = command.output().expect("it runs");
    assert!(!status.success());
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    String::from_utf8(stderr).expect("text")
}

#[test]
fn serve_says_where_it_listens_answers_and_stops_on_a_signal() {
    for name in ["TERM", "INT"] {
        let data = tempfile::tempdir().expect("a directory");
        let mut program = Program::start(serve(data.path()));
        assert!(get(&program, "/healthz").starts_with("HTTP/1.1 200"));
        assert!(get(&program, "/api/v1/snapshot").contains("xinxin-shouhu"));
        program.signal(name);
        assert!(program.child.wait().expect("it ends").success(), "SIG{name}");
        let mut rest = String::new();
        program.child.stdout.take().expect("its output").read_to_string(&mut rest).expect("text");
        assert_eq!(rest, "", "nothing else is written there");
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the measurement is the point")]
fn an_existing_database_is_opened_again_and_answered_from() {
    let data = tempfile::tempdir().expect("a directory");
    let first = Program::start(serve(data.path()));
    first.signal("TERM");
    drop(first);
    let begun = Instant::now();
    let program = Program::start(serve(data.path()));
    let listening = begun.elapsed();
    assert!(get(&program, "/api/v1/snapshot").starts_with("HTTP/1.1 200"));
    // Measured, not judged: a busy machine says nothing about the program.
    println!("start to listening {listening:?}, to the first snapshot {:?}", begun.elapsed());
}

#[test]
fn no_sample_starts_empty_by_flag_and_by_environment() {
    let data = tempfile::tempdir().expect("a directory");
    let mut command = serve(data.path());
    command.arg("--no-sample");
    assert!(get(&Program::start(command), "/api/v1/snapshot").contains("\"stations\":[]"));
    for (value, empty) in [("true", true), ("1", true), ("0", false)] {
        let data = tempfile::tempdir().expect("a directory");
        let mut command = serve(data.path());
        command.env("WAYPOST_NO_SAMPLE", value);
        let answer = get(&Program::start(command), "/api/v1/snapshot");
        assert_eq!(answer.contains("\"stations\":[]"), empty, "WAYPOST_NO_SAMPLE={value}");
    }
}

#[tokio::test]
async fn a_port_in_use_is_said_in_plain_words_with_the_next_step() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let addr = taken.local_addr().expect("an address").to_string();
    let data = tempfile::tempdir().expect("a directory");
    let mut command = waypost();
    command.args(["serve", "--addr", &addr, "--data-dir"]).arg(data.path());
    crate::support::database::named(&mut command, data.path());
    let words = refused(command);
    assert!(words.contains(&addr) && words.contains("taken") && words.contains("--addr"), "{words}");
    assert!(!crate::support::database::exists(data.path()).await, "the other server's data is not touched");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_said_in_plain_words() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("a-file");
    std::fs::write(&file, "").expect("written");
    let mut command = waypost();
    command.args(["serve", "--addr", "127.0.0.1:0", "--data-dir"]).arg(file.join("data"));
    let words = refused(command);
    assert!(words.contains("cannot write to the data directory") && words.contains("--data-dir"), "{words}");
}

#[test]
fn settings_that_make_no_sense_are_refused_by_name() {
    for (flag, value) in [("--addr", "nowhere"), ("--public-url", "waypost.example/x"), ("--log-format", "xml")] {
        let mut command = waypost();
        command.args(["serve", flag, value]);
        assert!(refused(command).contains(flag), "{flag}");
    }
    let mut command = waypost();
    command.args(["serve", "--log", "a=b=c"]);
    assert!(refused(command).contains("log filter"));
}

#[test]
fn the_log_goes_to_standard_error_as_json_when_asked() {
    let data = tempfile::tempdir().expect("a directory");
    let mut command = serve(data.path());
    command.args(["--log", "waypost_server=debug", "--log-format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut program = Program::listening(child);
    get(&program, "/healthz");
    program.signal("TERM");
    assert!(program.child.wait().expect("it ends").success());
    let mut log = String::new();
    program.child.stderr.take().expect("its log").read_to_string(&mut log).expect("text");
    let answered = log.lines().find(|line| line.contains("answered")).unwrap_or_else(|| panic!("{log}"));
    let entry: serde_json::Value = serde_json::from_str(answered).expect("JSON");
    assert_eq!(entry["route"], "/healthz");
    assert_eq!(entry["status"], 200);
}

#[test]
fn the_server_runs_with_an_allocator_that_gives_back_what_pictures_took() {
    let data = tempfile::tempdir().expect("a folder");
    let program = Program::start(serve(data.path()));
    let environment = std::fs::read(format!("/proc/{}/environ", program.child.id())).expect("its environment");
    let set = environment.split(|byte| *byte == 0).any(|entry| entry.starts_with(b"MALLOC_MMAP_THRESHOLD_="));
    assert_eq!(set, cfg!(target_env = "gnu"), "the same process, begun again");
}
