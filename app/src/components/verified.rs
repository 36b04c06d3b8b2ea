//! How far a station's data can be trusted, as word, shape and colour together.

use crate::markup::{Node, html};
use leptos::prelude::*;

use crate::domain::verification::Freshness;
use crate::local::use_phone;
use crate::text::{text, words};

/// "3 天前核实", "核实于 2 个月前，可能有变", or that nobody has confirmed it: in a sentence, or `brief`.
#[component]
pub fn Verified(freshness: Freshness, #[prop(optional)] brief: bool) -> Node {
    let lang = use_phone().prefs.get_untracked().lang;
    let age = match freshness {
        Freshness::Fresh(_) => "fresh",
        Freshness::Older(_) => "older",
        Freshness::Stale | Freshness::Never => "none",
    };
    let words =
        if brief && age == "none" { text(lang).common.unverified.to_owned() } else { words::verified(lang, freshness) };
    html! {
        <span class="verified" data-age=age>
            {words}
        </span>
    }
}
