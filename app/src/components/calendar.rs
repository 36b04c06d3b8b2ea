//! "Add to calendar".

use js_sys::Array;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::local::download::offer;
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::use_phone;
use crate::markup::{Node, html};
use crate::text::calendar::Maker;
use crate::text::pick;

/// A link to the server's feed. While the program runs, a tap makes the same file from what the phone holds instead, so
/// that it works with the network gone.
#[component]
pub fn AddToCalendar(
    lang: Lang,
    word: &'static str,
    /// Of this station's services; of the markets if empty.
    #[prop(into, optional)]
    slug: String,
) -> Node {
    let phone = use_phone();
    let feed = if slug.is_empty() { "market".to_owned() } else { "stations/".to_owned() + &slug };
    let href = format!("/calendar/{feed}.ics{}", pick(lang, "", "?lang=en"));
    let save = move |event: MouseEvent| {
        // Where nothing is made or the browser refuses, the link is followed.
        if let Some((name, file)) = file(&phone.replica.get_untracked(), lang, &slug)
            && offer(&Array::of1(&file.into()), "text/calendar;charset=utf-8", &name).is_ok()
        {
            event.prevent_default();
        }
    };
    html! {
        <a class="btn" href=href rel="external" on:click=save>
            <Icon glyph=Glyph::Calendar />
            {word}
        </a>
    }
}

/// A file and its name; `None` where the phone holds no more than what this page shows.
fn file(replica: &Replica, lang: Lang, slug: &str) -> Option<(String, String)> {
    if replica.is_partial() {
        return None;
    }
    let origin = window().location().origin().unwrap_or_default();
    // The phone does not know which revision changed what. The newest is at least as new, and older than the next.
    let rev_of = |_: &str| replica.snapshot().rev;
    let maker = Maker { replica, lang, origin: &origin, rev_of: &rev_of };
    Some(match replica.station_by_slug(slug) {
        Some(station) => (slug.to_owned() + ".ics", maker.services(station)),
        None => ("market.ics".to_owned(), maker.markets()),
    })
}
