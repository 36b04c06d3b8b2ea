//! What staff show of a repair, and what its reporter says of it.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::prelude::*;

use crate::components::ask_twice::Act;
use crate::components::outbox_status::waiting;
use crate::components::photo_strip::PhotoThumb;
use crate::domain::case::{MAX_NOTE, Says};
use crate::domain::ids::{PhotoHash, ReportId};
use crate::domain::report::ReportState;
use crate::local::outbox::item::Item;
use crate::local::outbox::said::{self, Said, may_say};
use crate::local::use_phone;
use crate::markup::{Memo, Node, RwSignal, html, memo};
use crate::text::use_text;
use crate::wire::report::TimelineEntry;

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
                        rows="2"
                        maxlength=MAX_NOTE.to_string()
                        prop:value=note.get_untracked()
                        on:input=move |event| note.set(event_target_value(&event))
                    ></textarea>
                </label>
                <div class="btns">
                    <button class="btn btn-primary" type="button" on:click=move |_| say(Says::NotFixed)>
                        {t.not_fixed_send}
                    </button>
                    <button class="btn" type="button" on:click=move |_| asked.set(false)>
                        {t.not_fixed_back}
                    </button>
                </div>
            };
        }
        html! {
            <div class="btns">
                {confirmed.then(|| html! {
                    <button class="btn" type="button" on:click=move |_| say(Says::Confirmed)>
                        {(t.says)(Says::Confirmed)}
                    </button>
                })}
                {not_fixed.then(|| html! {
                    <button class="btn" type="button" on:click=move |_| asked.set(true)>
                        {(t.says)(Says::NotFixed)}
                    </button>
                })}
            </div>
        }
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

/// The photos of a step; of a repair beside what it was like `before`.
pub(super) fn pictures(step: &TimelineEntry, before: Option<PhotoHash>) -> Node {
    let t = &use_text().mine;
    if step.photos.is_empty() {
        return Node::Nothing;
    }
    let repair = step.state == ReportState::Fixed;
    let words = if repair { t.after } else { t.shown };
    // Only what is public is shown by anybody; the worker keeps the small one for when there is no network.
    let after = step.photos.iter().map(|hash| {
        html! {
            <figure>
                <a href=format!("/api/v1/photos/{hash}") target="_blank">
                    <span class="thumb">
                        <img src=format!("/api/v1/photos/{hash}?size=thumb") alt=words loading="lazy" />
                    </span>
                </a>
                <figcaption>{words}</figcaption>
            </figure>
        }
    });
    let before = before.filter(|_| repair).map(|hash| {
        html! {
            <figure>
                <PhotoThumb hash alt=t.before />
                <figcaption>{t.before}</figcaption>
            </figure>
        }
    });
    html! { <div class="pair" data-testid="shown">{before} {after.collect_view()}</div> }
}
