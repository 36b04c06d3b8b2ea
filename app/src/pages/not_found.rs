//! An address that leads nowhere, and the way on from there.

use crate::markup::{Node, html};
use leptos::prelude::*;

use crate::components::masthead::Masthead;
use crate::components::page_head::MissingPage;
use crate::text::use_text;

#[component]
pub fn NotFound() -> Node {
    let t = &use_text().not_found;
    html! {
        <MissingPage />
        <Masthead title=t.title />
        <div class="card empty">
            <p>{t.text}</p>
            <a class="btn" href="/">
                {t.home}
            </a>
        </div>
    }
}
