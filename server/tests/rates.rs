//! Who comes too often, or when too much is under way, is asked to come later, and loses nothing.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::time::Duration;

use crate::support::phone::{Phone, report, rows};
use crate::support::pictures::jpeg;
use crate::support::{TestServer, at, header, problem};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_server::clock::Clock;
use waypost_server::config::{Limits, Quota, Rates};

const PLENTY: Quota = Quota { a_minute: 60_000, burst: 60_000 };

fn rates(report: Quota, address: Quota, verification: Quota) -> Rates {
    Rates {
        reads: (PLENTY, PLENTY),
        reports: (report, address),
        photos: (PLENTY, PLENTY),
        verifications: (verification, PLENTY),
        others: (PLENTY, PLENTY),
    }
}

async fn limited(rates: Rates) -> TestServer {
    TestServer::start_with(|config| config.rates = Some(rates)).await
}

/// Seconds after which a refused request may come again.
async fn refused(response: Response) -> u64 {
    let seconds = header(&response, "retry-after").parse().expect("seconds");
    problem(response, 429).await;
    seconds
}

#[tokio::test]
async fn a_phone_that_sends_too_much_is_asked_to_wait_and_nobody_else_pays_for_it() {
    let server = limited(rates(Quota { a_minute: 1, burst: 3 }, PLENTY, PLENTY)).await;
    let phone = Phone::new(1);
    for _ in 0..3 {
        assert_eq!(phone.send_report(&server, Uuid::now_v7(), &report()).await.status(), StatusCode::CREATED);
    }
    let wait = refused(phone.send_report(&server, Uuid::now_v7(), &report()).await).await;
    assert!((30..=60).contains(&wait), "{wait}");
    assert_eq!(rows(&server).await[3], 3, "nothing of it is stored");
    // Neither another phone nor another kind of request.
    assert_eq!(Phone::new(2).send_report(&server, Uuid::now_v7(), &report()).await.status(), StatusCode::CREATED);
    assert_eq!(phone.send_photo(&server, &jpeg(8, 8)).await.0.status(), StatusCode::CREATED);
    assert_eq!(phone.get(&server, "/api/v1/snapshot").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_phone_that_was_asked_to_wait_goes_on_with_the_same_report_after_it() {
    let server = limited(rates(Quota { a_minute: 600, burst: 1 }, PLENTY, PLENTY)).await;
    let phone = Phone::new(1);
    for _ in 0..3 {
        let id = Uuid::now_v7();
        loop {
            let answer = phone.send_report(&server, id, &report()).await;
            if answer.status() == StatusCode::CREATED {
                break;
            }
            // Asking costs nothing of the share.
            assert_eq!(refused(answer).await, 1);
        }
    }
    assert_eq!(rows(&server).await[3], 3);
}

#[tokio::test]
async fn phones_of_one_address_share_its_part_and_a_proxys_word_counts_only_if_it_is_trusted() {
    let quota = Quota { a_minute: 1, burst: 2 };
    for trusted in [false, true] {
        let server = TestServer::start_with(|config| {
            config.rates = Some(rates(PLENTY, quota, PLENTY));
            config.trust_proxy = trusted;
        })
        .await;
        let send = async |phone: u8, from: &str| {
            let request = Phone::new(phone).put_report(&server, Uuid::now_v7(), &report());
            request.header("x-forwarded-for", from).send().await.expect("an answer")
        };
        for phone in [1, 2] {
            assert_eq!(send(phone, "203.0.113.1").await.status(), StatusCode::CREATED);
        }
        let wait = refused(send(3, "203.0.113.1").await).await;
        assert!((30..=60).contains(&wait), "{wait}");
        let elsewhere = send(4, "203.0.113.2").await.status();
        assert_eq!(elsewhere, if trusted { StatusCode::CREATED } else { StatusCode::TOO_MANY_REQUESTS });
    }
}

#[tokio::test]
async fn a_phone_that_was_heard_of_a_day_ago_does_not_wait_for_strangers_at_its_address() {
    let server = TestServer::start_with(|config| {
        config.clock = Clock::fixed(at("2026-11-24T09:00:00+08:00"));
        let three = Quota { a_minute: 1, burst: 3 };
        config.rates = Some(rates(three, three, PLENTY));
    })
    .await;
    let phone = Phone::new(1);
    let send = async |phone: &Phone| phone.send_report(&server, Uuid::now_v7(), &report()).await;
    assert_eq!(send(&phone).await.status(), StatusCode::CREATED);
    for stranger in [2, 3] {
        assert_eq!(send(&Phone::new(stranger)).await.status(), StatusCode::CREATED);
    }
    // So far it could be one of those that a script makes up.
    refused(send(&phone).await).await;
    server.set_clock("2026-11-25T09:00:00+08:00");
    // All of its own, but for the one that it has sent.
    assert_eq!([send(&phone).await.status(), send(&phone).await.status()], [StatusCode::CREATED; 2]);
    let wait = refused(send(&phone).await).await;
    assert!((30..=60).contains(&wait), "its own measure holds: {wait}");
    refused(send(&Phone::new(4)).await).await;
    let [devices, _, _, reports, ..] = rows(&server).await;
    assert_eq!((devices, reports), (3, 5));
}

#[tokio::test]
async fn reports_have_a_measure_that_nothing_else_uses_up() {
    let one = Quota { a_minute: 1, burst: 1 };
    let server = limited(Rates { others: (PLENTY, one), ..rates(PLENTY, one, PLENTY) }).await;
    let phone = Phone::new(1);
    let choose = async || {
        let form = server.http.post(server.url("/prefs")).form(&[("lang", "en")]);
        form.send().await.expect("an answer")
    };
    assert_eq!(choose().await.status(), StatusCode::SEE_OTHER);
    refused(choose().await).await;
    let id = Uuid::now_v7();
    assert_eq!(phone.send_report(&server, id, &report()).await.status(), StatusCode::CREATED);
    refused(phone.send_report(&server, Uuid::now_v7(), &report()).await).await;
    let withdrawing = server.http.delete(server.url(&format!("/api/v1/reports/{id}"))).bearer_auth(&phone.token);
    refused(withdrawing.send().await.expect("an answer")).await;
}

#[test]
fn the_measures_of_two_addresses_are_as_large_as_a_citys_busiest_hour_of_verifications() {
    // docs/scale.md: of 100,000 couriers, one each a day, 15 % of them in that hour.
    let (phone, address) = Rates::default().verifications;
    assert!(2 * 60 * address.a_minute >= 15_000 && phone.a_minute < address.a_minute);
}

#[tokio::test]
async fn verifications_have_a_measure_of_their_own() {
    let server = limited(rates(PLENTY, PLENTY, Quota { a_minute: 1, burst: 1 })).await;
    let station = crate::support::district::of(&server).await.stations[0].slug.clone();
    let said = json!({ "station": station, "kind": "confirmed", "at": "2026-11-24T08:10:00+08:00" });
    let send = async || {
        let url = server.url(&format!("/api/v1/verifications/{}", Uuid::now_v7()));
        let request = server.http.put(url).bearer_auth(&Phone::new(1).token).json(&said);
        request.send().await.expect("an answer")
    };
    assert_eq!(send().await.status(), StatusCode::CREATED);
    refused(send().await).await;
}

#[tokio::test]
async fn a_phone_that_comes_back_with_fifty_reports_is_welcome() {
    let server = limited(Rates::default()).await;
    let phone = Phone::new(1);
    for _ in 0..50 {
        assert_eq!(phone.send_report(&server, Uuid::now_v7(), &report()).await.status(), StatusCode::CREATED);
    }
    for _ in 0..250 {
        assert_eq!(phone.send_photo(&server, &jpeg(8, 8)).await.0.status().as_u16() / 100, 2);
    }
}

#[tokio::test]
async fn under_overload_reports_are_refused_with_503_and_none_that_was_acknowledged_is_missing() {
    let server = TestServer::start_with(|config| config.limits.queue = 1).await;
    let phone = Phone::new(1);
    let body = report();
    let sent = futures::future::join_all((0..64).map(|_| phone.send_report(&server, Uuid::now_v7(), &body))).await;
    let mut stored = 0;
    for answer in sent {
        if answer.status() == StatusCode::CREATED {
            stored += 1;
        } else {
            assert_eq!(header(&answer, "retry-after"), "10");
            problem(answer, 503).await;
        }
    }
    assert!((1..64).contains(&stored), "{stored} of 64 found room");
    assert_eq!(rows(&server).await[3], stored);
}

#[tokio::test]
async fn twenty_identical_verifications_at_once_are_one_row_and_one_receipt() {
    let server = TestServer::start().await;
    let station = crate::support::district::of(&server).await.stations[0].slug.clone();
    let said = json!({ "station": station, "kind": "confirmed", "at": "2026-11-24T08:10:00+08:00" });
    let url = server.url(&format!("/api/v1/verifications/{}", Uuid::now_v7()));
    let send = async || {
        let request = server.http.put(&url).bearer_auth(&Phone::new(1).token).json(&said);
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.bytes().await.expect("a receipt"))
    };
    let answers = futures::future::join_all((0..20).map(|_| send())).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::CREATED).count(), 1);
    assert_eq!(answers.iter().filter(|(status, _)| *status == StatusCode::OK).count(), 19);
    assert!(answers.iter().all(|(_, receipt)| *receipt == answers[0].1));
    let receipt: Value = serde_json::from_slice(&answers[0].1).expect("JSON");
    assert_eq!(receipt["kind"], "confirmed");
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM verifications")
        .fetch_one(server.running.state().store.pool())
        .await
        .expect("a count");
    assert_eq!(rows, 1);
}

#[test]
fn who_is_silent_for_ten_seconds_is_gone_and_twenty_kilobytes_a_second_are_enough() {
    let limits = Limits::default();
    assert_eq!([limits.head, limits.silence, limits.grace], [Duration::from_secs(10); 3]);
    // The largest photo at that pace, and as much time again; also by what has come of it at any moment.
    let photo = 12 * 1024 * 1024;
    assert!(limits.for_body(Some(photo)) > 2 * Duration::from_secs(photo / 20_000));
    for come in (0..=photo).step_by(20_000) {
        assert!(limits.grace + limits.at_slowest(come) > 2 * Duration::from_secs(come / 20_000), "after {come}");
    }
}
