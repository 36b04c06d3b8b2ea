//! One draft or report on the list, with what can be done about it.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use std::sync::Arc;

use crate::local::spawn;
use crate::markup::{Node, RwSignal, html, memo};
use crate::router::{Step, go, use_address};
use leptos::prelude::*;

use super::Fresh;
use super::repair::{Answers, pictures};
use crate::components::ask_twice::{Act, AskTwice};
use crate::components::outbox_status::OutboxStatus;
use crate::components::photo_strip::PhotoThumb;
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::Category;
use crate::domain::time::{Minute, Offset};
use crate::local::draft::Draft;
use crate::local::outbox::item::{Item, News, Stage};
use crate::local::replica::Replica;
use crate::local::{clock, outbox, use_phone};
use crate::text::{MineText, Text, use_text};
use crate::wire::report::{Receipt, TimelineEntry};

#[component]
pub(super) fn DraftCard(draft: Draft) -> Node {
    let text = use_text();
    let t = &text.mine;
    let id = draft.id;
    html! {
        <li class="card report-card" data-testid="draft">
            <Summary category=draft.category.clone() words=words(&draft.description, &draft.landmark) photos=draft.photos.clone() />
            {draft.refused.clone().map(|detail| html! { <p class="muted small">{(text.report.sent_before)(&detail)}</p> })}
            <div class="btns">
                <a class="btn" href=format!("/report?draft={id}")>
                    {t.go_on}
                </a>
                <Delete id question=Arc::new(|| t.delete_draft.to_owned()) />
            </div>
        </li>
    }
}

#[component]
pub(super) fn ItemCard(id: ReportId) -> Node {
    let text = use_text();
    let phone = use_phone();
    let address = use_address();
    let failed = RwSignal::new(None::<String>);
    // It had left the phone when "change" was pressed.
    let is_late = RwSignal::new(false);
    let item = memo(move || phone.shelf.look(|shelf| shelf.item(id).cloned()));
    let fresh = expect_context::<Fresh>().0;
    let is_fresh = move || fresh.look(|fresh| fresh.contains(&id));
    let edit = move || {
        run(
            failed,
            Box::pin(async move {
                match outbox::take_back(phone, id).await? {
                    Some(draft) => go(address, &format!("/report?draft={draft}"), Step::Forward),
                    None => {
                        is_late.try_set(true);
                    }
                }
                Ok(())
            }),
        );
    };
    let send = move || run(failed, Box::pin(outbox::send_now(phone, id)));
    let buttons = move || {
        item.look(|item| {
            let item = item.as_ref()?;
            Some(html! {
                {send_button(&text.mine, item).map(|label| {
                    html! {
                        <button class="btn" type="button" data-testid="send-now" on:click=move |_| send()>
                            {label}
                        </button>
                    }
                })}
                {item.can_edit().then(|| {
                    html! {
                        <button class="btn" type="button" data-testid="edit" on:click=move |_| edit()>
                            {text.mine.edit}
                        </button>
                    }
                })}
            })
        })
    };
    // Beside what changes with every try, not within: a question that is being read must not go away.
    let leaving = memo(move || item.look(|item| item.as_ref().map(Leaving::of)));
    html! {
        <li class="card report-card" data-testid="report">
            {move || {
                item.get()
                    .map(|item| {
                        let body = &item.body;
                        let said = words(
                            body.description.as_deref().unwrap_or_default(),
                            body.landmark.as_deref().unwrap_or_default(),
                        );
                        html! {
                            {is_fresh().then(|| html! { <p class="tag" data-testid="fresh">{text.mine.fresh}</p> })}
                            <Summary category=body.category.clone() words=said photos=item.photos() />
                            {stage(text, phone.replica.look_untracked(Replica::offset), &item)}
                        }
                    })
            }}
            <Answers id item run=run />
            <div class="btns">
                {buttons}
                {move || leaving.get().map(|leaving| leave_buttons(id, leaving))}
            </div>
            <p role="status" class="error">
                {move || {
                    let is_frozen = item.look(|item| item.as_ref().is_some_and(|item| item.is_unsent() && !item.can_edit()));
                    failed.get().or_else(|| (is_late.get() && is_frozen).then(|| text.mine.frozen.to_owned()))
                }}
            </p>
        </li>
    }
}

/// Does something to the shelf; what fails is said on the card.
fn run(failed: RwSignal<Option<String>>, work: Act) {
    let t = &use_text().mine;
    failed.set(None);
    spawn(async move {
        if let Err(error) = work.await {
            failed.try_set(Some((t.failed)(&error.to_string())));
        }
    });
}

fn send_button(t: &MineText, item: &Item) -> Option<&'static str> {
    match item.stage {
        _ if item.withdrawal.is_some() => None,
        Stage::Queued(_) => Some(t.send_now),
        Stage::NeedsYou(_) if item.can_edit() => Some(t.send_again),
        Stage::NeedsYou(_) | Stage::Sending(_) | Stage::Received { .. } => None,
    }
}

/// How a report can be made to go away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaving {
    /// It is only here.
    Delete,
    /// It may have arrived, so the server is asked first.
    DeleteThere,
    /// It has arrived, and nobody else sees it yet.
    Withdraw,
    /// It is public: it can only be taken off this phone.
    Forget,
    /// It is on its way out.
    Going,
}

impl Leaving {
    fn of(item: &Item) -> Self {
        match &item.stage {
            _ if item.withdrawal.is_some() => Self::Going,
            Stage::Received { receipt, news } => {
                let state = news.as_ref().map_or(receipt.state, |news| news.state);
                if item.stays || state.is_public() { Self::Forget } else { Self::Withdraw }
            }
            Stage::NeedsYou(_) if item.is_sent_elsewhere() => Self::Forget,
            // The server has refused it, so it is nowhere else.
            Stage::NeedsYou(_) => Self::Delete,
            _ if item.put_begun => Self::DeleteThere,
            _ => Self::Delete,
        }
    }
}

fn leave_buttons(id: ReportId, leaving: Leaving) -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let words = |words: &'static str| Arc::new(move || words.to_owned());
    let withdraw = move || -> Act { Box::pin(outbox::withdraw(phone, id)) };
    let forget = move || -> Act { Box::pin(outbox::delete(phone, id)) };
    match leaving {
        Leaving::Delete => html! { <Delete id question=words(t.delete_unsent) /> },
        Leaving::DeleteThere => html! {
            <AskTwice label=t.delete question=words(t.delete_sending) yes=t.delete_yes act=Arc::new(withdraw) />
        },
        Leaving::Withdraw => html! {
            <AskTwice label=t.withdraw question=words(t.withdraw_question) yes=t.withdraw_yes act=Arc::new(withdraw) />
            <AskTwice label=t.forget question=words(t.delete_received) yes=t.delete_yes act=Arc::new(forget) />
        },
        Leaving::Forget => html! {
            <AskTwice label=t.forget question=words(t.delete_received) yes=t.delete_yes act=Arc::new(forget) />
        },
        Leaving::Going => Node::Nothing,
    }
}

/// The first of the texts that says anything.
fn words(description: &str, landmark: &str) -> String {
    let text = if description.trim().is_empty() { landmark } else { description };
    text.trim().to_owned()
}

#[component]
fn Summary(category: Option<String>, words: String, photos: Vec<PhotoHash>) -> Node {
    let text = use_text();
    let name = category.as_deref().and_then(Category::from_code).map_or(text.mine.untitled, text.report.category_name);
    let count = photos.len();
    html! {
        <div class="report-head">
            {photos.into_iter().next().map(|hash| html! { <PhotoThumb hash alt="" /> })}
            <div>
                <h3>{name}</h3>
                {(!words.is_empty()).then(|| html! { <p class="clip">{words}</p> })}
                {(count > 0).then(|| html! { <p class="muted small">{(text.mine.photos)(count)}</p> })}
            </div>
        </div>
    }
}

fn stage(text: &'static Text, offset: Offset, item: &Item) -> Node {
    match &item.stage {
        Stage::Received { receipt, news } => html! {
            <p class="receipt" data-testid="code">
                {(text.mine.code)(&receipt.code)}
            </p>
            {news.as_ref().is_some_and(|news| news.forgotten).then(|| {
                html! { <p class="notice notice-warn">{text.mine.forgotten}</p> }
            })}
            {item.stays.then(|| html! { <p class="notice notice-warn">{text.mine.stays}</p> })}
            {news.as_ref().and_then(|news| news.merged_into.as_ref()).map(|into| {
                html! { <p class="muted" data-testid="merged">{(text.mine.merged)(&into.code)}</p> }
            })}
            {timeline(&text.mine, offset, receipt, news.as_ref(), item.photos().into_iter().next())}
            {item.withdrawal.is_some().then(|| html! { <OutboxStatus item=item.clone() /> })}
        },
        _ => html! {
            <OutboxStatus item=item.clone() />
            {frozen(item).then(|| html! { <p class="muted small">{text.mine.frozen}</p> })}
        },
    }
}

/// Whether it has to be said why there is no "edit".
fn frozen(item: &Item) -> bool {
    matches!(&item.stage, Stage::Queued(wait) if wait.reason.is_some()) && item.withdrawal.is_none() && !item.can_edit()
}

/// What has happened to a report, oldest first. Before the first news there is only the receipt.
fn timeline(
    t: &'static MineText,
    offset: Offset,
    receipt: &Receipt,
    news: Option<&News>,
    before: Option<PhotoHash>,
) -> Node {
    let mut steps = news.map(|news| news.timeline.clone()).unwrap_or_default();
    if steps.is_empty() {
        let (state, at) = (receipt.state, receipt.received_at.clone());
        steps.push(TimelineEntry { state, at, note: String::new(), photos: Vec::new() });
    }
    let line = move |step: TimelineEntry| {
        let when = clock::parse_rfc3339(&step.at).map(|minute| moment(offset, minute));
        let pictures = pictures(&step, before.clone());
        let TimelineEntry { state, at, note, .. } = step;
        html! {
            <li>
                <strong>{(t.state)(state)}</strong>
                {when.map(|when| html! { <time class="muted" datetime=at>{when}</time> })}
                {(!note.is_empty()).then(|| html! { <span class="note">{note}</span> })}
                {pictures}
            </li>
        }
    };
    html! {
        <ol class="timeline" aria-label=t.history data-testid="timeline">
            {steps.into_iter().map(line).collect_view()}
        </ol>
    }
}

/// `11-24 08:10` on the district's clock.
fn moment(offset: Offset, at: Minute) -> String {
    let date = offset.day(at).date();
    format!("{:02}-{:02} {}", date.month, date.day, offset.clock(at))
}

#[component]
fn Delete(id: ReportId, question: Arc<dyn Fn() -> String + Send + Sync>) -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let act = move || -> Act { Box::pin(outbox::delete(phone, id)) };
    html! { <AskTwice label=t.delete question yes=t.delete_yes act=Arc::new(act) /> }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::report::ReportState;
    use crate::domain::time::CHINA;
    use crate::local::outbox::item::{Refusal, RefusalKind, Wait};
    use crate::wire::report::ReportBody;

    #[test]
    fn a_report_can_be_taken_back_until_it_is_public() {
        let item = |stage, put_begun| Item {
            put_begun,
            stage,
            ..Item::new(&Draft::new(ReportId(uuid::Uuid::nil())), ReportBody::default(), 0)
        };
        let received = |state| {
            let receipt = Receipt {
                id: ReportId(uuid::Uuid::nil()),
                code: "K7Q2".to_owned(),
                state: ReportState::Received,
                received_at: String::new(),
            };
            Stage::Received {
                receipt,
                news: Some(News { state, timeline: Vec::new(), forgotten: false, merged_into: None }),
            }
        };
        let queued = || Stage::Queued(Wait::default());
        let refusal = Refusal { kind: RefusalKind::Invalid, detail: String::new(), errors: Vec::new() };
        for (item, leaving) in [
            (item(queued(), false), Leaving::Delete),
            (item(queued(), true), Leaving::DeleteThere),
            (item(Stage::NeedsYou(refusal.clone()), true), Leaving::Delete),
            (item(Stage::NeedsYou(Refusal { kind: RefusalKind::SentElsewhere, ..refusal }), true), Leaving::Forget),
            (item(received(ReportState::Received), true), Leaving::Withdraw),
            (item(received(ReportState::Accepted), true), Leaving::Forget),
            (Item { stays: true, ..item(received(ReportState::Received), true) }, Leaving::Forget),
            (Item { withdrawal: Some(Wait::default()), ..item(queued(), true) }, Leaving::Going),
        ] {
            assert_eq!(Leaving::of(&item), leaving, "{item:?}");
        }
    }

    #[test]
    fn times_are_told_on_the_districts_clock() {
        let at = clock::parse_rfc3339("2026-11-24T00:10:00Z").unwrap();
        assert_eq!(moment(CHINA, at), "11-24 08:10");
    }

    #[test]
    fn a_report_is_named_by_its_words_and_else_by_its_place() {
        assert_eq!(words(" 坑 ", "桥头"), "坑");
        assert_eq!(words("  ", "桥头"), "桥头");
    }
}
