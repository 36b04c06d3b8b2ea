//! Mine: what is still on this phone, and what became of what has left it.

mod card;
mod keeping;
mod repair;

use crate::markup::{Node, RwSignal, each, html, memo, react};
use leptos::prelude::*;

use crate::components::outbox_trouble::TroubleNotice;
use crate::components::page_head::PageTitle;
use crate::domain::ids::ReportId;
use crate::domain::time::{DAY, Minute};
use crate::local::outbox::item::{Item, Stage};
use crate::local::outbox::{Shelf, ShelfState, news};
use crate::local::{Phone, clock, spawn, use_phone};
use crate::text::{use_text, words};
use card::{DraftCard, ItemCard};
use keeping::{Keeping, OtherPhone};

#[component]
pub fn Mine() -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let state = memo(move || phone.shelf.look(|shelf| shelf.state));
    // Outlives the list, which an import makes out of nothing.
    let imported = RwSignal::new(None::<String>);
    look_at_news(phone);
    let empty =
        memo(move || phone.shelf.look(|shelf| shelf.drafts.is_empty() && shelf.items.is_empty() && shelf.strange == 0));
    html! {
        <PageTitle text=t.title />
        <header class="page-head">
            <h1 class="page-title">{t.title}</h1>
        </header>
        <div class="stack plain-only">
            <p class="notice">{t.plain}</p>
            <p>
                <a class="btn btn-primary" href="/report">
                    {t.begin}
                </a>
            </p>
        </div>
        <div class="stack live-only" data-testid="mine">
            <TroubleNotice />
            <Oldest />
            {move || match state.get() {
                ShelfState::Unread => html! { <p role="status">{t.reading}</p> },
                ShelfState::Unavailable => html! { <p class="notice notice-warn">{t.unavailable}</p> },
                ShelfState::Ready if empty.get() => html! { <Empty imported /> },
                ShelfState::Ready => html! { <Lists imported /> },
            }}
        </div>
    }
}

/// Of which reports there was news when this page was opened, or has been since.
#[derive(Clone, Copy, Debug)]
struct Fresh(RwSignal<Vec<ReportId>>);

/// What is on this page has been looked at; what is new of it stays marked for as long as the page is open.
fn look_at_news(phone: Phone) {
    let fresh = RwSignal::new(Vec::new());
    provide_context(Fresh(fresh));
    react(move || {
        let unseen: Vec<ReportId> = phone.shelf.look(|shelf| shelf.unseen().collect());
        if unseen.is_empty() {
            return;
        }
        fresh.update(|all: &mut Vec<ReportId>| all.extend(unseen));
        spawn(async move {
            // What could not be noted counts as new the next time.
            let _ = news::seen(phone).await;
        });
    });
}

#[component]
fn Empty(imported: RwSignal<Option<String>>) -> Node {
    let t = &use_text().mine;
    html! {
        <div class="card empty">
            <h2>{t.empty}</h2>
            <p>{t.empty_text}</p>
            <a class="btn btn-primary" href="/report">
                {t.begin}
            </a>
        </div>
        <OtherPhone imported />
    }
}

/// A section of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    NeedsYou,
    Waiting,
    Received,
}

impl Section {
    fn holds(self, item: &Item) -> bool {
        let own = match item.stage {
            Stage::Queued(_) | Stage::Sending(_) => Self::Waiting,
            _ if !item.is_unsent() => Self::Received,
            _ => Self::NeedsYou,
        };
        self == own
    }

    /// What waits: oldest first, as it will be sent. What has arrived: latest first.
    fn of(self, all: &Shelf) -> Vec<Item> {
        let items = all.items.iter().filter(|item| self.holds(item)).cloned();
        if self == Self::Received { items.rev().collect() } else { items.collect() }
    }
}

#[component]
fn Lists(imported: RwSignal<Option<String>>) -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let drafts = memo(move || phone.shelf.look(|shelf| shelf.drafts.clone()));
    html! {
        <ItemList section=Section::NeedsYou title=t.needs_you testid="needs-you" />
        <section class="stack-s" data-testid="drafts" hidden=move || drafts.look(Vec::is_empty)>
            <h2>{t.drafts}</h2>
            <ul class="stack-s">
                {each(
                    move || drafts.get(),
                    |draft| format!("{} {}", draft.id, draft.changed_at),
                    |draft| html! { <DraftCard draft /> },
                )}
            </ul>
        </section>
        <ItemList section=Section::Waiting title=t.waiting testid="waiting" />
        <ItemList section=Section::Received title=t.received testid="received" />
        <Keeping imported />
    }
}

/// Said as soon as something has waited for longer than a network is usually away.
#[component]
fn Oldest() -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let age = memo(move || {
        let oldest = phone.shelf.look(Shelf::oldest_unsent)?;
        phone.now.track();
        // Both by the phone's own clock, right or wrong.
        let age = Minute::from_millis(clock::now_millis()).since(Minute::from_millis(oldest));
        (age >= DAY).then(|| words::duration(lang, age))
    });
    html! {
        <div role="status" data-testid="oldest">
            {move || age.get().map(|age| html! { <p class="notice notice-warn">{(t.oldest)(&age)}</p> })}
        </div>
    }
}

#[component]
fn ItemList(section: Section, title: &'static str, testid: &'static str) -> Node {
    let phone = use_phone();
    let items = memo(move || phone.shelf.look(|shelf| section.of(shelf)));
    html! {
        <section class="stack-s" data-testid=testid hidden=move || items.look(Vec::is_empty)>
            <h2>{title}</h2>
            <ul class="stack-s">
                {each(move || items.get(), |item| item.id.to_string(), |item| html! { <ItemCard id=item.id /> })}
            </ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::draft::Draft;
    use crate::local::outbox::item::{Refusal, RefusalKind, Wait};
    use crate::wire::report::ReportBody;

    #[test]
    fn every_report_stands_in_exactly_one_section() {
        let receipt = serde_json::from_str(
            r#"{"id":"0193a2b0-0000-7000-8000-000000000001","code":"K7Q2","state":"received","received_at":""}"#,
        )
        .unwrap();
        let refusal = Refusal { kind: RefusalKind::Invalid, detail: String::new(), errors: Vec::new() };
        for stage in [
            Stage::Queued(Wait::default()),
            Stage::Sending(Wait::default()),
            Stage::NeedsYou(refusal),
            Stage::Received { receipt, news: None },
        ] {
            let draft = Draft::new(ReportId(uuid::Uuid::nil()));
            let item = Item { stage, ..Item::new(&draft, ReportBody::default(), 0) };
            let sections = [Section::NeedsYou, Section::Waiting, Section::Received];
            assert_eq!(sections.into_iter().filter(|section| section.holds(&item)).count(), 1, "{item:?}");
        }
    }
}
