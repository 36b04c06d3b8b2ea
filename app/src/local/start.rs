//! What runs as long as the page is open: the clock, the refreshes, the outbox, and the keeping of choices.

use std::cell::Cell;

use crate::local::spawn;
use crate::markup::react;
use gloo_timers::callback::{Interval, Timeout};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{EventTarget, VisibilityState};

use super::outbox::{self, drain};
use super::prefs::Theme;
use super::{Phone, Seed, Trouble, clock, device, prefs, snapshot, sync};

const REFRESH_MS: u32 = 300_000;
/// Said on `window` by `/boot.js` when a newer build is installed and waits; `data-update` on `<html>` says the same to
/// whoever comes later.
const UPDATE_READY: &str = "waypost:update";

thread_local! {
    static STARTED: Cell<bool> = const { Cell::new(false) };
}

/// What a page that is mounted into the empty shell starts from: this phone's own keeping.
#[must_use]
pub fn stored_seed() -> Seed {
    Seed {
        snapshot: snapshot::load().unwrap_or_default(),
        partial: false,
        now: clock::now_minute(),
        form_id: None,
        prefs: prefs::load().unwrap_or_default(),
    }
}

/// Sets everything going. Called from an effect of [`crate::App`], after the first drawing, so the server never does.
/// A second call does nothing.
pub fn start(phone: Phone) {
    if STARTED.replace(true) {
        return;
    }
    restore_prefs(phone);
    sync::show_kept(phone);
    clock::recheck(phone.replica.get_untracked().generated_at());
    phone.clock_ahead.set(clock::ahead_ms());
    tick(phone);
    outbox::follow_other_tabs(phone);
    spawn(async move {
        // First: whoever opens the form sees what it held.
        outbox::reload(phone).await;
        if device::device().await.is_none_or(|device| !device.kept) {
            phone.trouble.set(Some(Trouble::StorageBlocked));
        }
        drain::kick(phone, true);
        sync::refresh(phone).await;
        // What was kept some days longer for a server that forgets; see [`outbox::item::Item::keeps_photos`].
        if let Err(error) = outbox::drop_unneeded_photos(outbox::Keep::Recent).await {
            crate::local::log::error("photos that are no longer needed stay", &error);
        }
    });

    let Some(window) = web_sys::window() else { return };
    listen(&window, "online", move || wake(phone));
    if let Some(document) = window.document() {
        listen(&document, "visibilitychange", move || {
            if is_visible() {
                phone.now.set(clock::now_minute());
                wake(phone);
            }
        });
        if document.document_element().is_some_and(|html| html.has_attribute("data-update")) {
            phone.update_ready.set(true);
        }
    }
    listen(&window, UPDATE_READY, move || phone.update_ready.set(true));
    Interval::new(REFRESH_MS, move || {
        if is_visible() {
            wake(phone);
        }
    })
    .forget();
}

/// Something may have mended the connection: try what waits, and refresh.
fn wake(phone: Phone) {
    drain::kick(phone, true);
    spawn(sync::refresh(phone));
}

/// The clock on the screen changes when the minute does.
fn tick(phone: Phone) {
    let now = clock::true_millis();
    if is_visible() {
        phone.now.set(clock::now_minute());
    }
    let to_next_minute = 60_000 - now.rem_euclid(60_000);
    // A little late rather than a little early, which would tick twice.
    Timeout::new(to_next_minute as u32 + 20, move || tick(phone)).forget();
}

fn is_visible() -> bool {
    web_sys::window()
        .and_then(|window| window.document())
        .is_none_or(|document| document.visibility_state() != VisibilityState::Hidden)
}

fn listen(target: &EventTarget, event: &str, heard: impl FnMut() + 'static) {
    let heard = Closure::<dyn FnMut()>::new(heard);
    // Adding a listener has no documented failure.
    let _ = target.add_event_listener_with_callback(event, heard.as_ref().unchecked_ref());
    // For as long as the page lives.
    heard.forget();
}

/// Takes up the choices kept on this phone, then keeps every later change.
fn restore_prefs(phone: Phone) {
    let seeded = phone.prefs.get_untracked();
    if let Some(kept) = prefs::load() {
        let mut restored = kept;
        // The page is already drawn in this language; another one means another load.
        restored.lang = seeded.lang;
        if prefs::has_cookie("theme") {
            // Changed last through the plain form, which only sets the cookie.
            restored.theme = seeded.theme;
        }
        if restored != seeded {
            phone.prefs.set(restored);
        }
    }
    react(move || {
        let prefs = phone.prefs.get();
        show_theme(prefs.theme);
        if let Err(error) = prefs::save(&prefs) {
            phone.trouble.set(Some(error.into()));
        }
    });
}

fn show_theme(theme: Theme) {
    let html = web_sys::window().and_then(|window| window.document()).and_then(|document| document.document_element());
    if let Some(html) = html {
        // Only fails for a name that is not one.
        let _ = html.set_attribute("data-theme", theme.code());
    }
}
