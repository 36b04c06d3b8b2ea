//! Showing other words than the reporter's, and other pictures than theirs or those of the repair.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use uuid::Uuid;
use waypost_app::local::spawn;
use waypost_app::wire::staff::cases::CaseView;
use waypost_app::wire::staff::routing::{PhotoRedaction, Redaction};

use super::board::Board;
use super::forms::Words;
use crate::ask::{self, Trouble};
use crate::markup::{Node, RwSignal, html};
use crate::street;
use crate::work::{CASES, use_work};

/// What becomes of a photo.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Stays,
    Hidden,
    /// This one of the device is shown instead.
    Covered(String),
}

#[component]
pub(super) fn Redact() -> Node {
    let work = use_work();
    let t = work.t;
    let Some(case) = work.case.get_untracked() else { return Node::Nothing };
    let words = RwSignal::new(case.row.description.clone());
    let [why, fault] = [(); 2].map(|()| RwSignal::new(String::new()));
    let painting = RwSignal::new(None::<usize>);
    // Those of the repair may show somebody, too.
    let mut photos = case.photos.clone();
    for photo in case.events.iter().flat_map(|event| &event.photos) {
        if !photos.contains(photo) {
            photos.push(photo.clone());
        }
    }
    let fates = RwSignal::new(vec![Fate::Stays; photos.len()]);
    let shown = photos.clone();
    let lines: Vec<Node> = photos.iter().enumerate().map(|(at, hash)| photo_line(at, hash, fates, painting)).collect();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let note_internal = why.get_untracked().trim().to_owned();
        if note_internal.is_empty() {
            return fault.set(t.redact_needs_why.to_owned());
        }
        let text = words.get_untracked();
        let changes = photos.iter().zip(fates.get_untracked()).filter_map(|(photo, fate)| {
            let instead = match fate {
                Fate::Stays => return None,
                Fate::Hidden => None,
                Fate::Covered(hash) => Some(hash),
            };
            Some(PhotoRedaction { photo: photo.clone(), instead })
        });
        let body = Redaction {
            event_id: Uuid::now_v7(),
            version: case.row.version,
            description: (text != case.row.description).then_some(text),
            photos: changes.collect(),
            note_internal,
        };
        let id = case.row.id;
        spawn(async move {
            let outcome = send(&format!("{CASES}/{id}/redactions"), &body).await;
            work.desk.note(&outcome);
            match outcome {
                Ok(case) => {
                    work.form.set(None);
                    work.show_case(case);
                    work.look_again();
                }
                Err(trouble) => {
                    fault.try_set(work.why(&trouble));
                    work.read_case(id).await;
                }
            }
        });
    };
    html! {
        <form class="card stack" on:submit=submit data-testid="form">
            <h2>{t.redact_save}</h2>
            <Words id="words" label=t.redact_words hint=t.redact_hint words />
            <ul class="stack-s">{lines}</ul>
            {move || {
                let at = painting.get()?;
                let hash = shown.get(at)?.clone();
                Some(html! {
                    <Board
                        hash
                        done=std::sync::Arc::new(move |covered: Option<String>| {
                            if let Some(covered) = covered {
                                decide(fates, at, Fate::Covered(covered));
                            }
                            painting.set(None);
                        })
                    />
                })
            }}
            <Words id="why" label=t.redact_why hint=t.internal_hint words=why />
            <p role="alert" class="error">
                {move || fault.get()}
            </p>
            <div class="btns">
                <button class="btn btn-primary" type="submit">
                    {t.redact_save}
                </button>
                <button class="btn" type="button" on:click=move |_| work.form.set(None)>
                    {t.cancel}
                </button>
            </div>
        </form>
    }
}

/// What becomes of one of the photos.
fn decide(fates: RwSignal<Vec<Fate>>, at: usize, fate: Fate) {
    fates.update(|fates| {
        if let Some(kept) = fates.get_mut(at) {
            *kept = fate;
        }
    });
}

fn photo_line(at: usize, hash: &str, fates: RwSignal<Vec<Fate>>, painting: RwSignal<Option<usize>>) -> Node {
    let t = use_work().t;
    let set = move |fate: Fate| decide(fates, at, fate);
    let is_changed = move || fates.look(|fates| fates.get(at).is_some_and(|fate| *fate != Fate::Stays));
    let word = move || {
        fates.look(|fates| match fates.get(at) {
            Some(Fate::Hidden) => t.redact_hidden,
            Some(Fate::Covered(_)) => t.redact_covered,
            _ => "",
        })
    };
    html! {
        <li class="line">
            <img class="thumb" src=format!("/api/v1/staff/photos/{hash}/thumb") alt=(t.photo)(at + 1) width="72" height="72" />
            <strong role="status">{word}</strong>
            <button class="btn" type="button" on:click=move |_| painting.set(Some(at))>
                {(t.redact_cover)(at + 1)}
            </button>
            <button class="btn" type="button" on:click=move |_| set(Fate::Hidden)>
                {(t.redact_hide)(at + 1)}
            </button>
            <button class="btn btn-quiet" type="button" hidden=move || !is_changed() on:click=move |_| set(Fate::Stays)>
                {t.redact_keep}
            </button>
        </li>
    }
}

/// The pictures first, then what they stand for.
async fn send(url: &str, body: &Redaction) -> Result<CaseView, Trouble> {
    for hash in body.photos.iter().filter_map(|photo| photo.instead.as_deref()) {
        if let Ok(Some(bytes)) = street::photo(hash).await {
            ask::put_photo(&format!("/api/v1/staff/photos/{hash}"), &bytes).await?;
        }
    }
    ask::send(Method::POST, url, body).await
}
