//! Photos in several parts: cut, lost, doubled, killed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::Duration;

use crate::support::files::photo_files;
use crate::support::phone::{Phone, rows, sha256};
use crate::support::pictures::grainy_jpeg;
use crate::support::program::{Program, serve};
use crate::support::tus::{Tus, assert_no_uploads, offset};
use crate::support::{TestServer, problem};
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn open() -> (TestServer, Tus) {
    let server = TestServer::start().await;
    let tus = Tus::new(&server, &Phone::new(1));
    (server, tus)
}

/// One photo of this device is stored, whole, and nothing of an upload is left.
async fn assert_stored(server: &TestServer, tus: &Tus, photo: &[u8]) {
    assert_eq!(tus.there(&sha256(photo)).await, Some(photo.len()));
    assert_eq!(rows(server).await[..3], [1, 1, 1]);
    assert_eq!(photo_files(server).await.len(), 2);
    assert_no_uploads(server).await;
}

#[tokio::test]
async fn after_a_cut_in_the_middle_only_the_rest_is_sent_again() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(1000, 700, 1);
    let name = tus.begin(&photo).await;
    let half = photo.len() / 2;
    drop(tus.half_sent(&name, 0, &photo, half).await);
    tus.until_there(&name, half).await;
    let rest = &photo[half..];
    let mut sent_again = 0;
    while let Some(at) = tus.there(&name).await.filter(|at| *at < photo.len()) {
        let part = tus.patch(&name, at, &photo[at..]).await;
        assert_eq!(part.status(), StatusCode::NO_CONTENT);
        sent_again += photo.len() - at;
    }
    assert!(sent_again as f64 <= 1.05 * rest.len() as f64, "{sent_again} for {}", rest.len());
    assert_stored(&server, &tus, &photo).await;
}

#[tokio::test]
async fn an_upload_cut_at_the_same_place_again_and_again_arrives() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(200, 100, 1);
    let name = tus.begin(&photo).await;
    for every in [1, 17, 1000, 4096] {
        let mut at = tus.there(&name).await.expect("an upload");
        for _ in 0..4 {
            drop(tus.half_sent(&name, at, &photo[at..], every).await);
            at += every;
            tus.until_there(&name, at).await;
        }
    }
    // Cut before the first byte, and before the last.
    let at = tus.there(&name).await.expect("an upload");
    drop(tus.half_sent(&name, at, &photo[at..], 0).await);
    drop(tus.half_sent(&name, at, &photo[at..], photo.len() - at - 1).await);
    tus.until_there(&name, photo.len() - 1).await;
    let last = tus.patch(&name, photo.len() - 1, &photo[photo.len() - 1..]).await;
    assert_eq!(last.status(), StatusCode::NO_CONTENT);
    assert_stored(&server, &tus, &photo).await;
}

#[tokio::test]
async fn a_photo_whose_last_answer_was_lost_is_stored() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(1000, 700, 1);
    let name = tus.begin(&photo).await;
    // Gone with the last byte, before anything is answered.
    drop(tus.half_sent(&name, 0, &photo, photo.len()).await);
    tus.until_there(&name, photo.len()).await;
    assert_stored(&server, &tus, &photo).await;
}

#[tokio::test]
async fn a_second_writer_elsewhere_does_not_disturb_the_first() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(200, 100, 1);
    let name = tus.begin(&photo).await;
    let mut first = tus.half_sent(&name, 0, &photo, 5000).await;
    tus.until_there(&name, 5000).await;
    for wrong in [0, 4999, 5001] {
        problem(tus.patch(&name, wrong, &photo[wrong..]).await, 409).await;
    }
    first.write_all(&photo[5000..]).await.expect("sent");
    let mut answer = [0; 12];
    first.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 204");
    assert_stored(&server, &tus, &photo).await;
}

#[tokio::test]
async fn a_half_dead_connection_does_not_block_the_next() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(200, 100, 1);
    let name = tus.begin(&photo).await;
    let mut dead = tus.half_sent(&name, 0, &photo, 5000).await;
    tus.until_there(&name, 5000).await;
    let next = tokio::time::timeout(Duration::from_secs(10), tus.patch(&name, 5000, &photo[5000..])).await;
    assert_eq!(next.expect("long before the silence is noticed").status(), StatusCode::NO_CONTENT);
    // What the dead one still brings is not added to anything.
    dead.write_all(&photo[5000..]).await.expect("sent");
    let mut answer = [0; 12];
    dead.read_exact(&mut answer).await.expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 409");
    assert_stored(&server, &tus, &photo).await;
}

#[tokio::test]
async fn an_upload_that_comes_in_can_be_given_up() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(200, 100, 1);
    let name = tus.begin(&photo).await;
    let _coming = tus.half_sent(&name, 0, &photo, 5000).await;
    tus.until_there(&name, 5000).await;
    assert_eq!(tus.delete(&name).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(tus.there(&name).await, None);
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn twenty_at_once_store_one_photo() {
    let (server, tus) = open().await;
    let photo = grainy_jpeg(500, 400, 1);
    let name = sha256(&photo);
    let sending = (0..20).map(|_| async {
        // What a phone does: announce, and go on wherever the server is, until all of it is there.
        let mut at = offset(&tus.announce(&name, photo.len()).await).expect("an offset");
        while at < photo.len() {
            let end = (at + 20_000).min(photo.len());
            let part = tus.patch(&name, at, &photo[at..end]).await;
            assert!([StatusCode::NO_CONTENT, StatusCode::CONFLICT].contains(&part.status()), "{}", part.status());
            at = tus.there(&name).await.expect("an upload or a photo");
        }
    });
    futures::future::join_all(sending).await;
    assert_stored(&server, &tus, &photo).await;
}

#[tokio::test]
async fn what_a_killed_server_had_is_there_when_it_comes_back() {
    let data = tempfile::tempdir().expect("a directory");
    let http = reqwest::Client::new();
    let token = Phone::new(1).token;
    let photo = grainy_jpeg(1200, 900, 1);
    let name = sha256(&photo);
    let mut there = 0;
    for round in 1..=4 {
        let program = Program::start(serve(data.path()));
        let tus = Tus { base: program.url.clone(), http: http.clone(), token: token.clone() };
        if round == 1 {
            tus.begin(&photo).await;
        }
        let at = tus.there(&name).await.expect("an upload");
        assert!(at >= there, "{at} of the {there} bytes that were seen are there");
        // Killed while this comes in, at whatever byte that is.
        let _coming = tus.half_sent(&name, at, &photo[at..], photo.len() / 5).await;
        while there <= at {
            there = tus.there(&name).await.expect("an upload");
        }
        program.kill();
    }
    let program = Program::start(serve(data.path()));
    let tus = Tus { base: program.url.clone(), http, token: token.clone() };
    let at = tus.there(&name).await.expect("an upload");
    assert!(at >= there && at < photo.len());
    let last = tus.patch(&name, at, &photo[at..]).await;
    assert_eq!((last.status(), offset(&last)), (StatusCode::NO_CONTENT, Some(photo.len())));
    // Acknowledged as a whole: not even a kill in the same moment takes it back.
    program.kill();
    let program = Program::start(serve(data.path()));
    let tus = Tus { base: program.url.clone(), ..tus };
    assert_eq!(tus.there(&name).await, Some(photo.len()));
    let seen = tus.http.get(format!("{}/api/v1/photos/{name}", program.url)).bearer_auth(&token).send().await;
    assert_eq!(seen.expect("an answer").status(), StatusCode::OK);
}
