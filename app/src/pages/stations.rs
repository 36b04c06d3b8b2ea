use leptos::prelude::*;

#[component]
pub fn Stations() -> impl IntoView {
    view! { <h1>"stations"</h1> }
}
