//! Steps that were taken without a network, and those that the server did not accept.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::prelude::*;

use crate::markup::{Node, each, html, memo};
use crate::street::Held;
use crate::work::use_work;

#[component]
pub(super) fn HeldSteps() -> Node {
    let work = use_work();
    let t = work.t;
    // Those of which somebody is about to be told what came of them do not wait.
    let waiting = memo(move || {
        let taken = work.taken.get();
        let waits = |step: &&Held| step.refused.is_none() && !taken.contains(&(step.case, step.change.event_id));
        work.held.look(|steps| steps.iter().filter(waits).count())
    });
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
                                <button class="btn" type="button" on:click=move |_| work.send_now()>
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
                |step| format!("{} {}", step.change.event_id, step.refused.as_deref().unwrap_or_default()),
                move |step| {
                    let why = step.refused.clone().unwrap_or_default();
                    let words = (t.refused)(&format!("{} · {}", step.code, (t.step)(step.change.step)), &why);
                    let href = format!("/staff/cases/{}", step.case);
                    let said = [&step.change.note_public, &step.change.note_internal];
                    let said: Vec<Node> = said
                        .into_iter()
                        .filter(|text| !text.is_empty())
                        .map(|text| html! { <p class="said-by">{text.clone()}</p> })
                        .collect();
                    let photos = step.change.photos.len();
                    let again = step.clone();
                    html! {
                        <li class="notice notice-danger">
                            <p>{words}</p>
                            {said}
                            {(photos > 0).then(|| html! { <p>{(t.with_photos)(photos)}</p> })}
                            <a class="btn" href=href>
                                {t.look}
                            </a>
                            <button class="btn" type="button" on:click=move |_| work.send_again(again.clone())>
                                {t.send_again}
                            </button>
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
