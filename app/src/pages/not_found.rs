use leptos::prelude::*;

#[component]
pub fn NotFound() -> impl IntoView {
    view! { <h1>"not_found"</h1> }
}
