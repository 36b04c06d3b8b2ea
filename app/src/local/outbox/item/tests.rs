use super::*;

fn item(stage: Stage, put_begun: bool) -> Item {
    let draft = Draft::new(ReportId(Uuid::from_u128(1)));
    Item { put_begun, stage, ..Item::new(&draft, ReportBody::default(), 5) }
}

fn refused(kind: RefusalKind) -> Stage {
    Stage::NeedsYou(Refusal { kind, detail: "why".to_owned(), errors: Vec::new() })
}

#[test]
fn a_report_that_may_be_on_the_server_cannot_be_changed() {
    assert!(item(Stage::Queued(Wait::default()), false).can_edit());
    assert!(!item(Stage::Queued(Wait::default()), true).can_edit());
    assert!(item(Stage::Sending(Wait::default()), false).can_edit());
    assert!(!item(Stage::Sending(Wait::default()), true).can_edit());
    assert!(item(refused(RefusalKind::Invalid), true).can_edit());
}

fn received() -> Stage {
    let receipt = Receipt {
        id: ReportId(Uuid::from_u128(1)),
        code: "K7Q2".to_owned(),
        state: ReportState::Received,
        received_at: "2026-11-24T08:10:00+08:00".to_owned(),
    };
    Stage::Received { receipt, news: None }
}

#[test]
fn photos_stay_for_three_days_after_the_receipt_and_as_long_as_there_is_none() {
    let at = clock::parse_rfc3339("2026-11-24T08:10:00+08:00").unwrap();
    let report = item(received(), true);
    assert!(report.keeps_photos(at) && report.keeps_photos(at.plus(3 * DAY - 1)));
    assert!(!report.keeps_photos(at.plus(3 * DAY)));
    assert!(item(Stage::Queued(Wait::default()), true).keeps_photos(at.plus(900 * DAY)));
}

#[test]
fn a_report_the_server_has_lost_is_sent_again_with_all_its_photos_but_once_a_day() {
    let mut report = Item { uploaded: vec![PhotoHash::from_digest(&[7; 32])], ..item(received(), true) };
    assert!(report.send_again(90_000_000));
    assert_eq!(report.wait().and_then(|wait| wait.reason), Some(Reason::ServerForgot));
    assert!(report.uploaded.is_empty() && !report.can_edit() && report.is_unsent());
    assert!(report.keep_receipt() && !report.is_unsent());
    assert!(matches!(&report.stage, Stage::Received { receipt, .. } if receipt.code == "K7Q2"));
    assert!(!report.keep_receipt());
    report.stage = received();
    assert!(!report.send_again(90_000_000 + RESEND_MS - 1));
    assert!(report.send_again(90_000_000 + RESEND_MS));
}

#[test]
fn a_report_that_is_being_taken_back_waits_for_that_and_nothing_else() {
    let mut report = item(received(), true);
    assert_eq!(report.next_try(), None);
    report.withdrawal = Some(Wait { not_before: 9, ..Wait::default() });
    assert_eq!(report.next_try(), Some(9));
    assert!(!report.send_again(RESEND_MS * 2) && !report.can_edit());
}

#[test]
fn a_report_carried_to_another_phone_keeps_its_id_and_begins_anew() {
    let wait = Wait { tries: 9, not_before: 77, reason: Some(Reason::NoAnswer) };
    let sent = Item {
        uploaded: vec![PhotoHash::from_digest(&[7; 32])],
        upload_begun: true,
        ..item(Stage::Sending(wait), true)
    };
    let there = sent.clone().carried_over();
    assert_eq!((there.id, &there.stage, there.uploaded.len()), (sent.id, &Stage::Queued(Wait::default()), 0));
    assert!(there.put_begun && !there.upload_begun);
    assert!(matches!(item(refused(RefusalKind::Invalid), true).carried_over().stage, Stage::NeedsYou(_)));
}

#[test]
fn only_a_conflict_gives_a_mended_report_a_new_id() {
    let fresh = ReportId(Uuid::from_u128(2));
    assert_eq!(item(refused(RefusalKind::Invalid), true).to_draft(fresh, 9).id, ReportId(Uuid::from_u128(1)));
    let draft = item(refused(RefusalKind::Conflict), true).to_draft(fresh, 9);
    assert_eq!((draft.id, draft.refused.as_deref()), (fresh, Some("why")));
}

#[test]
fn a_report_that_follows_another_still_does_when_it_is_taken_back() {
    let other = ReportId(Uuid::from_u128(9));
    let body = ReportBody { same_as: Some(other.to_string()), ..ReportBody::default() };
    let item = Item { body, ..item(Stage::Queued(Wait::default()), false) };
    assert_eq!(item.to_draft(ReportId(Uuid::nil()), 9).same_as, Some(other));
}

#[test]
fn a_row_survives_being_written_and_read() {
    for stage in [
        Stage::Queued(Wait { tries: 3, not_before: 77, reason: Some(Reason::NoAnswer) }),
        Stage::Sending(Wait::default()),
        refused(RefusalKind::TooLarge),
    ] {
        let before = item(stage, true);
        let text = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<Item>(&text).unwrap(), before);
    }
}

#[test]
fn a_reason_of_a_newer_build_is_read_as_some_other_reason() {
    let wait: Wait = serde_json::from_str(r#"{"reason":"battery_low"}"#).unwrap();
    assert_eq!(wait.reason, Some(Reason::Other));
}

#[test]
fn what_the_server_asks_of_one_holds_for_the_others_unless_they_wait_longer_already() {
    let asked = Wait { tries: 3, not_before: 600, reason: Some(Reason::Busy) };
    for (not_before, reason, shorter) in
        [(0, None, true), (599, Some(Reason::NoAnswer), true), (600, None, false), (601, Some(Reason::NoAnswer), false)]
    {
        let before = Wait { tries: 1, not_before, reason };
        let mut wait = before.clone();
        assert_eq!(wait.prolong(&asked), shorter, "{before:?}");
        let expected = if shorter { Wait { tries: 1, ..asked.clone() } } else { before };
        assert_eq!(wait, expected);
    }
}
