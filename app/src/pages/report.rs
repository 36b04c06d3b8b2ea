use leptos::prelude::*;

#[component]
pub fn Report() -> impl IntoView {
    view! { <h1>"report"</h1> }
}
