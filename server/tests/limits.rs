//! How long a client may take, with its head and with its body.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::Duration;

use crate::support::TestServer;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A photo that begins to be sent: its head, which announces so many bytes.
async fn photo_of(server: &TestServer, bytes: usize) -> TcpStream {
    let mut sending = TcpStream::connect(server.running.addr()).await.expect("connected");
    let (hash, token) = ("0".repeat(64), "5".repeat(64));
    let head = format!(
        "PUT /api/v1/photos/{hash} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-length: {bytes}\r\nconnection: close\r\n\r\n"
    );
    sending.write_all(head.as_bytes()).await.expect("sent");
    sending
}

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_cut_off() {
    let server = TestServer::start_with(|config| config.limits.head = Duration::from_millis(200)).await;
    let mut slow = TcpStream::connect(server.running.addr()).await.expect("connected");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n").await.expect("sent");
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(20), slow.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "the connection is still open");
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_never_says_anything_is_cut_off() {
    let server = TestServer::start_with(|config| config.limits.head = Duration::from_millis(200)).await;
    let mut silent = TcpStream::connect(server.running.addr()).await.expect("connected");
    let closed = tokio::time::timeout(Duration::from_secs(20), silent.read_to_end(&mut Vec::new())).await;
    assert!(closed.is_ok(), "the connection is still open");
}

#[tokio::test]
async fn a_slow_photo_gets_the_time_its_bytes_take_and_arrives() {
    let server = TestServer::start_with(|config| {
        (config.limits.write, config.limits.grace) = (Duration::from_millis(50), Duration::from_millis(50));
        config.limits.slowest = 40;
    })
    .await;
    // 1,000 bytes in five steps of 200 ms: far longer than a short request may take, and faster than asked for, also where
    // the machine is slow.
    let mut slow = photo_of(&server, 1_000).await;
    for _ in 0..5 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        slow.write_all(&[7; 200]).await.expect("sent");
    }
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 409"), "all of it was read, and its hash compared: {answer}");
}

#[tokio::test]
async fn a_body_that_falls_silent_is_asked_for_again() {
    let server = TestServer::start_with(|config| config.limits.silence = Duration::from_millis(200)).await;
    for (head, rest) in [
        ("PUT /api/v1/reports/0193a2b0-0000-7000-8000-000000000001", "content-type: application/json\r\n"),
        ("POST /report?send", "content-type: multipart/form-data; boundary=b\r\naccept: application/json\r\n"),
    ] {
        let mut silent = TcpStream::connect(server.running.addr()).await.expect("connected");
        let head = format!(
            "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000\r\n{rest}\
             authorization: Bearer 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n{{"
        );
        silent.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        let closed = tokio::time::timeout(Duration::from_secs(25), silent.read_to_string(&mut answer)).await;
        closed.expect("the connection is closed").expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 503"), "phones keep what they wanted to send: {answer}");
    }
}

#[tokio::test]
async fn a_body_that_only_drips_is_given_up_long_before_its_announced_length_is_due() {
    let server = TestServer::start_with(|config| {
        // Of a photo, sooner than of others: it has a place that somebody else may be waiting for.
        config.limits.grace = Duration::from_millis(300);
        config.limits.slowest = 1_000;
    })
    .await;
    // Ten megabytes at that pace would be due in three hours.
    let mut slow = photo_of(&server, 10_000_000).await;
    let (mut read, mut write) = slow.split();
    let drip = async {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut answer = [0; 12];
    tokio::select! {
        () = drip => {}
        came = tokio::time::timeout(Duration::from_secs(40), read.read_exact(&mut answer)) => {
            came.expect("an answer in time").expect("an answer");
        }
    }
    assert_eq!(&answer, b"HTTP/1.1 503");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let server = TestServer::start_with(|config| {
        config.limits.write = Duration::from_millis(200);
        config.limits.slowest = u64::MAX;
    })
    .await;
    let mut slow = TcpStream::connect(server.running.addr()).await.expect("connected");
    let head = "POST /prefs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
                content-length: 1000\r\n\r\nlang=";
    slow.write_all(head.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    let closed = tokio::time::timeout(Duration::from_secs(20), slow.read_to_string(&mut answer)).await;
    closed.expect("the connection is closed").expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("application/problem+json") && answer.contains("retry-after: "), "{answer}");
}
