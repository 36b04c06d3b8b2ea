//! Which page is shown: the address as a signal, moved by links, by the browser's buttons, and by [`go`].
//!
//! Eight addresses without nesting, loading or guards need no more than this; leptos' router is a tenth of the program
//! on the phone.

use leptos::prelude::{expect_context, provide_context, request_animation_frame, window};
use percent_encoding::percent_decode_str;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent};

use crate::markup::{Memo, RwSignal, memo};

/// An address of this site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// As it stands in the address.
    path: String,
    /// Names and values, decoded, in order.
    query: Vec<(String, String)>,
}

impl Address {
    /// `search` with or without its question mark.
    #[must_use]
    pub fn new(path: &str, search: &str) -> Self {
        let pairs = search.strip_prefix('?').unwrap_or(search).split('&').filter(|pair| !pair.is_empty());
        let read = |text: &str| decoded(&text.replace('+', " "));
        let query = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (read(name), read(value))
        });
        Self { path: path.to_owned(), query: query.collect() }
    }

    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The station that `/stations/{slug}` names.
    #[must_use]
    pub fn slug(&self) -> Option<String> {
        let slug = self.path.strip_prefix("/stations/")?.trim_end_matches('/');
        (!slug.is_empty() && !slug.contains('/')).then(|| decoded(slug))
    }

    /// The last value under a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<String> {
        self.query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    /// Every value under a name.
    #[must_use]
    pub fn get_all(&self, name: &str) -> Vec<String> {
        self.query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// Where the browser is.
    fn current() -> Self {
        let location = window().location();
        Self::new(&location.pathname().unwrap_or_default(), &location.search().unwrap_or_default())
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The address of the page being drawn, and a way to follow it.
///
/// # Panics
/// Outside [`crate::App`], which provides it.
#[must_use]
pub fn use_address() -> RwSignal<Address> {
    expect_context()
}

/// Its path.
#[must_use]
pub fn use_path() -> Memo<String> {
    let address = use_address();
    memo(move || address.look(|address| address.path.clone()))
}

/// Provides the address to everything below: the server's, or the browser's, followed from then on.
pub fn provide() {
    let given = leptos::prelude::use_context::<Address>();
    let address = RwSignal::new(
        given.clone().unwrap_or_else(|| if cfg!(feature = "live") { Address::current() } else { Address::default() }),
    );
    provide_context(address);
    if cfg!(feature = "live") {
        follow_links(address);
        let back = Closure::<dyn FnMut()>::new(move || address.set(Address::current()));
        listen("popstate", back.as_ref().unchecked_ref());
        // For as long as the page lives.
        back.forget();
    }
}

fn listen(event: &str, heard: &js_sys::Function) {
    // Adding a listener has no documented failure.
    let _ = window().add_event_listener_with_callback(event, heard);
}

/// How a new address takes the place of the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// "Back" leads to the old one; the new page is seen from its top.
    Forward,
    /// "Back" leads to the old one; what is seen stays where it is.
    Within,
    /// The old one is gone; what is seen stays where it is.
    Replace,
}

/// Shows another page of this site: `href` is a path with its query and fragment.
pub fn go(address: RwSignal<Address>, href: &str, step: Step) {
    let (before, hash) = href.split_once('#').unwrap_or((href, ""));
    let (path, search) = before.split_once('?').unwrap_or((before, ""));
    let next = Address::new(path, search);
    let same = address.look_untracked(|shown| *shown == next);
    let Ok(history) = window().history() else { return };
    let done = if same || step == Step::Replace {
        history.replace_state_with_url(&JsValue::NULL, "", Some(href))
    } else {
        history.push_state_with_url(&JsValue::NULL, "", Some(href))
    };
    if done.is_err() {
        // Browsers refuse when it is done very often; loading the page still works.
        let _ = window().location().set_href(href);
        return;
    }
    address.set(next);
    if step == Step::Forward {
        let hash = hash.to_owned();
        // The page is drawn in the task after the address changes.
        request_animation_frame(move || {
            let target = window().document().and_then(|document| document.get_element_by_id(&hash));
            match target {
                Some(target) => target.scroll_into_view(),
                None => window().scroll_to_with_x_and_y(0.0, 0.0),
            }
        });
    }
}

/// Links of this site change the page without loading it, unless the person or the link asks for something else.
fn follow_links(address: RwSignal<Address>) {
    let clicked = Closure::<dyn FnMut(MouseEvent)>::new(move |event: MouseEvent| {
        if let Some(href) = link(&event) {
            event.prevent_default();
            go(address, &href, Step::Forward);
        }
    });
    listen("click", clicked.as_ref().unchecked_ref());
    // For as long as the page lives.
    clicked.forget();
}

/// Where a click on a link of ours leads; `None` if the browser is to follow it, or it is no such click.
fn link(event: &MouseEvent) -> Option<String> {
    let keys = event.meta_key() || event.alt_key() || event.ctrl_key() || event.shift_key();
    if event.default_prevented() || event.button() != 0 || keys {
        return None;
    }
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let link: HtmlAnchorElement = target.closest("a[href]").ok()??.dyn_into().ok()?;
    let external = link.rel().split_ascii_whitespace().any(|word| word == "external");
    let ours = link.origin() == window().location().origin().ok()?;
    if !link.target().is_empty() || link.has_attribute("download") || external || !ours {
        return None;
    }
    Some(format!("{}{}{}", link.pathname(), link.search(), link.hash()))
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_read_as_a_browser_writes_it() {
        let address = Address::new("/", "?has=water&has=%E7%90%86%E5%8F%91&near=a+b&open&=x&bad=%ff%");
        assert_eq!(address.get_all("has"), ["water", "理发"]);
        assert_eq!((address.get("has"), address.get("near")), (Some("理发".to_owned()), Some("a b".to_owned())));
        assert_eq!((address.get("open"), address.get("none")), (Some(String::new()), None));
        assert_eq!(address.get("bad"), Some("\u{fffd}%".to_owned()));
        assert_eq!(Address::new("/mine", ""), Address::new("/mine", "?"));
    }

    #[test]
    fn a_station_is_named_by_one_segment() {
        let slug = |path| Address::new(path, "").slug();
        assert_eq!(slug("/stations/xin-xin").as_deref(), Some("xin-xin"));
        assert_eq!(slug("/stations/%E9%A9%BF%E7%AB%99/").as_deref(), Some("驿站"));
        for path in ["/", "/stations", "/stations/", "/stations/a/b", "/market"] {
            assert_eq!(slug(path), None, "{path}");
        }
    }
}
