//! How to put the program on the home screen: one tap where the browser offers it, else in words. What waits here goes
//! first, because an installed program may have a storage of its own.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

use crate::components::icon::{Glyph, Icon};
use crate::local::outbox::{Shelf, drain};
use crate::local::use_phone;
use crate::markup::{Node, RwSignal, html, memo, react};
use crate::text::use_text;

/// Where `/boot.js` keeps the browser's offer to install.
const OFFER: &str = "waypostInstall";

#[component]
pub(super) fn Install() -> Node {
    let t = &use_text().more;
    let phone = use_phone();
    let offered = RwSignal::new(false);
    react(move || offered.set(offer().is_some()));
    let waiting = memo(move || phone.shelf.look(Shelf::all_unsent));
    let install = move |_| {
        if let Some(offer) = offer()
            && let Ok(prompt) = Reflect::get(&offer, &"prompt".into())
            && let Ok(prompt) = prompt.dyn_into::<Function>()
        {
            // A refused or repeated prompt leaves the words beside the button true.
            let _ = prompt.call0(&offer);
            offered.set(false);
        }
    };
    html! {
        <section class="card stack-s" data-testid="install">
            <h2>{t.install}</h2>
            <p>{t.install_text}</p>
            {move || {
                let unsent = waiting.get();
                if unsent > 0 {
                    html! {
                        <p class="notice notice-warn">{(t.install_first)(unsent)}</p>
                        <p class="btns">
                            <button class="btn" type="button" on:click=move |_| drain::kick(phone, true)>
                                {t.install_drain}
                            </button>
                            <a class="btn btn-quiet" href="/mine">
                                {t.install_export}
                            </a>
                        </p>
                    }
                } else if offered.get() {
                    html! {
                        <button class="btn" type="button" on:click=install>
                            <Icon glyph=Glyph::Download />
                            {t.install_now}
                        </button>
                    }
                } else {
                    html! { <p class="muted">{t.install_hint}</p> }
                }
            }}
        </section>
    }
}

fn offer() -> Option<JsValue> {
    let offer = Reflect::get(web_sys::window()?.as_ref(), &OFFER.into()).ok()?;
    offer.is_object().then_some(offer)
}
