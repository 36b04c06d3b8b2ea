//! `/metrics`: what is counted, and that it says nothing about anybody.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]
#![allow(clippy::float_cmp, reason = "what is counted are whole numbers")]

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::support::phone::{Phone, report, report_with, sha256};
use crate::support::pictures::{grainy_jpeg, jpeg};
use crate::support::tus::Tus;
use crate::support::{TestServer, header, problem};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_server::config::{Quota, Rates};

/// By name and labels as they are written.
type Counts = BTreeMap<String, f64>;

fn read(text: &str) -> Counts {
    assert!(text.ends_with("# EOF\n"), "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            (name.to_owned(), value.parse().expect("a number"))
        })
        .collect()
}

async fn text(server: &TestServer) -> String {
    let answer = server.get("/metrics").await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    answer.text().await.expect("text")
}

async fn counts(server: &TestServer) -> Counts {
    read(&text(server).await)
}

fn outcomes(counts: &Counts, of: &str) -> BTreeMap<String, f64> {
    let prefix = format!("waypost_{of}_total{{outcome=\"");
    let all = counts.iter().filter(|(_, count)| **count > 0.0);
    all.filter_map(|(name, count)| Some((name.strip_prefix(&prefix)?.strip_suffix("\"}")?.to_owned(), *count)))
        .collect()
}

fn expected(outcomes: &[(&str, f64)]) -> BTreeMap<String, f64> {
    outcomes.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

async fn verify(server: &TestServer, id: Uuid, body: &Value) -> Response {
    let url = server.url(&format!("/api/v1/verifications/{id}"));
    server.http.put(url).bearer_auth(&Phone::new(1).token).json(body).send().await.expect("an answer")
}

#[tokio::test]
async fn reports_and_verifications_are_counted_by_what_became_of_them() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let id = Uuid::now_v7();
    let elsewhere = report_with("lat", Some(json!(30.25)));
    for (id, body, status) in [
        (id, report(), 201),
        (id, report(), 200),
        (id, report(), 200),
        (id, elsewhere.clone(), 409),
        // Says the same as the first.
        (Uuid::now_v7(), report(), 201),
        (Uuid::now_v7(), elsewhere, 201),
        (Uuid::now_v7(), report_with("category", None), 422),
    ] {
        assert_eq!(phone.send_report(&server, id, &body).await.status().as_u16(), status);
    }
    let station = crate::support::district::of(&server).await.stations[0].slug.clone();
    let said = json!({ "station": station, "kind": "confirmed", "at": "2026-11-24T08:10:00+08:00" });
    for status in [201, 200] {
        assert_eq!(verify(&server, id, &said).await.status().as_u16(), status);
    }
    assert_eq!(verify(&server, Uuid::now_v7(), &json!({})).await.status().as_u16(), 422);
    let counts = counts(&server).await;
    let reports = [("conflict", 1.0), ("created", 2.0), ("invalid", 1.0), ("merged", 1.0), ("repeated", 2.0)];
    assert_eq!(outcomes(&counts, "reports"), expected(&reports));
    let verifications = [("created", 1.0), ("invalid", 1.0), ("repeated", 1.0)];
    assert_eq!(outcomes(&counts, "verifications"), expected(&verifications));
    let put = "waypost_http_requests_total{method=\"PUT\",route=\"/api/v1/reports/{id}\",status=";
    assert_eq!((counts[&format!("{put}\"2xx\"}}")], counts[&format!("{put}\"4xx\"}}")]), (5.0, 2.0));
    assert!(counts["waypost_write_batch_jobs_count"] >= 1.0);
    assert!(counts["waypost_write_commit_seconds_sum"] > 0.0);
}

#[tokio::test]
async fn forms_are_counted_among_the_reports_and_their_photos_among_the_photos() {
    let server = TestServer::start().await;
    let id = Uuid::now_v7().to_string();
    let picture = jpeg(32, 32);
    let send = async |photo: Vec<u8>| {
        let form =
            [("id", id.as_str()), ("category", "road"), ("description", "hole"), ("lat", "30.31"), ("lng", "120.13")];
        let form = form
            .into_iter()
            .fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(name, value.to_owned()));
        let form = form.part("photo", reqwest::multipart::Part::bytes(photo).file_name("hole.jpg"));
        server.http.post(server.url("/report")).multipart(form).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(send(b"no picture".to_vec()).await, 422);
    assert_eq!([send(picture.clone()).await, send(picture.clone()).await], [303, 303]);
    let counts = counts(&server).await;
    let reports = [("created", 1.0), ("invalid", 1.0), ("repeated", 1.0)];
    assert_eq!(outcomes(&counts, "reports"), expected(&reports));
    assert_eq!(outcomes(&counts, "photos"), expected(&[("created", 1.0)]));
    assert_eq!(counts["waypost_photo_bytes_total"], picture.len() as f64);
    assert_eq!(counts["waypost_photos_refused_total{reason=\"not_a_picture\"}"], 1.0);
}

#[tokio::test]
async fn photos_are_counted_with_their_bytes_and_why_they_were_refused() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let picture = grainy_jpeg(200, 100, 1);
    assert_eq!(phone.send_photo(&server, &picture).await.0.status(), StatusCode::CREATED);
    assert_eq!(phone.send_photo(&server, &picture).await.0.status(), StatusCode::OK);
    assert_eq!(phone.send_photo(&server, b"a list of things").await.0.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let wrong = phone.put_photo(&server, &sha256(b"other"), picture.clone()).send().await.expect("an answer");
    assert_eq!(wrong.status(), StatusCode::CONFLICT);
    let counts = counts(&server).await;
    assert_eq!(outcomes(&counts, "photos"), expected(&[("created", 1.0), ("repeated", 1.0)]));
    assert_eq!(counts["waypost_photo_bytes_total"], picture.len() as f64);
    assert!(counts["waypost_photo_kept_bytes_total"] > 0.0);
    assert_eq!(counts["waypost_photos_refused_total{reason=\"not_a_picture\"}"], 1.0);
    assert_eq!(counts["waypost_photos_refused_total{reason=\"other_hash\"}"], 1.0);
    let received = counts["waypost_http_received_bytes_total{route=\"/api/v1/photos/{sha256}\"}"];
    assert!(received >= 3.0 * picture.len() as f64, "{received}");
    assert_eq!((counts["waypost_photos_arriving"], counts["waypost_photos_waiting"]), (0.0, 0.0));
}

#[tokio::test]
async fn a_photo_on_its_way_is_seen_and_an_upload_is_counted_when_it_goes_on_ends_and_is_swept() {
    let server = TestServer::start_at("2026-11-24T08:30:00+08:00").await;
    let tus = Tus::new(&server, &Phone::new(1));
    let photo = grainy_jpeg(300, 200, 1);
    let name = tus.begin(&photo).await;
    let half = photo.len() / 2;
    let stream = tus.half_sent(&name, 0, &photo, half).await;
    tus.until_there(&name, half).await;
    assert_eq!(counts(&server).await["waypost_photos_arriving"], 1.0);
    drop(stream);
    assert_eq!(tus.patch(&name, half, &photo[half..]).await.status(), StatusCode::NO_CONTENT);
    tus.begin(&grainy_jpeg(300, 200, 2)).await;
    server.set_clock("2026-11-27T08:30:00+08:00");
    server.running.state().intake.sweep().await.expect("swept");
    let counts = counts(&server).await;
    let event = |event: &str| counts[&format!("waypost_uploads_total{{event=\"{event}\"}}")];
    assert_eq!(["resumed", "finished", "abandoned", "orphaned"].map(event), [1.0, 1.0, 1.0, 0.0]);
    assert_eq!(outcomes(&counts, "photos"), expected(&[("created", 1.0)]));
}

#[tokio::test]
async fn who_comes_too_often_is_counted() {
    let (plenty, one) = (Quota { a_minute: 60_000, burst: 60_000 }, Quota { a_minute: 1, burst: 1 });
    let rates = Rates {
        reads: (plenty, plenty),
        reports: (one, plenty),
        photos: (plenty, plenty),
        verifications: (plenty, plenty),
        others: (plenty, plenty),
    };
    let server = TestServer::start_with(|config| config.rates = Some(rates)).await;
    let phone = Phone::new(1);
    for status in [201, 429, 429] {
        assert_eq!(phone.send_report(&server, Uuid::now_v7(), &report()).await.status().as_u16(), status);
    }
    let counts = counts(&server).await;
    assert_eq!(counts["waypost_rate_limited_total{kind=\"report\"}"], 2.0);
    assert_eq!(counts["waypost_rate_limited_total{kind=\"photo\"}"], 0.0);
    assert_eq!(outcomes(&counts, "reports"), expected(&[("created", 1.0), ("limited", 2.0)]));
}

#[tokio::test]
async fn how_the_server_stands_is_told_and_two_servers_count_apart() {
    let before = Instant::now();
    let server = TestServer::start_with(|config| config.limits.queue = 77).await;
    let other = TestServer::start().await;
    let snapshot = server.json("/api/v1/snapshot").await;
    for path in ["/", "/market", "/no/such/page", "/healthz", "/api/v1/nothing"] {
        server.get(path).await;
    }
    let now = counts(&server).await;
    assert_eq!(now["waypost_snapshot_revision"], snapshot["rev"].as_f64().expect("a revision"));
    let age = now["waypost_snapshot_age_seconds"];
    assert!((0.0..=before.elapsed().as_secs_f64()).contains(&age), "{age}");
    assert_eq!(now["waypost_write_queue_limit"], 77.0);
    assert!(now["waypost_readers_in_use"] <= now["waypost_readers_limit"]);
    assert!(now["process_resident_memory_bytes"] > 1e6);
    assert!(now["process_start_time_seconds"] > 1.6e9);
    assert!(now.keys().any(|name| name.starts_with("waypost_build_info{version=\"")));
    let pages = |status: &str| {
        now[&format!("waypost_http_requests_total{{method=\"GET\",route=\"{{page}}\",status=\"{status}\"}}")]
    };
    assert_eq!((pages("2xx"), pages("4xx")), (2.0, 1.0));
    assert_eq!(now["waypost_http_requests_total{method=\"GET\",route=\"{nothing}\",status=\"4xx\"}"], 1.0);
    assert_eq!(now["waypost_http_answer_seconds_count{route=\"{page}\"}"], 3.0);
    assert!(!counts(&other).await.keys().any(|name| name.contains("{page}")));
    // A request is over when its answer is sent, which may be noticed a moment after it has arrived; and the server writes
    // for itself.
    let began = Instant::now();
    let sent = "waypost_http_sent_bytes_total{route=\"/api/v1/snapshot\"}";
    let all_over = |counts: &Counts| {
        // But for the one that asks.
        counts["waypost_http_under_way"] == 1.0
            && counts["waypost_write_queue"] == 0.0
            && counts.get(sent).is_some_and(|bytes| *bytes > 1_000.0)
    };
    while !all_over(&counts(&server).await) {
        assert!(began.elapsed() < Duration::from_secs(10));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn no_label_says_who_asked_for_what_and_their_number_does_not_grow_with_what_is_asked() {
    let server = TestServer::start().await;
    let phone = Phone::new(1);
    let station = crate::support::district::of(&server).await.stations[0].slug.clone();
    let mut secrets = BTreeSet::from([phone.token.clone(), station.clone(), "30.31".to_owned(), "curious".to_owned()]);
    let mut ask = async |round: u8| {
        let (id, picture) = (Uuid::now_v7(), jpeg(16 + u32::from(round), 16));
        let (_, name) = phone.send_photo(&server, &picture).await;
        phone.send_report(&server, id, &report()).await;
        for path in [
            format!("/api/v1/reports/{id}"),
            format!("/api/v1/reports?near=30.31{round},120.13"),
            format!("/api/v1/photos/{name}?size=thumb"),
            format!("/api/v1/uploads/{name}"),
            format!("/api/v1/stations/{station}/hours"),
            format!("/stations/{station}"),
            format!("/calendar/stations/{station}.ics"),
            format!("/curious/{round}"),
            format!("/api/v1/curious/{round}"),
            format!("/pkg/curious-{round}.js"),
        ] {
            phone.get(&server, &path).await;
        }
        let method = Method::from_bytes(format!("CURIOUS{round}").as_bytes()).expect("a method");
        server.http.request(method, server.url("/")).send().await.expect("an answer");
        secrets.extend([id.to_string(), name]);
    };
    for round in 0..3 {
        ask(round).await;
    }
    let before = counts(&server).await;
    for round in 3..20 {
        ask(round).await;
    }
    let text = text(&server).await;
    for secret in &secrets {
        assert!(!text.to_lowercase().contains(&secret.to_lowercase()), "{secret}");
    }
    let names = |counts: &Counts| counts.keys().cloned().collect::<BTreeSet<_>>();
    let more: Vec<_> = names(&read(&text)).difference(&names(&before)).cloned().collect();
    // Asking for the metrics is counted as well.
    assert!(more.iter().all(|name| name.contains("route=\"/metrics\"")), "{more:?}");
}

#[tokio::test]
async fn strangers_find_nothing_there() {
    let server = TestServer::start().await;
    for (name, value) in [
        ("x-forwarded-for", "203.0.113.9"),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=::1"),
        ("host", "waypost.example"),
    ] {
        let asked = server.http.get(server.url("/metrics")).header(name, value).send().await.expect("an answer");
        let words = problem(asked, 404).await;
        assert!(!words.contains("metrics"), "{words}");
    }
    assert_eq!(server.get("/metrics").await.status(), StatusCode::OK);
    let posted = server.http.post(server.url("/metrics")).send().await.expect("an answer");
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn at_an_address_of_its_own_there_is_nothing_else_and_nowhere_else_it_is_there() {
    let own = Some("127.0.0.1:0".parse().expect("an address"));
    let server = TestServer::start_with(|config| config.metrics_addr = own).await;
    assert_eq!(server.get("/metrics").await.status(), StatusCode::NOT_FOUND);
    server.get("/healthz").await;
    let addr = server.running.metrics_addr().expect("an address");
    let at = async |path: &str| {
        let asked = server.http.get(format!("http://{addr}{path}")).header("x-forwarded-for", "203.0.113.9");
        asked.send().await.expect("an answer")
    };
    let answer = at("/metrics").await;
    assert_eq!(answer.status(), StatusCode::OK);
    let counts = read(&answer.text().await.expect("text"));
    assert_eq!(counts["waypost_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"2xx\"}"], 1.0);
    for path in ["/", "/api/v1/snapshot", "/healthz"] {
        problem(at(path).await, 404).await;
    }
    server.running.stop().await.expect("it stops");
    assert!(reqwest::get(format!("http://{addr}/metrics")).await.is_err(), "it stops with the server");
}
