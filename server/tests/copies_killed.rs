//! Several copies of the program on one database: one of them ends in the middle of its work.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::support::database::report_ids;
use crate::support::phone::{Phone, report};
use crate::support::program::{Program, serve};
use reqwest::{Client, StatusCode};
use serde_json::Value;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

const PHONES: u8 = 12;
const EACH: usize = 12;

/// Sends a report by whichever copy comes next, and by another where one does not answer, as a balancer would, until it is received; how often nobody answered, and
/// the receipt.
async fn send(http: &Client, copies: &[String], turn: &AtomicUsize, phone: &Phone, id: Uuid) -> (usize, Value) {
    let (mut unanswered, mut busy) = (0, 0);
    let first = turn.fetch_add(1, Ordering::SeqCst);
    loop {
        let copy = &copies[(first + unanswered) % copies.len()];
        let url = format!("{copy}/api/v1/reports/{id}");
        match http.put(url).bearer_auth(&phone.token).json(&report()).send().await {
            Ok(answer) if matches!(answer.status(), StatusCode::OK | StatusCode::CREATED) => {
                return (unanswered, answer.json().await.expect("a receipt"));
            }
            // It is busy, and says when to come again; no phone calls that a fault.
            Ok(answer) => {
                assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
                assert!(answer.headers().contains_key("retry-after"));
                busy += 1;
                assert!(busy < 500, "it never has room");
            }
            Err(_) => unanswered += 1,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_one_of_two_copies_is_killed_nothing_acknowledged_is_lost_and_nobody_has_to_send_more_than_once_again() {
    let data = tempfile::tempdir().expect("a directory");
    let start = || {
        let mut command = serve(data.path());
        command.args(["--no-sample", "--no-rate-limits"]);
        Program::start(command)
    };
    let (stays, killed) = (start(), start());
    let copies: Arc<[String]> = [stays.url.clone(), killed.url.clone()].into();
    let turn = Arc::new(AtomicUsize::new(0));
    let http = Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(30)).build().expect("a client");
    let mut phones = JoinSet::new();
    let received = Arc::new(watch::Sender::new(0));
    for number in 0..PHONES {
        let (http, copies, turn, received) = (http.clone(), copies.clone(), turn.clone(), received.clone());
        phones.spawn(async move {
            let phone = Phone::new(number);
            let mut acknowledged = BTreeMap::new();
            let mut worst = 0;
            for _ in 0..EACH {
                let id = Uuid::now_v7();
                let (unanswered, receipt) = send(&http, &copies, &turn, &phone, id).await;
                worst = worst.max(unanswered);
                acknowledged.insert(id.to_string(), receipt);
                received.send_modify(|count| *count += 1);
            }
            (worst, acknowledged)
        });
    }
    received.subscribe().wait_for(|count| *count >= usize::from(PHONES) * EACH / 3).await.expect("they go on");
    killed.kill();
    let mut all = BTreeMap::new();
    for (worst, acknowledged) in phones.join_all().await {
        assert!(worst <= 1, "somebody was left without an answer {worst} times");
        all.extend(acknowledged);
    }
    assert_eq!(all.len(), usize::from(PHONES) * EACH);
    assert_eq!(report_ids(data.path()).await, all.keys().cloned().collect::<Vec<_>>(), "lost or doubled");
    for (id, receipt) in &all {
        assert_eq!(receipt["id"], id.as_str());
    }
    stays.kill();
}

#[tokio::test]
async fn copies_that_start_at_once_on_an_empty_database_all_come_up_and_show_one_district() {
    let data = tempfile::tempdir().expect("a directory");
    let starting: Vec<_> = (0..3)
        .map(|_| {
            let command = serve(data.path());
            std::thread::spawn(move || Program::start(command))
        })
        .collect();
    let copies: Vec<_> = starting.into_iter().map(|copy| copy.join().expect("it comes up")).collect();
    let mut seen = Vec::new();
    for copy in &copies {
        seen.push(district(copy).await);
    }
    assert!(seen[0]["stations"].as_array().is_some_and(|stations| !stations.is_empty()));
    assert_eq!((&seen[0], &seen[1]), (&seen[1], &seen[2]));
}

/// What phones get, without the moment it was made.
async fn district(copy: &Program) -> Value {
    let answer = reqwest::get(format!("{}/api/v1/snapshot", copy.url)).await.expect("an answer");
    let mut all: Value = answer.json().await.expect("JSON");
    for of_now in ["generated_at", "generated_at_min"] {
        all[of_now] = Value::Null;
    }
    all
}
