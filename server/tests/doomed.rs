//! Files that nobody names are dropped, and those that somebody is about to name are not lost with them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::Duration;

use crate::support::files::{photo_files, write_file};
use crate::support::phone::Phone;
use crate::support::pictures::jpeg;
use crate::support::{TestServer, at, header, problem};
use reqwest::StatusCode;
use waypost_app::domain::ids::PhotoHash;
use waypost_server::clock::Clock;
use waypost_server::retention::sweep;
use waypost_server::store::StoreError;
use waypost_server::store::doomed::{self, Claim, Doom};
use waypost_server::store::photos::{self, Photo};
use waypost_server::store::{devices::DeviceId, rights};

const NOW: &str = "2026-11-24T09:00:00+08:00";

async fn open() -> TestServer {
    TestServer::start_with(|config| {
        config.clock = Clock::fixed(at(NOW));
        config.photos.patience = Duration::from_millis(200);
    })
    .await
}

async fn doom(server: &TestServer, files: &[PhotoHash]) -> Vec<Doom> {
    let state = server.running.state();
    let (files, now_ms) = (files.to_vec(), state.clock.now_ms());
    let doomed = state.store.write(move |conn| Box::pin(async move { doomed::doom(conn, &files, now_ms).await }));
    doomed.await.expect("decided")
}

async fn note_gone(server: &TestServer, dooms: Vec<Doom>) {
    let noted =
        server.running.state().store.write(move |conn| Box::pin(async move { doomed::note_gone(conn, &dooms).await }));
    noted.await.expect("noted");
}

async fn leave(server: &TestServer, files: &[PhotoHash], gone: &[Doom]) -> Result<Claim, StoreError> {
    let (files, gone) = (files.to_vec(), gone.to_vec());
    let leave = server
        .running
        .state()
        .store
        .write(move |conn| Box::pin(async move { doomed::leave(conn, &files, &gone).await }));
    leave.await
}

/// Files of a photo by its name.
async fn files_of(server: &TestServer, name: &str) -> Vec<PhotoHash> {
    let name = PhotoHash::parse(name).expect("a hash");
    let found = photos::find(server.running.state().store.pool(), &name).await.expect("an answer");
    let Photo { kept, .. } = found.expect("a photo");
    vec![kept.blob, kept.thumb]
}

fn hash(digit: &str) -> PhotoHash {
    PhotoHash::parse(&digit.repeat(64)).expect("a hash")
}

/// The server sweeps by itself, too; what it is at is over before this begins.
async fn sweep_away_all_files(server: &TestServer) {
    sweep(server.running.state()).await.expect("swept");
    assert_eq!(photo_files(server).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_file_that_a_row_names_is_never_dropped() {
    let server = open().await;
    let (_, name) = Phone::new(1).send_photo(&server, &jpeg(16, 16)).await;
    let files = files_of(&server, &name).await;
    assert_eq!(doom(&server, &files).await, []);
    assert!(matches!(leave(&server, &files, &[]).await, Ok(Claim::Free(_))));
}

#[tokio::test]
async fn whoever_has_put_a_file_before_its_end_puts_it_again_before_naming_it() {
    let server = open().await;
    let files = [hash("a"), hash("b")];
    let dooms = doom(&server, &files).await;
    assert_eq!(dooms.len(), 2);
    assert_eq!(doom(&server, &files).await, [], "somebody is at it");
    assert!(matches!(leave(&server, &files, &dooms).await, Ok(Claim::Going)));
    note_gone(&server, dooms.clone()).await;
    let Ok(Claim::Gone(gone)) = leave(&server, &files, &[]).await else { panic!("they are gone") };
    assert_eq!(gone, dooms);
    assert!(matches!(leave(&server, &files[..1], &gone).await, Ok(Claim::Free(_))));
    // That end is over for everybody; the one of the other file is not.
    assert!(matches!(leave(&server, &files[..1], &[]).await, Ok(Claim::Free(_))));
    assert!(matches!(leave(&server, &files, &[]).await, Ok(Claim::Gone(_))));
    // Dropped once more: who knows of the earlier end only has put it too early.
    let again = doom(&server, &files).await;
    assert_eq!(again.len(), 2);
    note_gone(&server, again).await;
    assert!(matches!(leave(&server, &files, &gone).await, Ok(Claim::Gone(_))));
}

#[tokio::test]
async fn a_photo_whose_file_is_going_is_asked_for_again_and_then_stored() {
    let server = open().await;
    let phone = Phone::new(1);
    let (_, name) = phone.send_photo(&server, &jpeg(16, 16)).await;
    let files = files_of(&server, &name).await;
    let erased = server.http.delete(server.url("/api/v1/device")).bearer_auth(&phone.token).send().await;
    assert_eq!(erased.expect("an answer").status(), StatusCode::NO_CONTENT);
    assert_eq!(photo_files(&server).await, Vec::<String>::new());

    let dooms = doom(&server, &files).await;
    let (refused, _) = phone.send_photo(&server, &jpeg(16, 16)).await;
    assert_eq!(header(&refused, "retry-after"), "10");
    problem(refused, 503).await;
    note_gone(&server, dooms).await;
    // As if it had been dropped after it was put: what was noted makes it be put again.
    for file in photo_files(&server).await {
        crate::support::files::remove_file(&server, &file).await;
    }
    assert_eq!(phone.send_photo(&server, &jpeg(16, 16)).await.0.status(), StatusCode::CREATED);
    assert_eq!(phone.get(&server, &format!("/api/v1/photos/{name}")).await.status(), StatusCode::OK);
    assert_eq!(photo_files(&server).await.len(), 2);
}

#[tokio::test]
async fn what_a_crashed_copy_was_about_to_drop_is_dropped_by_the_sweep() {
    let server = open().await;
    let orphan = hash("c");
    write_file(&server, &format!("cc/{orphan}.jpg"), b"left behind").await;
    assert_eq!(doom(&server, std::slice::from_ref(&orphan)).await.len(), 1);
    server.set_clock("2026-11-24T09:04:59+08:00");
    assert_eq!(sweep(server.running.state()).await.expect("swept").files, 0, "whoever decided it may be at it");
    server.set_clock("2026-11-24T09:05:00+08:00");
    sweep_away_all_files(&server).await;
    // And in the end nothing is known of it any more.
    assert!(matches!(leave(&server, std::slice::from_ref(&orphan), &[]).await, Ok(Claim::Gone(_))));
    server.set_clock("2026-11-25T09:05:01+08:00");
    sweep(server.running.state()).await.expect("swept");
    assert!(matches!(leave(&server, &[orphan], &[]).await, Ok(Claim::Free(_))));
}

#[tokio::test]
async fn what_was_taken_back_goes_soon_where_a_crash_came_between_its_row_and_its_files() {
    let server = open().await;
    let phone = Phone::new(1);
    phone.send_photo(&server, &jpeg(16, 16)).await;
    let state = server.running.state();
    let (device, now_ms) = (DeviceId::of_token(&phone.token).expect("a token"), state.clock.now_ms());
    // As the handler does, which then crashes.
    let erased = state.store.write(move |conn| Box::pin(async move { rights::erase(conn, &device, now_ms).await }));
    erased.await.expect("erased");
    assert_eq!(photo_files(&server).await.len(), 2);
    server.set_clock("2026-11-24T09:05:00+08:00");
    sweep_away_all_files(&server).await;
    assert_eq!(phone.send_photo(&server, &jpeg(16, 16)).await.0.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_file_that_no_row_names_stays_for_a_month_because_the_database_may_be_the_wrong_one() {
    let server = open().await;
    let name = format!("dd/{}.jpg", hash("d"));
    write_file(&server, &name, b"stored by the database that this one is a copy of").await;
    sweep(server.running.state()).await.expect("swept");
    assert_eq!(photo_files(&server).await, std::slice::from_ref(&name));
    // Files have the time of the machine, not of the test.
    server.set_clock("2190-01-01T09:00:00+08:00");
    sweep_away_all_files(&server).await;
}
