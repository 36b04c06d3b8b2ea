//! Two copies of the program on one database and one place of photos: it does not matter to which of them a phone speaks.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::TestServer;
use crate::support::files::photo_files;
use crate::support::phone::{Phone, report_with, rows, sha256};
use crate::support::pictures::{grainy_jpeg, jpeg};
use crate::support::tus::{Tus, assert_no_uploads, offset};
use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

async fn two() -> (TestServer, TestServer) {
    let first = TestServer::start().await;
    let second = first.beside().await;
    (first, second)
}

/// One photo is stored, whole, and both copies show it and know of no upload.
async fn assert_stored(copies: [&TestServer; 2], phone: &Phone, photo: &[u8]) {
    let name = sha256(photo);
    for server in copies {
        assert_eq!(Tus::new(server, phone).there(&name).await, Some(photo.len()));
        assert_eq!(phone.get(server, &format!("/api/v1/photos/{name}")).await.status(), StatusCode::OK);
        server.running.state().intake.sweep().await.expect("swept");
    }
    assert_eq!(rows(copies[0]).await[..3], [1, 1, 1]);
    assert_no_uploads(copies[0]).await;
    assert_eq!(photo_files(copies[0]).await.len(), 2);
}

#[tokio::test]
async fn a_photo_stored_at_one_copy_is_read_and_reported_at_the_other() {
    let (first, second) = two().await;
    let phone = Phone::new(1);
    let photo = jpeg(64, 32);
    let (stored, name) = phone.send_photo(&first, &photo).await;
    assert_eq!(stored.status(), StatusCode::CREATED);
    assert_eq!(phone.send_photo(&second, &photo).await.0.status(), StatusCode::OK);
    let body = report_with("photos", Some(json!([name])));
    assert_eq!(phone.send_report(&second, Uuid::now_v7(), &body).await.status(), StatusCode::CREATED);
    assert_stored([&first, &second], &phone, &photo).await;
}

#[tokio::test]
async fn an_upload_begun_at_one_copy_is_finished_at_the_other() {
    let (first, second) = two().await;
    let phone = Phone::new(1);
    let (here, there) = (Tus::new(&first, &phone), Tus::new(&second, &phone));
    let photo = grainy_jpeg(1000, 700, 1);
    let name = here.begin(&photo).await;
    let third = photo.len() / 3;
    assert_eq!(offset(&here.patch(&name, 0, &photo[..third]).await), Some(third));
    assert_eq!(there.there(&name).await, Some(third));
    // Cut in the middle at the first copy, and in the middle at the second.
    drop(here.half_sent(&name, third, &photo[third..], 1000).await);
    here.until_there(&name, third + 1000).await;
    assert_eq!(there.there(&name).await, Some(third + 1000));
    drop(there.half_sent(&name, third + 1000, &photo[third + 1000..], third).await);
    there.until_there(&name, 2 * third + 1000).await;
    let last = here.patch(&name, 2 * third + 1000, &photo[2 * third + 1000..]).await;
    assert_eq!((last.status(), offset(&last)), (StatusCode::NO_CONTENT, Some(photo.len())));
    assert_stored([&first, &second], &phone, &photo).await;
}

#[tokio::test]
async fn a_connection_that_hangs_at_one_copy_does_not_keep_the_other_from_finishing() {
    let (first, second) = two().await;
    let phone = Phone::new(1);
    let (here, there) = (Tus::new(&first, &phone), Tus::new(&second, &phone));
    let photo = grainy_jpeg(600, 400, 1);
    let name = here.begin(&photo).await;
    let mut hanging = here.half_sent(&name, 0, &photo, 50_000).await;
    here.until_there(&name, 50_000).await;
    let rest = there.patch(&name, 50_000, &photo[50_000..]).await;
    assert_eq!((rest.status(), offset(&rest)), (StatusCode::NO_CONTENT, Some(photo.len())));
    // What it still brings makes nothing worse.
    hanging.write_all(&photo[50_000..]).await.expect("sent");
    let mut answer = [0; 12];
    hanging.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 204", "all of it is there, whoever brought it");
    assert_stored([&first, &second], &phone, &photo).await;
}

#[tokio::test]
async fn an_upload_given_up_at_one_copy_while_it_comes_in_at_the_other_can_be_begun_again() {
    let (first, second) = two().await;
    let phone = Phone::new(1);
    let (here, there) = (Tus::new(&first, &phone), Tus::new(&second, &phone));
    let photo = grainy_jpeg(600, 400, 1);
    let name = here.begin(&photo).await;
    let mut coming = here.half_sent(&name, 0, &photo, 1000).await;
    here.until_there(&name, 1000).await;
    assert_eq!(there.delete(&name).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(there.there(&name).await, None);
    coming.write_all(&photo[1000..100_000]).await.expect("sent");
    drop(coming);
    // The first copy may have brought its bytes once more; they are as good as any.
    let again = there.announce(&name, photo.len()).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    let mut at = offset(&again).expect("an offset");
    while at < photo.len() {
        let end = (at + 60_000).min(photo.len());
        there.patch(&name, at, &photo[at..end]).await;
        at = there.there(&name).await.expect("an upload or a photo");
    }
    assert_stored([&first, &second], &phone, &photo).await;
}

#[tokio::test]
async fn twenty_at_once_at_both_copies_store_one_photo() {
    let (first, second) = two().await;
    let phone = Phone::new(1);
    let photo = grainy_jpeg(500, 400, 1);
    let name = sha256(&photo);
    let copies = [Tus::new(&first, &phone), Tus::new(&second, &phone)];
    let sending = (0..20).map(async |number| {
        let mut turn = number;
        let mut next = || {
            turn += 1;
            &copies[turn % 2]
        };
        let mut at = offset(&next().announce(&name, photo.len()).await).expect("an offset");
        while at < photo.len() {
            let end = (at + 20_000).min(photo.len());
            let part = next().patch(&name, at, &photo[at..end]).await;
            assert!([StatusCode::NO_CONTENT, StatusCode::CONFLICT].contains(&part.status()), "{}", part.status());
            at = next().there(&name).await.expect("an upload or a photo");
        }
    });
    futures::future::join_all(sending).await;
    assert_stored([&first, &second], &phone, &photo).await;
}

/// Sends a photo until it is stored, as a phone does that is asked to come again.
async fn send(server: &TestServer, phone: &Phone, photo: &[u8]) -> String {
    loop {
        let (answer, name) = phone.send_photo(server, photo).await;
        match answer.status() {
            StatusCode::CREATED | StatusCode::OK => return name,
            status => assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_photo_dropped_at_one_copy_while_it_is_stored_at_the_other_is_whole_or_gone_and_never_half() {
    let (first, second) = two().await;
    let photo = jpeg(48, 48);
    for round in 0..20 {
        let (leaving, coming) = (Phone::new(2 * round), Phone::new(2 * round + 1));
        let name = send(&first, &leaving, &photo).await;
        let erase = first.http.delete(first.url("/api/v1/device")).bearer_auth(&leaving.token).send();
        let (erased, _) = tokio::join!(erase, send(&second, &coming, &photo));
        assert_eq!(erased.expect("an answer").status(), StatusCode::NO_CONTENT);
        for size in ["full", "thumb"] {
            let path = format!("/api/v1/photos/{name}?size={size}");
            assert_eq!(coming.get(&first, &path).await.status(), StatusCode::OK, "round {round}");
        }
        first.http.delete(first.url("/api/v1/device")).bearer_auth(&coming.token).send().await.expect("an answer");
        assert_eq!(photo_files(&second).await, Vec::<String>::new(), "round {round}");
    }
}
