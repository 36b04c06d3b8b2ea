//! Faults that cost other servers their clients' data, caused on the wire and to the process; see `docs/faults.md`.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::database::report_ids;
use crate::support::files::photo_files;
use crate::support::phone::{Phone, assert_nothing_stored, report, report_with, rows, sha256};
use crate::support::pictures::{encoded, jpeg};
use crate::support::program::{Program, serve};
use crate::support::tus::Tus;
use crate::support::wire::{Fault, ONE_BAR, Wire};
use crate::support::{TestServer, at};
use futures::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use uuid::Uuid;
use waypost_server::clock::Clock;
use waypost_server::config::{Quota, Rates};

/// A client that never reuses a connection, so that each request meets its own fault.
/// As patient as a phone is with a report.
fn client() -> Client {
    Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(30)).build().expect("a client")
}

async fn put_report(
    http: &Client,
    addr: SocketAddr,
    phone: &Phone,
    id: Uuid,
    body: &Value,
) -> reqwest::Result<(StatusCode, Vec<u8>)> {
    let url = format!("http://{addr}/api/v1/reports/{id}");
    let answer = http.put(url).bearer_auth(&phone.token).json(body).send().await?;
    Ok((answer.status(), answer.bytes().await?.to_vec()))
}

async fn put_photo(http: &Client, addr: SocketAddr, phone: &Phone, bytes: &[u8]) -> reqwest::Result<StatusCode> {
    let url = format!("http://{addr}/api/v1/photos/{}", sha256(bytes));
    Ok(http.put(url).bearer_auth(&phone.token).body(bytes.to_vec()).send().await?.status())
}

/// A photo of some hundred kilobytes that no other number gives.
fn large_photo(number: u32) -> Vec<u8> {
    let picture = image::RgbImage::from_fn(480, 360, |x, y| {
        let noise = (x * 7919 + y * 104_729 + number).wrapping_mul(2_654_435_761);
        image::Rgb([(noise >> 24) as u8, (noise >> 16) as u8, (noise >> 8) as u8])
    });
    encoded(&picture.into(), image::ImageFormat::Jpeg)
}

#[tokio::test]
async fn fault_04_a_report_whose_answers_are_swallowed_is_stored_once_and_answered_the_same() {
    let server = TestServer::start().await;
    let wire = Wire::to(server.running.addr()).await.expect("a wire");
    let (http, phone, id) = (client(), Phone::new(1), Uuid::now_v7());
    wire.suffer_next([Fault::Swallow; 5]);
    for _ in 0..5 {
        assert!(put_report(&http, wire.addr, &phone, id, &report()).await.is_err(), "the answer was swallowed");
        // The phone may come back before the server has finished: the row is there once, or not yet.
        assert!(rows(&server).await[3] <= 1);
    }
    let (status, receipt) = put_report(&http, wire.addr, &phone, id, &report()).await.expect("an answer");
    assert_eq!(status, StatusCode::OK, "it has been there all the time");
    let again = put_report(&http, wire.addr, &phone, id, &report()).await.expect("an answer");
    assert_eq!(again, (StatusCode::OK, receipt));
    assert_eq!(rows(&server).await[3..], [1, 0, 1]);
}

#[tokio::test]
async fn fault_04_a_report_whose_answer_is_cut_anywhere_is_stored_once_and_answered_the_same() {
    let server = TestServer::start().await;
    let wire = Wire::to(server.running.addr()).await.expect("a wire");
    let (http, phone, id) = (client(), Phone::new(1), Uuid::now_v7());
    // Through its first line, its headers and the receipt, until it is whole.
    let mut cuts = (1..).step_by(97);
    let (status, receipt) = loop {
        let after = cuts.next().expect("another");
        wire.suffer_next([Fault::CutDown { after }]);
        match put_report(&http, wire.addr, &phone, id, &report()).await {
            Ok(answer) => break answer,
            Err(_) => assert!(after < 100_000, "no answer is as long as that"),
        }
    };
    assert!(cuts.next().expect("another") > 500, "it was cut a few times");
    assert_eq!(status, StatusCode::OK, "it has been there all the time");
    let again = put_report(&http, wire.addr, &phone, id, &report()).await.expect("an answer");
    assert_eq!(again, (StatusCode::OK, receipt));
    assert_eq!(rows(&server).await[3..], [1, 0, 1]);
}

#[tokio::test]
async fn fault_05_twenty_identical_photos_at_once_are_one_photo() {
    let server = TestServer::start().await;
    let (phone, photo) = (Phone::new(1), large_photo(5));
    let answers = join_all((0..20).map(|_| phone.send_photo(&server, &photo))).await;
    let created = answers.iter().filter(|(answer, _)| answer.status() == StatusCode::CREATED).count();
    assert_eq!(created, 1, "whoever writes first has sent it first");
    assert!(answers.iter().all(|(answer, _)| answer.status().is_success()));
    let bodies = join_all(answers.into_iter().map(|(answer, _)| answer.bytes())).await;
    let first = bodies[0].as_ref().expect("a body").clone();
    assert!(bodies.iter().all(|body| body.as_ref().is_ok_and(|body| *body == first)));
    assert_eq!(rows(&server).await[..3], [1, 1, 1]);
    assert_eq!(photo_files(&server).await.len(), 2, "the picture and its small one");
}

#[tokio::test]
async fn fault_19_a_photo_cut_at_any_byte_again_and_again_leaves_no_half_photo_and_arrives_in_the_end() {
    let server = TestServer::start().await;
    let wire = Wire::to(server.running.addr()).await.expect("a wire");
    let (http, phone, photo) = (client(), Phone::new(1), large_photo(19));
    // Within the head, at its end, and all through the body.
    let cuts = [1, 60, 400, photo.len() / 4, photo.len() / 2, photo.len() - 1];
    for after in cuts {
        wire.suffer_next([Fault::CutUp { after }]);
        assert!(put_photo(&http, wire.addr, &phone, &photo).await.is_err(), "cut after {after} bytes");
    }
    assert_eq!(rows(&server).await[1..3], [0, 0], "what has not arrived whole does not count");
    let id = Uuid::now_v7();
    let body = report_with("photos", Some(json!([sha256(&photo)])));
    let (status, _) = put_report(&http, wire.addr, &phone, id, &body).await.expect("an answer");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "nor can a report name it");
    assert_eq!(put_photo(&http, wire.addr, &phone, &photo).await.expect("an answer"), StatusCode::CREATED);
    let (status, _) = put_report(&http, wire.addr, &phone, id, &body).await.expect("an answer");
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(rows(&server).await[1..5], [1, 1, 1, 1]);
}

/// What a phone does for one report: again under the same id until there is a receipt.
async fn until_received(http: Client, wire: SocketAddr, phone: Phone, id: Uuid, acknowledged: Arc<Mutex<Vec<Uuid>>>) {
    loop {
        match put_report(&http, wire, &phone, id, &report()).await {
            Ok((StatusCode::CREATED | StatusCode::OK, receipt)) => {
                let receipt: Value = serde_json::from_slice(&receipt).expect("a receipt");
                assert_eq!(receipt["id"], json!(id));
                acknowledged.lock().expect("a list").push(id);
                return;
            }
            Ok((StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS, _)) | Err(_) => {
                // A phone's own pause, shortened: without one, those that wait would keep the server from starting.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Ok((status, body)) => panic!("{status}: {}", String::from_utf8_lossy(&body)),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_21_a_server_killed_under_load_again_and_again_keeps_everything_it_has_acknowledged() {
    const KILLS: usize = 20;
    const BETWEEN: usize = 40;
    let data = tempfile::tempdir().expect("a directory");
    let start = || {
        let mut command = serve(data.path());
        // Without the sample district: what is tried here does not need it, and starting often takes time.
        command.arg("--no-sample");
        Program::start(command)
    };
    let address = |program: &Program| -> SocketAddr {
        program.url.strip_prefix("http://").expect("an address").parse().expect("an address")
    };
    let mut program = start();
    let wire = Wire::to(address(&program)).await.expect("a wire");
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let count = || acknowledged.lock().expect("a list").len();
    let (http, mut begun, mut sending) = (client(), BTreeSet::new(), JoinSet::new());
    for kill in 0..KILLS {
        let goal = count() + BETWEEN;
        while count() < goal {
            while sending.len() < 16 {
                let id = Uuid::now_v7();
                begun.insert(id.to_string());
                let phone = Phone::new(u8::try_from(begun.len() % 250).expect("small"));
                sending.spawn(until_received(http.clone(), wire.addr, phone, id, acknowledged.clone()));
            }
            sending.join_next().await.expect("one is under way").expect("it is received");
        }
        program.kill();
        let before = acknowledged.lock().expect("a list").clone();
        let kept: BTreeSet<String> = report_ids(data.path()).await.into_iter().collect();
        let lost = before.iter().filter(|id| !kept.contains(&id.to_string())).count();
        assert_eq!(lost, 0, "acknowledged and lost after kill {kill}");
        program = start();
        wire.lead_to(address(&program));
    }
    while let Some(done) = sending.join_next().await {
        done.expect("it is received");
    }
    assert_eq!(count(), begun.len(), "stuck");
    assert_eq!(report_ids(data.path()).await, begun.into_iter().collect::<Vec<_>>(), "lost or doubled");
    program.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_26_hundreds_of_silent_and_slow_clients_keep_nobody_else_waiting_and_are_gone_in_the_end() {
    let server = TestServer::start_with(|config| {
        config.limits.head = Duration::from_secs(2);
        config.limits.silence = Duration::from_secs(2);
    })
    .await;
    let wire = Wire::to(server.running.addr()).await.expect("a wire");
    let (http, phone, photo) = (client(), Phone::new(1), large_photo(26));
    // A third says nothing, a third stops within its head, a third within its body; each is another device.
    let head = |device: u8| {
        format!(
            "PUT /api/v1/photos/{} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-length: 100000\r\n\r\n",
            sha256(&photo),
            Phone::new(device).token
        )
    };
    let silent = [0, 30, head(0).len() + 20].map(|after| Fault::Hold { after });
    // Those after them are on one bar of signal, which is slow and not silent. Said before the first connects: a wire may
    // take a connection later than its client has it.
    wire.suffer(ONE_BAR);
    wire.suffer_next(silent.into_iter().cycle().take(300));
    let mut slow = Vec::new();
    for nth in 0..300_u16 {
        let mut stream = TcpStream::connect(wire.addr).await.expect("connected");
        let device = u8::try_from(100 + nth / 3).expect("small");
        stream.write_all(head(device).as_bytes()).await.expect("sent");
        stream.write_all(&[7; 100]).await.expect("sent");
        slow.push(stream);
    }
    let id = Uuid::now_v7();
    let body = report_with("photos", Some(json!([sha256(&photo)])));
    let answered = async {
        assert_eq!(put_photo(&http, wire.addr, &phone, &photo).await.expect("an answer"), StatusCode::CREATED);
        put_report(&http, wire.addr, &phone, id, &body).await.expect("an answer").0
    };
    let status = tokio::time::timeout(Duration::from_secs(30), answered).await.expect("answered in time");
    assert_eq!(status, StatusCode::CREATED);
    for mut stream in slow {
        // The wire hangs up when the server does.
        let gone = tokio::time::timeout(Duration::from_secs(30), stream.read(&mut [0; 16])).await;
        assert!(gone.is_ok_and(|read| read.is_err() || read.is_ok_and(|bytes| bytes == 0)), "a socket is still slow");
    }
    assert_eq!(rows(&server).await[1..5], [1, 1, 1, 1]);
}

/// Sooner than whoever finds no place is sent away, and whoever drips is given up.
const PROMPTLY: Duration = Duration::from_mins(1);

/// Where photos drip from.
const DRIPPING_FROM: &str = "203.0.113.7";

/// Behind a proxy, and generous with requests, so that only places are short.
async fn server_with_places(moment: &str) -> TestServer {
    let plenty = Quota { a_minute: 60_000, burst: 60_000 };
    let all = (plenty, plenty);
    TestServer::start_with(|config| {
        config.rates = Some(Rates { reads: all, reports: all, photos: all, verifications: all, others: all });
        config.trust_proxy = true;
        config.clock = Clock::fixed(at(moment));
        // Nobody who drips is given up while a test looks, nor who waits for a place.
        config.limits.grace = 10 * PROMPTLY;
        config.photos.patience = 10 * PROMPTLY;
    })
    .await
}

/// Requests that are under way, and photos that have a place to arrive at.
async fn places(server: &TestServer) -> [usize; 2] {
    let text = server.get("/metrics").await.text().await.expect("text");
    ["waypost_http_under_way ", "waypost_photos_arriving "].map(|name| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)).expect("a gauge");
        value.parse().expect("a number")
    })
}

/// More strangers than may arrive at once in all drip photos from one address, and have all of its places.
async fn drip(server: &TestServer) -> JoinSet<()> {
    const DRIPPING: u8 = 200;
    let mut dripping = JoinSet::new();
    for device in 0..DRIPPING {
        let head = format!(
            "PUT /api/v1/photos/{} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {DRIPPING_FROM}\r\nauthorization: Bearer {}\r\n\
             content-length: 1000000\r\n\r\n",
            sha256(&[device]),
            Phone::new(device).token
        );
        let mut stream = TcpStream::connect(server.running.addr()).await.expect("connected");
        stream.write_all(head.as_bytes()).await.expect("sent");
        dripping.spawn(async move {
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        });
    }
    let began = Instant::now();
    // Who asks is under way as well.
    while !matches!(places(server).await, [under_way, (32..)] if under_way > usize::from(DRIPPING)) {
        assert!(began.elapsed() < PROMPTLY, "{:?}", places(server).await);
    }
    dripping
}

/// Sends a photo from an address, without waiting for a place.
async fn send_promptly(server: &TestServer, phone: &Phone, number: u32, from: &str) -> StatusCode {
    let photo = large_photo(number);
    let sending = phone.put_photo(server, &sha256(&photo), photo).header("x-forwarded-for", from).send();
    tokio::time::timeout(PROMPTLY, sending).await.expect("in time").expect("an answer").status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_26_photos_that_drip_from_one_address_take_no_place_from_a_phone_at_another() {
    let server = server_with_places("2026-11-24T09:00:00+08:00").await;
    let _dripping = drip(&server).await;
    assert_eq!(send_promptly(&server, &Phone::new(250), 250, "198.51.100.9").await, StatusCode::CREATED);
    let [_, arriving] = places(&server).await;
    assert!(arriving <= 32, "{arriving} from one address");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fault_26_photos_that_strangers_drip_take_no_place_from_a_phone_at_the_same_address_that_was_seen_a_day_ago() {
    let server = server_with_places("2026-11-24T09:00:00+08:00").await;
    let phone = Phone::new(250);
    assert_eq!(phone.send_report(&server, Uuid::now_v7(), &report()).await.status(), StatusCode::CREATED);
    server.set_clock("2026-11-25T09:00:00+08:00");
    let _dripping = drip(&server).await;
    assert_eq!(send_promptly(&server, &phone, 250, DRIPPING_FROM).await, StatusCode::CREATED);
    let (tus, photo) = (Tus::new(&server, &phone), large_photo(251));
    let name = tus.begin(&photo).await;
    let sending = tus.patching(&name, 0, photo).header("x-forwarded-for", DRIPPING_FROM).send();
    let answer = tokio::time::timeout(PROMPTLY, sending).await.expect("in time").expect("an answer");
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn fault_27_what_only_looks_like_a_picture_leaves_nothing_behind() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let html = b"<!doctype html><script>alert(1)</script>".to_vec();
    let polyglots = [
        html.clone(),
        [b"GIF89a".to_vec(), html.clone()].concat(),
        [b"\xff\xd8\xff\xe0".to_vec(), html.clone()].concat(),
        [b"\x89PNG\r\n\x1a\n".to_vec(), html.clone()].concat(),
        [b"RIFF\x20\0\0\0WEBP".to_vec(), html].concat(),
        jpeg(64, 64)[..60].to_vec(),
    ];
    for bytes in polyglots {
        let (answer, _) = phone.send_photo(&server, &bytes).await;
        assert!(matches!(answer.status().as_u16(), 415 | 422), "{}", answer.status());
    }
    assert_nothing_stored(&server).await;
}
