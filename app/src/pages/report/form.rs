//! The form. Complete as plain HTML; the program takes over its events and adds what only it can do.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use crate::markup::{IntoNode, Node, html, memo, react};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::dom;
use super::editor::{Locating, use_editor};
use super::photos::Photos;
use super::plot::Plot;
use super::same::Same;
use crate::components::places::places;
use crate::components::update;
use crate::domain::decimal::decimal;
use crate::domain::geo::Wgs84;
use crate::domain::report::{Category, MAX_DESCRIPTION, MAX_LANDMARK};
use crate::local::draft::{Place, PlaceSource};
use crate::local::locate::NoFix;

#[component]
pub(super) fn ReportForm() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let form_id = editor.phone.form_id.get_value().map(|id| id.to_string());
    // Hidden pages are the first to be thrown away.
    react(move || {
        let update = window_event_listener_untyped(update::KEEP, move |_| editor.keep_due());
        let handle = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                editor.keep_due();
            } else {
                // Whoever looks at this page again has closed the camera; a picture is told a moment later.
                editor.end_shot();
            }
        });
        on_cleanup(move || {
            handle.remove();
            update.remove();
        });
    });
    on_cleanup(move || editor.leave());

    let submit = move |event: SubmitEvent| {
        // Where nothing can be kept, the browser sends the form as it is.
        if !editor.direct.get_untracked() {
            event.prevent_default();
            editor.save();
        }
    };
    let busy = move || editor.saving.get();
    let something = move || editor.draft.look(|draft| !draft.is_empty());
    html! {
        <form
            id=dom::FORM
            class="stack report-form"
            method="post"
            // Not the page's own address: a browser forgets a page that something was sent to, and "back" must find this
            // very form.
            action="/report?send"
            enctype="multipart/form-data"
            hidden=move || editor.saved.get().is_some()
            on:submit=submit
        >
            <input type="hidden" name="id" id="report-id" value=form_id />
            <div class="notice notice-warn" hidden=move || !editor.direct.get()>
                <p>{t.direct}</p>
            </div>
            {move || {
                editor
                    .draft
                    .look(|draft| draft.refused.clone())
                    .map(|detail| html! { <p class="notice notice-warn">{(t.sent_before)(&detail)}</p> })
            }}
            <Photos />
            <p class="live-only" hidden=move || editor.direct.get() || !something()>
                <button class="btn" type="button" data-testid="park" disabled=busy on:click=move |_| editor.park()>
                    {t.park}
                </button>
            </p>
            <Categories />
            <Same />
            <WhereField />
            <div class="field">
                <label for=dom::DESCRIPTION>{t.description}</label>
                <textarea
                    id=dom::DESCRIPTION
                    name="description"
                    rows="2"
                    maxlength=MAX_DESCRIPTION.to_string()
                    placeholder=t.description_hint
                    aria-describedby="error-description"
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        editor.change(|draft| draft.description = text);
                    }
                />
                <FaultLine id="error-description" fields=&["description"] />
            </div>
            <div class="save-row">
                <p role="status" class="muted small keeping" data-testid="draft-note">
                    {move || editor.note.get()}
                </p>
                <p role="alert" class="error" data-testid="faults">
                    {move || {
                        // A place that is missing is one thing to mend, not two.
                        let count = editor.faults.look(|faults| faults.iter().filter(|fault| fault.field != "lng").count());
                        (count > 0).then(|| (t.faults)(count))
                    }}
                </p>
                <button class="btn btn-primary" type="submit" data-testid="save" disabled=busy>
                    {move || if editor.saving.get() { t.saving } else { t.save }}
                </button>
            </div>
        </form>
    }
}

/// What is wrong with some fields. Always there, so that a field can point to it.
#[component]
pub(super) fn FaultLine(id: &'static str, fields: &'static [&'static str]) -> Node {
    let editor = use_editor();
    html! {
        <p class="error" id=id>
            {move || editor.fault_words(fields)}
        </p>
    }
}

#[component]
fn Categories() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let tile = move |category: Category| {
        html! {
            <label class="tile">
                <input
                    type="radio"
                    name="category"
                    id=dom::radio(category)
                    value=category.code()
                    required
                    aria-describedby="error-category"
                    on:change=move |_| {
                        editor.faults.update(|faults| faults.retain(|fault| fault.field != "category"));
                        editor.change(|draft| draft.category = Some(category.code().to_owned()));
                    }
                />
                <span>{(t.category_name)(category)}</span>
            </label>
        }
    };
    html! {
        <fieldset class="field">
            <legend>{t.category}</legend>
            <div class="tiles">{Category::ALL.into_iter().map(tile).collect_view()}</div>
            <FaultLine id="error-category" fields=&["category"] />
        </fieldset>
    }
}

#[component]
fn WhereField() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let state = move || match editor.locating.get() {
        Locating::Asking => t.locating.to_owned(),
        Locating::Failed(NoFix::Refused) => t.refused.to_owned(),
        Locating::Failed(NoFix::Unavailable) => t.unavailable.to_owned(),
        Locating::Idle => match editor.draft.look(|draft| draft.place) {
            None => String::new(),
            Some(Place { source: PlaceSource::Chosen, .. }) => t.chosen.to_owned(),
            Some(Place { source: PlaceSource::Moved, .. }) => t.moved.to_owned(),
            Some(place) => (t.located)(&decimal(place.accuracy_m.unwrap_or_default().max(1.0), 0)),
        },
    };
    html! {
        <fieldset class="field stack-s">
            <legend>{t.place}</legend>
            <div class="line live-only">
                <button
                    class="btn"
                    type="button"
                    data-testid="locate"
                    disabled=move || editor.locating.get() == Locating::Asking
                    on:click=move |_| editor.locate()
                >
                    {t.locate}
                </button>
                <span role="status" data-testid="place-state">
                    {state}
                </span>
            </div>
            <Plot />
            <div class="field">
                <label for=dom::NEAR>{t.near}</label>
                <select
                    id=dom::NEAR
                    name="near"
                    required
                    aria-describedby="error-place"
                    on:change=move |event| editor.choose(&event_target_value(&event))
                >
                    <option value="">{t.near_none}</option>
                    <Places />
                </select>
                <FaultLine id="error-place" fields=&["lat", "lng"] />
            </div>
            <div class="field">
                <label for=dom::LANDMARK>{t.landmark}</label>
                <input
                    id=dom::LANDMARK
                    type="text"
                    name="landmark"
                    maxlength=MAX_LANDMARK.to_string()
                    placeholder=t.landmark_hint
                    autocomplete="off"
                    aria-describedby="error-landmark"
                    on:input=move |event| {
                        let text = event_target_value(&event);
                        editor.change(|draft| draft.landmark = text);
                    }
                />
                <FaultLine id="error-landmark" fields=&["landmark"] />
            </div>
        </fieldset>
    }
}

/// The entries of the list: landmarks, then stations.
#[component]
fn Places() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let lang = editor.phone.prefs.get_untracked().lang;
    // A memo: a refresh that changes no place must not rebuild the list under somebody's finger.
    let listed = memo(move || editor.phone.replica.look(|replica| places(replica, lang)));
    // The browser forgets the choice when the list is made anew.
    Effect::new(move |again: Option<()>| {
        listed.track();
        if again.is_some() {
            let near = editor.near_value(editor.draft.look_untracked(|draft| draft.place));
            request_animation_frame(move || dom::set_near(&near));
        }
    });
    let options = |entries: Vec<(String, Wgs84, String)>| {
        entries.into_iter().map(|(id, _, name)| html! { <option value=id>{name}</option> }).collect_view()
    };
    IntoNode::into_node(move || {
        let [landmarks, stations] = listed.get();
        html! {
            <optgroup label=t.landmarks>{options(landmarks)}</optgroup>
            <optgroup label=t.stations>{options(stations)}</optgroup>
        }
    })
}
