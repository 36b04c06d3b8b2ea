//! Photos on their way in and out.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::{photo_files, read_file, remove_file, scratch, write_file};
use crate::support::phone::{Phone, advance, assert_nothing_stored, report_with, rows, sha256};
use crate::support::pictures::{self, encoded, is_red, jpeg, red_blue};
use crate::support::{TestServer, header, problem};
use image::{DynamicImage, ImageFormat};
use reqwest::{Body, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::report::ReportState;

async fn shown(phone: &Phone, server: &TestServer, sha256: &str, query: &str) -> DynamicImage {
    let answer = phone.get(server, &format!("/api/v1/photos/{sha256}{query}")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let bytes = answer.bytes().await.expect("a body");
    image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).expect("a JPEG")
}

#[tokio::test]
async fn a_photo_sent_twice_is_stored_once() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (first, name) = phone.send_photo(&server, &jpeg(64, 32)).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    let said: Value = first.json().await.expect("JSON");
    assert_eq!(said, json!({"sha256": name, "width": 64, "height": 32}));

    let (second, _) = phone.send_photo(&server, &jpeg(64, 32)).await;
    assert_eq!(second.status(), StatusCode::OK);
    assert_eq!(second.json::<Value>().await.expect("JSON"), said);
    assert_eq!(rows(&server).await, [1, 1, 1, 0, 0, 0]);
    // The picture and its thumbnail are so small that both are the same size, but not the same quality.
    assert_eq!(photo_files(&server).await.len(), 2);
}

#[tokio::test]
async fn a_photo_comes_out_upright_with_nothing_of_the_camera_left() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    // Orientation 6: the camera was turned, so that the left edge is really the top.
    let sent = pictures::with_exif(&jpeg(64, 32), 6, b"GPS 30.317 120.138");
    let (stored, name) = phone.send_photo(&server, &sent).await;
    assert_eq!(stored.json::<Value>().await.expect("JSON"), json!({"sha256": name, "width": 32, "height": 64}));

    let picture = shown(&phone, &server, &name, "").await;
    assert_eq!((picture.width(), picture.height()), (32, 64));
    assert!(is_red(&picture, 16, 4), "the left edge became the top");
    assert!(!is_red(&picture, 16, 60));
    for file in photo_files(&server).await {
        let bytes = read_file(&server, &file).await;
        for trace in [b"Exif".as_slice(), b"GPS"] {
            assert!(!bytes.windows(trace.len()).any(|window| window == trace));
        }
    }
}

#[tokio::test]
async fn a_large_photo_is_kept_smaller_with_a_thumbnail() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    for (width, height, kept, thumb) in [
        // Halved and more, and a little smaller: two ways to shrink.
        (5000, 2500, (2048, 1024), (320, 160)),
        (1500, 3000, (1024, 2048), (160, 320)),
    ] {
        let (stored, name) = phone.send_photo(&server, &jpeg(width, height)).await;
        assert_eq!(stored.status(), StatusCode::CREATED);
        let picture = shown(&phone, &server, &name, "?size=full").await;
        assert_eq!((picture.width(), picture.height()), kept);
        assert!(is_red(&picture, 10, 10) && !is_red(&picture, kept.0 - 10, 10));
        let picture = shown(&phone, &server, &name, "?size=thumb").await;
        assert_eq!((picture.width(), picture.height()), thumb);
    }
}

#[tokio::test]
async fn png_and_webp_become_jpeg_and_transparency_becomes_white() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let (stored, name) = phone.send_photo(&server, &encoded(&red_blue(64, 32), format)).await;
        assert_eq!(stored.status(), StatusCode::CREATED, "{format:?}");
        assert!(is_red(&shown(&phone, &server, &name, "").await, 4, 4));
    }
    let (_, name) = phone.send_photo(&server, &encoded(&pictures::see_through(8, 8), ImageFormat::Png)).await;
    let pixel = *shown(&phone, &server, &name, "").await.to_rgb8().get_pixel(4, 4);
    assert!(pixel.0.iter().all(|value| *value > 250), "{pixel:?}");
}

#[tokio::test]
async fn what_is_no_picture_is_415_whatever_its_name_says() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    for bytes in
        [b"just some text, named kerb.jpg".as_slice(), b"GIF89a\x01\0\x01\0", b"<svg/>", b"%PDF-1.7", b"", b"RIFF"]
    {
        let name = sha256(bytes);
        let answer = phone.put_photo(&server, &name, bytes).header("content-type", "image/jpeg").send().await;
        let detail = problem(answer.expect("an answer"), 415).await;
        assert!(detail.contains("JPEG, PNG or WebP"), "{detail}");
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_damaged_photo_is_422() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let mut damaged = Vec::new();
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(&red_blue(200, 100), format);
        for length in [12, whole.len() / 3, whole.len() - 20] {
            damaged.push((format!("{format:?} of {length} bytes"), whole[..length].to_vec()));
        }
        let mut noise = whole[..12].to_vec();
        noise.extend((0..500_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8));
        damaged.push((format!("{format:?} with noise"), noise));
    }
    // A preview inside the camera data has an end marker of its own; the picture around it still lacks one.
    let cut = jpeg(200, 100);
    let cut = pictures::with_exif(&cut[..cut.len() / 2], 1, &jpeg(8, 8));
    damaged.push(("a cut JPEG with a whole preview".to_owned(), cut));
    for (what, bytes) in damaged {
        let (answer, _) = phone.send_photo(&server, &bytes).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{what}");
        problem(answer, 422).await;
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_picture_of_absurd_size_is_refused_before_it_is_decoded() {
    // Whatever is to be decoded finds too many waiting.
    let server = TestServer::start_with(|config| config.photos.waiting = 0).await;
    let phone = Phone::new(1);
    problem(phone.send_photo(&server, &jpeg(8, 8)).await.0, 503).await;
    for (width, height) in [(50_000, 50_000), (8_000, 8_000), (2_000_000_000, 1), (u32::MAX, u32::MAX)] {
        let (answer, _) = phone.send_photo(&server, &pictures::png_bomb(width, height)).await;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{width}×{height}");
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn what_is_hidden_behind_a_picture_is_not_kept() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let payload = b"PK\x03\x04<script>alert(1)</script>";
    let (stored, _) = phone.send_photo(&server, &[jpeg(32, 32), payload.to_vec()].concat()).await;
    assert_eq!(stored.status(), StatusCode::CREATED);
    for file in photo_files(&server).await {
        let bytes = read_file(&server, &file).await;
        assert!(!bytes.windows(8).any(|window| window == b"<script>"));
    }
}

#[tokio::test]
async fn bytes_that_differ_from_their_name_are_409() {
    let server = TestServer::start().await;
    let answer = Phone::new(1).put_photo(&server, &sha256(b"something else"), jpeg(32, 32)).send().await;
    let detail = problem(answer.expect("an answer"), 409).await;
    assert!(detail.contains(&sha256(&jpeg(32, 32))), "{detail}");
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_photo_of_60_mb_is_413_and_the_phone_hears_it() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let name = sha256(b"whatever");
    let announced = phone.put_photo(&server, &name, vec![0xff; 60 * 1024 * 1024]).send().await;
    problem(announced.expect("an answer"), 413).await;

    // Without saying so beforehand.
    let chunks = (0..60).map(|_| Ok::<_, std::io::Error>(vec![0xff_u8; 1024 * 1024]));
    let chunked = phone.put_photo(&server, &name, Body::wrap_stream(futures::stream::iter(chunks))).send().await;
    problem(chunked.expect("an answer"), 413).await;

    let one_too_many = phone.put_photo(&server, &name, vec![0xff; 12 * 1024 * 1024 + 1]).send().await;
    problem(one_too_many.expect("an answer"), 413).await;
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_photo_needs_a_token_and_a_large_one_hears_so() {
    let server = TestServer::start().await;
    let url = server.url(&format!("/api/v1/photos/{}", sha256(b"whatever")));
    let bare = server.http.put(&url).body(vec![0; 10 * 1024 * 1024]).send().await.expect("an answer");
    assert_eq!(header(&bare, "www-authenticate"), "Bearer");
    problem(bare, 401).await;
    for wrong in ["Bearer", "Bearer ", "Bearer secret", "Basic dXNlcjpwYXNz", "Bearer 驿友"] {
        let answer = server.http.put(&url).header("authorization", wrong.as_bytes()).body(jpeg(8, 8)).send().await;
        problem(answer.expect("an answer"), 401).await;
        let answer = server.http.get(&url).header("authorization", wrong.as_bytes()).send().await;
        problem(answer.expect("an answer"), 401).await;
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn a_name_that_is_no_hash_is_400() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    for name in ["kerb.jpg", "00", &"g".repeat(64), "%ff", "..%2f..%2fetc%2fpasswd"] {
        let answer = phone.put_photo(&server, name, jpeg(8, 8)).send().await.expect("an answer");
        problem(answer, 400).await;
        problem(phone.get(&server, &format!("/api/v1/photos/{name}")).await, 400).await;
    }
    assert_nothing_stored(&server).await;
}

#[tokio::test]
async fn upper_case_names_the_same_photo() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (_, name) = phone.send_photo(&server, &jpeg(8, 8)).await;
    let again = phone.put_photo(&server, &name.to_uppercase(), jpeg(8, 8)).send().await.expect("an answer");
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(rows(&server).await[1], 1);
}

#[tokio::test]
async fn two_phones_may_send_the_same_photo_and_both_may_see_it() {
    let server = TestServer::start().await;
    let (first, second, stranger) = (Phone::new(1), Phone::new(2), Phone::new(3));
    let (_, name) = first.send_photo(&server, &jpeg(32, 32)).await;
    let path = format!("/api/v1/photos/{name}");
    problem(second.get(&server, &path).await, 404).await;

    let (answer, _) = second.send_photo(&server, &jpeg(32, 32)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(rows(&server).await, [2, 1, 2, 0, 0, 0]);
    for phone in [first, second] {
        assert_eq!(phone.get(&server, &path).await.status(), StatusCode::OK);
    }
    problem(stranger.get(&server, &path).await, 404).await;
    problem(server.get(&path).await, 404).await;
}

#[tokio::test]
async fn everybody_sees_the_photos_of_a_public_report_and_only_while_it_is() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (_, name) = phone.send_photo(&server, &jpeg(32, 32)).await;
    let path = format!("/api/v1/photos/{name}");
    let id = Uuid::now_v7();
    let sent = phone.send_report(&server, id, &report_with("photos", Some(json!([name])))).await;
    assert_eq!(sent.status(), StatusCode::CREATED);
    problem(server.get(&path).await, 404).await;

    advance(&server, id, ReportState::Accepted, "").await;
    let seen = server.get(&format!("{path}?size=thumb")).await;
    assert_eq!(seen.status(), StatusCode::OK);
    assert_eq!(header(&seen, "content-type"), "image/jpeg");
    assert_eq!(header(&seen, "x-content-type-options"), "nosniff");
    assert!(header(&seen, "cache-control").starts_with("private"));

    advance(&server, id, ReportState::Declined, "").await;
    problem(server.get(&path).await, 404).await;
    assert_eq!(phone.get(&server, &path).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_photo_is_404_and_an_unknown_size_400() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    problem(phone.get(&server, &format!("/api/v1/photos/{}", sha256(b"never sent"))).await, 404).await;
    let (_, name) = phone.send_photo(&server, &jpeg(8, 8)).await;
    let detail = problem(phone.get(&server, &format!("/api/v1/photos/{name}?size=huge")).await, 400).await;
    assert!(detail.contains("size"), "{detail}");
}

#[tokio::test]
async fn a_photo_whose_files_were_lost_can_be_sent_again() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (_, name) = phone.send_photo(&server, &jpeg(32, 32)).await;
    for file in photo_files(&server).await {
        remove_file(&server, &file).await;
    }
    let path = format!("/api/v1/photos/{name}");
    problem(phone.get(&server, &path).await, 500).await;
    let (again, _) = phone.send_photo(&server, &jpeg(32, 32)).await;
    assert_eq!(again.status(), StatusCode::OK);
    assert_eq!(phone.get(&server, &path).await.status(), StatusCode::OK);
    assert_eq!(rows(&server).await, [1, 1, 1, 0, 0, 0]);
}

#[tokio::test]
async fn a_damaged_file_is_never_given_out() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let (_, name) = phone.send_photo(&server, &jpeg(64, 32)).await;
    let path = format!("/api/v1/photos/{name}");
    for file in photo_files(&server).await {
        let mut bytes = read_file(&server, &file).await;
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        write_file(&server, &file, &bytes).await;
    }
    for size in ["full", "thumb"] {
        let detail = problem(phone.get(&server, &format!("{path}?size={size}")).await, 500).await;
        assert!(!detail.contains("hash"), "what is wrong is for the log: {detail}");
    }
    // One that is shorter is noticed when the photo comes again, and mended.
    for file in photo_files(&server).await {
        write_file(&server, &file, b"short").await;
    }
    assert_eq!(phone.send_photo(&server, &jpeg(64, 32)).await.0.status(), StatusCode::OK);
    for size in ["full", "thumb"] {
        shown(&phone, &server, &name, &format!("?size={size}")).await;
    }
}

#[tokio::test]
async fn a_photo_that_cannot_be_written_leaves_no_row() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    // A file where the folder for half-written photos should be.
    for folder in scratch(&server) {
        std::fs::remove_dir_all(&folder).expect("removed");
        std::fs::write(&folder, b"").expect("written");
    }
    let (answer, _) = phone.send_photo(&server, &jpeg(32, 32)).await;
    problem(answer, 500).await;
    assert_eq!(rows(&server).await, [0; 6]);
}

/// Sends a request of 40 MB to its end before reading the answer, as simple clients do, and gives the status line.
async fn status_heard_after_sending(server: &TestServer, head: &str) -> std::io::Result<String> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(server.running.addr()).await?;
    let length = 40 * 1024 * 1024;
    let head = format!("{head}\r\nhost: localhost\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await?;
    for _ in 0..length / 4096 {
        socket.write_all(&[0xff; 4096]).await?;
    }
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn a_client_that_listens_only_after_sending_hears_every_refusal() {
    let server = TestServer::start().await;
    let token = Phone::new(1).token;
    let name = sha256(b"whatever");
    let put = format!("PUT /api/v1/photos/{name} HTTP/1.1");
    for (head, status) in [
        (format!("{put}\r\nauthorization: Bearer {token}"), "413"),
        (put, "401"),
        (format!("PUT /api/v1/photos/kerb.jpg HTTP/1.1\r\nauthorization: Bearer {token}"), "400"),
        (format!("PUT /api/v1/reports/{} HTTP/1.1\r\nauthorization: Bearer {token}", Uuid::now_v7()), "415"),
        ("POST /report HTTP/1.1\r\ncontent-type: text/plain".to_owned(), "415"),
    ] {
        let heard = status_heard_after_sending(&server, &head).await.expect("an answer");
        assert!(heard.starts_with(&format!("HTTP/1.1 {status} ")), "{head}: {heard}");
    }
    assert_nothing_stored(&server).await;
}
