//! Where the phone is, asked for when somebody wants to know and not before.

use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Position, PositionError};

use crate::domain::geo::Wgs84;

/// Longest wait for a fix made for the question, in milliseconds: a rider moves ten metres a second, and only that one
/// says where a photo was taken.
const FRESH_MS: u32 = 2_000;
/// After that, longest wait for any, in milliseconds.
const TIMEOUT_MS: u32 = 10_000;
/// How old that may be: a phone that lies still is told nothing new.
const MAX_AGE_MS: u32 = 10_000;

/// A position from the phone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fix {
    pub position: Wgs84,
    /// Radius in metres.
    pub accuracy_m: f64,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFix {
    /// The person, or a setting, said no.
    #[error("not allowed")]
    Refused,
    /// No GPS, indoors, too slow, or no geolocation at all.
    #[error("no position to be had")]
    Unavailable,
}

/// Asks once, with high accuracy. Never waits longer than twelve seconds once the person has answered.
///
/// # Errors
/// [`NoFix`]
pub async fn locate() -> Result<Fix, NoFix> {
    match ask(FRESH_MS, 0).await {
        Err(NoFix::Unavailable) => ask(TIMEOUT_MS, MAX_AGE_MS).await,
        told => told,
    }
}

async fn ask(timeout_ms: u32, max_age_ms: u32) -> Result<Fix, NoFix> {
    let geolocation = web_sys::window().and_then(|it| it.navigator().geolocation().ok()).ok_or(NoFix::Unavailable)?;
    let options = Object::new();
    for (key, value) in
        [("enableHighAccuracy", true.into()), ("timeout", timeout_ms.into()), ("maximumAge", max_age_ms.into())]
    {
        // Setting a property of a plain new object cannot fail.
        let _: Result<bool, JsValue> = Reflect::set(&options, &key.into(), &value);
    }
    let promise = Promise::new(&mut |resolve, reject| {
        let refuse = reject.clone();
        let asked = geolocation.get_current_position_with_error_callback_and_options(
            &resolve,
            Some(&reject),
            options.unchecked_ref(),
        );
        if asked.is_err() {
            // Calling a promise's resolver cannot throw.
            let _ = refuse.call0(&JsValue::NULL);
        }
    });
    match JsFuture::from(promise).await {
        Ok(position) => {
            let coords = position.unchecked_into::<Position>().coords();
            let position = Wgs84::new(coords.latitude(), coords.longitude()).ok_or(NoFix::Unavailable)?;
            Ok(Fix { position, accuracy_m: coords.accuracy().max(0.0) })
        }
        // Not `dyn_into`: browsers have renamed the class since.
        Err(error) if error.is_object() => match error.unchecked_into::<PositionError>().code() {
            PositionError::PERMISSION_DENIED => Err(NoFix::Refused),
            _ => Err(NoFix::Unavailable),
        },
        Err(_) => Err(NoFix::Unavailable),
    }
}
