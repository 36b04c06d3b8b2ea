//! Pieces that more than one page uses.

use std::fmt::Write;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use waypost_app::local::spawn;
use web_sys::HtmlElement;

use crate::desk::Desk;
use crate::markup::{Node, RwSignal, html};

/// A field for a line of text. `kind` is the input's type, `complete` what the browser may fill in.
#[component]
pub fn Line(
    #[prop(into)] id: String,
    label: &'static str,
    value: RwSignal<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] complete: &'static str,
    #[prop(default = "")] hint: &'static str,
    #[prop(default = false)] focus: bool,
) -> Node {
    let hint_id = format!("{id}-hint");
    let described = (!hint.is_empty()).then(|| hint_id.clone());
    if focus {
        // It stands in the document from the next frame on. Browsers heed `autofocus` only while a page loads.
        let id = id.clone();
        request_animation_frame(move || focus_on(&id));
    }
    html! {
        <div class="field">
            <label r#for=id.clone()>{label}</label>
            <input
                id=id.clone()
                name=id
                r#type=kind
                autocomplete=complete
                aria-describedby=described
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {(!hint.is_empty())
                .then(|| {
                    html! {
                        <p id=hint_id class="muted small">
                            {hint}
                        </p>
                    }
                })}
        </div>
    }
}

/// A moment to the minute, as its own zone says it: `2026-11-27 04:55`.
#[must_use]
pub fn to_the_minute(moment: &str) -> String {
    moment.get(..16).unwrap_or(moment).replace('T', " ")
}

/// Gives the focus to an element, if it is there.
pub fn focus_on(id: &str) {
    let found = document().get_element_by_id(id).and_then(|found| found.dyn_into::<HtmlElement>().ok());
    if let Some(found) = found {
        // Only fails for an element that cannot have the focus.
        let _ = found.focus();
    }
}

/// Goes to a field, also to one that is folded away: that cannot have the focus.
pub fn unfold_and_focus(id: &str) {
    let around = document().get_element_by_id(id).and_then(|field| field.closest("details").ok().flatten());
    // Only fails for a name that is none.
    let _ = around.map(|details| details.set_attribute("open", ""));
    focus_on(id);
}

/// Takes a text to be pasted elsewhere, and says so. Where the browser refuses, it still stands there to be marked.
pub fn copy(desk: Desk, text: String, said: &'static str) {
    spawn(async move {
        let copied = window().navigator().clipboard().write_text(&text);
        if JsFuture::from(copied).await.is_ok() {
            desk.say(said);
        }
    });
}

/// Something that went wrong, said at once.
#[component]
pub fn Fault(words: RwSignal<String>) -> Node {
    html! {
        <div role="alert" data-testid="fault">
            {move || {
                let words = words.get();
                (!words.is_empty()).then(|| html! { <p class="notice notice-danger">{words}</p> })
            }}
        </div>
    }
}

/// A QR code as a drawing; nothing where the text is too long for one.
#[component]
pub fn Qr(content: String, label: &'static str) -> Node {
    let Ok(code) = QrCode::encode_text(&content, QrCodeEcc::Medium) else { return Node::Nothing };
    let side = code.size() + 8;
    html! {
        <svg class="qr" viewBox=format!("-4 -4 {side} {side}") role="img" aria-label=label>
            <rect x="-4" y="-4" width=side.to_string() height=side.to_string() fill="#fff" />
            <path fill="#000" d=modules(&code) />
        </svg>
    }
}

/// The dark modules as one path: each row's runs, a rectangle each.
fn modules(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let from = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > from {
                // Writing to a String cannot fail.
                let _ = write!(path, "M{from} {y}h{run}v1h-{run}z", run = x - from);
            } else {
                x += 1;
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark modules that a path covers.
    fn covered(path: &str) -> Vec<(i32, i32)> {
        let mut modules = Vec::new();
        for run in path.split('M').skip(1) {
            let (at, rest) = run.split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("a place");
            let width: i32 = rest.split_once('v').expect("a height").0.parse().expect("a width");
            let (x, y): (i32, i32) = (x.parse().expect("x"), y.parse().expect("y"));
            modules.extend((x..x + width).map(|x| (x, y)));
        }
        modules
    }

    #[test]
    fn a_moment_is_said_to_the_minute_and_nonsense_as_it_is() {
        assert_eq!(to_the_minute("2026-11-27T04:55:55+08:00"), "2026-11-27 04:55");
        assert_eq!(to_the_minute("soon"), "soon");
    }

    #[test]
    fn the_path_covers_exactly_the_dark_modules() {
        let code = QrCode::encode_text("otpauth://totp/Waypost:x?secret=ABC", QrCodeEcc::Medium).expect("a code");
        let mut dark = Vec::new();
        for y in 0..code.size() {
            dark.extend((0..code.size()).filter(|x| code.get_module(*x, y)).map(|x| (x, y)));
        }
        assert_eq!(covered(&modules(&code)), dark);
    }
}
