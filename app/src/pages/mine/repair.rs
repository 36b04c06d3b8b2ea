//! What staff show of a repair, and what its reporter says of it.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::prelude::*;

use crate::components::ask_twice::Act;
use crate::components::outbox_status::waiting;
use crate::components::photo_strip::{PhotoThumb, public_photo};
use crate::domain::case::Says;
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::ReportState;
use crate::local::outbox::item::Item;
use crate::local::outbox::said::{self, Said, may_say};
use crate::local::use_phone;
use crate::markup::{Memo, Node, RwSignal, html, memo};
use crate::pages::report::dom::focus;
use crate::text::use_text;
use crate::wire::report::TimelineEntry;

/// What is still wrong, in words. One report at a time is asked about.
const FIELD: &str = "still-wrong";

/// "It is" and "it is not", the second with a line of words if somebody wants to; what was said; and why it was not taken.
/// `run` does something to the shelf.
#[component]
pub(super) fn Answers(id: ReportId, item: Memo<Option<Item>>, run: fn(RwSignal<Option<String>>, Act)) -> Node {
    let text = use_text();
    let t = &text.mine;
    let phone = use_phone();
    let failed = RwSignal::new(None::<String>);
    let asked = RwSignal::new(false);
    let note = RwSignal::new(String::new());
    let said = memo(move || item.look(|item| item.as_ref().and_then(|item| item.said.clone())));
    let may = memo(move || {
        let now = phone.now.get();
        item.look(|item| {
            let may = |says| item.as_ref().is_some_and(|item| may_say(item, says, now));
            (may(Says::Confirmed), may(Says::NotFixed))
        })
    });
    let say = move |says: Says| {
        let words = if says == Says::NotFixed { note.get_untracked().trim().to_owned() } else { String::new() };
        asked.set(false);
        run(failed, Box::pin(said::say(phone, id, says, words)));
    };
    let buttons = move || {
        let (confirmed, not_fixed) = may.get();
        if not_fixed && asked.get() {
            return html! {
                <label class="field">
                    {t.not_fixed_note}
                    <textarea
                        id=FIELD
                        rows="2"
                        maxlength="1000"
                        prop:value=note.get_untracked()
                        on:input=move |event| note.set(event_target_value(&event))
                    ></textarea>
                </label>
                <div class="btns">
                    {button("btn btn-primary", t.not_fixed_send, Box::new(move || say(Says::NotFixed)))}
                    {button("btn", t.not_fixed_back, Box::new(move || asked.set(false)))}
                </div>
            };
        }
        let yes = || button("btn", (t.says)(Says::Confirmed), Box::new(move || say(Says::Confirmed)));
        let ask = move || {
            asked.set(true);
            // In the place of the button, which had the focus.
            focus(FIELD);
        };
        let no = || button("btn", (t.says)(Says::NotFixed), Box::new(ask));
        html! { <div class="btns">{confirmed.then(yes)} {not_fixed.then(no)}</div> }
    };
    let status = move || {
        said.get().map(|Said { body, wait, refused, .. }| {
            if refused {
                return t.said_refused.to_owned();
            }
            let words = (t.said)((t.says)(body.says));
            // The first try says nothing yet.
            if wait.reason.is_some() {
                format!("{words} {}", waiting(&text.sync, &wait, phone.now.get()))
            } else {
                words
            }
        })
    };
    let any = move || may.look(|may| may.0 || may.1) || said.look(Option::is_some);
    html! {
        <div class="stack-s" data-testid="answers" hidden=move || !any()>
            {move || may.look(|may| may.0).then(|| html! { <p>{t.fixed_question}</p> })}
            {buttons}
            <p role="status">{status}</p>
            <p role="status" class="error">{move || failed.get()}</p>
        </div>
    }
}

fn button(class: &'static str, label: &'static str, act: Box<dyn Fn() + Send + Sync>) -> Node {
    html! {
        <button class=class type="button" on:click=move |_| act()>
            {label}
        </button>
    }
}

fn figure(picture: Node, words: &'static str) -> Node {
    html! {
        <figure>
            {picture}
            <figcaption>{words}</figcaption>
        </figure>
    }
}

/// The photos of a step; of a repair beside what it was like `before`.
pub(super) fn pictures(step: &TimelineEntry, before: Option<PhotoHash>) -> Node {
    let t = &use_text().mine;
    if step.photos.is_empty() {
        return Node::Nothing;
    }
    let repair = step.state == ReportState::Fixed;
    let words = if repair { t.after } else { t.shown };
    let after = step.photos.iter().map(|hash| figure(public_photo(hash, words.to_owned()), words));
    let before = before.filter(|_| repair).map(|hash| figure(html! { <PhotoThumb hash alt=t.before /> }, t.before));
    html! { <div class="pair" data-testid="shown">{before} {after.collect_view()}</div> }
}
