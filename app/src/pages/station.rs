use leptos::prelude::*;

#[component]
pub fn Station() -> impl IntoView {
    view! { <h1>"station"</h1> }
}
