//! What the server has about this phone, and having it deleted.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use std::sync::Arc;

use leptos::prelude::*;

use crate::components::ask_twice::{Act, AskTwice};
use crate::local::about_me::{self, Known, NotTold};
use crate::local::spawn;
use crate::markup::{Node, RwSignal, html};
use crate::text::{More, use_text};

/// What is known so far of what the server knows.
#[derive(Clone, Debug, PartialEq)]
enum Told {
    Asking,
    Not(NotTold),
    Known(Known),
}

#[component]
pub(super) fn AboutMe() -> Node {
    let t = &use_text().more;
    let told = RwSignal::new(None::<Told>);
    let look = move |_| {
        told.set(Some(Told::Asking));
        spawn(async move {
            let answer = about_me::ask().await;
            told.try_set(Some(answer.map_or_else(Told::Not, Told::Known)));
        });
    };
    let question = Arc::new(|| t.erase_question.to_owned());
    let erase = move || -> Act {
        Box::pin(async move {
            if !about_me::erase().await? {
                told.try_set(Some(Told::Not(NotTold::NoAnswer)));
            }
            Ok(())
        })
    };
    html! {
        <section class="stack-s live-only" data-testid="about-me">
            <h2>{t.about_me}</h2>
            <p>{t.about_me_text}</p>
            <div class="stack-s" role="status">
                {move || told.get().map(|told| words(t, told))}
            </div>
            <p class="btns">
                <button class="btn" type="button" on:click=look>
                    {t.about_me_look}
                </button>
            </p>
            <AskTwice label=t.erase question yes=t.erase_yes act=Arc::new(erase) />
        </section>
    }
}

fn words(t: &'static More, told: Told) -> Node {
    match told {
        Told::Asking => html! { <p>{t.about_me_asking}</p> },
        Told::Not(NotTold::NoAnswer) => html! { <p>{t.about_me_offline}</p> },
        Told::Not(NotTold::Unknown) => html! { <p>{t.about_me_unknown}</p> },
        Told::Known(known) => {
            let day = |at: &Option<String>| at.as_deref().and_then(|at| at.get(..10)).unwrap_or_default().to_owned();
            let view = &known.view;
            let since =
                (t.about_me_since)(&day(&view.first_seen_at), &day(&view.last_seen_at), view.forgotten_after_days);
            html! {
                <p>{(t.about_me_found)(&known.view)}</p>
                <p class="muted small">{since}</p>
                <button class="btn btn-quiet" type="button" on:click=move |_| about_me::save(&known)>
                    {t.about_me_save}
                </button>
            }
        }
    }
}
