//! What an answer means for a report. Pure.

use uuid::Uuid;

use super::item::{Reason, Refusal, RefusalKind};
use crate::domain::ids::ReportId;
use crate::json::{self, FromJson};
use crate::local::http::is_ours;
use crate::wire::problem::Problem;
use crate::wire::report::{Receipt, ReportView};

/// What to do with a report after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome<T> {
    /// Acknowledged by our server, with its word for it.
    Stored(T),
    /// Keep everything and try later.
    Later(Reason),
    /// A person must decide.
    Refused(Refusal),
}

/// The answer to `PUT /api/v1/reports/{uuid}`.
#[must_use]
pub fn classify(status: u16, body: &str, id: ReportId) -> Outcome<Receipt> {
    acknowledged(status, body, |receipt: &Receipt| receipt.id == id)
}

/// The answer to a part of a photo sent by tus, where `offset` is how much of `length` bytes the server says it has: all of
/// it, or what to do about the rest. A success without an offset is not our server's.
#[must_use]
pub fn classify_upload(status: u16, body: &str, offset: Option<u32>, length: u32) -> Outcome<Progress> {
    match (status, offset) {
        (200 | 201 | 204, Some(offset)) if offset == length => Outcome::Stored(Progress::Whole),
        (200 | 201 | 204, Some(offset)) if offset < length => Outcome::Stored(Progress::Until(offset)),
        _ => match failed(status, body) {
            Ok(refusal) => Outcome::Refused(refusal),
            Err(reason) => Outcome::Later(reason),
        },
    }
}

/// How much of a photo the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All of it, safe on its disk.
    Whole,
    /// So many bytes.
    Until(u32),
}

/// The answer to `DELETE /api/v1/reports/{uuid}`: gone, or to stay where it is.
#[must_use]
pub fn classify_withdrawal(status: u16, body: &str) -> Outcome<()> {
    match status {
        204 => Outcome::Stored(()),
        // Another device's, which is for that one to take back.
        404 if is_ours(status, body) => Outcome::Refused(refusal(status, Problem::default())),
        _ => match failed(status, body) {
            Ok(refusal) => Outcome::Refused(refusal),
            Err(reason) => Outcome::Later(reason),
        },
    }
}

/// The answer to `PUT /api/v1/reports/{uuid}/answers/{uuid}`.
#[must_use]
pub fn classify_answer(status: u16, body: &str, id: ReportId) -> Outcome<ReportView> {
    if status == 404 && is_ours(status, body) {
        return Outcome::Refused(refusal(status, Problem::default()));
    }
    acknowledged(status, body, |view: &ReportView| view.id == id)
}

/// The answer to `PUT /api/v1/verifications/{uuid}`.
#[must_use]
pub fn classify_verification(status: u16, body: &str, id: Uuid) -> Outcome<Acknowledged> {
    acknowledged(status, body, |receipt: &Acknowledged| receipt.id == id)
}

/// All that a phone wants to know of the receipt for a verification: whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromJson)]
pub struct Acknowledged {
    pub id: Uuid,
}

/// A success counts only with a body that carries what we asked about: a login page of a café's Wi-Fi also says 200.
fn acknowledged<T: FromJson>(status: u16, body: &str, ours: impl Fn(&T) -> bool) -> Outcome<T> {
    if !matches!(status, 200 | 201) {
        return match failed(status, body) {
            Ok(refusal) => Outcome::Refused(refusal),
            Err(reason) => Outcome::Later(reason),
        };
    }
    match json::read::<T>(body) {
        Ok(word) if ours(&word) => Outcome::Stored(word),
        _ => Outcome::Later(Reason::NotOurServer),
    }
}

/// The refusal, or why to try again later.
fn failed(status: u16, body: &str) -> Result<Refusal, Reason> {
    match status {
        401 => Err(Reason::SignIn),
        429 => Err(Reason::Busy),
        500..=599 => Err(Reason::ServerTrouble),
        400 | 409 | 410 | 413 | 415 | 422 => match json::read::<Problem>(body) {
            Ok(problem) => Ok(refusal(status, problem)),
            // A proxy in front of our server refuses a large body in its own words, and will again.
            Err(_) if status == 413 => Ok(refusal(status, Problem::default())),
            Err(_) => Err(Reason::NotOurServer),
        },
        _ => Err(Reason::NotOurServer),
    }
}

fn refusal(status: u16, problem: Problem) -> Refusal {
    let kind = match status {
        409 if problem.errors.iter().any(|error| error.field == "device") => RefusalKind::SentElsewhere,
        409 => RefusalKind::Conflict,
        410 => RefusalKind::TakenBack,
        413 => RefusalKind::TooLarge,
        415 => RefusalKind::BadPhoto,
        422 => RefusalKind::Invalid,
        _ => RefusalKind::Other,
    };
    let detail = if problem.detail.is_empty() { problem.title } else { problem.detail };
    Refusal { kind, detail, errors: problem.errors }
}

/// The server does not have a photo it once said it has (it was restored from an old backup): send them again.
#[must_use]
pub fn lacks_a_photo(refusal: &Refusal) -> bool {
    refusal.kind == RefusalKind::Invalid && refusal.errors.iter().any(|error| error.field.starts_with("photos"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "0193a2b0-0000-7000-8000-000000000001";
    const PORTAL: &str = "<!DOCTYPE html><title>Sign in to Wi-Fi</title>";

    fn id() -> ReportId {
        ReportId(ID.parse().unwrap())
    }

    fn receipt(id: &str) -> String {
        format!(r#"{{"id":"{id}","code":"K7Q2","state":"received","received_at":"2026-11-24T08:10:00+08:00"}}"#)
    }

    fn problem(status: u16) -> String {
        format!(
            r#"{{"title":"no","status":{status},"detail":"because","errors":[{{"field":"lat","message":"is out of range"}}]}}"#
        )
    }

    #[test]
    fn only_a_receipt_with_our_id_is_an_acknowledgement() {
        for status in [200, 201] {
            let Outcome::Stored(word) = classify(status, &receipt(ID), id()) else { panic!("{status}") };
            assert_eq!(word.code, "K7Q2");
            for stranger in [PORTAL, "", "{}", "null", &receipt("0193a2b0-0000-7000-8000-000000000002")] {
                assert_eq!(classify(status, stranger, id()), Outcome::Later(Reason::NotOurServer), "{stranger}");
            }
        }
        // A success of another kind is none of ours either.
        assert_eq!(classify(204, "", id()), Outcome::Later(Reason::NotOurServer));
        assert_eq!(classify(202, &receipt(ID), id()), Outcome::Later(Reason::NotOurServer));
    }

    #[test]
    fn every_answer_has_its_meaning() {
        for (status, reason) in [
            (401, Reason::SignIn),
            (429, Reason::Busy),
            (500, Reason::ServerTrouble),
            (502, Reason::ServerTrouble),
            (503, Reason::ServerTrouble),
            (302, Reason::NotOurServer),
            (403, Reason::NotOurServer),
            (404, Reason::NotOurServer),
        ] {
            for body in [PORTAL.to_owned(), problem(status), receipt(ID)] {
                assert_eq!(classify(status, &body, id()), Outcome::Later(reason), "{status} {body}");
            }
        }
        for (status, kind) in [
            (400, RefusalKind::Other),
            (409, RefusalKind::Conflict),
            (410, RefusalKind::TakenBack),
            (413, RefusalKind::TooLarge),
            (415, RefusalKind::BadPhoto),
            (422, RefusalKind::Invalid),
        ] {
            let Outcome::Refused(refusal) = classify(status, &problem(status), id()) else { panic!("{status}") };
            assert_eq!((refusal.kind, refusal.detail.as_str(), refusal.errors.len()), (kind, "because", 1));
        }
    }

    #[test]
    fn what_another_phone_has_sent_is_told_from_what_says_something_else() {
        let body = r#"{"title":"no","status":409,"errors":[{"field":"device","message":"is another one"}]}"#;
        let Outcome::Refused(refusal) = classify(409, body, id()) else { panic!() };
        assert_eq!(refusal.kind, RefusalKind::SentElsewhere);
    }

    #[test]
    fn what_is_said_of_a_repair_is_heard_refused_or_said_again() {
        let view = |of: &str| {
            format!(
                r#"{{"id":"{of}","code":"K7Q2","state":"reopened","category":"road","lat":30.3,"lng":120.1,
                "received_at":"2026-11-24T08:10:00+08:00","timeline":[]}}"#
            )
        };
        let Outcome::Stored(heard) = classify_answer(200, &view(ID), id()) else { panic!() };
        assert_eq!(heard.state, crate::domain::report::ReportState::Reopened);
        let later = Outcome::Later(Reason::NotOurServer);
        assert_eq!(classify_answer(200, &view("0193a2b0-0000-7000-8000-000000000002"), id()), later);
        for status in [404, 409, 422] {
            assert!(matches!(classify_answer(status, &problem(status), id()), Outcome::Refused(_)), "{status}");
            assert_eq!(classify_answer(status, PORTAL, id()), later, "{status}");
        }
        assert_eq!(classify_answer(503, &problem(503), id()), Outcome::Later(Reason::ServerTrouble));
    }

    #[test]
    fn a_refusal_in_a_strangers_words_is_not_our_servers_except_for_size() {
        for status in [400, 409, 415, 422] {
            assert_eq!(classify(status, PORTAL, id()), Outcome::Later(Reason::NotOurServer));
        }
        assert!(matches!(classify(413, PORTAL, id()), Outcome::Refused(it) if it.kind == RefusalKind::TooLarge));
    }

    #[test]
    fn a_photo_counts_as_stored_only_when_the_server_says_it_has_every_byte() {
        assert_eq!(classify_upload(204, "", Some(9), 9), Outcome::Stored(Progress::Whole));
        assert_eq!(classify_upload(201, "", Some(0), 9), Outcome::Stored(Progress::Until(0)));
        assert_eq!(classify_upload(200, "", Some(4), 9), Outcome::Stored(Progress::Until(4)));
        for (status, body, offset) in [(200, PORTAL, None), (204, "", None), (201, "", Some(10)), (302, "", Some(9))] {
            assert_eq!(classify_upload(status, body, offset, 9), Outcome::Later(Reason::NotOurServer), "{status}");
        }
        assert_eq!(classify_upload(503, "", None, 9), Outcome::Later(Reason::ServerTrouble));
        let refused = classify_upload(415, &problem(415), None, 9);
        assert!(matches!(refused, Outcome::Refused(Refusal { kind: RefusalKind::BadPhoto, .. })));
    }

    #[test]
    fn a_report_is_taken_back_when_our_server_says_so_and_stays_where_it_is_public() {
        assert_eq!(classify_withdrawal(204, ""), Outcome::Stored(()));
        assert!(matches!(classify_withdrawal(409, &problem(409)), Outcome::Refused(_)));
        assert!(matches!(classify_withdrawal(404, &problem(404)), Outcome::Refused(_)));
        for (status, body) in [(200, PORTAL), (404, PORTAL), (302, "")] {
            assert_eq!(classify_withdrawal(status, body), Outcome::Later(Reason::NotOurServer), "{status}");
        }
        assert_eq!(classify_withdrawal(429, ""), Outcome::Later(Reason::Busy));
    }

    #[test]
    fn a_photo_the_server_has_lost_is_recognised() {
        let body = r#"{"title":"invalid","status":422,"errors":[{"field":"photos[0]","message":"is not known"}]}"#;
        let Outcome::Refused(refusal) = classify(422, body, id()) else { panic!() };
        assert!(lacks_a_photo(&refusal));
        let Outcome::Refused(refusal) = classify(422, &problem(422), id()) else { panic!() };
        assert!(!lacks_a_photo(&refusal));
    }

    #[test]
    fn a_verification_is_acknowledged_by_its_own_id() {
        let body = |id: &str| {
            format!(r#"{{"id":"{id}","station":"a","kind":"locked","received_at":"2026-11-24T08:10:00+08:00"}}"#)
        };
        let of = |status, body: &str| classify_verification(status, body, id().0);
        assert!(matches!(of(201, &body(ID)), Outcome::Stored(_)));
        assert!(matches!(of(200, &body(ID)), Outcome::Stored(_)));
        for stranger in [PORTAL, "{}", &body("0193a2b0-0000-7000-8000-000000000002")] {
            assert_eq!(of(200, stranger), Outcome::Later(Reason::NotOurServer));
        }
        assert!(matches!(of(422, &problem(422)), Outcome::Refused(_)));
        assert_eq!(of(422, PORTAL), Outcome::Later(Reason::NotOurServer));
    }

    proptest! {
        #[test]
        fn nothing_but_our_receipt_ends_a_reports_stay(status in proptest::sample::select(vec![200_u16, 201, 204, 409, 503]), at in 0_usize..200, other in any::<char>()) {
            // One letter of it is another one.
            let mut letters: Vec<char> = receipt(ID).chars().collect();
            let at = at % letters.len();
            letters[at] = other;
            let body: String = letters.into_iter().collect();
            if let Outcome::Stored(word) = classify(status, &body, id()) {
                prop_assert!(matches!(status, 200 | 201) && word.id == id());
            }
            let stranger = body.replace("0001\"", "0002\"");
            prop_assert!(!matches!(classify(200, &stranger, id()), Outcome::Stored(_)) || stranger == body);
        }
    }
}
