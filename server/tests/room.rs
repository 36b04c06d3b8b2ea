//! Photos never take the room that words need: on the disk, and of what is unfinished.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::photos_url;
use crate::support::phone::{Phone, report, rows, sha256};
use crate::support::pictures::grainy_jpeg;
use crate::support::tus::{Tus, offset, upload_rows};
use crate::support::{TestServer, header, problem};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use uuid::Uuid;

/// Asserts that whoever has sent it is asked to come again with it, and gives the words.
async fn later(answer: Response) -> String {
    assert_eq!(header(&answer, "retry-after"), "10");
    problem(answer, 503).await
}

/// A bucket has room, and is not asked.
fn in_bucket(server: &TestServer) -> bool {
    photos_url(server.data.path()).is_some()
}

/// The form as a browser sends it: the field for photos is there also where it was left alone.
async fn send_form(server: &TestServer, photo: Vec<u8>) -> StatusCode {
    let fields = [("category", "road"), ("description", "hole"), ("lat", "30.31"), ("lng", "120.13")];
    let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value));
    let form = form.part("photo", Part::bytes(photo).file_name(""));
    server.http.post(server.url("/report")).multipart(form).send().await.expect("an answer").status()
}

#[tokio::test]
async fn while_the_disk_is_nearly_full_photos_wait_and_words_arrive() {
    let server = TestServer::start().await;
    let (phone, photos) = (Phone::new(1), [1, 2].map(|seed| grainy_jpeg(100, 100, seed)));
    let tus = Tus::new(&server, &phone);
    let name = tus.begin(&photos[0]).await;
    assert_eq!(tus.patch(&name, 0, &photos[0][..5000]).await.status(), StatusCode::NO_CONTENT);

    // No disk has that much.
    let server = server.restart_with(|config| config.photos.reserve = u64::MAX).await;
    let tus = Tus::new(&server, &phone);
    if in_bucket(&server) {
        assert_eq!(phone.send_photo(&server, &photos[1]).await.0.status(), StatusCode::CREATED);
        return;
    }
    let words = later(phone.send_photo(&server, &photos[1]).await.0).await;
    assert!(words.contains("nearly full") && words.contains("send it later"), "{words}");
    later(tus.announce(&sha256(&photos[1]), photos[1].len()).await).await;
    later(tus.patch(&name, 5000, &photos[0][5000..]).await).await;
    assert_eq!(send_form(&server, photos[1].clone()).await, StatusCode::INSUFFICIENT_STORAGE);
    assert_eq!((tus.there(&name).await, upload_rows(&server).await), (Some(5000), 1), "what has come stays");

    assert_eq!(phone.send_report(&server, Uuid::now_v7(), &report()).await.status(), StatusCode::CREATED);
    assert_eq!(send_form(&server, Vec::new()).await, StatusCode::SEE_OTHER);
    assert_eq!(rows(&server).await[1..4], [0, 0, 2]);
    let counted = server.get("/metrics").await.text().await.expect("text");
    assert!(counted.contains("waypost_photos_refused_total{reason=\"low\"} 3\n"), "{counted}");

    let server = server.restart_with(|config| config.photos.reserve = 1).await;
    let tus = Tus::new(&server, &phone);
    let last = tus.patch(&name, 5000, &photos[0][5000..]).await;
    assert_eq!((last.status(), offset(&last)), (StatusCode::NO_CONTENT, Some(photos[0].len())));
    assert_eq!(phone.send_photo(&server, &photos[1]).await.0.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn what_has_come_of_all_unfinished_uploads_is_bounded_and_what_is_only_announced_is_not() {
    let server = TestServer::start_with(|config| config.photos.unfinished_in_all = 4_000).await;
    let photos = [1, 2, 3].map(|seed| grainy_jpeg(100, 100, seed));
    let [tus, other] = [1, 2].map(|phone| Tus::new(&server, &Phone::new(phone)));
    // Twice as much as there is room for, and nothing of it there: whoever only announces keeps nobody away.
    let name = tus.begin(&photos[0]).await;
    other.begin(&photos[1]).await;
    assert_eq!(tus.patch(&name, 0, &photos[0][..5000]).await.status(), StatusCode::NO_CONTENT);

    // It is counted once a minute.
    let server = server.restart_with(|_| {}).await;
    let [tus, other] = [1, 2].map(|phone| Tus::new(&server, &Phone::new(phone)));
    let third = other.announce(&sha256(&photos[2]), photos[2].len()).await;
    if in_bucket(&server) {
        assert_eq!(third.status(), StatusCode::CREATED);
        return;
    }
    later(third).await;
    // Whoever has begun goes on, also where they have forgotten how far they were.
    assert_eq!(offset(&tus.announce(&name, photos[0].len()).await), Some(5000));
    assert_eq!(tus.patch(&name, 5000, &photos[0][5000..]).await.status(), StatusCode::NO_CONTENT);
    let server = server.restart_with(|_| {}).await;
    Tus::new(&server, &Phone::new(2)).begin(&photos[2]).await;
}
