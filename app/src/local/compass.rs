//! Which way the phone points, so that arrows can turn with it.

use std::cell::Cell;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::document;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlElement;

use crate::local::spawn;

/// Arrows turn in steps of so many degrees: fewer redraws, and no trembling.
const STEP: i32 = 5;

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static HEADING: Cell<i32> = const { Cell::new(0) };
}

/// Turns every arrow with the phone from now on, by the one custom property `--heading` on the root element. Where the
/// browser wants to be asked (iOS), it only answers inside a tap. Without a compass nothing changes.
pub fn start() {
    if LISTENING.get() {
        return;
    }
    let Some(window) = web_sys::window() else { return };
    let ask = Reflect::get(&window, &"DeviceOrientationEvent".into())
        .and_then(|class| Ok((Reflect::get(&class, &"requestPermission".into())?, class)))
        .ok()
        .and_then(|(ask, class)| Some((ask.dyn_into::<Function>().ok()?, class)));
    let Some((ask, class)) = ask else {
        listen("deviceorientationabsolute");
        return;
    };
    // Called here and not in the task below: the tap does not last that long.
    let Ok(answer) = ask.call0(&class) else { return };
    spawn(async move {
        let answer = JsFuture::from(answer.unchecked_into::<Promise>()).await;
        if answer.is_ok_and(|answer| answer == "granted") {
            listen("deviceorientation");
        }
    });
}

fn listen(event: &str) {
    let Some(window) = web_sys::window() else { return };
    let turned = Closure::<dyn FnMut(JsValue)>::new(|event: JsValue| {
        if let Some(heading) = heading(&event) {
            turn_to(heading);
        }
    });
    if window.add_event_listener_with_callback(event, turned.as_ref().unchecked_ref()).is_ok() {
        LISTENING.set(true);
        // For as long as the page lives.
        turned.forget();
    }
}

/// Degrees clockwise from north of the top of the screen.
fn heading(event: &JsValue) -> Option<f64> {
    let number = |of: &JsValue, key: &str| Reflect::get(of, &key.into()).ok()?.as_f64();
    // iOS says the heading itself; elsewhere alpha runs the other way round.
    let heading = number(event, "webkitCompassHeading").or_else(|| Some(-number(event, "alpha")?))?;
    let screen = Reflect::get(web_sys::window()?.as_ref(), &"screen".into()).ok()?;
    let held = Reflect::get(&screen, &"orientation".into()).ok().and_then(|it| number(&it, "angle"));
    Some(heading + held.unwrap_or_default())
}

fn turn_to(heading: f64) {
    let step = f64::from(STEP);
    let rounded = ((heading / step).round() as i32 * STEP).rem_euclid(360);
    if HEADING.replace(rounded) != rounded
        && let Some(root) = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok())
    {
        // Fails only on a style that is computed, which this is not.
        let _ = root.style().set_property("--heading", &format!("{rounded}deg"));
    }
}
