//! Answers that somebody asks for and does not fetch.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::{Duration, Instant};

use crate::support::cases::reported;
use crate::support::phone::Phone;
use crate::support::pictures::grainy_jpeg;
use crate::support::staff::sign_in;
use crate::support::{TestServer, header, problem};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use waypost_app::domain::staff::Role;

const STALLED: Duration = Duration::from_secs(2);

/// Stores a picture of more bytes than a system keeps on their way, and gives its address and how many they are.
async fn picture(server: &TestServer, phone: &Phone) -> (String, usize) {
    let (stored, name) = phone.send_photo(server, &grainy_jpeg(2000, 1500, 1)).await;
    assert_eq!(stored.status(), StatusCode::CREATED);
    let path = format!("/api/v1/photos/{name}");
    let bytes = phone.get(server, &path).await.bytes().await.expect("a picture").len();
    assert!(bytes > 700 * 1024, "{bytes}");
    (path, bytes)
}

/// Asks for something, on a connection whose own end keeps little of the answer.
async fn asking(server: &TestServer, phone: &Phone, path: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(16 * 1024).expect("set");
    let mut stream = socket.connect(server.running.addr()).await.expect("connected");
    let token = &phone.token;
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sent");
    stream
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_that_nobody_fetches_is_given_up_and_meanwhile_pictures_take_no_more_memory_than_they_may() {
    let server = TestServer::start_with(|config| {
        config.limits.stalled = 2 * STALLED;
        // Long enough for the server to notice that an answer was fetched, and much less than until one is given up.
        config.photos.patience = STALLED / 2;
        // Room for one at a time.
        config.photos.sending = 600 * 1024;
    })
    .await;
    let phone = Phone::new(1);
    let (path, bytes) = picture(&server, &phone).await;
    let mut unfetched = asking(&server, &phone, &path).await;
    let mut head = [0; 12];
    unfetched.read_exact(&mut head).await.expect("an answer begins");
    assert_eq!(&head, b"HTTP/1.1 200");

    let refused = phone.get(&server, &path).await;
    assert_eq!(header(&refused, "retry-after"), "10");
    problem(refused, 503).await;
    assert_eq!(server.get("/api/v1/snapshot").await.status(), StatusCode::OK, "others are served");

    let began = Instant::now();
    while phone.get(&server, &path).await.status() != StatusCode::OK {
        assert!(began.elapsed() < Duration::from_secs(30), "it is still there");
    }
    let mut fetched = Vec::new();
    let end = unfetched.read_to_end(&mut fetched).await;
    assert!(end.is_err() || fetched.len() < bytes, "all of it came: {}", fetched.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_fetches_slowly_gets_all_of_it_however_long_it_takes() {
    let server = TestServer::start_with(|config| config.limits.stalled = STALLED).await;
    let phone = Phone::new(1);
    let (path, bytes) = picture(&server, &phone).await;
    let mut slow = asking(&server, &phone, &path).await;
    let (began, mut fetched) = (Instant::now(), Vec::new());
    // To two seconds what 2.5 KB a second are to the thirty that it is by itself: the system must say of each few pieces that
    // they have gone.
    let mut piece = [0; 3 * 1024];
    while began.elapsed() < 3 * STALLED {
        let read = slow.read(&mut piece).await.expect("it goes on");
        fetched.extend_from_slice(&piece[..read]);
        tokio::time::sleep(Duration::from_millis(80)).await;
    }
    assert!(fetched.len() < bytes, "too fast to show anything");
    slow.read_to_end(&mut fetched).await.expect("all of it");
    let head = fetched.windows(4).position(|end| end == b"\r\n\r\n").expect("a head") + 4;
    assert_eq!((&fetched[..12], fetched.len() - head), (&b"HTTP/1.1 200"[..], bytes));
}

#[tokio::test]
async fn a_stream_without_news_stays() {
    let stalled = Duration::from_millis(200);
    let server = TestServer::start_with(|config| config.limits.stalled = stalled).await;
    let admin = sign_in(&server, Role::Admin).await;
    let mut events = admin.get(server.url("/api/v1/staff/events")).send().await.expect("an answer");
    let mut heard = async || {
        let chunk = tokio::time::timeout(Duration::from_secs(30), events.chunk()).await.expect("in time");
        String::from_utf8_lossy(&chunk.expect("it goes on").expect("it has not ended")).into_owned()
    };
    assert!(heard().await.contains("event: cases"), "the first word comes at once");
    // Longer than an answer may wait to be fetched: the silence is what is tried.
    tokio::time::sleep(5 * stalled).await;
    reported(&server, &Phone::new(1)).await;
    assert!(heard().await.contains("event: cases"));
}
