//! What limits this phone, said where it matters.

use crate::components::erase::{Erase, live};
use leptos::prelude::*;

use crate::local::{Trouble, use_phone};
use crate::text::use_text;

#[component]
pub fn TroubleNotice() -> impl IntoView {
    let t = &use_text().sync;
    let phone = use_phone();
    let words = move || {
        phone.trouble.get().map(|trouble| match trouble {
            Trouble::StorageBlocked => t.storage_blocked.to_owned(),
            Trouble::StorageFull => t.storage_full.to_owned(),
            Trouble::DistrictTooLarge => t.district_too_large.to_owned(),
            Trouble::StrangeRows(count) => (t.strange_rows)(count),
        })
    };
    view! {
        <div role="status" data-testid="trouble">
            {live(move || words().map(|words| view! { <p class="notice notice-warn">{words}</p> }.erase()))}
        </div>
    }
    .erase()
}
