//! Where drafts and reports lie, how safe they are there, and the way to another phone and from one.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use crate::domain::decimal::decimal;
use crate::local::room::{Room, room};
use crate::local::{export, import, spawn, use_phone};
use crate::markup::{Node, RwSignal, html, react};
use crate::text::use_text;

#[component]
pub(super) fn Keeping(imported: RwSignal<Option<String>>) -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let told = RwSignal::new(None::<Room>);
    react(move || {
        phone.shelf.track();
        spawn(async move {
            told.try_set(room().await);
        });
    });
    html! {
        <OtherPhone imported />
        <div class="stack-s" data-testid="storage">
            {move || {
                told.get()
                    .map(|room| {
                        let quota = room.quota.map(size);
                        html! {
                            {room.quota.map(|quota| {
                                let (used, quota) = (decimal(room.used, 0), decimal(quota, 0));
                                html! { <meter class="meter" min="0" max=quota value=used aria-hidden="true"></meter> }
                            })}
                            <p class="muted small">
                                {(t.storage)(&size(room.used), quota.as_deref())} " · "
                                {if room.persisted { t.persisted } else { t.not_persisted }}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// The way to another phone, if something here could go there, and from one.
#[component]
pub(super) fn OtherPhone(imported: RwSignal<Option<String>>) -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let note = RwSignal::new(None::<String>);
    let export = move |_| {
        spawn(async move {
            let words = match export::download_unsent().await {
                Ok(()) => t.exported.to_owned(),
                Err(error) => (t.failed)(&error.to_string()),
            };
            note.try_set(Some(words));
        });
    };
    html! {
        <div class="card stack-s">
            <div class="stack-s" hidden=move || phone.shelf.look(|shelf| shelf.portable() + shelf.strange) == 0>
                {move || {
                    let said = phone.shelf.look(|shelf| shelf.portable() - shelf.unsent());
                    (said > 0).then(|| html! { <p>{(t.said_of_stations)(said)}</p> })
                }}
                <p>{t.export_text}</p>
                <p class="btns">
                    <button class="btn" type="button" data-testid="export" on:click=export>
                        {t.export}
                    </button>
                </p>
            </div>
            <p role="status">{move || note.get()}</p>
            <Import note=imported />
        </div>
    }
}

/// Takes up the file of another phone, and says in `note` what came of it.
#[component]
fn Import(note: RwSignal<Option<String>>) -> Node {
    let t = &use_text().mine;
    let phone = use_phone();
    let chosen = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        // So that the same file can be chosen again, for instance after making room.
        input.set_value("");
        spawn(async move {
            let words = match import::take(phone, &file).await {
                Ok(Some(taken)) => (t.imported)(taken),
                Ok(None) => t.not_ours.to_owned(),
                Err(error) => (t.failed)(&error.to_string()),
            };
            note.try_set(Some(words));
        });
    };
    html! {
        <p>{t.import_text}</p>
        <p class="btns">
            <label class="btn file">
                {t.import}
                <input type="file" accept="application/json,.json" data-testid="import" on:change=chosen />
            </label>
        </p>
        <p role="status" data-testid="imported">
            {move || note.get()}
        </p>
    }
}

/// Bytes in the unit a person would use.
fn size(bytes: f64) -> String {
    if bytes < 1e6 {
        format!("{} KB", decimal((bytes / 1e3).ceil(), 0))
    } else if bytes < 1e9 {
        format!("{} MB", decimal(bytes / 1e6, 1))
    } else {
        format!("{} GB", decimal(bytes / 1e9, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_a_persons_units() {
        assert_eq!(size(0.0), "0 KB");
        assert_eq!(size(1.0), "1 KB");
        assert_eq!(size(3_240_000.0), "3.2 MB");
        assert_eq!(size(1_234_000_000.0), "1.2 GB");
    }
}
