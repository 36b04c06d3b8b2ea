//! The two doors of the same build: `/boot.js` starts the module, then calls [`hydrate`] on a page the server drew,
//! or [`mount`] in the empty shell that the service worker keeps. Cached server HTML is never hydrated.

use leptos::mount::{hydrate_body, mount_to_body};
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::local::outbox::background;
use crate::local::{Seed, stored_seed};
use crate::{App, json};

/// Takes over the page the server drew. `seed` is the JSON the page was drawn from.
///
/// # Errors
/// A message for the console if the seed is not what this build understands; the page stays plain HTML, which works.
#[wasm_bindgen]
pub fn hydrate(seed: &str) -> Result<(), String> {
    // A release stops at a panic without words; see scripts/build.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    let seed: Seed = json::read(seed).map_err(|error| error.to_string())?;
    hydrate_body(move || view! { <App seed /> });
    come_alive();
    Ok(())
}

/// Draws the interface into the empty shell from what this phone keeps.
#[wasm_bindgen]
pub fn mount() {
    // A release stops at a panic without words; see scripts/build.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    let seed = stored_seed();
    // The word of welcome that stood in for the page.
    document().body().inspect(|body| body.set_inner_html(""));
    mount_to_body(move || view! { <App seed /> });
    come_alive();
}

/// Sends what waits, in the service worker, with no page open. Resolves to whether everything that could go by itself is
/// gone.
#[wasm_bindgen]
pub async fn drain_outbox() -> bool {
    background::drain().await
}

/// Style sheets show live controls only from here on.
fn come_alive() {
    if let Some(html) = document().document_element() {
        // Only fails for a name that is not one.
        let _ = html.set_attribute("data-live", "");
    }
}
