//! The two doors of the same build: `/boot.js` starts the module, then calls [`hydrate`] on a page the server drew,
//! or [`mount`] in the empty shell that the service worker keeps. Cached server HTML is never hydrated.

use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::App;
use crate::local::Seed;

/// Takes over the page the server drew. `seed` is the JSON the page was drawn from.
///
/// # Errors
/// A message for the console if the seed is not what this build understands; the page stays plain HTML, which works.
#[wasm_bindgen]
pub fn hydrate(seed: &str) -> Result<(), String> {
    console_error_panic_hook::set_once();
    let seed: Seed = serde_json::from_str(seed).map_err(|error| error.to_string())?;
    leptos::mount::hydrate_body(move || view! { <App seed /> });
    Ok(())
}

/// Draws the interface into the empty shell from what this phone keeps.
#[wasm_bindgen]
pub fn mount() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(|| view! { <App seed=Seed::default() /> });
}
