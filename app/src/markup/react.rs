//! Doing something about signals.

use leptos::prelude::Effect;

/// Something to do after drawing, and again when the signals it reads change; on the phone only. Boxed, so
/// that leptos' part is written out once and not once a closure.
pub fn react(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}
