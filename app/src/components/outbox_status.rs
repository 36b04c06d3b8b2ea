//! Where a report stands, in words.

use crate::markup::{IntoNode, Node, html};
use leptos::prelude::*;

use crate::domain::time::Minute;
use crate::local::outbox::item::{Item, Refusal, Stage, Wait};
use crate::local::{clock, use_phone};
use crate::text::{SyncText, use_text};

/// Why a report waits and when it is tried next, or what a person has to do. Nothing for one that has arrived.
#[component]
pub fn OutboxStatus(item: Item) -> Node {
    let t = &use_text().sync;
    let phone = use_phone();
    if let Some(wait) = item.withdrawal {
        return IntoNode::into_node(move || {
            html! { <p class="muted">{t.withdrawing} " · " {waiting(t, &wait, phone.now.get())}</p> }
        });
    }
    IntoNode::into_node(move || match &item.stage {
        Stage::Queued(wait) => html! { <p class="muted">{waiting(t, wait, phone.now.get())}</p> },
        Stage::Sending(_) => html! { <p class="muted">{t.sending}</p> },
        Stage::NeedsYou(refusal) => refused(t, refusal),
        Stage::Received { .. } => Node::Nothing,
    })
}

/// Why something waits, and until when.
pub fn waiting(t: &SyncText, wait: &Wait, now: Minute) -> String {
    match wait.reason {
        None => t.queued.to_owned(),
        Some(reason) => {
            // The wait is by this phone's clock, `now` by the server's where that one is wrong.
            let seconds = (wait.not_before - clock::ahead_ms() - now.0 * 60_000).max(0) / 1000;
            format!("{} · {}", (t.reason)(reason), (t.next_try)(seconds))
        }
    }
}

fn refused(t: &SyncText, refusal: &Refusal) -> Node {
    let named: Vec<String> = refusal.errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect();
    let said = [refusal.detail.clone()].into_iter().chain(named).filter(|words| !words.is_empty());
    let said = said.collect::<Vec<_>>().join(" · ");
    html! {
        <p>{(t.refusal)(refusal.kind)}</p>
        {(!said.is_empty()).then(|| html! { <p class="muted small">{(t.server_says)(&said)}</p> })}
    }
}
