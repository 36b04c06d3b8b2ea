//! Photos in several parts, and whole: how much, how long, how many at once.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::{Duration, Instant};

use crate::support::files::{partial_files, scratch_files, write_file};
use crate::support::phone::{Phone, rows, sha256};
use crate::support::pictures::{grainy_jpeg, jpeg};
use crate::support::tus::{Tus, assert_no_uploads, offset, upload_rows};
use crate::support::{TestServer, at, header, problem};
use reqwest::{Response, StatusCode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waypost_server::clock::Clock;

const MORNING: &str = "2026-11-24T08:00:00+08:00";

async fn limited(change: impl FnOnce(&mut waypost_server::photo::PhotoLimits)) -> TestServer {
    TestServer::start_with(|config| {
        config.clock = Clock::fixed(at(MORNING));
        change(&mut config.photos);
    })
    .await
}

/// Asserts that an answer is a problem with a time after which to come again, and gives the seconds.
async fn retry_after(answer: Response, status: u16) -> u64 {
    let seconds = header(&answer, "retry-after").parse().expect("seconds");
    problem(answer, status).await;
    seconds
}

#[tokio::test]
async fn a_device_that_has_sent_its_share_is_told_when_to_go_on() {
    let server = limited(|photos| photos.photos_a_day = 2).await;
    let phone = Phone::new(1);
    let tus = Tus::new(&server, &phone);
    let photos: Vec<_> = (0..3).map(|seed| grainy_jpeg(32, 32, seed)).collect();
    assert_eq!(phone.send_photo(&server, &photos[0]).await.0.status(), StatusCode::CREATED);
    server.set_clock("2026-11-24T10:00:00+08:00");
    let name = tus.begin(&photos[1]).await;
    assert_eq!(tus.patch(&name, 0, &photos[1]).await.status(), StatusCode::NO_CONTENT);

    // Twenty-two hours until the first one is a day ago.
    assert_eq!(retry_after(phone.send_photo(&server, &photos[2]).await.0, 429).await, 22 * 3600);
    assert_eq!(retry_after(tus.announce(&sha256(&photos[2]), photos[2].len()).await, 429).await, 22 * 3600);
    assert_no_uploads(&server).await;
    // What is there already costs nothing, and other devices have a share of their own.
    assert_eq!(phone.send_photo(&server, &photos[0]).await.0.status(), StatusCode::OK);
    assert_eq!(tus.announce(&name, photos[1].len()).await.status(), StatusCode::CREATED);
    assert_eq!(Phone::new(2).send_photo(&server, &photos[2]).await.0.status(), StatusCode::CREATED);

    server.set_clock("2026-11-25T08:00:01+08:00");
    assert_eq!(phone.send_photo(&server, &photos[2]).await.0.status(), StatusCode::OK);
}

#[tokio::test]
async fn bytes_are_counted_too_and_photos_sent_at_once_one_after_the_other() {
    let photos: Vec<_> = (0..6).map(|seed| grainy_jpeg(100, 100, seed)).collect();
    let share = photos.iter().map(|photo| photo.len() as u64).take(3).sum::<u64>();
    let server = limited(|photos| photos.bytes_a_day = share + 1000).await;
    let phone = Phone::new(1);
    let answers = futures::future::join_all(photos.iter().map(|photo| phone.send_photo(&server, photo))).await;
    let count = |status| answers.iter().filter(|(answer, _)| answer.status() == status).count();
    assert_eq!((count(StatusCode::CREATED), count(StatusCode::TOO_MANY_REQUESTS)), (3, 3));
    assert_eq!(rows(&server).await[..3], [1, 3, 3]);
}

#[tokio::test]
async fn an_upload_that_finds_the_share_used_up_at_its_end_keeps_its_bytes() {
    let server = limited(|photos| photos.photos_a_day = 1).await;
    let phone = Phone::new(1);
    let tus = Tus::new(&server, &phone);
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    assert_eq!(phone.send_photo(&server, &jpeg(8, 8)).await.0.status(), StatusCode::CREATED);
    assert_eq!(retry_after(tus.patch(&name, 0, &photo).await, 429).await, 24 * 3600);
    assert_eq!(tus.there(&name).await, Some(photo.len() - 1), "only the last byte is asked for again");
    server.set_clock("2026-11-25T08:00:00+08:00");
    let last = tus.patch(&name, photo.len() - 1, &photo[photo.len() - 1..]).await;
    assert_eq!(last.status(), StatusCode::NO_CONTENT);
    assert_eq!(rows(&server).await[1], 2);
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn unfinished_uploads_are_bounded_and_finishing_one_makes_room() {
    let photos: Vec<_> = (0..3).map(|seed| grainy_jpeg(100, 100, seed)).collect();
    let room = photos[0].len() + photos[1].len();
    let server = limited(|photos| photos.unfinished_bytes = room as u64).await;
    let tus = Tus::new(&server, &Phone::new(1));
    let first = tus.begin(&photos[0]).await;
    tus.begin(&photos[1]).await;
    // Waiting alone would not help.
    let refused = tus.announce(&sha256(&photos[2]), photos[2].len()).await;
    assert!(!refused.headers().contains_key("retry-after"));
    problem(refused, 409).await;
    assert_eq!(tus.announce(&first, photos[0].len()).await.status(), StatusCode::CREATED);
    tus.patch(&first, 0, &photos[0]).await;
    let third = tus.announce(&sha256(&photos[2]), 1000).await;
    assert_eq!(third.status(), StatusCode::CREATED);

    // However short they are.
    let server = limited(|photos| photos.unfinished = 2).await;
    let tus = Tus::new(&server, &Phone::new(1));
    tus.begin(&photos[0]).await;
    tus.begin(&photos[1]).await;
    problem(tus.announce(&sha256(&photos[2]), 1).await, 409).await;
}

#[tokio::test]
async fn an_abandoned_upload_is_swept_48_hours_after_its_last_byte() {
    let server = TestServer::start_at(MORNING).await;
    let tus = Tus::new(&server, &Phone::new(1));
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    server.set_clock("2026-11-25T08:00:00+08:00");
    tus.patch(&name, 0, &photo[..5000]).await;
    let asked = tus.head(&name).await;
    assert_eq!(header(&asked, "upload-expires"), "Fri, 27 Nov 2026 00:00:00 GMT");

    let intake = &server.running.state().intake;
    server.set_clock("2026-11-27T07:59:59+08:00");
    assert_eq!(intake.sweep().await.expect("swept").abandoned, 0);
    assert_eq!(tus.there(&name).await, Some(5000));
    // Nobody calls for it: the server's own clock does.
    server.set_clock("2026-11-27T09:00:00+08:00");
    let began = Instant::now();
    while tus.there(&name).await.is_some() || !partial_files(&server).await.is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "it is still there");
        tokio::task::yield_now().await;
    }
    assert_no_uploads(&server).await;
    // The phone begins again.
    tus.begin(&photo).await;
}

#[tokio::test]
async fn an_upload_that_comes_in_slowly_is_not_abandoned() {
    let server = TestServer::start_at(MORNING).await;
    let tus = Tus::new(&server, &Phone::new(1));
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    let mut coming = tus.half_sent(&name, 0, &photo, 5000).await;
    tus.until_there(&name, 5000).await;
    server.set_clock("2026-11-30T08:00:00+08:00");
    assert_eq!(server.running.state().intake.sweep().await.expect("swept").abandoned, 0);
    coming.write_all(&photo[5000..]).await.expect("sent");
    tus.until_there(&name, photo.len()).await;
}

#[tokio::test]
async fn files_that_a_crash_left_without_their_row_are_swept_at_the_start() {
    let server = TestServer::start_at(MORNING).await;
    let tus = Tus::new(&server, &Phone::new(1));
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    tus.patch(&name, 0, &photo[..5000]).await;
    let kept = partial_files(&server).await;
    write_file(&server, &format!("partial/{}-{}/00000000-12", "a".repeat(64), "b".repeat(64)), b"half a photo").await;
    let server = server.restart_with(|_| {}).await;
    let began = Instant::now();
    while partial_files(&server).await != kept {
        assert!(began.elapsed() < Duration::from_secs(20), "it is still there");
        tokio::task::yield_now().await;
    }
    let tus = Tus::new(&server, &Phone::new(1));
    assert_eq!(tus.there(&name).await, Some(5000), "the other one is not touched");
    assert_eq!(upload_rows(&server).await, 1);
}

/// A photo of which only a part comes; the rest is promised.
async fn slow_photo(server: &TestServer, photo: &[u8], sent: usize) -> TcpStream {
    let mut sending = TcpStream::connect(server.running.addr()).await.expect("connected");
    let (name, token, length) = (sha256(photo), Phone::new(9).token, photo.len());
    let head = format!(
        "PUT /api/v1/photos/{name} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    sending.write_all(head.as_bytes()).await.expect("sent");
    sending.write_all(&photo[..sent]).await.expect("sent");
    sending
}

#[tokio::test]
async fn when_too_many_photos_arrive_the_next_are_asked_to_come_later_and_then_do() {
    let server = TestServer::start_with(|config| {
        config.photos.arriving = 1;
        config.photos.patience = Duration::from_millis(50);
    })
    .await;
    let phone = Phone::new(1);
    let tus = Tus::new(&server, &phone);
    let (slow, photo) = (grainy_jpeg(100, 100, 1), grainy_jpeg(100, 100, 2));
    let mut first = slow_photo(&server, &slow, 1000).await;
    let began = Instant::now();
    // Until the first one has its place, another may be faster.
    while scratch_files(&server).is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "the first one does not arrive");
        tokio::task::yield_now().await;
    }
    assert_eq!(retry_after(phone.send_photo(&server, &photo).await.0, 503).await, 10);
    let name = tus.begin(&photo).await;
    assert_eq!(retry_after(tus.patch(&name, 0, &photo).await, 503).await, 10);

    first.write_all(&slow[1000..]).await.expect("sent");
    let mut answer = String::new();
    first.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(tus.patch(&name, 0, &photo).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(rows(&server).await[1], 2);
}

#[tokio::test]
async fn when_too_many_wait_to_be_decoded_the_next_come_later_and_send_one_byte_again() {
    let server = TestServer::start_with(|config| config.photos.waiting = 0).await;
    let phone = Phone::new(1);
    let tus = Tus::new(&server, &phone);
    let photo = grainy_jpeg(200, 100, 1);
    assert_eq!(retry_after(phone.send_photo(&server, &photo).await.0, 503).await, 10);
    let name = tus.begin(&photo).await;
    assert_eq!(retry_after(tus.patch(&name, 0, &photo).await, 503).await, 10);
    assert_eq!(tus.there(&name).await, Some(photo.len() - 1));
    assert_eq!(rows(&server).await[1], 0);

    // As after a crash between the last byte and the photo.
    let server = server.restart_with(|config| config.photos.waiting = 1).await;
    let tus = Tus::new(&server, &phone);
    let last = tus.patch(&name, photo.len() - 1, &photo[photo.len() - 1..]).await;
    assert_eq!((last.status(), offset(&last)), (StatusCode::NO_CONTENT, Some(photo.len())));
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn a_picture_that_needs_more_memory_than_there_is_for_all_is_refused_for_good() {
    let server = TestServer::start_with(|config| config.photos.memory = 33 * 1024 * 1024).await;
    let phone = Phone::new(1);
    assert_eq!(phone.send_photo(&server, &jpeg(1000, 1000)).await.0.status(), StatusCode::CREATED);
    problem(phone.send_photo(&server, &jpeg(3000, 2500)).await.0, 422).await;
}
