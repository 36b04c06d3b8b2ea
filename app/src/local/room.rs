//! The browser's room for us. What it says is told to people, never relied upon: a full disk shows when writing.

use std::cell::Cell;

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageEstimate, StorageManager};

use super::spawn;

/// What the browser says about our data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Bytes used, roughly.
    pub used: f64,
    /// Bytes we may use, as the browser says; a full disk shows earlier.
    pub quota: Option<f64>,
    /// It will not be cleared without asking a person.
    pub persisted: bool,
}

/// Missing on pages without TLS, whatever the types say.
fn manager() -> Option<StorageManager> {
    let manager = web_sys::window()?.navigator().storage();
    (!AsRef::<JsValue>::as_ref(&manager).is_undefined()).then_some(manager)
}

async fn answer(asked: Result<Promise, JsValue>) -> Option<JsValue> {
    JsFuture::from(asked.ok()?).await.ok()
}

/// What the browser says, if anything.
pub async fn room() -> Option<Room> {
    let manager = manager()?;
    let estimate: StorageEstimate = answer(manager.estimate()).await?.unchecked_into();
    let persisted = answer(manager.persisted()).await.is_some_and(|it| it.is_truthy());
    Some(Room { used: estimate.get_usage()?, quota: estimate.get_quota(), persisted })
}

/// Asks that our data be kept when space runs short; once a page, when the first thing is kept that is worth it. Browsers decide by themselves or ask the person once.
pub fn ask_to_persist() {
    if !ASKED.replace(true)
        && let Some(manager) = manager()
    {
        // Yes or no, there is nothing to do but say so on the page about this phone.
        spawn(async move { drop(answer(manager.persist()).await) });
    }
}

thread_local! {
    static ASKED: Cell<bool> = const { Cell::new(false) };
}
