//! Waypost's rules, wire format and interface, shared by the phone and the server.

pub mod components;
pub mod domain;
pub mod json;
pub mod local;
pub mod markup;
pub mod pages;
pub mod router;
pub mod text;
pub mod wire;

#[cfg(feature = "hydrate")]
pub mod doors;

use leptos::prelude::*;

use components::arrival::{Arrival, OpenedAt};
use components::bar::Bar;
use components::update::UpdateNotice;
use local::{Phone, Seed};
use markup::{Node, html, memo, react};
use pages::market::Market;
use pages::mine::Mine;
use pages::more::More;
use pages::not_found::NotFound;
use pages::report::{Received, Report};
use pages::station::Station;
use pages::stations::Stations;
use router::{Address, use_address};

/// The whole interface, drawn from a seed: on the server, when hydrating the server's HTML, and when mounting.
#[component]
pub fn App(seed: Seed) -> Node {
    let phone = Phone::new(seed);
    provide_context(phone);
    router::provide();
    // After the first drawing, which must not depend on anything but the seed.
    react(move || local::start(phone));
    let t = &text::use_text().common;
    let address = use_address();
    let opened_at = address.look_untracked(|address| address.path().to_owned());
    provide_context(OpenedAt(opened_at));
    let page = memo(move || address.look(Page::at));
    html! {
        <a class="skip sr-only" href="#main" rel="external">
            {t.skip}
        </a>
        <main id="main" tabindex="-1">
            <UpdateNotice />
            {move || page.get().draw()}
        </main>
        <Bar />
        <Arrival />
    }
}

/// The pages by their addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Page {
    Stations,
    Station,
    Market,
    Report,
    Received,
    Mine,
    More,
    NotFound,
}

impl Page {
    fn at(address: &Address) -> Self {
        // With a slash at the end it is the same page.
        match address.path().trim_end_matches('/') {
            "" => Self::Stations,
            "/market" => Self::Market,
            "/report" => Self::Report,
            "/report/received" => Self::Received,
            "/mine" => Self::Mine,
            "/more" => Self::More,
            _ if address.slug().is_some() => Self::Station,
            _ => Self::NotFound,
        }
    }

    fn draw(self) -> Node {
        match self {
            Self::Stations => html! { <Stations /> },
            Self::Station => html! { <Station /> },
            Self::Market => html! { <Market /> },
            Self::Report => html! { <Report /> },
            Self::Received => html! { <Received /> },
            Self::Mine => html! { <Mine /> },
            Self::More => html! { <More /> },
            Self::NotFound => html! { <NotFound /> },
        }
    }
}
