//! What nobody can guess, and ids made of it.

use uuid::Uuid;
use wasm_bindgen::JsCast;

/// Fills the bytes with random ones of the browser's, in a page and in a worker; `None` if it has none.
pub(super) fn fill(bytes: &mut [u8]) -> Option<()> {
    let crypto = js_sys::Reflect::get(&js_sys::global(), &"crypto".into()).ok()?;
    crypto.unchecked_into::<web_sys::Crypto>().get_random_values_with_u8_array(bytes).ok()?;
    Some(())
}

/// An id of its own, where a page is drawn on the server.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// An id of its own: `UUIDv7`, by this phone's clock (RFC 9562, 5.7). Of two made in the same millisecond either may be the
/// smaller: the crate's own ones are in order, and a hundredth of the program.
#[cfg(target_arch = "wasm32")]
pub(super) fn new_id() -> Uuid {
    let mut random = [0; 10];
    if fill(&mut random).is_none() {
        // A browser without random numbers has no token either, and sends nothing; drafts only must not be mixed up.
        random.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    let now_ms = super::clock::now_millis().unsigned_abs();
    uuid::Builder::from_unix_timestamp_millis(now_ms, &random).into_uuid()
}
