//! Small pictures of the photos on this phone.

use crate::local::spawn;
use crate::markup::{Memo, Node, RwSignal, each, html, react};
use leptos::prelude::*;

use crate::domain::ids::PhotoHash;
use crate::local::{outbox, photo};
use crate::text::use_text;

/// A photo's small picture, drawn as soon as it has been read.
#[component]
pub fn PhotoThumb(hash: PhotoHash, #[prop(into)] alt: String) -> Node {
    let url = RwSignal::new(None::<String>);
    react(move || {
        let hash = hash.clone();
        spawn(async move {
            match outbox::thumb(&hash).await {
                Ok(Some(jpeg)) => {
                    let made = photo::url_of(&jpeg);
                    // Given back when it cannot be used any more: the list may have changed meanwhile.
                    if let Some(Some(unused)) = url.try_set(made) {
                        photo::forget_url(&unused);
                    }
                }
                Ok(None) => {}
                Err(error) => leptos::logging::error!("small picture not read: {error}"),
            }
        });
    });
    on_cleanup(move || {
        if let Some(Some(url)) = url.try_get_untracked() {
            photo::forget_url(&url);
        }
    });
    html! { <span class="thumb">{move || url.get().map(|src| html! { <img src=src alt=alt.clone() /> })}</span> }
}

/// The photos of a report being written, each with a button that takes it out.
#[component]
pub fn PhotoStrip(photos: Memo<Vec<PhotoHash>>, on_remove: impl Fn(PhotoHash) + Copy + Send + Sync + 'static) -> Node {
    let t = &use_text().report;
    let numbered = move || photos.get().into_iter().enumerate().collect::<Vec<_>>();
    html! {
        <ul class="thumbs" data-testid="photos" hidden=move || photos.look(Vec::is_empty)>
            {each(numbered, |(at, hash)| format!("{at} {hash}"), move |(at, hash)| html! {
                <li>
                    <PhotoThumb hash=hash.clone() alt=(t.photo_alt)(at + 1) />
                    <button
                        class="btn thumb-remove"
                        type="button"
                        aria-label=(t.photo_remove)(at + 1)
                        on:click=move |_| on_remove(hash.clone())
                    >
                        "×"
                    </button>
                </li>
            })}
        </ul>
    }
}
