//! Photos in several parts: what the protocol promises.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::{partial_files, photo_files, remove_file};
use crate::support::phone::{Phone, assert_nothing_stored, report_with, rows, sha256};
use crate::support::pictures::{self, encoded, grainy_jpeg, jpeg, red_blue};
use crate::support::tus::{Tus, assert_no_uploads, offset};
use crate::support::{TestServer, header, problem};
use image::ImageFormat;
use reqwest::{Body, Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

async fn open() -> (TestServer, Phone, Tus) {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let tus = Tus::new(&server, &phone);
    (server, phone, tus)
}

#[tokio::test]
async fn a_photo_in_parts_counts_when_its_last_byte_is_there() {
    let (server, phone, tus) = open().await;
    let photo = grainy_jpeg(200, 100, 1);
    let (first, second) = (photo.len() / 3, photo.len() / 2);
    let name = sha256(&photo);

    let begun = tus.announce(&name, photo.len()).await;
    assert_eq!(begun.status(), StatusCode::CREATED);
    assert_eq!(header(&begun, "location"), format!("/api/v1/uploads/{name}"));
    assert_eq!(offset(&begun), Some(0));
    assert!(header(&begun, "upload-expires").ends_with(" GMT"));

    let report = report_with("photos", Some(json!([name])));
    for (from, to) in [(0, first), (first, second)] {
        let part = tus.patch(&name, from, &photo[from..to]).await;
        assert_eq!((part.status(), offset(&part)), (StatusCode::NO_CONTENT, Some(to)));
        let asked = tus.head(&name).await;
        assert_eq!((asked.status(), offset(&asked)), (StatusCode::OK, Some(to)));
        assert_eq!(header(&asked, "upload-length"), photo.len().to_string());
        assert_eq!(header(&asked, "cache-control"), "no-store");
        assert!(asked.headers().contains_key("upload-expires"));
        problem(phone.send_report(&server, Uuid::now_v7(), &report).await, 422).await;
    }

    let last = tus.patch(&name, second, &photo[second..]).await;
    assert_eq!((last.status(), offset(&last)), (StatusCode::NO_CONTENT, Some(photo.len())));
    assert!(!last.headers().contains_key("upload-expires"));
    assert_eq!(tus.there(&name).await, Some(photo.len()));
    assert_eq!(phone.send_report(&server, Uuid::now_v7(), &report).await.status(), StatusCode::CREATED);
    assert_eq!(phone.get(&server, &format!("/api/v1/photos/{name}")).await.status(), StatusCode::OK);
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn the_announcement_may_bring_the_first_bytes_or_all_of_them() {
    let (server, _, tus) = open().await;
    for (seed, part) in [(1, 2), (2, 1)] {
        let photo = grainy_jpeg(100, 100, seed);
        let name = sha256(&photo);
        let sent = photo.len() / part;
        let begun = tus
            .announcing(&name, photo.len())
            .header("content-type", "application/offset+octet-stream")
            .body(photo[..sent].to_vec());
        let begun = begun.send().await.expect("an answer");
        assert_eq!((begun.status(), offset(&begun)), (StatusCode::CREATED, Some(sent)));
        assert_eq!(tus.there(&name).await, Some(sent));
        // The answer was lost: the same again tells where to go on, and does not add the bytes a second time.
        let again = tus
            .announcing(&name, photo.len())
            .header("content-type", "application/offset+octet-stream")
            .body(photo[..sent].to_vec());
        let again = again.send().await.expect("an answer");
        assert_eq!((again.status(), offset(&again)), (StatusCode::CREATED, Some(sent)));
    }
    assert_eq!(rows(&server).await[1], 1, "only the second photo is whole");
}

#[tokio::test]
async fn an_upload_is_its_devices_own() {
    let (server, _, tus) = open().await;
    let stranger = Tus::new(&server, &Phone::new(2));
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    tus.patch(&name, 0, &photo[..500]).await;
    assert_eq!(stranger.there(&name).await, None);
    problem(stranger.patch(&name, 500, &photo[500..]).await, 404).await;
    problem(stranger.delete(&name).await, 404).await;

    // Neither the bytes nor the stored photo of somebody else are given to who only knows the hash.
    assert_eq!(stranger.begin(&photo).await, name);
    assert_eq!(tus.patch(&name, 500, &photo[500..]).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(stranger.there(&name).await, Some(0));
    assert_eq!(stranger.patch(&name, 0, &photo).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(rows(&server).await[..3], [2, 1, 2]);
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn a_photo_that_this_device_has_sent_otherwise_is_there_at_once() {
    let (server, phone, tus) = open().await;
    let photo = grainy_jpeg(100, 100, 1);
    let (_, name) = phone.send_photo(&server, &photo).await;
    assert_eq!(tus.there(&name).await, Some(photo.len()));
    let begun = tus.announce(&name, photo.len()).await;
    assert_eq!((begun.status(), offset(&begun)), (StatusCode::CREATED, Some(photo.len())));
    let nothing_more = tus.patch(&name, photo.len(), b"").await;
    assert_eq!((nothing_more.status(), offset(&nothing_more)), (StatusCode::NO_CONTENT, Some(photo.len())));
    problem(tus.patch(&name, 7, &photo[7..]).await, 409).await;
    problem(tus.announce(&name, photo.len() + 1).await, 409).await;
    assert_no_uploads(&server).await;

    // Files lost with a disk: the photo is not claimed to be there, and can be sent again.
    for file in photo_files(&server).await {
        remove_file(&server, &file).await;
    }
    assert_eq!(tus.there(&name).await, None);
    tus.begin(&photo).await;
    assert_eq!(tus.patch(&name, 0, &photo).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(phone.get(&server, &format!("/api/v1/photos/{name}")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_photo_sent_whole_ends_its_unfinished_upload() {
    let (server, phone, tus) = open().await;
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    tus.patch(&name, 0, &photo[..500]).await;
    assert_eq!(phone.send_photo(&server, &photo).await.0.status(), StatusCode::CREATED);
    assert_eq!(tus.there(&name).await, Some(photo.len()));
    server.running.state().intake.sweep().await.expect("swept");
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn a_part_that_begins_elsewhere_is_409_and_changes_nothing() {
    let (_server, _, tus) = open().await;
    let photo = grainy_jpeg(100, 100, 1);
    let name = tus.begin(&photo).await;
    tus.patch(&name, 0, &photo[..500]).await;
    for wrong in [0, 499, 501, photo.len(), 1 << 40] {
        let detail = problem(tus.patch(&name, wrong, &photo[..10]).await, 409).await;
        assert!(detail.contains("500"), "{detail}");
    }
    assert_eq!(tus.there(&name).await, Some(500));
    assert_eq!(tus.patch(&name, 500, &photo[500..]).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn what_will_never_be_a_photo_is_refused_as_by_put_and_gone() {
    let (server, _, tus) = open().await;
    let cut = grainy_jpeg(100, 100, 1);
    let cut = &cut[..cut.len() / 2];
    for (bytes, status) in [
        (b"just some text, named kerb.jpg".as_slice(), 415),
        (b"\x89PNG\r\n\x1a\n and nothing more", 422),
        (cut, 422),
        (&pictures::png_bomb(50_000, 50_000), 422),
    ] {
        let name = tus.begin(bytes).await;
        problem(tus.patch(&name, 0, bytes).await, status).await;
        assert_eq!(tus.there(&name).await, None);
    }
    // Another hash than the name.
    let photo = jpeg(32, 32);
    let name = sha256(b"something else");
    tus.announce(&name, photo.len()).await;
    let detail = problem(tus.patch(&name, 0, &photo).await, 409).await;
    assert!(detail.contains(&sha256(&photo)), "{detail}");
    assert_eq!(tus.there(&name).await, None);
    assert_no_uploads(&server).await;
    assert_eq!(rows(&server).await[1..], [0; 5]);
}

#[tokio::test]
async fn lengths_that_lie_do_no_harm() {
    let (server, _, tus) = open().await;
    let photo = grainy_jpeg(100, 100, 1);
    let name = sha256(&photo);
    // Longer than it is: what has come waits for the rest, and the rest makes it another photo.
    tus.announce(&name, photo.len() + 10).await;
    let all = tus.patch(&name, 0, &photo).await;
    assert_eq!((all.status(), offset(&all)), (StatusCode::NO_CONTENT, Some(photo.len())));
    problem(tus.announce(&name, photo.len()).await, 409).await;
    problem(tus.patch(&name, photo.len(), &[0; 10]).await, 409).await;
    // Shorter than it is, announced or not.
    for announced in [true, false] {
        tus.announce(&name, photo.len() - 10).await;
        let chunks = photo.chunks(1000).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect::<Vec<_>>();
        let body = if announced { Body::from(photo.clone()) } else { Body::wrap_stream(futures::stream::iter(chunks)) };
        let too_long = tus.patching(&name, 0, body).send().await.expect("an answer");
        problem(too_long, 413).await;
        assert_eq!(tus.there(&name).await, None);
    }
    let with_more = tus.announcing(&name, 10).header("content-type", "application/offset+octet-stream");
    problem(with_more.body(photo.clone()).send().await.expect("an answer"), 413).await;
    // None at all, and more than is ever taken.
    problem(tus.announce(&name, 0).await, 415).await;
    problem(tus.announce(&name, 12 * 1024 * 1024 + 1).await, 413).await;
    assert_no_uploads(&server).await;
    assert_eq!(rows(&server).await[1..], [0; 5]);
}

#[tokio::test]
async fn an_upload_can_be_given_up_and_a_stored_photo_cannot() {
    let (server, _, tus) = open().await;
    let photo = encoded(&red_blue(64, 64), ImageFormat::Png);
    let name = tus.begin(&photo).await;
    tus.patch(&name, 0, &photo[..50]).await;
    assert_eq!(partial_files(&server).await.len(), 1);
    let gone = tus.delete(&name).await;
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_no_uploads(&server).await;
    assert_eq!(tus.there(&name).await, None);
    problem(tus.delete(&name).await, 404).await;
    problem(tus.patch(&name, 50, &photo[50..]).await, 404).await;

    tus.begin(&photo).await;
    tus.patch(&name, 0, &photo).await;
    problem(tus.delete(&name).await, 404).await;
    assert_eq!(tus.there(&name).await, Some(photo.len()));
}

#[tokio::test]
async fn the_server_says_what_it_speaks_with_every_answer() {
    let (server, _, tus) = open().await;
    let name = sha256(b"whatever");
    for path in [String::new(), format!("/{name}")] {
        let url = server.url(&format!("/api/v1/uploads{path}"));
        let asked = server.http.request(Method::OPTIONS, url).send().await.expect("an answer");
        assert_eq!(asked.status(), StatusCode::NO_CONTENT);
        assert_eq!(header(&asked, "tus-version"), "1.0.0");
        assert_eq!(header(&asked, "tus-extension"), "creation,creation-with-upload,expiration,termination");
        assert_eq!(header(&asked, "tus-max-size"), (12 * 1024 * 1024).to_string());
        assert_eq!(header(&asked, "tus-resumable"), "1.0.0");
    }
    let (with_none, url) = (tus.announce(&name, 10).await, server.url("/api/v1/uploads"));
    let stranger = server.http.post(&url).send().await.expect("an answer");
    assert_eq!(stranger.status(), StatusCode::UNAUTHORIZED);
    let unknown = tus.head(&sha256(b"unknown")).await;
    assert_eq!(header(&unknown, "cache-control"), "no-store");
    for answer in [with_none, stranger, unknown, tus.patch(&name, 5, b"x").await, tus.delete("kerb.jpg").await] {
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
    }
    let other = server.http.post(&url).bearer_auth(&tus.token).header("tus-resumable", "0.2.2").send().await;
    let other = other.expect("an answer");
    assert_eq!(header(&other, "tus-version"), "1.0.0");
    problem(other, 412).await;
}

#[tokio::test]
async fn a_client_behind_a_proxy_that_knows_no_patch_is_served() {
    let (server, _, tus) = open().await;
    let photo = jpeg(64, 64);
    let name = tus.begin(&photo).await;
    let post =
        |method: &'static str| tus.request(Method::POST, &format!("/{name}")).header("x-http-method-override", method);
    let part = post("PATCH").header("content-type", "application/offset+octet-stream").header("upload-offset", "0");
    let part = part.body(photo[..50].to_vec()).send().await.expect("an answer");
    assert_eq!((part.status(), offset(&part)), (StatusCode::NO_CONTENT, Some(50)));
    problem(post("PUT").send().await.expect("an answer"), 405).await;
    assert_eq!(post("DELETE").send().await.expect("an answer").status(), StatusCode::NO_CONTENT);
    assert_no_uploads(&server).await;
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_words() {
    let (server, _, tus) = open().await;
    let name = sha256(b"whatever");
    let sent = async |request: reqwest::RequestBuilder| request.send().await.expect("an answer");
    let metadata = "sha256 bm90IGEgaGFzaA==";
    problem(sent(tus.request(Method::POST, "")).await, 400).await;
    problem(sent(tus.request(Method::POST, "").header("upload-length", "10")).await, 400).await;
    let no_hash = tus.request(Method::POST, "").header("upload-length", "10").header("upload-metadata", metadata);
    problem(sent(no_hash).await, 400).await;
    for length in ["-1", "+1", "ten", ""] {
        let metadata = tus.request(Method::POST, "").header("upload-length", length);
        problem(sent(metadata).await, 400).await;
    }
    problem(sent(tus.announcing(&name, 10).body("0123")).await, 415).await;
    let part = tus.request(Method::PATCH, &format!("/{name}")).body("0123");
    problem(sent(part.try_clone().expect("a copy").header("upload-offset", "0")).await, 415).await;
    problem(sent(part.header("content-type", "application/offset+octet-stream")).await, 400).await;
    problem(tus.patch("kerb.jpg", 0, b"0123").await, 400).await;
    assert_eq!(tus.head("kerb.jpg").await.status(), StatusCode::BAD_REQUEST);
    assert_nothing_stored(&server).await;
    assert_no_uploads(&server).await;
}
