//! Several reports of one defect: what phones are told of open ones, and how the others are followed through the first.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking, also in its helpers")]

use crate::support::phone::{Phone, advance, report, report_with, rows};
use crate::support::pictures::jpeg;
use crate::support::public_reports::copy;
use crate::support::{TestServer, problem};
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;
use waypost_app::domain::report::ReportState;
use waypost_app::local::snapshot::merge;
use waypost_app::wire::report::{Receipt, ReportView};
use waypost_app::wire::snapshot::Snapshot;

const NOW: &str = "2026-11-24T09:00:30+08:00";

/// Degrees of latitude that are so many metres.
fn north(metres: f64) -> f64 {
    metres / 111_195.0
}

/// A report so many metres north of [`report`], taken so many minutes after eight.
fn at(metres: f64, minute: u32) -> Value {
    let mut body = report_with("lat", Some(json!(30.317_234 + north(metres))));
    body["captured_at"] = json!(format!("2026-11-24T08:{minute:02}:00+08:00"));
    body
}

async fn send(server: &TestServer, phone: &Phone, body: &Value) -> Receipt {
    let id = Uuid::now_v7();
    let answer = phone.send_report(server, id, body).await;
    assert_eq!(answer.status(), StatusCode::CREATED, "{body}");
    answer.json().await.expect("a receipt")
}

async fn seen(server: &TestServer, phone: &Phone, id: Uuid) -> ReportView {
    phone.get(server, &format!("/api/v1/reports/{id}")).await.json().await.expect("a report")
}

async fn merged_into(server: &TestServer, phone: &Phone, id: Uuid) -> Option<Uuid> {
    seen(server, phone, id).await.merged_into.map(|primary| primary.id.0)
}

async fn snapshot(server: &TestServer, query: &str) -> Snapshot {
    server.running.state().snapshots.changed();
    serde_json::from_value(server.json(&format!("/api/v1/snapshot{query}")).await).expect("a snapshot")
}

fn open(snapshot: &Snapshot) -> Vec<(Uuid, ReportState)> {
    snapshot.open_reports.iter().map(|report| (report.id.0, report.state)).collect()
}

#[tokio::test]
async fn phones_are_told_of_public_reports_until_they_are_repaired() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let before = snapshot(&server, "").await;
    let receipt = send(&server, &phone, &report()).await;
    let id = receipt.id.0;
    assert_eq!(snapshot(&server, "").await.rev, before.rev, "what is not public is nobody's news");

    advance(&server, id, ReportState::Accepted, "").await;
    let whole = snapshot(&server, "").await;
    assert_eq!(open(&whole), [(id, ReportState::Accepted)]);
    let told = &whole.open_reports[0];
    assert_eq!((told.lat, told.lng, told.code.as_str()), (30.317, 120.139, receipt.code.as_str()));
    assert_eq!(told.received_at_min.0, 29_924_700);
    let text = serde_json::to_string(told).expect("json");
    assert!(!text.contains("kerb") && !text.contains("30.3172") && !text.contains("north gate"), "{text}");

    let changes = snapshot(&server, &format!("?since={}", before.rev)).await;
    assert_eq!((open(&changes), changes.stations.len()), (open(&whole), 0));
    advance(&server, id, ReportState::Assigned, "").await;
    let changes = snapshot(&server, &format!("?since={}", whole.rev)).await;
    assert_eq!((open(&changes), changes.removed.len()), (vec![(id, ReportState::Assigned)], 0));

    advance(&server, id, ReportState::Fixed, "").await;
    let closed = snapshot(&server, &format!("?since={}", changes.rev)).await;
    assert_eq!((open(&closed), closed.removed.clone()), (Vec::new(), vec![id.to_string()]));
    assert!(snapshot(&server, "").await.open_reports.is_empty());

    advance(&server, id, ReportState::Reopened, "").await;
    let again = snapshot(&server, &format!("?since={}", closed.rev)).await;
    assert_eq!((open(&again), again.removed.len()), (vec![(id, ReportState::Reopened)], 0));
    advance(&server, id, ReportState::Declined, "").await;
    let declined = snapshot(&server, &format!("?since={}", again.rev)).await;
    assert_eq!(declined.removed, [id.to_string()], "what is not public any more is nobody's to see");
}

/// What a phone holds with the changes since it last asked: the same as one that asks for everything.
async fn follow(server: &TestServer, phone: &Snapshot) -> Snapshot {
    let changes = snapshot(server, &format!("?since={}", phone.rev)).await;
    assert!(!changes.full);
    let followed = merge(Some(phone), changes).expect("changes that follow");
    let sorted = |all: &Snapshot| {
        let mut reports = open(all);
        reports.sort_by_key(|(id, _)| *id);
        reports
    };
    assert_eq!(sorted(&followed), sorted(&snapshot(server, "").await));
    followed
}

#[tokio::test]
async fn of_more_than_phones_may_carry_those_who_follow_changes_and_those_who_ask_for_everything_have_the_same() {
    let server = TestServer::start_at("2026-11-24T08:00:30+08:00").await;
    let oldest = send(&server, &Phone::new(1), &report()).await.id.0;
    advance(&server, oldest, ReportState::Accepted, "").await;
    server.set_clock(NOW);
    let first = send(&server, &Phone::new(2), &report()).await.id;
    advance(&server, first.0, ReportState::Accepted, "").await;
    copy(&server, first, 1_028).await;
    // As a program would leave it that told phones of all there are.
    let told = server.running.state().store.write(|conn| {
        Box::pin(async move {
            let all = "UPDATE reports SET open_rev = (SELECT value FROM meta WHERE name = 'rev') WHERE is_public = 1";
            Ok(sqlx::query(all).execute(conn).await?.rows_affected())
        })
    });
    assert_eq!(told.await.expect("told"), 1_030);
    let before = snapshot(&server, "").await;
    assert_eq!(before.open_reports.len(), 1_000, "nobody gets more, although nothing is settled yet");
    advance(&server, first.0, ReportState::Assigned, "").await;
    let changes = snapshot(&server, &format!("?since={}", before.rev)).await;
    assert_eq!((changes.full, open(&changes)), (false, vec![(first.0, ReportState::Assigned)]));
    assert_eq!(changes.removed.len(), 30, "all that are too many, at once");
    let kept: Vec<_> = before.open_reports.iter().map(|report| report.id.to_string()).collect();
    assert!(changes.removed.contains(&oldest.to_string()), "the oldest");
    assert!(!changes.removed.iter().any(|id| kept.contains(id)), "and the next");
    // As if those between the oldest and what phones carry about had been taken down.
    let taken_down = server.running.state().store.write(move |conn| {
        Box::pin(async move {
            let hide = "UPDATE reports SET is_public = 0 WHERE is_public = 1 AND open_rev IS NULL AND id <> $1";
            Ok(sqlx::query(hide).bind(oldest.to_string()).execute(conn).await?.rows_affected())
        })
    });
    assert_eq!(taken_down.await.expect("taken down"), 29);
    let state_of = |phone: &Snapshot, id| open(phone).into_iter().find(|(of, _)| *of == id).map(|(_, state)| state);
    let mut phone = snapshot(&server, "").await;
    assert_eq!((phone.open_reports.len(), state_of(&phone, oldest)), (1_000, None));

    server.set_clock("2026-11-24T09:01:30+08:00");
    let newest = send(&server, &Phone::new(3), &report()).await.id.0;
    advance(&server, newest, ReportState::Accepted, "").await;
    phone = follow(&server, &phone).await;
    assert_eq!((phone.open_reports.len(), state_of(&phone, newest)), (1_000, Some(ReportState::Accepted)));
    // What phones do not carry about moves on without them.
    advance(&server, oldest, ReportState::Assigned, "").await;
    phone = follow(&server, &phone).await;
    assert_eq!(state_of(&phone, oldest), None);

    for (repaired, left) in [(newest, None), (first.0, Some(ReportState::Assigned))] {
        if repaired == newest {
            advance(&server, repaired, ReportState::Assigned, "").await;
        }
        advance(&server, repaired, ReportState::Fixed, "").await;
        phone = follow(&server, &phone).await;
        assert_eq!((phone.open_reports.len(), state_of(&phone, oldest)), (1_000, left), "another has taken its place");
    }
}

#[tokio::test]
async fn who_says_the_same_follows_the_public_report_and_keeps_everything_of_their_own() {
    let server = TestServer::start_at(NOW).await;
    let (first, second, third) = (Phone::new(1), Phone::new(2), Phone::new(3));
    let primary = send(&server, &first, &report()).await;
    advance(&server, primary.id.0, ReportState::Accepted, "The unit is told").await;

    let photo = second.send_photo(&server, &jpeg(16, 16)).await.1;
    let body = json!({
        "category": "sign", "lat": 30.32, "lng": 120.13, "captured_at": "2026-11-24T08:40:00+08:00",
        "photos": [photo], "same_as": primary.id,
    });
    let id = Uuid::now_v7();
    let answer = second.send_report(&server, id, &body).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let bytes = answer.bytes().await.expect("a receipt");
    let again = second.send_report(&server, id, &body).await;
    assert_eq!((again.status(), again.bytes().await.expect("a receipt")), (StatusCode::OK, bytes));

    advance(&server, primary.id.0, ReportState::Assigned, "Tomorrow").await;
    let view = seen(&server, &second, id).await;
    let merged = view.merged_into.expect("merged");
    assert_eq!((merged.id, merged.code), (primary.id, primary.code.clone()));
    assert_eq!((view.state, view.photos, view.lat), (ReportState::Assigned, vec![photo.clone()], 30.32));
    assert_ne!(view.code, primary.code);
    assert_eq!(view.timeline, seen(&server, &first, primary.id.0).await.timeline);
    assert_eq!(view.timeline[2].note, "Tomorrow");
    problem(third.get(&server, &format!("/api/v1/reports/{id}")).await, 404).await;
    assert_eq!(second.get(&server, &format!("/api/v1/photos/{photo}")).await.status(), StatusCode::OK);

    // Neither a photo nor words, and it names the one that is merged: it follows the same primary.
    let bare = json!({
        "category": "road", "lat": 30.317, "lng": 120.139, "captured_at": "2026-11-24T08:50:00+08:00", "same_as": id,
    });
    let followed = send(&server, &third, &bare).await;
    assert_eq!(merged_into(&server, &third, followed.id.0).await, Some(primary.id.0));

    let near = server.json("/api/v1/reports?near=30.317,120.139&radius_m=5000").await;
    assert_eq!(near["reports"].as_array().expect("a list").len(), 1, "{near}");
    assert_eq!(snapshot(&server, "").await.open_reports.len(), 1);
    assert_eq!(rows(&server).await[3], 3, "nothing is dropped");
}

#[tokio::test]
async fn what_is_said_to_be_the_same_as_an_unknown_or_hidden_report_stands_alone() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let hidden = send(&server, &Phone::new(2), &report()).await;
    for (other, minute) in [(hidden.id.0, 1), (Uuid::now_v7(), 20)] {
        let mut body = at(0.0, minute);
        body["description"] = json!("");
        body["same_as"] = json!(other);
        let receipt = send(&server, &phone, &body).await;
        assert_eq!(merged_into(&server, &phone, receipt.id.0).await, None);
    }
    let itself = Uuid::now_v7();
    let mut body = at(0.0, 40);
    body["same_as"] = json!(itself);
    assert_eq!(phone.send_report(&server, itself, &body).await.status(), StatusCode::CREATED);
    assert_eq!(merged_into(&server, &phone, itself).await, None);
    body["same_as"] = json!("K7Q2");
    assert!(problem(phone.send_report(&server, Uuid::now_v7(), &body).await, 422).await.contains("same_as"));
}

#[tokio::test]
async fn one_phone_telling_one_thing_twice_is_one_defect() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let first = send(&server, &phone, &at(0.0, 10)).await.id.0;
    let mut sign = at(0.0, 10);
    sign["category"] = json!("sign");
    for (body, of, merged) in [
        (at(29.0, 20), &phone, true),
        // Near to the one that is merged, but not to the first.
        (at(35.0, 20), &phone, false),
        (at(0.0, 21), &phone, false),
        (at(0.0, 0), &phone, true),
        (sign, &phone, false),
        (at(0.0, 10), &Phone::new(2), false),
    ] {
        let id = send(&server, of, &body).await.id.0;
        assert_eq!(merged_into(&server, of, id).await.is_some(), merged, "{body}");
    }
    assert_eq!(seen(&server, &phone, first).await.merged_into, None);

    // After it was declined, telling it again is telling it anew.
    advance(&server, first, ReportState::Declined, "Not ours").await;
    let again = send(&server, &phone, &at(1.0, 9)).await.id.0;
    assert_eq!(merged_into(&server, &phone, again).await, None);
}

#[tokio::test]
async fn what_one_phone_tells_side_by_side_is_one_defect_only_if_the_words_or_a_photo_are_the_same() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let mut photos = Vec::new();
    for pixels in [8, 16, 24, 32, 40, 48] {
        photos.push(phone.send_photo(&server, &jpeg(pixels, 8)).await.1);
    }
    let told = async |minute, words: &str, shown: &[usize]| {
        let mut body = at(0.0, minute);
        body["description"] = json!(words);
        body["photos"] = shown.iter().map(|nth| json!(photos[*nth])).collect();
        if words.is_empty() && shown.is_empty() {
            // Nothing may be said and shown only by who says that it is the same as something.
            body["same_as"] = json!(Uuid::now_v7());
        }
        let id = send(&server, &phone, &body).await.id.0;
        let view = seen(&server, &phone, id).await;
        assert_eq!(json!(view.photos), body["photos"], "nothing is dropped, wherever it is followed");
        (id, view.merged_into.map(|primary| primary.id.0))
    };
    let (kerb, alone) = told(10, "The kerb is broken", &[0]).await;
    assert_eq!(alone, None);
    let (lid, alone) = told(11, "井盖松了", &[1]).await;
    assert_eq!(alone, None, "other words, another photo");
    assert_eq!(told(12, "the KERB is broken", &[2]).await.1, Some(kerb), "the same words");
    assert_eq!(told(12, "旁边的井盖", &[3, 1]).await.1, Some(lid), "a same photo");
    let (silent, alone) = told(13, "", &[4]).await;
    assert_eq!(alone, None, "no words, another photo");
    assert_eq!(told(14, "", &[5]).await.1, None, "two photos of who says nothing may be of two defects");
    assert_eq!(told(15, "", &[]).await.1, Some(silent));
    assert_eq!(rows(&server).await[3], 7);
}

#[tokio::test]
async fn the_same_picture_sent_by_two_people_is_one_defect() {
    let server = TestServer::start_at(NOW).await;
    let picture = jpeg(16, 16);
    let with_photo = async |phone: &Phone, metres, category: &str| {
        let mut body = at(metres, 10);
        body["photos"] = json!([phone.send_photo(&server, &picture).await.1]);
        body["category"] = json!(category);
        let id = send(&server, phone, &body).await.id.0;
        (id, merged_into(&server, phone, id).await)
    };
    let (first, alone) = with_photo(&Phone::new(1), 0.0, "road").await;
    assert_eq!(alone, None);
    let (near, of) = with_photo(&Phone::new(2), 249.0, "road").await;
    assert_eq!(of, Some(first));
    assert_eq!(with_photo(&Phone::new(3), 260.0 + 249.0, "road").await.1, None, "too far from both");
    assert_eq!(with_photo(&Phone::new(4), 0.0, "sign").await.1, None);
    // Near enough to the one that is merged: it follows the first.
    assert_eq!(with_photo(&Phone::new(5), 400.0, "road").await.1, Some(first));
    let view = seen(&server, &Phone::new(2), near).await;
    assert_eq!((view.state, view.photos.len()), (ReportState::Received, 1));
}

#[tokio::test]
async fn of_twenty_that_say_the_same_at_once_one_comes_first() {
    let server = TestServer::start_at(NOW).await;
    let phone = Phone::new(1);
    let body = report();
    let receipts = futures::future::join_all((0..20).map(|_| send(&server, &phone, &body))).await;
    let mut primaries = Vec::new();
    for receipt in &receipts {
        if merged_into(&server, &phone, receipt.id.0).await.is_none() {
            primaries.push(receipt.id.0);
        }
    }
    assert_eq!(primaries.len(), 1);
    for receipt in &receipts {
        let into = merged_into(&server, &phone, receipt.id.0).await;
        assert_eq!(into.unwrap_or(receipt.id.0), primaries[0]);
    }
}

#[tokio::test]
async fn a_report_whose_photo_another_phone_has_shown_since_is_still_the_same_when_it_comes_again() {
    let server = TestServer::start_at(NOW).await;
    let (first, second) = (Phone::new(1), Phone::new(2));
    let photo = first.send_photo(&server, &jpeg(16, 16)).await.1;
    assert_eq!(second.send_photo(&server, &jpeg(16, 16)).await.1, photo);
    let mut body = report();
    body["photos"] = json!([photo]);
    let id = Uuid::now_v7();
    let told = first.send_report(&server, id, &body).await;
    let receipt = told.bytes().await.expect("a receipt");
    let other = send(&server, &second, &body).await;
    assert_eq!(merged_into(&server, &second, other.id.0).await, Some(id));

    let again = first.send_report(&server, id, &body).await;
    assert_eq!((again.status(), again.bytes().await.expect("a receipt")), (StatusCode::OK, receipt));
}
