//! The bottom bar: always there, always the same five.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::text::use_text;

#[component]
pub fn Bar() -> impl IntoView {
    let t = &use_text().common;
    view! {
        <nav class="bar">
            <A href="/">{t.stations}</A>
            <A href="/market">{t.market}</A>
            <A href="/report">{t.report}</A>
            <A href="/mine">{t.mine}</A>
            <A href="/more">{t.more}</A>
        </nav>
    }
}
