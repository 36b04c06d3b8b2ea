//! What a step has to say: to whom, why, in which words, with which photos.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::report::MAX_PHOTOS;
use waypost_app::local::photo::{self, forget_url, url_of};
use waypost_app::local::spawn;
use web_sys::HtmlInputElement;

use super::redact::Redact;
use super::writing::Writing;
use crate::markup::{Node, RwSignal, each, html, memo, react};
use crate::parts::focus_on;
use crate::steps::Decision;
use crate::street::{self, Draft};
use crate::work::use_work;

/// The form of a step.
#[component]
pub(super) fn Form(step: Step) -> Node {
    match step {
        Step::Assign | Step::HandOver => html! { <ToUnit step /> },
        Step::Redact => html! { <Redact /> },
        // Which case to merge into is chosen among the similar ones below.
        Step::Merge => {
            request_animation_frame(|| {
                if let Some(list) = document().get_element_by_id(super::SIMILAR) {
                    list.scroll_into_view();
                }
            });
            Node::Nothing
        }
        step => html! { <InWords step /> },
    }
}

/// To whom: one tap, or its number.
#[component]
fn ToUnit(step: Step) -> Node {
    let work = use_work();
    let t = work.t;
    let suggested = memo(move || work.case.look(|case| case.as_ref().and_then(|case| case.suggested_unit)));
    let has_it = work.case.look_untracked(|case| case.as_ref().and_then(|case| case.row.unit));
    let units = work.offered;
    // In this order for as long as they stand here: a number means the unit beside which it was read.
    units.set(work.open_units());
    // One that has come meanwhile is there with the next look.
    work.look_at_lists();
    react(move || {
        work.units.track();
        if units.look_untracked(Vec::is_empty) {
            units.set(work.open_units());
        }
    });
    let numbered = move || units.get().into_iter().enumerate().collect::<Vec<_>>();
    html! {
        <section class="card stack-s" aria-label=t.to_whom data-testid="form">
            <h2>{t.to_whom}</h2>
            <div class="btns">
                {each(
                    numbered,
                    |(at, unit)| format!("{at} {} {}", unit.id, unit.name),
                    move |(at, unit)| {
                        let id = unit.id;
                        html! {
                            <button
                                class=move || if suggested.get() == Some(id) { "btn btn-primary" } else { "btn" }
                                type="button"
                                disabled=step == Step::HandOver && has_it == Some(id)
                                on:click=move |_| work.take(step, Decision { unit: Some(id), ..Decision::default() })
                            >
                                {unit.name}
                                {move || {
                                    (suggested.get() == Some(id)).then(|| html! { <span class="small">{t.suggested}</span> })
                                }}
                                {(at < 9).then(|| html! { <kbd aria-hidden="true">{(at + 1).to_string()}</kbd> })}
                            </button>
                        }
                    },
                )}
            </div>
            <NoUnits />
            <div>
                <button class="btn btn-quiet" type="button" on:click=move |_| work.form.set(None)>
                    {t.cancel}
                </button>
            </div>
        </section>
    }
}

/// Why there is nobody to give a case to, where there is nobody.
#[component]
pub(in crate::pages) fn NoUnits() -> Node {
    let work = use_work();
    let t = work.t;
    let open = memo(move || work.units.look(|units| units.as_ref().map(|units| units.iter().any(|unit| !unit.closed))));
    html! {
        {move || match open.get() {
            Some(true) => Node::Nothing,
            Some(false) => html! {
                <p>{t.no_units}</p>
                <p>
                    <a class="btn" href="/staff/units">
                        {t.add_unit}
                    </a>
                </p>
            },
            None => html! { <p role="status">{t.units_unread}</p> },
        }}
    }
}

/// Words, with a reason or photos where the step has them.
#[component]
fn InWords(step: Step) -> Node {
    let work = use_work();
    let t = work.t;
    let Some(case) = work.opened.get_untracked() else { return Node::Nothing };
    let Writing { public, internal, reason, photos } = Writing::of(case, step);
    let fault = RwSignal::new(String::new());
    let preparing = RwSignal::new(false);
    let has_photos = matches!(step, Step::Fix | Step::Note);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if preparing.get_untracked() {
            return fault.set(t.preparing.to_owned());
        }
        let decision = Decision {
            note_public: public.get_untracked(),
            note_internal: internal.get_untracked(),
            reason: reason.get_untracked(),
            photos: photos.get_untracked(),
            ..Decision::default()
        };
        let says_nothing = decision.note_public.trim().is_empty();
        let missing = match step {
            Step::Decline if decision.reason.is_none() => Some(t.needs_reason),
            Step::Decline if says_nothing => Some(t.needs_words),
            Step::Fix if says_nothing && decision.photos.is_empty() => Some(t.photos_hint),
            Step::Note if says_nothing && decision.note_internal.trim().is_empty() && decision.photos.is_empty() => {
                Some(t.needs_words)
            }
            _ => None,
        };
        match missing {
            Some(words) => fault.set(words.to_owned()),
            None => work.take(step, decision),
        }
    };
    let cancel = move || {
        work.form.set(None);
        spawn(async move {
            // What could not be dropped stands in the form when it is opened again.
            let _ = street::keep_draft(case, step, &Draft::default()).await;
        });
    };
    request_animation_frame(|| focus_on("words"));
    html! {
        <form class="card stack" on:submit=submit data-testid="form">
            <h2>{(t.step)(step)}</h2>
            {(step == Step::Separate).then(|| html! { <p>{t.separate_text}</p> })}
            {(step == Step::Decline).then(|| html! { <Reasons reason /> })}
            {has_photos.then(|| html! { <Photos photos preparing /> })}
            <Templates step words=public />
            <Words id="words" label=t.public_words hint=t.public_hint words=public />
            <details>
                <summary>{t.internal_words}</summary>
                <Words id="internal" label=t.internal_words hint=t.internal_hint words=internal />
            </details>
            <p role="alert" class="error">
                {move || fault.get()}
            </p>
            <div class="btns">
                <button class="btn btn-primary" type="submit" disabled=move || work.is_taking(case)>
                    {move || if work.is_taking(case) { t.sending } else { (t.step)(step) }}
                </button>
                <button class="btn" type="button" on:click=move |_| cancel()>
                    {t.cancel}
                </button>
            </div>
        </form>
    }
}

/// Why a report is not taken on.
#[component]
pub(crate) fn Reasons(reason: RwSignal<Option<DeclineReason>>) -> Node {
    let t = use_work().t;
    let choices: Vec<Node> = DeclineReason::ALL
        .into_iter()
        .map(|choice| {
            html! {
                <label class="tile">
                    <input
                        r#type="radio"
                        name="reason"
                        prop:checked=move || reason.get() == Some(choice)
                        on:change=move |_| reason.set(Some(choice))
                    />
                    <span>{(t.reason)(choice)}</span>
                </label>
            }
        })
        .collect();
    html! {
        <fieldset class="field">
            <legend>{t.why}</legend>
            <div class="tiles">{choices}</div>
        </fieldset>
    }
}

/// Sentences that are said often: one tap writes them.
#[component]
pub(crate) fn Templates(step: Step, words: RwSignal<String>) -> Node {
    let work = use_work();
    let fitting = move || {
        work.templates.look(|all| {
            all.iter()
                .filter(|template| template.step == step)
                .map(|template| template.words.clone())
                .collect::<Vec<_>>()
        })
    };
    html! {
        <div class="btns templates" role="group" aria-label=work.t.templates hidden=move || fitting().is_empty()>
            {each(
                fitting,
                String::clone,
                move |sentence| {
                    let shown = sentence.clone();
                    html! {
                        <button class="chip" type="button" on:click=move |_| words.set(sentence.clone())>
                            {shown}
                        </button>
                    }
                },
            )}
        </div>
    }
}

/// A field for some sentences.
#[component]
pub(crate) fn Words(id: &'static str, label: &'static str, hint: &'static str, words: RwSignal<String>) -> Node {
    let hint_id = format!("{id}-hint");
    let described = hint_id.clone();
    html! {
        <div class="field">
            <label r#for=id>{label}</label>
            <textarea
                id=id
                rows="3"
                maxlength="1000"
                aria-describedby=described
                prop:value=move || words.get()
                on:input=move |event| words.set(event_target_value(&event))
            ></textarea>
            <p id=hint_id class="muted small">
                {hint}
            </p>
        </div>
    }
}

/// Photos of the repair, kept on the device as soon as they are taken.
#[component]
fn Photos(photos: RwSignal<Vec<String>>, preparing: RwSignal<bool>) -> Node {
    let t = use_work().t;
    let note = RwSignal::new(String::new());
    let add = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(files) = input.files() else { return };
        let files: Vec<web_sys::File> = (0..files.length()).filter_map(|at| files.get(at)).collect();
        // So that the same file may be chosen again.
        input.set_value("");
        note.set(t.preparing.to_owned());
        preparing.set(true);
        spawn(async move {
            let mut trouble = String::new();
            for file in files {
                if photos.try_look_untracked(Vec::len).is_none_or(|count| count >= MAX_PHOTOS) {
                    break;
                }
                let kept = match photo::prepare(&file).await {
                    Ok(shot) => street::keep_photo(&shot).await.map(|()| shot.hash).map_err(|error| error.to_string()),
                    Err(_) => Err(t.bad_photo.to_owned()),
                };
                match kept {
                    Ok(hash) => {
                        let hash = hash.to_string();
                        let Some(mut all) = photos.try_get_untracked() else { return };
                        if !all.contains(&hash) {
                            all.push(hash);
                            photos.try_set(all);
                        }
                    }
                    Err(words) => trouble = words,
                }
            }
            note.try_set(trouble);
            preparing.try_set(false);
        });
    };
    let numbered = move || photos.get().into_iter().enumerate().collect::<Vec<_>>();
    let is_full = move || photos.look(Vec::len) >= MAX_PHOTOS;
    html! {
        <fieldset class="field">
            <legend>{t.photos}</legend>
            <ul class="pictures" hidden=move || photos.look(Vec::is_empty)>
                {each(
                    numbered,
                    |(at, hash)| format!("{at} {hash}"),
                    move |(at, hash)| {
                        let gone = hash.clone();
                        html! {
                            <li>
                                <Kept hash label=(t.photo)(at + 1) />
                                <button
                                    class="btn"
                                    type="button"
                                    on:click=move |_| photos.update(|photos| photos.retain(|other| *other != gone))
                                >
                                    {(t.drop_photo)(at + 1)}
                                </button>
                            </li>
                        }
                    },
                )}
            </ul>
            <label class="btn shot" hidden=is_full>
                <span>{t.add_photo}</span>
                <input r#type="file" accept="image/*" multiple on:change=add data-testid="after-photo" />
            </label>
            <p class="muted small">{t.photos_hint}</p>
            <p role="status">{move || note.get()}</p>
        </fieldset>
    }
}

/// A photo of this device.
#[component]
fn Kept(hash: String, label: String) -> Node {
    let url = RwSignal::new(None::<String>);
    spawn(async move {
        if let Ok(Some(bytes)) = street::photo(&hash).await
            && let Some(made) = url_of(&bytes)
            && let Some(Some(unwanted)) = url.try_set(Some(made))
        {
            forget_url(&unwanted);
        }
    });
    on_cleanup(move || {
        if let Some(url) = url.try_get_untracked().flatten() {
            forget_url(&url);
        }
    });
    html! {
        {move || {
            url.get().map(|url| html! { <img src=url alt=label.clone() width="240" height="180" /> })
        }}
    }
}
