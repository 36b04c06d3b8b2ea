//! Steps that were taken without a network, and those that the server did not accept.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::prelude::*;

use crate::markup::{Node, each, html, memo};
use crate::work::use_work;

#[component]
pub(super) fn HeldSteps() -> Node {
    let work = use_work();
    let t = work.t;
    let waiting = memo(move || work.held.look(|steps| steps.iter().filter(|step| step.refused.is_none()).count()));
    let refused =
        move || work.held.look(|steps| steps.iter().filter(|step| step.refused.is_some()).cloned().collect::<Vec<_>>());
    html! {
        <div role="status" data-testid="held">
            {move || {
                let count = waiting.get();
                (count > 0)
                    .then(|| {
                        html! {
                            <div class="notice notice-warn">
                                <p>{(t.waiting)(count)}</p>
                                <button class="btn" type="button" on:click=move |_| work.send_held()>
                                    {t.send_now}
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
        <ul class="stack-s" hidden=move || refused().is_empty() aria-label=t.refused_steps data-testid="refused">
            {each(
                refused,
                |step| step.change.event_id.to_string(),
                move |step| {
                    let why = step.refused.clone().unwrap_or_default();
                    let words = (t.refused)(&format!("{} · {}", step.code, (t.step)(step.change.step)), &why);
                    let href = format!("/staff/cases/{}", step.case);
                    html! {
                        <li class="notice notice-danger">
                            <p>{words}</p>
                            <a class="btn" href=href>
                                {t.look}
                            </a>
                            <button class="btn" type="button" on:click=move |_| work.give_up(step.clone())>
                                {t.give_up}
                            </button>
                        </li>
                    }
                },
            )}
        </ul>
    }
}
