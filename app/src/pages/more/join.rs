//! `/more?join=CODE`, from the square code that staff show: joining their list of couriers.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::local::join::{self, Joined};
use crate::local::spawn;
use crate::markup::{IntoNode, Node, RwSignal, html, memo};
use crate::router::use_address;
use crate::text::use_text;
use crate::wire::device::MembershipBody;

#[component]
pub(super) fn Join() -> Node {
    let address = use_address();
    let code = memo(move || address.look(|address| address.get("join").filter(|code| !code.is_empty())));
    IntoNode::into_node(move || code.get().map(form))
}

fn form(code: String) -> Node {
    let t = &use_text().more;
    let (name, phone) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let joined = RwSignal::new(None::<Joined>);
    let busy = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let body = MembershipBody { code: code.clone(), name: name.get_untracked(), phone: phone.get_untracked() };
        spawn(async move {
            let answer = join::join(&body).await;
            busy.try_set(false);
            joined.try_set(Some(answer));
        });
    };
    let words = move || {
        joined.get().map(|joined| match joined {
            Joined::Done => t.join_done,
            Joined::NoAnswer => t.join_offline,
            Joined::Wrong(field) => (t.join_wrong)(&field),
        })
    };
    let field = |label: &'static str, kind: &'static str, into: RwSignal<String>| {
        html! {
            <label class="field">
                {label}
                <input
                    type=kind
                    autocomplete=if kind == "tel" { "tel" } else { "name" }
                    required=kind != "tel"
                    on:input=move |event| into.set(event_target_value(&event))
                />
            </label>
        }
    };
    html! {
        <section class="card stack-s" data-testid="join">
            <h2>{t.join}</h2>
            <p>{t.join_text}</p>
            <p class="notice plain-only">{t.join_plain}</p>
            <form class="stack-s live-only" on:submit=send>
                {field(t.join_name, "text", name)}
                {field(t.join_phone, "tel", phone)}
                <button class="btn btn-primary" type="submit">
                    {t.join_yes}
                </button>
            </form>
            <p role="status">{words}</p>
        </section>
    }
}
