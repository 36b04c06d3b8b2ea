//! Behind a real nginx with the configuration of `deploy/nginx.conf`: TLS, HTTP/2, and nothing lost on the way.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::{Duration, Instant};

use crate::support::nginx::{Nginx, Ports};
use crate::support::phone::{Phone, report, rows, sha256};
use crate::support::pictures::{grainy_jpeg, jpeg};
use crate::support::tus::{Tus, offset};
use crate::support::{TestServer, header, problem};
use bytes::Bytes;
use futures::channel::mpsc;
use reqwest::{Body, Client, RequestBuilder, StatusCode, Version};
use serde_json::Value;
use uuid::Uuid;
use waypost_server::config::{Config, Quota, Rates};

const HOME: [u8; 4] = [127, 0, 0, 1];

struct Front {
    server: TestServer,
    nginx: Nginx,
    base: String,
}

impl Front {
    async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let ports = Ports::free();
        let base = ports.public_url();
        let server = TestServer::start_with(|config| {
            config.public_url = Some(base.parse().expect("an origin"));
            config.trust_proxy = true;
            change(config);
        })
        .await;
        let nginx = Nginx::start(ports, server.running.addr());
        Self { server, nginx, base }
    }

    fn tus(&self) -> Tus {
        Tus { base: self.base.clone(), http: self.nginx.client(HOME), token: Phone::new(1).token }
    }

    fn report(&self, http: &Client, phone: u8) -> RequestBuilder {
        let url = format!("{}/api/v1/reports/{}", self.base, Uuid::now_v7());
        http.put(url).bearer_auth(Phone::new(phone).token).json(&report())
    }

    /// What the server says of itself, past the proxy.
    async fn metrics(&self) -> String {
        self.server.get("/metrics").await.text().await.expect("text")
    }
}

#[tokio::test]
async fn pages_and_the_snapshot_come_over_http_2_with_the_programs_own_headers() {
    let front = Front::start().await;
    let http = front.nginx.client(HOME);
    let get = |path: &str| http.get(format!("{}{path}", front.base)).header("accept-encoding", "br");
    let page = get("/").send().await.expect("an answer");
    assert_eq!((page.status(), page.version()), (StatusCode::OK, Version::HTTP_2));
    let one = |name: &str| {
        let all: Vec<_> = page.headers().get_all(name).iter().collect();
        assert_eq!(all.len(), 1, "{name}: {all:?}");
        all[0].to_str().expect("text").to_owned()
    };
    assert!(one("strict-transport-security").starts_with("max-age="));
    assert!(one("content-security-policy").contains("default-src 'self'"));
    assert_eq!(one("cache-control"), "no-cache");
    assert_eq!(one("content-encoding"), "br");
    assert_eq!(one("x-request-id").len(), 32, "nginx's own name for the request");
    let snapshot = get("/api/v1/snapshot").send().await.expect("an answer");
    let tag = header(&snapshot, "etag").to_owned();
    let again = get("/api/v1/snapshot").header("if-none-match", tag).send().await.expect("an answer");
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    let plain = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let plain =
        plain.get(format!("http://127.0.0.1:{}/stations?x=1", front.nginx.ports.http)).send().await.expect("an answer");
    assert_eq!(plain.status(), StatusCode::PERMANENT_REDIRECT);
    assert_eq!(header(&plain, "location"), "https://127.0.0.1/stations?x=1");
    for stranger in [None, Some("127.0.0.1")] {
        let asked = stranger.into_iter().fold(get("/metrics"), |asked, from| asked.header("x-forwarded-for", from));
        assert_eq!(asked.send().await.expect("an answer").status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_report_a_form_a_photo_and_an_upload_in_parts_arrive() {
    let front = Front::start().await;
    let http = front.nginx.client(HOME);
    let sent = front.report(&http, 1).send().await.expect("an answer");
    assert_eq!(sent.status(), StatusCode::CREATED);
    let receipt: Value = sent.json().await.expect("a receipt");
    assert_eq!(receipt["state"], "received");

    let form = [("category", "road"), ("description", "hole"), ("lat", "30.31"), ("lng", "120.13")];
    let form = form.into_iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text(name, value));
    let form = form.part("photo", reqwest::multipart::Part::bytes(jpeg(40, 30)).file_name("hole.jpg"));
    let posted = http.post(format!("{}/report", front.base)).header("origin", &front.base).multipart(form);
    assert_eq!(posted.send().await.expect("an answer").status(), StatusCode::SEE_OTHER);

    // The largest there is, in one piece: more than nginx takes by itself.
    let large = grainy_jpeg(3000, 2800, 1);
    assert!((8 << 20..12 << 20).contains(&large.len()), "{}", large.len());
    let url = format!("{}/api/v1/photos/{}", front.base, sha256(&large));
    let stored = http.put(url).bearer_auth(Phone::new(1).token).body(large).send().await.expect("an answer");
    assert_eq!(stored.status(), StatusCode::CREATED);

    let (tus, photo) = (front.tus(), grainy_jpeg(1000, 700, 2));
    let name = tus.begin(&photo).await;
    let half = photo.len() / 2;
    for (at, part) in [(0, &photo[..half]), (half, &photo[half..])] {
        let answer = tus.patch(&name, at, part).await;
        assert_eq!((answer.status(), offset(&answer)), (StatusCode::NO_CONTENT, Some(at + part.len())));
    }
    assert_eq!(tus.there(&name).await, Some(photo.len()));
    assert_eq!(rows(&front.server).await[1..4], [3, 3, 2], "photos, whose they are, reports");
}

#[tokio::test]
async fn each_client_is_measured_by_its_own_address_whatever_it_writes_into_the_header() {
    let (plenty, two) = (Quota { a_minute: 60_000, burst: 60_000 }, Quota { a_minute: 1, burst: 2 });
    let all = (plenty, plenty);
    let rates = Rates { reads: all, reports: (plenty, two), photos: all, verifications: all, others: all };
    let front = Front::start_with(|config| config.rates = Some(rates)).await;
    let (one, other) = (front.nginx.client([127, 0, 0, 2]), front.nginx.client([127, 0, 0, 3]));
    let send = async |http: &Client, phone: u8, forged: &str| {
        let request = front.report(http, phone).header("x-forwarded-for", forged);
        request.send().await.expect("an answer")
    };
    for (phone, forged) in [(1, "203.0.113.1"), (2, "203.0.113.2, 198.51.100.7")] {
        assert_eq!(send(&one, phone, forged).await.status(), StatusCode::CREATED);
    }
    for (phone, forged) in [(3, "203.0.113.3"), (4, "127.0.0.3"), (5, "")] {
        let refused = send(&one, phone, forged).await;
        assert!(header(&refused, "retry-after").parse::<u64>().is_ok_and(|seconds| (1..=60).contains(&seconds)));
        problem(refused, 429).await;
    }
    // Nor can it use up somebody else's measure.
    assert_eq!(send(&other, 6, "127.0.0.2").await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn under_overload_the_proxy_passes_on_when_to_come_again() {
    let front = Front::start_with(|config| config.limits.queue = 1).await;
    let http = front.nginx.client(HOME);
    let held = crate::support::database::hold_writer(&front.server.running.state().store).await;
    // One may wait, and then nobody else.
    let waiting = tokio::spawn(front.report(&http, 1).send());
    let refused = loop {
        let answer = front.report(&http, 2).send();
        // Whoever is the one that may wait hears nothing for now.
        if let Ok(answer) = tokio::time::timeout(Duration::from_secs(1), answer).await {
            break answer.expect("an answer");
        }
    };
    assert_eq!(header(&refused, "retry-after"), "10");
    problem(refused, 503).await;
    held.give_back().await;
    waiting.await.expect("it ends").expect("an answer");
    let mut tries = 0..100;
    while front.report(&http, 3).send().await.expect("an answer").status() != StatusCode::CREATED {
        assert!(tries.next().is_some(), "there is room again");
    }
}

#[tokio::test]
async fn while_the_program_is_stopped_phones_are_told_to_come_later() {
    let front = Front::start().await;
    let Front { server, nginx, base } = front;
    server.running.stop().await.expect("it stops");
    let url = format!("{base}/api/v1/reports/{}", Uuid::now_v7());
    let asked = nginx.client(HOME).put(url).bearer_auth(Phone::new(1).token).json(&report());
    assert_eq!(asked.send().await.expect("an answer").status(), StatusCode::BAD_GATEWAY);
}

/// A body that is sent as the test says.
fn by_and_by() -> (mpsc::UnboundedSender<Result<Bytes, std::io::Error>>, Body) {
    let (sender, pieces) = mpsc::unbounded();
    (sender, Body::wrap_stream(pieces))
}

#[tokio::test]
async fn bytes_of_a_photo_reach_the_program_before_the_last_of_them_is_sent() {
    let front = Front::start().await;
    let (tus, photo) = (front.tus(), grainy_jpeg(1000, 700, 1));
    let name = tus.begin(&photo).await;
    let half = photo.len() / 2;
    let (body, pieces) = by_and_by();
    let sending = tokio::spawn(tus.patching(&name, 0, pieces).send());
    body.unbounded_send(Ok(Bytes::copy_from_slice(&photo[..half]))).expect("sent");
    // Asked at the program itself.
    Tus::new(&front.server, &Phone::new(1)).until_there(&name, half).await;
    assert!(!sending.is_finished());
    body.unbounded_send(Ok(Bytes::copy_from_slice(&photo[half..]))).expect("sent");
    drop(body);
    let answer = sending.await.expect("a task").expect("an answer");
    assert_eq!((answer.status(), offset(&answer)), (StatusCode::NO_CONTENT, Some(photo.len())));
}

#[tokio::test]
async fn a_photo_in_one_piece_and_a_form_go_through_as_they_come() {
    let front = Front::start().await;
    let http = front.nginx.client(HOME);
    let photo = grainy_jpeg(400, 300, 1);
    let until_arriving = async || {
        let began = Instant::now();
        while !front.metrics().await.contains("waypost_photos_arriving 1\n") {
            assert!(began.elapsed() < Duration::from_secs(10), "nothing of it has arrived");
            tokio::task::yield_now().await;
        }
    };
    let head = "--b\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n";
    let whole = http.put(format!("{}/api/v1/photos/{}", front.base, sha256(&photo)));
    let form = http.post(format!("{}/report", front.base)).header("content-type", "multipart/form-data; boundary=b");
    for (request, before, after, status) in
        [(whole, "", "", StatusCode::CREATED), (form, head, "\r\n--b--\r\n", StatusCode::UNPROCESSABLE_ENTITY)]
    {
        let (body, pieces) = by_and_by();
        let sending = tokio::spawn(request.bearer_auth(Phone::new(1).token).body(pieces).send());
        for piece in [before.as_bytes(), &photo[..1000]] {
            body.unbounded_send(Ok(Bytes::copy_from_slice(piece))).expect("sent");
        }
        until_arriving().await;
        assert!(!sending.is_finished());
        for piece in [&photo[1000..], after.as_bytes()] {
            body.unbounded_send(Ok(Bytes::copy_from_slice(piece))).expect("sent");
        }
        drop(body);
        assert_eq!(sending.await.expect("a task").expect("an answer").status(), status);
    }
}
