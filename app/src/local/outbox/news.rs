//! What has become of reports the server has.

use gloo_net::http::Method;

use super::item::{Item, News, Stage};
use super::{advance, changed, drain};
use crate::domain::ids::ReportId;
use crate::domain::report::ReportState;
use crate::json;
use crate::local::db::{self, DbError, Store};
use crate::local::device::device;
use crate::local::http::{self, Ask};
use crate::local::{Phone, clock};
use crate::wire::problem::Problem;
use crate::wire::report::ReportView;

const TIMEOUT_MS: u32 = 15_000;

/// Asks after every received report that may still change. Stops at the first one that gets no answer.
pub async fn refresh(phone: Phone) {
    let open: Vec<ReportId> = phone
        .shelf
        .look_untracked(|shelf| shelf.items.iter().filter(|item| may_change(item)).map(|item| item.id).collect());
    let Some(device) = device().await else { return };
    for id in open {
        let ask = Ask {
            method: Method::GET,
            url: &format!("/api/v1/reports/{id}"),
            headers: &[("authorization", &device.token.bearer())],
            timeout_ms: TIMEOUT_MS,
            body: None,
        };
        let Ok(answer) = http::send(ask).await else { return };
        let Some(heard) = Heard::read(answer.status, &answer.text, id) else { continue };
        if let Err(error) = note(phone, id, heard).await {
            crate::local::log::error("news of a report not kept", &error);
            return;
        }
    }
}

fn may_change(item: &Item) -> bool {
    match &item.stage {
        // Nobody asks after what is to be gone.
        _ if item.withdrawal.is_some() => false,
        // What became of another report is not the end of this one: staff may find that it was another defect.
        Stage::Received { news: Some(news), .. } => {
            news.merged_into.is_some() || !matches!(news.state, ReportState::Confirmed | ReportState::Declined)
        }
        Stage::Received { news: None, .. } => true,
        _ => false,
    }
}

async fn note(phone: Phone, id: ReportId, heard: Heard) -> Result<(), DbError> {
    let mut lost = false;
    let now = clock::now_millis();
    advance(phone, id, |item| {
        if heard == Heard::NotKnown && matches!(item.stage, Stage::Received { .. }) && item.send_again(now) {
            lost = true;
            return true;
        }
        let Stage::Received { news, receipt } = &mut item.stage else { return false };
        let fresh = match heard {
            Heard::News(fresh) => fresh,
            Heard::NotKnown => {
                let before = news.clone();
                let before = before.unwrap_or(News {
                    state: receipt.state,
                    timeline: Vec::new(),
                    forgotten: true,
                    merged_into: None,
                });
                News { forgotten: true, ..before }
            }
        };
        let differs = news.as_ref() != Some(&fresh);
        let known = news.as_ref().map_or((receipt.state, 1), |news| (news.state, news.timeline.len()));
        // What they have said themselves is no news, whichever answer of the server tells it first.
        let says = item.said.as_ref().filter(|said| !said.refused).map(|said| said.body.says.leaves());
        let is_own =
            says.is_some_and(|state| known.0 != state && (state, known.1 + 1) == (fresh.state, fresh.timeline.len()));
        item.unseen |= known != (fresh.state, fresh.timeline.len()) && !is_own;
        *news = Some(fresh);
        differs
    })
    .await?;
    if lost {
        drain::kick(phone, true);
    }
    Ok(())
}

/// All news has been looked at.
///
/// # Errors
/// [`DbError`]; then it counts as new the next time.
pub async fn seen(phone: Phone) -> Result<(), DbError> {
    let tx = db::write(&[Store::Outbox]).await?;
    let (items, _) = tx.all::<Item>(Store::Outbox).await?;
    for mut item in items {
        if std::mem::take(&mut item.unseen) {
            tx.put(Store::Outbox, &item.key(), &item)?;
        }
    }
    tx.commit().await?;
    changed(phone).await;
    Ok(())
}

impl From<ReportView> for News {
    fn from(view: ReportView) -> Self {
        Self { state: view.state, timeline: view.timeline, forgotten: false, merged_into: view.merged_into }
    }
}

/// What our server said.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    News(News),
    /// It has never heard of the report, although it once gave a receipt.
    NotKnown,
}

impl Heard {
    /// `None` if the answer says nothing about the report.
    fn read(status: u16, body: &str, id: ReportId) -> Option<Self> {
        match status {
            200 => {
                let view: ReportView = json::read(body).ok()?;
                (view.id == id).then(|| Self::News(view.into()))
            }
            404 => {
                let problem: Problem = json::read(body).ok()?;
                (problem.status == 404).then_some(Self::NotKnown)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_asked_after_until_its_own_end() {
        use crate::local::draft::Draft;
        use crate::wire::report::{MergedInto, Receipt, ReportBody};
        let id = ReportId(uuid::Uuid::from_u128(7));
        let item = |state, merged_into| Item {
            stage: Stage::Received {
                receipt: Receipt {
                    id,
                    code: "K7Q2".to_owned(),
                    state: ReportState::Received,
                    received_at: String::new(),
                },
                news: Some(News { state, timeline: Vec::new(), forgotten: false, merged_into }),
            },
            ..Item::new(&Draft::new(id), ReportBody::default(), 0)
        };
        let other = || Some(MergedInto { id: ReportId(uuid::Uuid::from_u128(8)), code: "M3P9".to_owned() });
        for (state, merged_into, asked) in [
            (ReportState::Received, None, true),
            (ReportState::Declined, None, false),
            (ReportState::Confirmed, None, false),
            (ReportState::Declined, other(), true),
            (ReportState::Confirmed, other(), true),
        ] {
            assert_eq!(may_change(&item(state, merged_into)), asked, "{state:?}");
        }
    }

    #[test]
    fn only_our_servers_word_about_this_report_is_news() {
        let id = ReportId(uuid::Uuid::from_u128(7));
        let view = |of: ReportId| {
            format!(
                r#"{{"id":"{of}","code":"K7Q2","state":"assigned","category":"road","lat":30.3,"lng":120.1,
                "received_at":"2026-11-24T08:10:00+08:00","timeline":[{{"state":"received","at":"2026-11-24T08:10:00+08:00"}}]}}"#
            )
        };
        let Some(Heard::News(news)) = Heard::read(200, &view(id), id) else { panic!() };
        assert_eq!((news.state, news.timeline.len()), (ReportState::Assigned, 1));
        assert_eq!(Heard::read(200, &view(ReportId(uuid::Uuid::nil())), id), None);
        assert_eq!(Heard::read(200, "<title>Wi-Fi</title>", id), None);
        assert_eq!(Heard::read(404, "<title>404</title>", id), None);
        assert_eq!(Heard::read(503, "", id), None);
        assert_eq!(Heard::read(404, r#"{"title":"not found","status":404}"#, id), Some(Heard::NotKnown));
    }
}
