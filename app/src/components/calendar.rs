//! "Add to calendar".

use js_sys::Array;
use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::local::download::offer;
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::use_phone;
use crate::markup::{Look, Node, html};
use crate::text::calendar::Maker;

/// A link to the server's feed. While the program runs, a tap makes the same file from what the phone holds instead, so
/// that it works with the network gone.
#[component]
pub fn AddToCalendar(
    word: &'static str,
    /// Of this station's services; of the markets if empty.
    #[prop(into, optional)]
    slug: String,
) -> Node {
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let feed = if slug.is_empty() { "market".to_owned() } else { format!("stations/{slug}") };
    let query = if lang == Lang::En { "?lang=en" } else { "" };
    let href = format!("/calendar/{feed}.ics{query}");
    let save = move |event: MouseEvent| {
        let file = phone.replica.look_untracked(|replica| file(replica, lang, &slug));
        let name = if slug.is_empty() { "market.ics".to_owned() } else { format!("{slug}.ics") };
        // Where the browser refuses, the link is followed.
        if let Some(file) = file
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

/// `None` where the phone holds less than the server: no more than what this page shows.
fn file(replica: &Replica, lang: Lang, slug: &str) -> Option<String> {
    if replica.is_partial() {
        return None;
    }
    let origin = window().location().origin().unwrap_or_default();
    let now = use_phone().now.get_untracked();
    // The phone does not know which revision changed what. The newest is at least as new, and older than the next.
    let rev_of = |_: &str| replica.snapshot().rev;
    let maker = Maker { replica, lang, now, origin: &origin, rev_of: &rev_of };
    match slug {
        "" => Some(maker.markets()),
        slug => replica.station_by_slug(slug).map(|station| maker.services(station)),
    }
}
