//! What limits this phone, said where it matters.

use crate::markup::{Node, html};
use leptos::prelude::*;

use crate::local::{Trouble, use_phone};
use crate::text::use_text;

#[component]
pub fn TroubleNotice() -> Node {
    let t = &use_text().sync;
    let phone = use_phone();
    let words = move || {
        phone.trouble.get().map(|trouble| match trouble {
            Trouble::StorageBlocked => t.storage_blocked.to_owned(),
            Trouble::NoRoom => t.no_room.to_owned(),
            Trouble::StorageFull => t.storage_full.to_owned(),
            Trouble::DistrictTooLarge => t.district_too_large.to_owned(),
            Trouble::StrangeRows(count) => (t.strange_rows)(count),
        })
    };
    html! {
        <div role="status" data-testid="trouble">
            {move || words().map(|words| html! { <p class="notice notice-warn">{words}</p> })}
        </div>
    }
}
