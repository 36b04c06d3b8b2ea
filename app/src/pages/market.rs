use leptos::prelude::*;

#[component]
pub fn Market() -> impl IntoView {
    view! { <h1>"market"</h1> }
}
