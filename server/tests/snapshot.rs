//! The snapshot as phones use it: whole, unchanged, changed, moved to a new day.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::{TestServer, database, header, problem};
use reqwest::StatusCode;
use serde_json::Value;
use waypost_app::domain::ids::{LandmarkId, StationId};
use waypost_app::domain::schedule::Status;
use waypost_app::domain::station::Landmark;
use waypost_app::domain::time::{CHINA, Minute};
use waypost_app::wire::snapshot::Snapshot;
use waypost_server::store::Connection;
use waypost_server::store::district::{Change, Kind};

const NOON: &str = "2026-11-24T12:00:00+08:00";

async fn snapshot(server: &TestServer, query: &str) -> Snapshot {
    serde_json::from_value(server.json(&format!("/api/v1/snapshot{query}")).await).expect("a snapshot")
}

/// Adds a landmark and says so, as an import does.
async fn add_landmark(server: &TestServer, id: &'static str) {
    let state = server.running.state();
    let landmark =
        Landmark { id: LandmarkId::from(id), name: "桥".to_owned(), name_en: String::new(), lat: 30.3, lng: 120.1 };
    let job = state.store.write(move |conn: &mut Connection| {
        Box::pin(async move { Change::begin(conn).await?.landmark(&landmark).await })
    });
    job.await.expect("stored");
    state.snapshots.changed();
}

async fn remove(server: &TestServer, kind: Kind, id: &'static str) {
    let state = server.running.state();
    let job = state
        .store
        .write(move |conn: &mut Connection| Box::pin(async move { Change::begin(conn).await?.remove(kind, id).await }));
    assert!(job.await.expect("removed"));
    state.snapshots.changed();
}

fn sorted(ids: &[String]) -> Vec<&str> {
    let mut ids: Vec<_> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn a_first_start_shows_the_whole_sample_district_in_both_languages() {
    let server = TestServer::start_at(NOON).await;
    let all = snapshot(&server, "").await;
    assert!(all.full && all.district.sample);
    assert_eq!((all.stations.len(), all.markets.len(), all.landmarks.len()), (7, 1, 5));
    assert!(all.rev > 0);
    assert_eq!(all.generated_at, NOON);
    assert_eq!(all.utc_offset_min, CHINA);
    for station in &all.stations {
        assert!(station.sample && station.verified_at_min.is_none(), "{}", station.slug);
        assert!(station.schedule.is_some() && station.source.contains("2025 年报道"), "{}", station.slug);
        for pair in [
            (&station.name, &station.name_en),
            (&station.address, &station.address_en),
            (&station.landmark, &station.landmark_en),
            (&station.access, &station.access_en),
            (&station.about, &station.about_en),
            (&station.source, &station.source_en),
        ] {
            assert!(!pair.0.is_empty() && !pair.1.is_empty(), "{}: {pair:?}", station.slug);
        }
        assert!(station.entrance.iter().all(|step| !step.text.is_empty() && !step.text_en.is_empty()));
        assert!(!station.entrance.is_empty() && !station.facilities.is_empty(), "{}", station.slug);
        assert_eq!(station.operator.is_empty(), station.operator_en.is_empty(), "{}", station.slug);
    }
    let linked = |id: &str| {
        let station = all.stations.iter().find(|station| station.id.as_str() == id).expect("a station");
        station.linked.clone()
    };
    assert_eq!(linked("st-xinxin"), Some(StationId::from("st-leshi")));
    assert_eq!(linked("st-leshi"), Some(StationId::from("st-xinxin")));
    for service in &all.services {
        assert!(all.stations.iter().any(|station| station.id == service.station), "{}", service.id);
        assert!(service.sample && !service.name_en.is_empty(), "{}", service.id);
    }
    let ids = all.schedules.iter().map(|schedule| &schedule.id).collect::<std::collections::HashSet<_>>();
    assert_eq!(ids.len(), all.schedules.len());
    let mentioned = all.stations.iter().filter_map(|station| station.schedule.as_ref());
    let mentioned = mentioned.chain(all.services.iter().filter_map(|service| service.schedule.as_ref()));
    for id in mentioned.chain(all.markets.iter().filter_map(|market| market.schedule.as_ref())) {
        assert!(ids.contains(id), "{id}");
    }
    for schedule in &all.schedules {
        assert!(schedule.unknown.is_empty(), "{}: this year is announced", schedule.rule);
    }
}

#[tokio::test]
async fn the_phone_reads_open_and_closed_off_the_intervals() {
    let server = TestServer::start_at(NOON).await;
    let all = snapshot(&server, "").await;
    let status = |slug: &str, at: &str| {
        let station = all.stations.iter().find(|station| station.slug == slug).expect("a station");
        let schedule = all.schedules.iter().find(|schedule| Some(&schedule.id) == station.schedule.as_ref());
        let at = Minute::from_millis(crate::support::at(at).timestamp_millis());
        schedule.expect("a schedule").status(at, all.horizon())
    };
    assert!(status("xinxin-shouhu", NOON).is_open());
    assert!(!status("xinxin-shouhu", "2026-11-28T12:00:00+08:00").is_open(), "a Saturday");
    assert_eq!(status("leshi-container", NOON), Status::Open { until: None });
    assert!(status("canal-nuanxin", "2026-11-25T01:30:00+08:00").is_open(), "past midnight");
    assert!(!status("canal-nuanxin", "2026-11-25T02:00:00+08:00").is_open());
    assert_eq!(status("xinxin-shouhu", "2026-12-29T12:00:00+08:00"), Status::Unknown { reason: None }, "past the end");
}

#[tokio::test]
async fn a_phone_that_has_it_is_told_so_in_no_bytes() {
    let server = TestServer::start_at(NOON).await;
    let first = server.get("/api/v1/snapshot").await;
    assert_eq!(header(&first, "cache-control"), "no-cache");
    let etag = header(&first, "etag").to_owned();
    let ask = || server.http.get(server.url("/api/v1/snapshot")).header("if-none-match", &etag);
    let again = ask().send().await.expect("an answer");
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&again, "etag"), etag);
    assert!(again.bytes().await.expect("a body").is_empty());

    // A minute later the content is still the same.
    server.set_clock("2026-11-24T12:01:00+08:00");
    assert_eq!(ask().send().await.expect("an answer").status(), StatusCode::NOT_MODIFIED);
    assert_eq!(snapshot(&server, "").await.generated_at, "2026-11-24T12:01:00+08:00");

    add_landmark(&server, "lm-new").await;
    let changed = ask().send().await.expect("an answer");
    assert_eq!(changed.status(), StatusCode::OK);
    assert_ne!(header(&changed, "etag"), etag);
}

#[tokio::test]
async fn a_restart_keeps_the_entity_tag() {
    let server = TestServer::start_at(NOON).await;
    let before = header(&server.get("/api/v1/snapshot").await, "etag").to_owned();
    let server = server.restart_with(|_| {}).await;
    assert_eq!(header(&server.get("/api/v1/snapshot").await, "etag"), before);
}

#[tokio::test]
async fn since_tells_only_what_changed_and_what_is_gone() {
    let server = TestServer::start_at(NOON).await;
    let first = snapshot(&server, "").await;
    let same = snapshot(&server, &format!("?since={}", first.rev)).await;
    assert!(!same.full && same.rev == first.rev);
    assert!(same.stations.is_empty() && same.schedules.is_empty() && same.removed.is_empty());

    add_landmark(&server, "lm-new").await;
    remove(&server, Kind::Service, "sv-jobs").await;
    let changes = snapshot(&server, &format!("?since={}", first.rev)).await;
    assert!(changes.rev >= first.rev + 2);
    assert!(!changes.full);
    let jobs = first.services.iter().find(|service| service.id.as_str() == "sv-jobs").expect("a service");
    let unused = jobs.schedule.as_ref().expect("a schedule").as_str();
    assert_eq!(sorted(&changes.removed), [unused, "sv-jobs"], "nothing else keeps its hours");
    assert_eq!(changes.landmarks.iter().map(|landmark| landmark.id.as_str()).collect::<Vec<_>>(), ["lm-new"]);
    assert!(changes.stations.is_empty() && changes.services.is_empty() && changes.schedules.is_empty());

    let only_last = snapshot(&server, &format!("?since={}", first.rev + 1)).await;
    assert!(only_last.landmarks.is_empty());
    assert_eq!(sorted(&only_last.removed), [unused, "sv-jobs"]);
    let whole = snapshot(&server, "").await;
    assert!(whole.removed.is_empty(), "a whole snapshot has nothing to remove");
    assert!(!whole.services.iter().any(|service| service.id.as_str() == "sv-jobs"));
}

#[tokio::test]
async fn what_came_back_is_no_longer_gone() {
    let server = TestServer::start_at(NOON).await;
    let before = snapshot(&server, "").await.rev;
    add_landmark(&server, "lm-new").await;
    remove(&server, Kind::Landmark, "lm-new").await;
    assert_eq!(snapshot(&server, &format!("?since={before}")).await.removed, ["lm-new"]);
    add_landmark(&server, "lm-new").await;
    let changes = snapshot(&server, &format!("?since={before}")).await;
    assert!(changes.removed.is_empty());
    assert_eq!(changes.landmarks.len(), 1);
}

#[tokio::test]
async fn a_phone_from_nothing_or_from_a_lost_future_gets_everything() {
    let server = TestServer::start_at(NOON).await;
    let rev = snapshot(&server, "").await.rev;
    for since in [0, rev + 1, i64::MAX] {
        let all = snapshot(&server, &format!("?since={since}")).await;
        assert!(all.full, "since {since}");
        assert_eq!(all.stations.len(), 7);
    }
}

#[tokio::test]
async fn a_since_that_is_no_revision_is_refused() {
    let server = TestServer::start_at(NOON).await;
    for since in ["", "abc", "-1", "1.5", "9223372036854775808"] {
        let detail = problem(server.get(&format!("/api/v1/snapshot?since={since}")).await, 400).await;
        assert!(detail.contains("since"), "{detail}");
    }
}

#[tokio::test]
async fn a_new_day_moves_every_schedule_once() {
    let server = TestServer::start_at("2026-11-24T23:59:00+08:00").await;
    let before = snapshot(&server, "").await;
    server.set_clock("2026-11-25T00:00:00+08:00");
    let after = snapshot(&server, &format!("?since={}", before.rev)).await;
    assert_eq!(after.rev, before.rev + 1);
    assert_eq!(after.schedules.len(), before.schedules.len());
    assert!(after.stations.is_empty() && after.removed.is_empty());
    assert_eq!(after.horizon_start_min, before.horizon_start_min.plus(1440));
    assert_eq!(after.horizon_end_min, before.horizon_end_min.plus(1440));
    server.set_clock("2026-11-25T18:00:00+08:00");
    assert_eq!(snapshot(&server, "").await.rev, after.rev, "later that day nothing moves");
}

#[tokio::test]
async fn a_new_day_that_cannot_be_written_is_told_whole_until_it_can() {
    let server = TestServer::start_at("2026-11-24T23:59:00+08:00").await;
    let before = snapshot(&server, "").await;
    let since = format!("?since={}", before.rev);
    let held = database::hold(server.data.path()).await;

    server.set_clock("2026-11-25T00:00:00+08:00");
    let meanwhile = snapshot(&server, &since).await;
    assert!(meanwhile.full, "the window has moved, so changes alone would leave its last day empty");
    assert_eq!((meanwhile.rev, meanwhile.horizon_end_min), (before.rev, before.horizon_end_min.plus(1440)));
    assert_eq!(server.get("/readyz").await.status(), StatusCode::OK);

    held.give_back().await;
    server.set_clock("2026-11-25T00:01:00+08:00");
    let after = snapshot(&server, &since).await;
    assert!(!after.full && after.rev > before.rev);
    assert_eq!(after.schedules.len(), before.schedules.len());
}

#[tokio::test]
async fn many_phones_at_midnight_move_the_day_once() {
    let server = TestServer::start_at("2026-11-24T23:59:00+08:00").await;
    let before = snapshot(&server, "").await.rev;
    server.set_clock("2026-11-25T00:00:00+08:00");
    let asked = (0..32).map(|_| snapshot(&server, "")).collect::<Vec<_>>();
    for answer in futures::future::join_all(asked).await {
        assert_eq!(answer.rev, before + 1);
    }
}

#[tokio::test]
async fn the_snapshot_is_sent_compressed_to_whoever_takes_it() {
    let server = TestServer::start_at(NOON).await;
    let plain = server.get("/api/v1/snapshot").await;
    assert!(plain.headers().get("content-encoding").is_none());
    assert!(header(&plain, "vary").contains("accept-encoding"));
    let plain = plain.bytes().await.expect("a body");
    for encoding in ["br", "gzip"] {
        let ask = server.http.get(server.url("/api/v1/snapshot")).header("accept-encoding", encoding);
        let response = ask.send().await.expect("an answer");
        assert_eq!(header(&response, "content-encoding"), encoding);
        let body = response.bytes().await.expect("a body");
        assert!(body.len() * 2 < plain.len(), "{encoding}: {} of {}", body.len(), plain.len());
        assert_eq!(decompress(&body, encoding).await, plain);
    }
}

async fn decompress(body: &[u8], encoding: &str) -> Vec<u8> {
    use tokio::io::AsyncReadExt;
    let mut plain = Vec::new();
    if encoding == "br" {
        let mut decoder = async_compression::tokio::bufread::BrotliDecoder::new(body);
        decoder.read_to_end(&mut plain).await.expect("brotli");
    } else {
        let mut decoder = async_compression::tokio::bufread::GzipDecoder::new(body);
        decoder.read_to_end(&mut plain).await.expect("gzip");
    }
    plain
}

#[tokio::test]
async fn no_sample_is_an_empty_district_also_after_a_restart() {
    let server = TestServer::start_with(|config| config.sample = false).await;
    let empty = snapshot(&server, "").await;
    assert!(empty.full && !empty.district.sample && empty.rev > 0);
    assert!(empty.stations.is_empty() && empty.schedules.is_empty() && empty.markets.is_empty());
    let server = server.restart_with(|config| config.sample = true).await;
    assert!(snapshot(&server, "").await.stations.is_empty(), "the sample never joins a database that exists");
}

#[tokio::test]
async fn a_sample_start_again_adds_nothing() {
    let server = TestServer::start_at(NOON).await;
    let before: Value = server.json("/api/v1/snapshot").await;
    let server = server.restart_with(|_| {}).await;
    assert_eq!(server.json("/api/v1/snapshot").await, before);
}
