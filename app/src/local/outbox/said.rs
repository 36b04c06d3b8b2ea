//! What the reporter says of a repair. It lies in its report's row, and is sent by the same drain.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::{Outcome, classify_answer};
use super::drain;
use super::item::{Item, Reason, Stage, Wait};
use super::send::{self, Flow};
use super::{advance, background, news};
use crate::domain::case::Says;
use crate::domain::ids::ReportId;
use crate::domain::report::ReportState;
use crate::domain::time::Minute;
use crate::json::FromJson;
use crate::local::db::DbError;
use crate::local::{Phone, clock, random, spawn};
use crate::wire::answer::AnswerBody;
use crate::wire::report::TimelineEntry;

/// An answer on its way. There is none any more when the server has it: then it is news.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJson)]
pub struct Said {
    pub id: Uuid,
    /// What is sent, word for word.
    pub body: AnswerBody,
    pub wait: Wait,
    /// The server does not take it, and would not the next time.
    #[serde(default)]
    pub refused: bool,
}

/// Whether this can be said of a report now. Nothing more while something is on its way.
#[must_use]
pub fn may_say(item: &Item, says: Says, now: Minute) -> bool {
    let Stage::Received { news: Some(news), .. } = &item.stage else { return false };
    let millis = |at: Minute| at.0 * 60_000;
    item.withdrawal.is_none()
        && !news.forgotten
        && item.said.as_ref().is_none_or(|said| said.refused)
        && fixed_at(&news.timeline).is_some_and(|at| says.from(news.state, millis(at), millis(now)).is_some())
}

/// When the last repair was made: what is noted of it afterwards stands in the same state.
fn fixed_at(timeline: &[TimelineEntry]) -> Option<Minute> {
    let mut repair = None;
    for entry in timeline.iter().rev() {
        if entry.state == ReportState::Fixed {
            repair = Some(entry);
        } else if repair.is_some() {
            break;
        }
    }
    clock::parse_rfc3339(&repair?.at)
}

/// Keeps an answer and sets off sending. On the disk when this returns.
///
/// # Errors
/// [`DbError`]; then nothing was said.
pub async fn say(phone: Phone, id: ReportId, says: Says, note: String) -> Result<(), DbError> {
    let now = phone.now.get_untracked();
    advance(phone, id, |item| {
        // Two taps, or two tabs: the first one counts.
        let may = may_say(item, says, now);
        if may {
            let body = AnswerBody { says, note };
            item.said = Some(Said { id: random::new_id(), body, wait: Wait::default(), refused: false });
        }
        may
    })
    .await?;
    background::ask();
    drain::kick(phone, true);
    Ok(())
}

/// Sends an answer.
pub(super) async fn send(phone: Phone, id: ReportId, said: Said) -> Result<Flow, DbError> {
    let body = serde_json::to_string(&said.body).unwrap_or_default();
    let Ok(answer) = send::put_json(&format!("reports/{id}/answers"), said.id, body).await else {
        return send::wait(phone, id, Reason::NoAnswer, None).await;
    };
    let heard = match classify_answer(answer.status, &answer.text, id) {
        Outcome::Later(reason) => return send::wait(phone, id, reason, Some(&answer)).await,
        Outcome::Stored(view) => Some(view),
        Outcome::Refused(_) => None,
    };
    let refused = heard.is_none();
    advance(phone, id, |item| {
        match (heard, &mut item.stage) {
            (Some(view), Stage::Received { news, .. }) => {
                item.said = None;
                *news = Some(view.into());
            }
            _ => item.said = Some(Said { refused: true, ..said }),
        }
        true
    })
    .await?;
    // Something else has become of the report, and the phone does not know it yet.
    if refused && web_sys::window().is_some() {
        spawn(news::refresh(phone));
    }
    Ok(Flow::GoOn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::draft::Draft;
    use crate::local::outbox::item::News;
    use crate::wire::report::{Receipt, ReportBody};

    fn item(state: ReportState, timeline: &[(ReportState, &str)]) -> Item {
        let entry = |(state, at): &(ReportState, &str)| TimelineEntry {
            state: *state,
            at: (*at).to_owned(),
            note: String::new(),
            photos: Vec::new(),
        };
        let news = News { state, timeline: timeline.iter().map(entry).collect(), forgotten: false, merged_into: None };
        let receipt = Receipt {
            id: ReportId(Uuid::nil()),
            code: "K7Q2".to_owned(),
            state: ReportState::Received,
            received_at: "2026-11-01T08:00:00+08:00".to_owned(),
        };
        Item {
            stage: Stage::Received { receipt, news: Some(news) },
            ..Item::new(&Draft::new(ReportId(Uuid::nil())), ReportBody::default(), 0)
        }
    }

    fn said(refused: bool) -> Said {
        let body = AnswerBody { says: Says::NotFixed, note: "还在积水".to_owned() };
        Said { id: Uuid::from_u128(7), body, wait: Wait::default(), refused }
    }

    #[test]
    fn what_may_be_said_of_a_repair_hangs_on_its_state_and_its_age() {
        use ReportState::{Confirmed, Fixed, Received, Reopened};
        let (first, last) = ("2026-11-01T08:00:00+08:00", "2026-11-20T08:00:00+08:00");
        let day = |text| clock::parse_rfc3339(text).unwrap();
        for (state, timeline, now, confirmed, not_fixed) in [
            (Fixed, vec![(Received, first), (Fixed, first)], "2026-11-02T08:00:00+08:00", true, true),
            (Fixed, vec![(Fixed, first)], "2026-11-15T08:00:00+08:00", true, true),
            (Fixed, vec![(Fixed, first)], "2026-11-15T08:01:00+08:00", true, false),
            // What is noted later does not make the repair later; being repaired again does.
            (Fixed, vec![(Fixed, first), (Fixed, last)], "2026-11-21T08:00:00+08:00", true, false),
            (Fixed, vec![(Fixed, first), (Reopened, first), (Fixed, last)], "2026-11-21T08:00:00+08:00", true, true),
            (Confirmed, vec![(Fixed, first), (Confirmed, first)], "2026-11-02T08:00:00+08:00", false, true),
            (Reopened, vec![(Fixed, first), (Reopened, first)], "2026-11-02T08:00:00+08:00", false, false),
            (Received, vec![(Received, first)], "2026-11-02T08:00:00+08:00", false, false),
            (Fixed, vec![], "2026-11-02T08:00:00+08:00", false, false),
        ] {
            let item = item(state, &timeline);
            let may = [Says::Confirmed, Says::NotFixed].map(|says| may_say(&item, says, day(now)));
            assert_eq!(may, [confirmed, not_fixed], "{state:?} {timeline:?} {now}");
        }
    }

    #[test]
    fn an_answer_waits_like_everything_else_until_it_is_taken_or_refused() {
        let at = "2026-11-01T08:00:00+08:00";
        let now = clock::parse_rfc3339(at).unwrap();
        let fixed = item(ReportState::Fixed, &[(ReportState::Fixed, at)]);
        assert_eq!(fixed.next_try(), None);
        let waits = Item { said: Some(said(false)), ..fixed.clone() };
        assert!(waits.next_try() == Some(0) && !may_say(&waits, Says::Confirmed, now));
        let refused = Item { said: Some(said(true)), ..fixed.clone() };
        assert!(refused.next_try().is_none() && may_say(&refused, Says::Confirmed, now));
        // While the report itself has to be sent again, the answer has nothing to be about.
        let lost = Item { stage: Stage::Sending(Wait::default()), ..waits };
        assert_eq!(lost.next_try(), None);
    }

    #[test]
    fn a_row_with_an_answer_survives_being_written_and_read_and_one_without_is_read_as_well() {
        let row = Item { said: Some(said(false)), unseen: true, ..item(ReportState::Fixed, &[]) };
        let text = serde_json::to_string(&row).unwrap();
        assert_eq!(crate::json::read::<Item>(&text).unwrap(), row);
        let mut earlier: serde_json::Value = serde_json::from_str(&text).unwrap();
        for field in ["said", "unseen"] {
            earlier.as_object_mut().unwrap().remove(field);
        }
        let read = crate::json::read::<Item>(&earlier.to_string()).unwrap();
        assert_eq!((read.said, read.unseen), (None, false));
        assert_eq!(serde_json::to_string(&said(true).body).unwrap(), r#"{"says":"not_fixed","note":"还在积水"}"#);
    }
}
