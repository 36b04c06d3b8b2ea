//! Sending while no page is open: the browser wakes the service worker once there is a network, and that runs the same
//! drain.

use leptos::prelude::Owner;
use web_sys::CustomEvent;

use super::drain;
use crate::local::{Phone, Seed, device};

/// Heard by `/boot.js`, which asks the browser for Background Sync where there is one.
const WAITING: &str = "waypost:waiting";

/// Something waits to be sent, and this page may not live to do it.
pub(super) fn ask() {
    if let Some(window) = web_sys::window()
        && let Ok(event) = CustomEvent::new(WAITING)
    {
        // Where it is not heard, the next page that is opened sends.
        let _ = window.dispatch_event(&event);
    }
}

/// Sends everything that waits, as the service worker. False if something is left that can go later by itself.
pub async fn drain() -> bool {
    // The phone may have been cleared, and be a new one, since this worker was asked last.
    device::forget();
    let owner = Owner::new();
    let phone = owner.with(|| Phone::new(Seed::default()));
    let all = drain::to_the_end(phone).await;
    drop(owner);
    all
}
