//! What nobody at the phone can do anything about, for whoever looks into the browser's console.

use std::fmt::Display;

/// Says what did not work, and why. Written out once: it is said in many places.
#[inline(never)]
pub fn error(what: &str, why: &dyn Display) {
    leptos::logging::error!("{what}: {why}");
}
