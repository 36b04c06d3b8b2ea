//! localStorage without its surprises: a blocked or full store is an answer here, never a panic.

use gloo_storage::{LocalStorage, Storage};

/// Why something was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The browser refuses any storage (private window, settings).
    #[error("the browser does not allow storage")]
    Blocked,
    /// No room is left.
    #[error("the browser's storage is full")]
    Full,
}

/// The raw store; gloo panics where the browser blocks it, so ask first.
fn store() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()?;
    Some(LocalStorage::raw())
}

/// The text kept under `key`.
#[must_use]
pub fn get(key: &str) -> Option<String> {
    store()?.get_item(key).ok().flatten()
}

/// Keeps `text` under `key`.
///
/// # Errors
/// [`StorageError`]; what was kept before stays.
pub fn set(key: &str, text: &str) -> Result<(), StorageError> {
    let store = store().ok_or(StorageError::Blocked)?;
    // The only documented failure of setItem is the quota.
    store.set_item(key, text).map_err(|_| StorageError::Full)
}

/// Forgets everything.
pub fn clear() {
    if let Some(store) = store() {
        // Like removeItem.
        let _ = store.clear();
    }
}

/// Forgets `key`.
pub fn remove(key: &str) {
    if let Some(store) = store() {
        // removeItem has no failure once the store is reachable.
        let _ = store.remove_item(key);
    }
}
