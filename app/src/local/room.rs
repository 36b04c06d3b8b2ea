//! The browser's room for us. What it says is told to people, never relied upon: a full disk shows when writing.

use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{StorageEstimate, StorageManager};

/// What the browser says about our data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Room {
    /// Bytes used, roughly.
    pub used: f64,
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
    Some(Room { used: estimate.get_usage()?, persisted })
}

/// Asks that our data be kept when space runs short. Browsers decide by themselves or ask the person once.
pub async fn ask_to_persist() {
    if let Some(manager) = manager() {
        // Yes or no, there is nothing to do but say so on the page about this phone.
        let _ = answer(manager.persist()).await;
    }
}
