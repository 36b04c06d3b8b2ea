//! A file made on this phone, offered as a download.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::clock;

/// A name for a file of today: `{stem}-2026-11-24.json`. The day is enough, and colons are not allowed in some names.
#[must_use]
pub fn dated(stem: &str) -> String {
    let now = clock::rfc3339(clock::now_millis(), clock::zone_offset());
    format!("{stem}-{}.json", now.get(..10).unwrap_or_default())
}

/// Offers the text in `pieces` under a name.
///
/// # Errors
/// What the browser throws that does not allow it.
pub fn offer(pieces: &Array, kind: &str, name: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(pieces, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let link: HtmlAnchorElement = document.create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has its own hold on the bytes once it has begun, which takes browsers a moment.
    gloo_timers::callback::Timeout::new(60_000, move || super::photo::forget_url(&url)).forget();
    Ok(())
}
