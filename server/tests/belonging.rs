//! Photos belong to the database whose rows name them.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::photo_files;
use crate::support::phone::Phone;
use crate::support::pictures::jpeg;
use crate::support::{TestServer, database};
use reqwest::StatusCode;
use waypost_server::config::Config;
use waypost_server::serve::start;

#[tokio::test]
async fn a_server_on_another_database_leaves_photos_alone_and_says_so() {
    let server = TestServer::start().await;
    assert_eq!(Phone::new(1).send_photo(&server, &jpeg(40, 30)).await.0.status(), StatusCode::CREATED);
    let files = photo_files(&server).await;
    assert_eq!(files.len(), 2);
    let elsewhere = tempfile::tempdir().expect("a directory");
    let wrong =
        Config { database: Some(database::of(elsewhere.path())), ..Config::clone(&server.running.state().config) };
    let words = format!("{:#}", start(wrong.clone()).await.expect_err("it refuses"));
    assert!(words.contains("belong to another database") && words.contains("belongs-to"), "{words}");
    assert_eq!(photo_files(&server).await, files);

    let again = server.restart_with(|_| {}).await;
    assert_eq!(photo_files(&again).await, files, "to their own they still belong");
}
