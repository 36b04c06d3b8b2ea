//! Taking everything of Waypost off this phone.

use super::db::{self, DbError, Store};
use super::{outbox, prefs, storage};

/// Deletes the district, drafts, reports with their photos, choices and the device token, then opens the first page as
/// on a new phone. The program's own files stay, so that it still opens without a network; so does what belongs to whoever is
/// signed in as staff, until they sign out.
///
/// # Errors
/// [`DbError`]; then nothing is deleted.
pub async fn wipe() -> Result<(), DbError> {
    match db::write(&Store::ALL).await {
        Ok(tx) => {
            for store in Store::ALL {
                if store != Store::Desk {
                    tx.clear(store)?;
                }
            }
            tx.commit().await?;
        }
        // Where the browser keeps nothing, there is nothing to clear.
        Err(DbError::Unavailable(_)) => {}
        Err(error) => return Err(error),
    }
    storage::clear();
    prefs::forget_cookies();
    outbox::tell_wiped();
    start_again();
    Ok(())
}

/// Opens the first page, with nothing of this one left.
pub(super) fn start_again() {
    if let Some(window) = web_sys::window() {
        // Fails only where scripts may not navigate at all; what is shown is then gone with the page.
        // The service worker then drops the pictures that it keeps; see `sw.js`.
        let _ = window.location().replace("/?wiped");
    }
}
