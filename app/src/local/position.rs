//! Following where the phone is, while somebody looks.

use std::cell::RefCell;

use leptos::prelude::document;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Geolocation, PermissionState, PermissionStatus, Position, PositionError, PositionOptions, VisibilityState,
};

use super::{Phone, Whereabouts};
use crate::domain::geo::Wgs84;
use crate::domain::time::Minute;
use crate::local::spawn;

/// A step shorter than this, in metres, is not worth drawing the list again.
const STEP_M: f64 = 8.0;
/// Longest wait for a fix, in milliseconds.
const TIMEOUT_MS: u32 = 15_000;
/// A fix at most this old, in milliseconds, is as good as a new one.
const MAX_AGE_MS: u32 = 10_000;

thread_local! {
    /// The one watch of this page; the callbacks live as long as it may be resumed.
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
}

struct Watch {
    geolocation: Geolocation,
    /// `None` while the page is hidden.
    id: Option<i32>,
    seen: Closure<dyn FnMut(JsValue)>,
    failed: Closure<dyn FnMut(JsValue)>,
}

impl Watch {
    /// Asks the browser to go on telling; false if it will not.
    fn resume(&mut self) -> bool {
        if self.id.is_none() {
            let options = PositionOptions::new();
            options.set_enable_high_accuracy(true);
            options.set_maximum_age(MAX_AGE_MS);
            options.set_timeout(TIMEOUT_MS);
            self.id = self
                .geolocation
                .watch_position_with_error_callback_and_options(
                    self.seen.as_ref().unchecked_ref(),
                    Some(self.failed.as_ref().unchecked_ref()),
                    &options,
                )
                .ok();
        }
        self.id.is_some()
    }

    fn pause(&mut self) {
        if let Some(id) = self.id.take() {
            self.geolocation.clear_watch(id);
        }
    }
}

/// Keeps [`Phone::whereabouts`] up to date from now on, while the page is visible. Asks for permission where it has
/// not been given, so call it from a tap; asking again after a refusal or a failure tries again.
pub fn follow(phone: Phone) {
    let already = WATCH.with_borrow(|watch| watch.as_ref().is_some_and(|watch| watch.id.is_some()));
    let found = matches!(phone.whereabouts.get_untracked(), Whereabouts::Here { .. });
    if already && found {
        return;
    }
    phone.whereabouts.set(Whereabouts::Asking);
    let started = WATCH.with_borrow_mut(|watch| {
        if let Some(watch) = watch {
            watch.pause();
        } else {
            *watch = begin(phone);
        }
        watch.as_mut().is_some_and(Watch::resume)
    });
    if !started {
        phone.whereabouts.set(Whereabouts::Unavailable);
    }
}

/// Starts [`follow`] without asking anybody, if permission was given on an earlier day.
pub fn follow_if_allowed(phone: Phone) {
    spawn(async move {
        if is_allowed().await == Some(true) && phone.whereabouts.get_untracked() == Whereabouts::NotAsked {
            follow(phone);
        }
    });
}

/// `None` where the browser does not say.
async fn is_allowed() -> Option<bool> {
    let permissions = web_sys::window()?.navigator().permissions().ok()?;
    let geolocation = js_sys::Object::new();
    js_sys::Reflect::set(&geolocation, &"name".into(), &"geolocation".into()).ok()?;
    let status = JsFuture::from(permissions.query(&geolocation).ok()?).await.ok()?;
    Some(status.unchecked_into::<PermissionStatus>().state() == PermissionState::Granted)
}

fn begin(phone: Phone) -> Option<Watch> {
    let geolocation = web_sys::window()?.navigator().geolocation().ok()?;
    // Both callbacks get what the standard promises; the classes of old names cannot be tested with instanceof.
    let seen = Closure::new(move |fix: JsValue| {
        let coords = fix.unchecked_into::<Position>().coords();
        let Some(position) = Wgs84::new(coords.latitude(), coords.longitude()) else { return };
        let accuracy_m = coords.accuracy().max(0.0);
        if let Whereabouts::Here { position: before, accuracy_m: known, .. } = phone.whereabouts.get_untracked()
            && before.distance_m(position) < STEP_M
            && accuracy_m > known * 0.7
        {
            return;
        }
        let at = Minute::from_millis(js_sys::Date::now() as i64);
        phone.whereabouts.set(Whereabouts::Here { position, accuracy_m, at });
    });
    let failed = Closure::new(move |error: JsValue| {
        let refused = error.unchecked_into::<PositionError>().code() == PositionError::PERMISSION_DENIED;
        // A fix that was had stays good when the next one fails, as it does in every tunnel.
        if refused {
            phone.whereabouts.set(Whereabouts::Refused);
        } else if !matches!(phone.whereabouts.get_untracked(), Whereabouts::Here { .. }) {
            phone.whereabouts.set(Whereabouts::Unavailable);
        }
    });
    pause_while_hidden();
    Some(Watch { geolocation, id: None, seen, failed })
}

/// GPS costs battery, so nobody follows while nobody looks.
fn pause_while_hidden() {
    let changed = Closure::<dyn FnMut()>::new(|| {
        WATCH.with_borrow_mut(|watch| {
            let Some(watch) = watch else { return };
            if document().visibility_state() == VisibilityState::Visible {
                watch.resume();
            } else {
                watch.pause();
            }
        });
    });
    // Fails only for a listener that is not callable.
    let _ = document().add_event_listener_with_callback("visibilitychange", changed.as_ref().unchecked_ref());
    // For as long as the page lives.
    changed.forget();
}
