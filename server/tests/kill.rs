//! The real program is killed in the middle of its work, again and again: what it has acknowledged is there afterwards, and
//! there once.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]
#![allow(clippy::print_stderr, reason = "the figure is what two hundred kills are run for")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::database;
use crate::support::phone::{Phone, report};
use crate::support::program::{Program, serve};
use rand::Rng;
use reqwest::StatusCode;
use serde_json::json;
use sqlx::Row;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Phones that send without a pause.
const PHONES: u8 = 16;

/// What a phone was told: id and receipt.
type Acknowledged = BTreeMap<Uuid, String>;

/// Where the program listens at present; it is another port after each kill.
type Address = Arc<Mutex<String>>;

/// Sends one report after the other, each until it is acknowledged, as the outbox does.
async fn send_all(
    number: u8,
    address: Address,
    over: Arc<AtomicBool>,
    answers: Arc<watch::Sender<u64>>,
) -> Acknowledged {
    let phone = Phone::new(number);
    let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().expect("a client");
    let mut acknowledged = Acknowledged::new();
    let mut body = report();
    while !over.load(Ordering::SeqCst) {
        let id = Uuid::now_v7();
        // Every second one of each phone says the same as the one before: merging must not lose any either.
        if id.as_bytes()[15].is_multiple_of(2) {
            body["lat"] = json!(rand::rng().random_range(30.2..30.4));
        }
        loop {
            let url = format!("{}/api/v1/reports/{id}", address.lock().await);
            let answer = http.put(url).bearer_auth(&phone.token).json(&body).send().await;
            let Ok(answer) = answer else {
                // Killed, or not back yet.
                tokio::task::yield_now().await;
                continue;
            };
            // It is busy, and says when to come again.
            if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
                assert!(answer.headers().contains_key("retry-after"));
                tokio::task::yield_now().await;
                continue;
            }
            assert!(matches!(answer.status(), StatusCode::OK | StatusCode::CREATED), "{}", answer.status());
            if let Ok(receipt) = answer.text().await {
                acknowledged.insert(id, receipt);
                answers.send_modify(|count| *count += 1);
                break;
            }
        }
    }
    acknowledged
}

fn start(data: &Path) -> Program {
    let mut command = serve(data);
    command.args(["--no-rate-limits", "--no-sample"]);
    Program::start(command)
}

async fn survives(kills: u32) {
    let data = tempfile::tempdir().expect("a directory");
    let mut program = start(data.path());
    let address: Address = Arc::new(Mutex::new(program.url.clone()));
    let (over, answers) = (Arc::new(AtomicBool::new(false)), Arc::new(watch::Sender::new(0)));
    let mut phones = JoinSet::new();
    for number in 0..PHONES {
        phones.spawn(send_all(number, address.clone(), over.clone(), answers.clone()));
    }
    for _ in 0..kills {
        // At another moment of the work each time; what matters is that work is under way.
        let mut told = answers.subscribe();
        let until = *told.borrow() + rand::rng().random_range(1..100);
        told.wait_for(|count| *count >= until).await.expect("phones that send");
        program.kill();
        program = start(data.path());
        address.lock().await.clone_from(&program.url);
    }
    over.store(true, Ordering::SeqCst);
    let mut acknowledged = Acknowledged::new();
    for phone in phones.join_all().await {
        acknowledged.extend(phone);
    }
    program.kill();

    let mut conn = database::connect(data.path()).await;
    let rows =
        sqlx::query("SELECT id, code, (SELECT COUNT(*) FROM report_events WHERE report = id) AS events FROM reports")
            .fetch_all(&mut conn)
            .await
            .expect("rows");
    let mut stored = BTreeSet::new();
    for row in &rows {
        let id = Uuid::try_parse(row.get("id")).expect("an id");
        assert!(stored.insert(id), "{id} is there twice");
        assert_eq!(row.get::<i64, _>("events"), 1, "{id}");
        let receipt = &acknowledged[&id];
        assert!(receipt.contains(row.get::<&str, _>("code")), "{receipt}");
    }
    let lost: Vec<_> = acknowledged.keys().filter(|id| !stored.contains(id)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.len() > kills as usize, "there was work to interrupt");
    eprintln!("{kills} kills, {} acknowledged, none lost, none doubled", acknowledged.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_server_has_acknowledged_is_there_once() {
    survives(5).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes: two hundred kills"]
async fn what_a_server_killed_two_hundred_times_has_acknowledged_is_there_once() {
    survives(200).await;
}
