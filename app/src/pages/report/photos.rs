//! The pictures of the report being written.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use crate::markup::{Memo, Node, each, html, memo};
use leptos::prelude::*;

use super::dom;
use super::editor::use_editor;
use super::form::FaultLine;
use crate::components::photo_strip::PhotoThumb;
use crate::domain::ids::PhotoHash;
use crate::domain::report::MAX_PHOTOS;

#[component]
pub(super) fn Photos() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let photos = memo(move || editor.draft.look(|draft| draft.photos.clone()));
    // What is about to go goes as it was shown when "save" was pressed.
    let is_leaving = move || editor.saving.get();
    let pick = |class: &'static str, label: &'static str, input: &'static str, from_camera: bool| {
        let chosen = move |_| {
            if !editor.direct.get_untracked() {
                editor.add_files(dom::take_files(input), from_camera);
            }
        };
        html! {
            <label class=class for=input>
                <span>{label}</span>
                <input
                    id=input
                    type="file"
                    name="photo"
                    accept="image/*"
                    capture=from_camera.then_some("environment")
                    multiple
                    aria-describedby="photos-hint error-photos"
                    disabled=is_leaving
                    on:click=move |_| editor.open_camera()
                    on:cancel=move |_| editor.end_shot()
                    on:change=chosen
                />
            </label>
        }
    };
    let full = move || photos.look(Vec::len) >= MAX_PHOTOS;
    html! {
        <fieldset class="field photos" aria-describedby="photos-hint error-photos">
            <legend>{t.photos}</legend>
            <Strip photos />
            <div class="btns" hidden=full>
                {pick("btn btn-primary wide shot", t.take, dom::CAMERA, true)}
                {pick("btn wide shot", t.choose, dom::GALLERY, false)}
            </div>
            <p class="muted small" id="photos-hint">
                {(t.photos_hint)(MAX_PHOTOS)}
            </p>
            <p role="status" data-testid="photo-note">
                {move || {
                    if editor.preparing.get() > 0 { Some(t.preparing.to_owned()) } else { editor.photo_note.get() }
                }}
            </p>
            <FaultLine id="error-photos" fields=&["photos"] />
        </fieldset>
    }
}

/// The photos, each with a button that opens the brush and one that takes it out.
#[component]
fn Strip(photos: Memo<Vec<PhotoHash>>) -> Node {
    let editor = use_editor();
    let t = editor.t;
    let numbered = move || photos.get().into_iter().enumerate().collect::<Vec<_>>();
    let is_leaving = move || editor.saving.get();
    html! {
        <ul class="thumbs" data-testid="photos" hidden=move || photos.look(Vec::is_empty)>
            {each(numbered, |(at, hash)| format!("{at} {hash}"), move |(at, hash)| {
                let covered = hash.to_string();
                html! {
                    <li>
                        <PhotoThumb hash=hash.clone() alt=(t.photo_alt)(at + 1) />
                        <button
                            class="btn thumb-remove"
                            type="button"
                            aria-label=(t.photo_remove)(at + 1)
                            disabled=is_leaving
                            on:click=move |_| editor.remove_photo(&hash)
                        >
                            "×"
                        </button>
                        <button
                            class="btn thumb-cover"
                            type="button"
                            id=dom::cover(at)
                            disabled=is_leaving
                            on:click=move |_| editor.covering.set(Some(covered.clone()))
                        >
                            {t.cover}
                            <span class="sr-only">{(t.photo_alt)(at + 1)}</span>
                        </button>
                    </li>
                }
            })}
        </ul>
    }
}
