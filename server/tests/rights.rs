//! What a reporter may ask for: to take a report back, to see what is stored, to be forgotten; and what is forgotten by
//! itself.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::files::{photo_files, write_file};
use crate::support::phone::{Phone, advance, assert_nothing_stored, report, report_with, rows};
use crate::support::pictures::jpeg;
use crate::support::tus::{Tus, offset};
use crate::support::{TestServer, at, problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::ReportState;
use waypost_app::wire::device::{DeviceView, StoredAnswer};
use waypost_app::wire::report::ReportView;
use waypost_server::clock::Clock;
use waypost_server::retention::sweep;
use waypost_server::store::rights;

const NOW: &str = "2026-11-24T09:00:30+08:00";

async fn delete(server: &TestServer, phone: &Phone, path: &str) -> reqwest::Response {
    let request = server.http.request(Method::DELETE, server.url(path)).bearer_auth(&phone.token);
    request.send().await.expect("an answer")
}

fn address(id: Uuid) -> String {
    format!("/api/v1/reports/{id}")
}

async fn send(server: &TestServer, phone: &Phone, body: &Value) -> Uuid {
    let id = Uuid::now_v7();
    assert_eq!(phone.send_report(server, id, body).await.status(), StatusCode::CREATED);
    id
}

/// A report with a picture of so many pixels, that many metres apart from others.
async fn with_photo(server: &TestServer, phone: &Phone, pixels: u32) -> (Uuid, String) {
    let photo = phone.send_photo(server, &jpeg(pixels, pixels)).await.1;
    let mut body = report_with("photos", Some(json!([photo])));
    body["lat"] = json!(30.3 + f64::from(pixels) / 1_000.0);
    (send(server, phone, &body).await, photo)
}

async fn device(server: &TestServer, phone: &Phone) -> DeviceView {
    phone.get(server, "/api/v1/device").await.json().await.expect("what is stored")
}

/// Everything that is due is forgotten afterwards.
async fn swept(server: &TestServer) {
    sweep(server.running.state()).await.expect("it can be swept");
}

async fn count(server: &TestServer, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(server.running.state().store.pool()).await.expect("a count")
}

#[tokio::test]
async fn a_report_that_is_taken_back_is_gone_with_its_photos_and_does_not_come_back() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let (id, photo) = with_photo(&server, &phone, 16).await;
    assert_eq!(photo_files(&server).await.len(), 2);
    for _ in 0..2 {
        assert_eq!(delete(&server, &phone, &address(id)).await.status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(rows(&server).await, [1, 0, 0, 0, 0, 0], "only the phone is still known");
    assert!(photo_files(&server).await.is_empty());
    problem(phone.get(&server, &address(id)).await, 404).await;
    problem(phone.get(&server, &format!("/api/v1/photos/{photo}")).await, 404).await;

    let late = phone.send_report(&server, id, &report()).await;
    assert!(problem(late, 410).await.contains("taken back"));
    // Before it has arrived at all, too; but only for whoever took it back.
    let never = Uuid::now_v7();
    assert_eq!(delete(&server, &phone, &address(never)).await.status(), StatusCode::NO_CONTENT);
    problem(phone.send_report(&server, never, &report()).await, 410).await;
    assert_eq!(Phone::new(2).send_report(&server, never, &report()).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn nobody_takes_back_what_is_public_or_somebody_elses() {
    let server = TestServer::start_at(NOW).await;
    let (phone, stranger) = (Phone::new(1), Phone::new(2));
    let (id, _) = with_photo(&server, &phone, 16).await;
    problem(delete(&server, &stranger, &address(id)).await, 404).await;
    problem(server.http.delete(server.url(&address(id))).send().await.expect("an answer"), 401).await;
    problem(delete(&server, &phone, "/api/v1/reports/1").await, 400).await;
    assert_eq!(phone.get(&server, &address(id)).await.status(), StatusCode::OK);
    advance(&server, id, ReportState::Accepted, "").await;
    problem(delete(&server, &phone, &address(id)).await, 409).await;
    assert_eq!(server.get(&address(id)).await.status(), StatusCode::OK);
    assert_eq!(photo_files(&server).await.len(), 2);
}

#[tokio::test]
async fn a_photo_stays_as_long_as_anybody_needs_it() {
    let server = TestServer::start_at(NOW).await;
    let (one, two) = (Phone::new(1), Phone::new(2));
    let (first, photo) = with_photo(&server, &one, 16).await;
    let mut body = report_with("photos", Some(json!([photo])));
    body["category"] = json!("sign");
    let again = send(&server, &one, &body).await;
    two.send_photo(&server, &jpeg(16, 16)).await;
    let path = format!("/api/v1/photos/{photo}");

    delete(&server, &one, &address(first)).await;
    assert_eq!(one.get(&server, &path).await.status(), StatusCode::OK, "another report of this phone shows it");
    delete(&server, &one, &address(again)).await;
    problem(one.get(&server, &path).await, 404).await;
    assert_eq!(two.get(&server, &path).await.status(), StatusCode::OK, "another phone has sent it");
    delete(&server, &two, "/api/v1/device").await;
    assert!(photo_files(&server).await.is_empty());
}

#[tokio::test]
async fn when_the_first_of_several_is_taken_back_the_next_takes_its_place() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(send(&server, &phone, &report()).await);
    }
    let into = async |id: Uuid| {
        let view: ReportView = phone.get(&server, &address(id)).await.json().await.expect("a report");
        view.merged_into.map(|primary| primary.id.0)
    };
    assert_eq!((into(ids[1]).await, into(ids[2]).await), (Some(ids[0]), Some(ids[0])));
    delete(&server, &phone, &address(ids[0])).await;
    assert_eq!((into(ids[1]).await, into(ids[2]).await), (None, Some(ids[1])));
    advance(&server, ids[1], ReportState::Accepted, "").await;
    assert_eq!(delete(&server, &phone, &address(ids[2])).await.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_phone_sees_everything_that_is_stored_about_it_and_nothing_of_others() {
    let server = TestServer::start_at(NOW).await;
    let (phone, other) = (Phone::new(1), Phone::new(2));
    let empty = device(&server, &phone).await;
    assert_eq!(empty, DeviceView { forgotten_after_days: 180, ..DeviceView::default() });
    with_photo(&server, &other, 8).await;
    let (id, photo) = with_photo(&server, &phone, 16).await;
    let (length, name) = (9_000, "ab".repeat(32));
    assert_eq!(Tus::new(&server, &phone).announce(&name, length).await.status(), StatusCode::CREATED);
    let station = crate::support::district::of(&server).await.stations[0].slug.clone();
    let said = json!({ "station": station, "kind": "confirmed", "at": "2026-11-24T08:10:00+08:00" });
    let verification = Uuid::now_v7();
    let url = server.url(&format!("/api/v1/verifications/{verification}"));
    server.http.put(url).bearer_auth(&phone.token).json(&said).send().await.expect("an answer");

    let all = device(&server, &phone).await;
    assert_eq!((all.first_seen_at.as_deref(), all.last_seen_at.as_deref()), (Some(NOW), Some(NOW)));
    let own: ReportView = phone.get(&server, &address(id)).await.json().await.expect("a report");
    assert_eq!(all.reports, [own]);
    assert_eq!((all.photos.len(), all.photos[0].sha256.as_str(), all.photos[0].width), (1, photo.as_str(), 16));
    assert!(all.photos[0].bytes > 100);
    assert_eq!((all.uploads.len(), all.uploads[0].sha256.as_str(), all.uploads[0].length), (1, &*name, 9_000));
    assert_eq!((all.verifications.len(), all.verifications[0].id), (1, verification));
    assert_eq!(
        (&all.verifications[0].station, all.verifications[0].at.as_str()),
        (&station, "2026-11-24T08:10:00+08:00")
    );
    problem(server.get("/api/v1/device").await, 401).await;

    for _ in 0..2 {
        assert_eq!(delete(&server, &phone, "/api/v1/device").await.status(), StatusCode::NO_CONTENT);
        assert_eq!(device(&server, &phone).await, empty);
    }
    assert_eq!(device(&server, &other).await.reports.len(), 1);
    assert_eq!(
        count(&server, "SELECT COUNT(*) FROM verifications WHERE counts = 1").await,
        1,
        "the station stays verified"
    );
    problem(phone.send_report(&server, id, &report()).await, 410).await;
}

#[tokio::test]
async fn what_is_public_stays_and_belongs_to_nobody() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let (public, photo) = with_photo(&server, &phone, 16).await;
    let (hidden, _) = with_photo(&server, &phone, 8).await;
    advance(&server, public, ReportState::Accepted, "").await;
    delete(&server, &phone, "/api/v1/device").await;
    problem(phone.get(&server, &address(hidden)).await, 404).await;
    let view: Value = phone.get(&server, &address(public)).await.json().await.expect("a report");
    assert_eq!((&view["landmark"], &view["lat"]), (&json!(""), &json!(30.316)), "a stranger's view");
    assert_eq!(server.get(&format!("/api/v1/photos/{photo}")).await.status(), StatusCode::OK);
    assert_eq!(photo_files(&server).await.len(), 2);
    assert_eq!(count(&server, "SELECT COUNT(*) FROM devices WHERE token_sha256 NOT LIKE '-%'").await, 0);
    assert_eq!(count(&server, "SELECT COUNT(*) FROM photo_devices").await, 0);
}

#[tokio::test]
async fn a_phone_that_gives_no_sign_of_life_is_forgotten_and_its_reports_stay() {
    let server = TestServer::start_at("2026-01-01T08:00:00+08:00").await;
    let (silent, asking) = (Phone::new(1), Phone::new(2));
    let (id, _) = with_photo(&server, &silent, 16).await;
    let kept = with_photo(&server, &asking, 8).await.0;
    server.set_clock("2026-01-01T20:00:00+08:00");
    asking.get(&server, &address(kept)).await;
    assert_eq!(device(&server, &asking).await.last_seen_at.as_deref(), Some("2026-01-01T08:00:00+08:00"), "to the day");
    server.set_clock("2026-01-03T08:00:00+08:00");
    asking.get(&server, &address(kept)).await;
    assert_eq!(device(&server, &asking).await.last_seen_at.as_deref(), Some("2026-01-03T08:00:00+08:00"));

    server.set_clock("2026-06-30T07:59:00+08:00");
    swept(&server).await;
    assert!(device(&server, &silent).await.first_seen_at.is_some(), "not a day too early");
    server.set_clock("2026-06-30T08:01:00+08:00");
    swept(&server).await;
    assert!(device(&server, &silent).await.first_seen_at.is_none());
    assert!(device(&server, &asking).await.first_seen_at.is_some());
    problem(silent.get(&server, &address(id)).await, 404).await;
    assert_eq!((rows(&server).await[3], photo_files(&server).await.len()), (2, 4));
    advance(&server, id, ReportState::Accepted, "").await;
    assert_eq!(server.get(&address(id)).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn so_few_phones_are_forgotten_in_one_change_that_nobody_waits_for_long() {
    let server = TestServer::start_at(NOW).await;
    let store = &server.running.state().store;
    let now_ms = at(NOW).timestamp_millis();
    let seen = store.write(move |conn| {
        Box::pin(async move {
            for number in 0..30 {
                sqlx::query("INSERT INTO devices (token_sha256, first_seen_ms, last_seen_ms) VALUES ($1, $2, $2)")
                    .bind(format!("{number:064x}"))
                    .bind(now_ms)
                    .execute(&mut *conn)
                    .await?;
            }
            Ok(())
        })
    });
    seen.await.expect("stored");
    for expected in [20, 10, 0] {
        let forgotten = store.write(move |conn| Box::pin(rights::forget_unseen(conn, now_ms + 1, now_ms)));
        assert_eq!(forgotten.await.expect("forgotten").0, expected);
    }
}

#[tokio::test]
async fn a_photo_that_no_report_names_is_dropped_after_a_week() {
    let server = TestServer::start_at("2026-11-01T08:00:00+08:00").await;
    let phone = Phone::new(1);
    let (_, named) = with_photo(&server, &phone, 16).await;
    phone.send_photo(&server, &jpeg(8, 8)).await;
    server.set_clock("2026-11-08T07:59:00+08:00");
    swept(&server).await;
    assert_eq!(device(&server, &phone).await.photos.len(), 2);
    server.set_clock("2026-11-08T08:01:00+08:00");
    swept(&server).await;
    let left = device(&server, &phone).await.photos;
    assert_eq!((left.len(), left[0].sha256.as_str(), photo_files(&server).await.len()), (1, named.as_str(), 2));
}

#[tokio::test]
async fn a_photo_that_its_phone_sends_again_or_is_told_is_there_stays_for_a_week_from_then() {
    let server = TestServer::start_at("2026-11-01T08:00:00+08:00").await;
    let phone = Phone::new(1);
    let pictures = [8, 16, 24, 32, 40].map(|pixels| jpeg(pixels, 8));
    let mut names = Vec::new();
    for picture in &pictures {
        names.push(phone.send_photo(&server, picture).await.1);
    }
    let left = async || {
        let photos = device(&server, &phone).await.photos;
        assert!(photos.iter().all(|photo| photo.received_at == "2026-11-01T08:00:00+08:00"), "it came only once");
        let mut left: Vec<_> = photos.into_iter().map(|photo| photo.sha256).collect();
        left.sort_unstable();
        left
    };
    server.set_clock("2026-11-08T07:59:00+08:00");
    let tus = Tus::new(&server, &phone);
    assert_eq!(phone.send_photo(&server, &pictures[0]).await.0.status(), StatusCode::OK);
    assert_eq!(tus.there(&names[1]).await, Some(pictures[1].len()));
    assert_eq!(offset(&tus.announce(&names[2], pictures[2].len()).await), Some(pictures[2].len()));
    let path = |name: &str| format!("/api/v1/photos/{name}");
    let asked = server.http.head(server.url(&path(&names[3]))).bearer_auth(&phone.token).send().await;
    assert_eq!(asked.expect("an answer").status(), StatusCode::OK);
    // Whoever looks at a picture does not rely on it.
    assert_eq!(phone.get(&server, &path(&names[4])).await.status(), StatusCode::OK);

    server.set_clock("2026-11-08T08:01:00+08:00");
    swept(&server).await;
    let mut expected = names[..4].to_vec();
    expected.sort_unstable();
    assert_eq!(left().await, expected);
    assert_eq!(photo_files(&server).await.len(), 8);
    problem(phone.get(&server, &path(&names[4])).await, 404).await;
    send(&server, &phone, &report_with("photos", Some(json!([names[1]])))).await;

    server.set_clock("2026-11-15T07:58:00+08:00");
    swept(&server).await;
    assert_eq!(left().await, expected, "not a minute too early");
    server.set_clock("2026-11-15T08:00:00+08:00");
    swept(&server).await;
    assert_eq!(left().await, [names[1].clone()]);
}

async fn answer(server: &TestServer, phone: &Phone, report: Uuid, says: &str, note: &str) {
    let url = server.url(&format!("/api/v1/reports/{report}/answers/{}", Uuid::now_v7()));
    let put = server.http.put(url).bearer_auth(&phone.token).json(&json!({"says": says, "note": note}));
    assert_eq!(put.send().await.expect("an answer").status(), StatusCode::OK, "{says}");
}

#[tokio::test]
async fn a_phone_sees_what_it_has_said_of_repairs_and_not_what_others_said_of_the_same() {
    let server = TestServer::start_at(NOW).await;
    let (first, second) = (Phone::new(1), Phone::new(2));
    let shown = send(&server, &first, &report()).await;
    advance(&server, shown, ReportState::Accepted, "").await;
    let followed = send(&server, &second, &report_with("same_as", Some(json!(shown)))).await;
    let repaired = async || {
        advance(&server, shown, ReportState::Assigned, "").await;
        advance(&server, shown, ReportState::Fixed, "").await;
    };
    repaired().await;
    answer(&server, &first, shown, "not_fixed", "还在积水").await;
    repaired().await;
    server.set_clock("2026-11-24T09:01:30+08:00");
    answer(&server, &second, followed, "not_fixed", "我家门口还是坏的").await;
    repaired().await;
    server.set_clock("2026-11-24T09:02:30+08:00");
    answer(&server, &first, shown, "confirmed", "").await;

    let said = |report, kind: &str, words: &str, at: &str| {
        let [kind, words, at] = [kind, words, at].map(str::to_owned);
        StoredAnswer { report: ReportId(report), kind, words, at }
    };
    let of_first =
        [said(shown, "not_fixed", "还在积水", NOW), said(shown, "confirmed", "", "2026-11-24T09:02:30+08:00")];
    assert_eq!(device(&server, &first).await.answers, of_first);
    let of_second = [said(followed, "not_fixed", "我家门口还是坏的", "2026-11-24T09:01:30+08:00")];
    assert_eq!(device(&server, &second).await.answers, of_second);
    // Who has taken theirs back has left nothing to the other by it.
    assert_eq!(delete(&server, &second, &address(followed)).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(device(&server, &first).await.answers, of_first);
    assert_eq!(device(&server, &second).await.answers, []);
    // That it was said still belongs to what became of the repair; the words are gone, and whose they were.
    let said = "SELECT COUNT(*) FROM report_events WHERE actor = 'reporter' AND step = 'not_fixed'";
    assert_eq!(count(&server, said).await, 2);
    let wordless = "SELECT COUNT(*) FROM report_events
                    WHERE actor = 'reporter' AND step = 'not_fixed' AND internal_note = '' AND said_of IS NULL";
    assert_eq!(count(&server, wordless).await, 1);
    assert_eq!(delete(&server, &first, "/api/v1/device").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(device(&server, &first).await.answers, []);
}

#[tokio::test]
async fn that_a_report_was_taken_back_is_forgotten_after_ninety_days() {
    let server = TestServer::start_at("2026-01-01T08:00:00+08:00").await;
    let (phone, id) = (Phone::new(1), Uuid::now_v7());
    delete(&server, &phone, &address(id)).await;
    server.set_clock("2026-04-01T07:59:00+08:00");
    swept(&server).await;
    problem(phone.send_report(&server, id, &report()).await, 410).await;
    server.set_clock("2026-04-01T08:01:00+08:00");
    swept(&server).await;
    assert_eq!(phone.send_report(&server, id, &report()).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn what_a_crash_left_without_a_row_long_ago_is_swept_when_the_server_starts() {
    let server = TestServer::start_at(NOW).await;
    write_file(&server, &format!("ab/{}.jpg", "ab".repeat(32)), b"left behind").await;
    // Files have the time of the machine, not of the test.
    let server = server.restart_with(|config| config.clock = Clock::fixed(at("2190-01-01T09:00:00+08:00"))).await;
    let gone = async {
        while !photo_files(&server).await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_mins(1), gone).await.expect("swept");
}

#[tokio::test]
async fn a_phone_that_wipes_itself_before_anything_was_accepted_leaves_no_trace() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    with_photo(&server, &phone, 16).await;
    send(&server, &phone, &report()).await;
    delete(&server, &phone, "/api/v1/device").await;
    assert_nothing_stored(&server).await;
    assert_eq!(count(&server, "SELECT COUNT(*) FROM withdrawn").await, 2);
}
