use leptos::prelude::*;

#[component]
pub fn Mine() -> impl IntoView {
    view! { <h1>"mine"</h1> }
}
