//! The way into a station: a step after the other, each in words and with a photo where it helps.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use waypost_app::domain::station::EntranceStep;
use waypost_app::local::photo;
use waypost_app::local::spawn;
use web_sys::HtmlInputElement;

use super::typed::TypedStation;
use crate::ask;
use crate::desk::{Desk, use_desk};
use crate::form::{Bound, Form};
use crate::keep::editor::Editor;
use crate::markup::{Node, RwSignal, each, html, memo};
use crate::parts::focus_on;

/// Every step, and one more.
pub(super) fn entrance(editor: Editor<TypedStation>, form: &Form) -> Node {
    let desk = use_desk();
    let t = &desk.t.stations.station;
    let numbers = move || editor.typed.look(|it| (0..it.draft.entrance.len()).collect::<Vec<usize>>());
    let fault = form.fault_words("entrance");
    // While a photo is on its way the steps stay where they are: it belongs to one of them.
    let sending = RwSignal::new(false);
    let (each_form, add_form) = (form.clone(), form.clone());
    let add = move |_| {
        let at = editor.typed.look_untracked(|it| it.draft.entrance.len());
        editor.typed.update(|it| it.draft.entrance.push(EntranceStep::default()));
        let id = step_form(&add_form, at).id("text");
        request_animation_frame(move || focus_on(&id));
    };
    html! {
        <fieldset class="field wide" id=form.id("entrance") tabindex="-1">
            <legend>{(desk.t.stations.field)("entrance")}</legend>
            <p class="muted small">{t.entrance_hint}</p>
            <ol class="kept-rows">
                {each(numbers, usize::to_string, move |at| step(desk, editor, &each_form, sending, at))}
            </ol>
            <p class="error" role="alert">
                {move || fault().unwrap_or_default()}
            </p>
            <div>
                <button class="btn" type="button" on:click=add>
                    {t.add_step}
                </button>
            </div>
        </fieldset>
    }
}

/// Ids of their own: the faults of the list are said beneath it.
fn step_form(form: &Form, at: usize) -> Form {
    Form { prefix: form.id(&format!("step-{at}")), ..form.clone() }
}

fn step(desk: Desk, editor: Editor<TypedStation>, form: &Form, sending: RwSignal<bool>, at: usize) -> Node {
    let t = &desk.t.stations.station;
    let form = step_form(form, at);
    let text = |of: fn(&mut EntranceStep) -> &mut String| Bound::at(editor.typed, |it| &mut it.draft.entrance, at, of);
    let up = move |_| {
        editor.typed.update(|it| {
            if at > 0 && at < it.draft.entrance.len() {
                it.draft.entrance.swap(at - 1, at);
            }
        });
    };
    let remove = move |_| {
        editor.typed.update(|it| {
            if at < it.draft.entrance.len() {
                it.draft.entrance.remove(at);
            }
        });
    };
    html! {
        <li class="stack" data-testid="step">
            <div class="stack columns">
                {form.line("text", "", text(|it| &mut it.text))} {form.line("text_en", "", text(|it| &mut it.text_en))}
            </div>
            {picture(desk, editor, sending, at)}
            <div class="btns">
                <button class="btn" type="button" hidden=at == 0 disabled=move || sending.get() on:click=up>
                    {(t.step_up)(at + 1)}
                </button>
                <button class="btn" type="button" disabled=move || sending.get() on:click=remove>
                    {(t.remove_step)(at + 1)}
                </button>
            </div>
        </li>
    }
}

/// The photo of a step, or where to take one.
fn picture(desk: Desk, editor: Editor<TypedStation>, sending: RwSignal<bool>, at: usize) -> Node {
    let t = &desk.t.stations.station;
    let note = RwSignal::new(String::new());
    let photo = memo(move || editor.typed.look(|it| it.draft.entrance.get(at).and_then(|step| step.photo.clone())));
    let set = move |photo| {
        editor.typed.update(|it| {
            if let Some(step) = it.draft.entrance.get_mut(at) {
                step.photo = photo;
            }
        });
    };
    let add = move |event: web_sys::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // So that the same file may be chosen again.
        input.set_value("");
        sending.set(true);
        note.set(desk.t.work.preparing.to_owned());
        spawn(async move {
            let said = match photo::prepare(&file).await {
                Ok(shot) => {
                    let outcome = ask::put_photo(&format!("/api/v1/staff/photos/{}", shot.hash), &shot.bytes).await;
                    desk.note(&outcome);
                    match outcome {
                        Ok(()) => {
                            set(Some(shot.hash));
                            String::new()
                        }
                        Err(trouble) => desk.words(&trouble),
                    }
                }
                Err(_) => desk.t.work.bad_photo.to_owned(),
            };
            sending.try_set(false);
            note.try_set(said);
        });
    };
    let shown = move || {
        photo.get().map(|hash| {
            html! {
                <img
                    class="step-photo"
                    src=format!("/api/v1/staff/photos/{hash}/thumb")
                    alt=(t.step_photo)(at + 1)
                    width="240"
                    height="180"
                />
            }
        })
    };
    html! {
        {shown}
        <div class="btns">
            <label class="btn shot">
                <span>{move || if photo.look(Option::is_some) { t.other_photo } else { desk.t.work.add_photo }}</span>
                <input
                    r#type="file"
                    accept="image/*"
                    aria-label=(t.step_photo)(at + 1)
                    disabled=move || sending.get()
                    on:change=add
                    data-testid="step-photo"
                />
            </label>
            <button
                class="btn"
                type="button"
                hidden=move || photo.look(Option::is_none)
                disabled=move || sending.get()
                on:click=move |_| set(None)
            >
                {(t.remove_photo)(at + 1)}
            </button>
        </div>
        <p role="status">{move || note.get()}</p>
    }
}
