//! Waypost's rules, wire format and interface, shared by the phone and the server.

pub mod components;
pub mod domain;
pub mod json;
pub mod local;
pub mod markup;
pub mod pages;
pub mod text;
pub mod wire;

#[cfg(feature = "hydrate")]
pub mod doors;

use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::hooks::use_location;
use leptos_router::path;

use components::arrival::{Arrival, OpenedAt};
use components::bar::Bar;
use components::update::UpdateNotice;
use local::{Phone, Seed};
use markup::react;
use pages::market::Market;
use pages::mine::Mine;
use pages::more::More;
use pages::not_found::NotFound;
use pages::report::{Received, Report};
use pages::station::Station;
use pages::stations::Stations;

/// The whole interface, drawn from a seed: on the server, when hydrating the server's HTML, and when mounting.
#[component]
pub fn App(seed: Seed) -> impl IntoView {
    let phone = Phone::new(seed);
    provide_context(phone);
    // After the first drawing, which must not depend on anything but the seed.
    react(move || local::start(phone));
    view! {
        <Router>
            <Frame />
        </Router>
    }
}

/// What is around every page.
#[component]
fn Frame() -> impl IntoView {
    let t = &text::use_text().common;
    provide_context(OpenedAt(use_location().pathname.get_untracked()));
    view! {
        <a class="skip sr-only" href="#main" rel="external">
            {t.skip}
        </a>
        <main id="main" tabindex="-1">
            <UpdateNotice />
            <FlatRoutes fallback=NotFound>
                <Route path=path!("/") view=Stations />
                <Route path=path!("/stations/:slug") view=Station />
                <Route path=path!("/market") view=Market />
                <Route path=path!("/report") view=Report />
                <Route path=path!("/report/received") view=Received />
                <Route path=path!("/mine") view=Mine />
                <Route path=path!("/more") view=More />
            </FlatRoutes>
        </main>
        <Bar />
        <Arrival />
    }
}
