//! The bar: always there, always the same five. At the bottom under the thumb, at the side where there is room.

use crate::markup::{Node, html, memo};
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::local::use_phone;
use crate::router::use_path;
use crate::text::use_text;

#[component]
pub fn Bar() -> Node {
    let t = &use_text().common;
    let phone = use_phone();
    let pathname = use_path();
    let current = move |section: &'static str| {
        pathname.look(|path| {
            let inside = match section {
                "/" => path == "/" || path.starts_with("/stations/"),
                section => path == section,
            };
            inside.then_some("page")
        })
    };
    let unseen = memo(move || phone.shelf.look(|shelf| shelf.unseen().count()));
    let badge = |class: &'static str, count: usize, words: fn(usize) -> String| {
        (count > 0).then(|| {
            html! {
                <span class=class>
                    <span aria-hidden="true">{count}</span>
                    <span class="sr-only">{words(count)}</span>
                </span>
            }
        })
    };
    html! {
        <nav class="bar" aria-label=t.main_nav>
            <span class="brand" aria-hidden="true">
                <img src="/icons/icon.svg" width="40" height="40" alt="" />
                {t.app_name}
            </span>
            <a href="/" aria-current=move || current("/")>
                <Icon glyph=Glyph::Station />
                {t.stations}
            </a>
            <a href="/market" aria-current=move || current("/market")>
                <Icon glyph=Glyph::Market />
                {t.market}
            </a>
            <a href="/report" class="shoot" aria-current=move || current("/report")>
                <Icon glyph=Glyph::Camera />
                {t.report}
            </a>
            <a href="/mine" aria-current=move || current("/mine")>
                <Icon glyph=Glyph::Mine />
                {t.mine}
                {move || badge("badge", phone.unsent.get(), t.unsent)}
                {move || badge("badge badge-news", unseen.get(), t.unseen)}
            </a>
            <a href="/more" aria-current=move || current("/more")>
                <Icon glyph=Glyph::More />
                {t.more}
            </a>
        </nav>
    }
}
