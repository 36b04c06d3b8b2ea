//! Reports that come at the same time are stored together; each is answered as if it had come alone.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::database;
use futures::future::join_all;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use sqlx::Row;
use uuid::Uuid;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::{PhotoHash, ReportId};
use waypost_app::domain::report::{Category, ReportContent};
use waypost_server::store::devices::{self, DeviceId};
use waypost_server::store::reports::{ContentHash, Inserted, Submission, insert, withdraw};
use waypost_server::store::{Store, StoreError};

/// So few that they often meet.
const DEVICES: u128 = 6;
const PHOTOS: u8 = 4;
const IDS: u128 = 120;

fn device(number: u128) -> DeviceId {
    DeviceId::of_form(ReportId(Uuid::from_u128(1_000 + number)))
}

fn photo(number: u8) -> PhotoHash {
    PhotoHash::from_digest(&[number; 32])
}

fn submission(id: u128, device: DeviceId, content: ReportContent, at_ms: i64) -> Submission {
    let content_hash = ContentHash::of(&content, Some(at_ms));
    let id = ReportId(Uuid::from_u128(id));
    Submission { id, device, content_hash, content, captured_at_ms: at_ms, received_at_ms: 1_000_000 + at_ms }
}

fn content(lat: f64) -> ReportContent {
    ReportContent {
        category: Category::Road,
        description: "broken".to_owned(),
        position: Wgs84 { lat, lng: 120.0 },
        accuracy_m: None,
        captured_at: "2026-11-24T08:10:00+08:00".to_owned(),
        landmark: String::new(),
        photos: Vec::new(),
        same_as: None,
    }
}

/// One of few places, phones, photos and ids, and often one of the reports before it again.
fn random(dice: &mut StdRng, before: &[Submission]) -> Submission {
    if !before.is_empty() && dice.random_bool(0.1) {
        return before[dice.random_range(0..before.len())].clone();
    }
    let mut content = content(30.0 + f64::from(dice.random_range(0..40_u8)) * 0.0002);
    if dice.random_bool(0.5) {
        content.category = Category::Tree;
    }
    for number in 0..PHOTOS {
        if dice.random_bool(0.15) {
            content.photos.push(photo(number));
        }
    }
    if dice.random_bool(0.1) {
        content.same_as = Some(ReportId(Uuid::from_u128(dice.random_range(1..IDS))));
    }
    let at_ms = dice.random_range(0..4) * 400_000;
    // Most phones report once; some again and again.
    let device = if dice.random_bool(0.7) { device(dice.random()) } else { device(dice.random_range(0..DEVICES)) };
    submission(dice.random_range(1..IDS), device, content, at_ms)
}

/// A database in which the known phones have sent all photos but the last, and one report was taken back.
async fn prepared(folder: &std::path::Path, taken_back: &Submission) -> Store {
    let store = Store::open_with(&database::of(folder), 1_000).await.expect("an answer");
    let (id, from) = (taken_back.id, taken_back.device.clone());
    store
        .write(move |conn| {
            Box::pin(async move {
                for number in 0..PHOTOS {
                    let sha256 = photo(number).as_str().to_owned();
                    sqlx::query(
                        "INSERT INTO photos (sha256, blob_sha256, thumb_sha256, width, height, bytes, received_at_ms)
                         VALUES ($1, $1, $1, 1, 1, 1, 0)",
                    )
                    .bind(&sha256)
                    .execute(&mut *conn)
                    .await?;
                    for phone in 0..DEVICES {
                        devices::ensure(conn, &device(phone), 0).await?;
                        if number + 1 < PHOTOS {
                            sqlx::query("INSERT INTO photo_devices (photo, device) VALUES ($1, $2)")
                                .bind(&sha256)
                                .bind(device(phone).as_str())
                                .execute(&mut *conn)
                                .await?;
                        }
                    }
                }
                withdraw(conn, id, &from, 0).await
            })
        })
        .await
        .expect("an answer");
    store
}

/// Everything there is of reports but their codes, which are random.
async fn rows(store: &Store) -> Vec<String> {
    let mut all = Vec::new();
    for select in [
        "SELECT id || ' ' || device || ' ' || content_sha256 || ' ' || COALESCE(merged_into, '-') AS it FROM reports",
        "SELECT report || ' ' || position || ' ' || photo AS it FROM report_photos",
        "SELECT report || ' ' || seq || ' ' || state || ' ' || at_ms AS it FROM report_events",
        "SELECT token_sha256 || ' ' || first_seen_ms || ' ' || last_seen_ms AS it FROM devices",
    ] {
        let found = sqlx::query(select).fetch_all(store.pool()).await.expect("an answer");
        all.extend(found.iter().map(|row| row.try_get::<String, _>("it").expect("an answer")));
    }
    all.sort();
    all
}

/// An answer without what is random in it.
fn told(answer: Inserted) -> String {
    match answer {
        Inserted::New(receipt) => format!("new {} {}", receipt.id, receipt.received_at),
        Inserted::Merged(receipt) => format!("merged {} {}", receipt.id, receipt.received_at),
        Inserted::Again(receipt) => format!("again {} {}", receipt.id, receipt.received_at),
        other => format!("{other:?}"),
    }
}

#[tokio::test]
async fn reports_that_come_together_are_stored_and_answered_as_one_after_the_other() {
    let mut kinds = std::collections::HashSet::new();
    for seed in 0..6 {
        let mut dice = StdRng::seed_from_u64(seed);
        let mut reports = Vec::new();
        for _ in 0..300 {
            let report = random(&mut dice, &reports);
            reports.push(report);
        }
        let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
        let alone = prepared(folders[0].path(), &reports[7]).await;
        let together = prepared(folders[1].path(), &reports[7]).await;
        let mut expected = Vec::new();
        for report in reports.clone() {
            let answer = alone.write(move |conn| Box::pin(async move { insert(conn, &report).await })).await;
            expected.push(told(answer.expect("an answer")));
        }
        // All are queued, in this order, before the first is answered.
        let answers = join_all(reports.into_iter().map(|report| together.insert_report(report))).await;
        let answers: Vec<_> = answers.into_iter().map(|answer| told(answer.expect("an answer"))).collect();
        assert_eq!(answers, expected, "seed {seed}");
        assert_eq!(rows(&together).await, rows(&alone).await, "seed {seed}");
        kinds.extend(answers.iter().map(|answer| answer.chars().take(5).collect::<String>()));
    }
    assert_eq!(kinds.len(), 7, "some kind of answer did not come: {kinds:?}");
}

#[tokio::test]
async fn a_report_that_the_database_refuses_does_not_take_others_along() {
    let data = tempfile::tempdir().expect("a folder");
    let store = Store::open(&database::of(data.path())).await.expect("an answer");
    let reports: Vec<_> = (1..=40_u128)
        .map(|id| {
            let mut content = content(30.0 + id as f64 * 0.001);
            if id % 13 == 0 {
                // SQLite takes this number for a missing one, and PostgreSQL does not take this character.
                content.position.lat = f64::NAN;
                content.description = "\0".to_owned();
            }
            submission(id, device(id), content, 0)
        })
        .collect();
    let answers = join_all(reports.into_iter().map(|report| store.insert_report(report))).await;
    for (answer, id) in answers.iter().zip(1..) {
        let refused = matches!(answer, Err(StoreError::Database(_)));
        let stored = matches!(answer, Ok(Inserted::New(receipt)) if receipt.id.0 == Uuid::from_u128(id));
        assert!(if id % 13 == 0 { refused } else { stored }, "{id}: {answer:?}");
    }
    let stored: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM report_events").fetch_one(store.pool()).await.expect("a count");
    assert_eq!(stored, 37);
}
