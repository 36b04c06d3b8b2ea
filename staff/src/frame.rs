//! What stands around every page: where one can go, and whether there is a network.

use leptos::prelude::*;
use waypost_app::domain::staff::Role;
use waypost_app::router::use_path;

use crate::desk::use_desk;
use crate::markup::{Node, html, memo};

/// The head of the program. Before somebody has signed in it holds the name alone.
#[component]
pub fn Frame() -> Node {
    let desk = use_desk();
    let t = &desk.t.frame;
    let path = use_path();
    let inside = memo(move || desk.codes.get().is_none() && desk.session.look(|session| session.worker().is_some()));
    let is_admin = memo(move || desk.role() == Some(Role::Admin));
    let is_district = memo(move || matches!(desk.role(), Some(Role::Admin | Role::Worker)));
    let link = move |href: &'static str, word: &'static str| {
        let here = move || {
            path.look(|path| {
                let path = path.trim_end_matches('/');
                (path == href || (href == "/staff" && path.starts_with("/staff/cases/"))).then_some("page")
            })
        };
        html! {
            <a href=href aria-current=here>
                {word}
            </a>
        }
    };
    html! {
        <header class="top">
            <p class="name">
                <img src="/icons/icon.svg" width="28" height="28" alt="" />
                {t.name}
            </p>
            {move || {
                inside
                    .get()
                    .then(|| {
                        html! {
                            <nav aria-label=t.nav>
                                {link("/staff", t.work)}
                                {is_district.get().then(|| link("/staff/stations", desk.t.stations.list.title))}
                                {is_district.get().then(|| link("/staff/numbers", desk.t.numbers.title))}
                                {is_admin.get().then(|| link("/staff/people", t.people))}
                                {is_admin.get().then(|| link("/staff/units", desk.t.units.title))}
                                {link("/staff/account", t.account)}
                            </nav>
                        }
                    })
            }}
        </header>
        <div role="status" class="network">
            {move || (!desk.online.get()).then(|| html! { <p class="notice notice-warn">{t.offline}</p> })}
        </div>
    }
}

/// An address that has no page.
#[component]
pub fn Missing() -> Node {
    let t = &use_desk().t.frame;
    html! {
        <h1 class="page-title">{t.missing}</h1>
        <p>{t.missing_text}</p>
        <p>
            <a class="btn" href="/staff">
                {t.to_queue}
            </a>
        </p>
    }
}
