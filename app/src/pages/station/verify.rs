//! Two honest buttons for whoever stands in front of a station.

use std::sync::Arc;

use crate::local::spawn;
use crate::markup::{Node, RwSignal, html};
use leptos::prelude::*;
use uuid::Uuid;

use crate::domain::verification::VerificationKind;
use crate::local::outbox::drain;
use crate::local::verify::{self, Stage, Verification};
use crate::local::{Phone, use_phone};
use crate::text::use_text;

/// "Everything is right" and "the door is locked", what became of the last tap, and a way to take it back.
#[component]
pub fn Verify(slug: String) -> Node {
    let text = use_text();
    let t = &text.station;
    let phone = use_phone();
    // What came of a tap, where nothing is left on the shelf that would say so.
    let note = RwSignal::new(None::<String>);
    let slug: Arc<str> = slug.into();
    // Takes rows away, keeps another, and says what came of it.
    let busy = RwSignal::new(false);
    let act = move |gone: Vec<Uuid>, said: Option<Verification>, words: &'static str| {
        // A second tap before the first one is kept knows nothing of it.
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn(async move {
            let kept = verify::keep(phone, gone, said, false).await;
            busy.try_set(false);
            note.try_set(Some(kept.map_or(t.not_noted, |_| words).to_owned()));
            drain::kick(phone, true);
        });
    };
    let button = |kind: VerificationKind, words: &'static str| {
        let (of, slug) = (slug.clone(), slug.clone());
        let tap = move |_| {
            if !stands(phone, &slug, kind) {
                let said = Verification::new(slug.to_string(), kind);
                act(verify::superfluous(phone, &said), Some(said), "");
            }
        };
        html! {
            <button
                class="btn"
                type="button"
                aria-pressed=move || if stands(phone, &of, kind) { "true" } else { "false" }
                on:click=tap
            >
                {words}
            </button>
        }
    };
    let buttons = vec![button(VerificationKind::Confirmed, t.confirm), button(VerificationKind::Locked, t.locked)];
    let of = slug.clone();
    let status = move || match latest(phone, &of) {
        None => note.get(),
        Some((said, _)) => Some(match (said.stage, said.wait.reason) {
            (Stage::Sent, _) if said.body.kind == VerificationKind::Locked.code() => t.arrived_locked.to_owned(),
            (Stage::Sent, _) => t.arrived.to_owned(),
            (Stage::Refused, _) => t.not_taken.to_owned(),
            (_, Some(reason)) => format!("{} · {}", t.noted, (text.sync.reason)(reason)),
            (_, None) => t.noted.to_owned(),
        }),
    };
    let undo = move || {
        let (said, _) = latest(phone, &slug).filter(|(said, _)| said.is_unsent())?;
        let words = if said.stage == Stage::Begun { t.undone_late } else { t.undone };
        Some(html! {
            <button class="btn btn-quiet" type="button" on:click=move |_| act(vec![said.id], None, words)>
                {t.undo}
            </button>
        })
    };
    html! {
        <section class="stack-s verify live-only" data-testid="verify">
            <h2>{t.on_the_spot}</h2>
            <div class="btns">
                {buttons}
            </div>
            <div class="line">
                <p role="status">{status}</p>
                {undo}
            </div>
        </section>
    }
}

/// What was said last of a station, and whether that was today.
fn latest(phone: Phone, slug: &str) -> Option<(Verification, bool)> {
    let offset = phone.replica.get().offset();
    let now = phone.now.get();
    let shelf = phone.shelf.get();
    let said = verify::latest(&shelf.verifications, slug, now, offset)?;
    Some((said.clone(), said.day(offset) == offset.day(now)))
}

/// Whether this was said today, and nothing else since.
fn stands(phone: Phone, slug: &str, kind: VerificationKind) -> bool {
    latest(phone, slug)
        .is_some_and(|(said, today)| today && said.body.kind == kind.code() && said.stage != Stage::Refused)
}
