//! Reports in the store: their codes and their steps.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::database;
use ReportState as S;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::{Category, ReportContent, ReportState};
use waypost_server::store::Store;
use waypost_server::store::devices::{self, DeviceId};
use waypost_server::store::reports::{ContentHash, Inserted, Submission, Viewer, advance, find, insert};

/// What codes are made of.
const LETTERS: &str = "2345679CDFGHJKMNPQRTVWXY";

fn submission() -> Submission {
    let content = ReportContent {
        category: Category::Road,
        description: "broken".to_owned(),
        position: Wgs84 { lat: 30.0, lng: 120.0 },
        accuracy_m: None,
        captured_at: "2026-11-24T08:10:00+08:00".to_owned(),
        landmark: String::new(),
        photos: Vec::new(),
        same_as: None,
    };
    let id = ReportId(uuid::Uuid::now_v7());
    Submission {
        id,
        device: DeviceId::of_form(id),
        content_hash: ContentHash::of(&content, None),
        content,
        captured_at_ms: 0,
        received_at_ms: 0,
    }
}

#[tokio::test]
async fn when_every_short_code_is_taken_codes_grow() {
    let data = tempfile::tempdir().expect("an answer");
    let store = Store::open(&database::of(data.path())).await.expect("an answer");
    store
        .write(|conn| {
            Box::pin(async move {
                devices::ensure(conn, &DeviceId::of_form(ReportId(uuid::Uuid::nil())), 0).await?;
                sqlx::query(
                    "WITH RECURSIVE at (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM at WHERE n < LENGTH($1)),
                       letters (l) AS (SELECT SUBSTR($1, n, 1) FROM at)
                     INSERT INTO reports (id, code, device, content_sha256, state, is_public, category, description, lat, lng,
                       public_lat, public_lng, accuracy_m, captured_at, captured_at_ms, landmark, received_at_ms)
                     SELECT a.l || b.l || c.l || d.l, a.l || b.l || c.l || d.l, (SELECT token_sha256 FROM devices),
                       '', 'received', 0, 'road', '', 0, 0, 0, 0, NULL, '', 0, '', 0
                     FROM letters a, letters b, letters c, letters d",
                )
                .bind(LETTERS)
                .execute(conn)
                .await?;
                Ok(())
            })
        })
        .await
        .expect("an answer");
    let report = submission();
    let again = report.clone();
    let first = store.write(move |conn| Box::pin(async move { insert(conn, &report).await })).await.expect("an answer");
    let Inserted::New(receipt) = first else { panic!("{first:?}") };
    assert_eq!(receipt.code.len(), 5);
    let second = store.write(move |conn| Box::pin(async move { insert(conn, &again).await })).await.expect("an answer");
    assert_eq!(second, Inserted::Again(receipt));
}

#[tokio::test]
async fn a_report_moves_only_along_its_transitions_and_every_step_is_kept() {
    let data = tempfile::tempdir().expect("an answer");
    let store = Store::open(&database::of(data.path())).await.expect("an answer");
    let report = submission();
    let id = report.id;
    let device = report.device.clone();
    store.write(move |conn| Box::pin(async move { insert(conn, &report).await })).await.expect("an answer");
    let steps = [
        (ReportState::Fixed, false),
        (ReportState::Accepted, true),
        (ReportState::Accepted, false),
        (ReportState::Assigned, true),
        (ReportState::Fixed, true),
        (ReportState::Received, false),
        (ReportState::Confirmed, true),
    ];
    for (at, (next, possible)) in steps.into_iter().enumerate() {
        let at_ms = 60_000 * at as i64;
        let moved =
            store.write(move |conn| Box::pin(async move { advance(conn, id, next, at_ms, "said").await })).await;
        assert_eq!(moved.expect("an answer"), possible, "{next:?}");
    }
    let unknown = ReportId(uuid::Uuid::now_v7());
    let moved = store.write(move |conn| Box::pin(advance(conn, unknown, ReportState::Accepted, 0, ""))).await;
    assert!(!moved.expect("an answer"));

    let viewer = Viewer { device: Some(device), staff: None };
    let view = find(&store, id, &viewer).await.expect("an answer").expect("an answer");
    assert_eq!(view.state, ReportState::Confirmed);
    let states: Vec<_> = view.timeline.iter().map(|entry| entry.state).collect();
    assert_eq!(states, [S::Received, S::Accepted, S::Assigned, S::Fixed, S::Confirmed]);
    assert_eq!(view.timeline[1].at, "1970-01-01T08:01:00+08:00");
    assert_eq!(view.timeline[1].note, "said");
}
