//! Small pictures: of a photo on this phone, and of one that everybody may see.

use crate::local::spawn;
use crate::markup::{Node, RwSignal, html, react};
use leptos::prelude::*;

use crate::domain::ids::PhotoHash;
use crate::local::{outbox, photo};

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
                Err(error) => crate::local::log::error("small picture not read", &error),
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

/// A photo that everybody may see, by its hash, which opens it whole. The worker keeps the small one for when there is no network.
pub fn public_photo(hash: &str, alt: String) -> Node {
    let href = format!("/api/v1/photos/{hash}");
    let src = format!("{href}?size=thumb");
    html! {
        <a href=href target="_blank">
            <span class="thumb">
                <img src=src alt=alt loading="lazy" />
            </span>
        </a>
    }
}
