//! The nearest station that is open, then all the others.

pub mod card;
pub mod controls;
pub mod plot;
pub mod query;
pub mod rows;

use crate::components::erase::{Erase, live};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::components::arrival::use_still_coming;
use crate::components::icon::{Glyph, Icon};
use crate::components::masthead::{Blank, Masthead};
use crate::domain::geo::Wgs84;
use crate::domain::station::Landmark;
use crate::local::replica::Replica;
use crate::local::{Whereabouts, use_phone};
use crate::text::use_text;
use card::{Item, Lead};
use controls::Controls;
use plot::Plot;
use query::{Filters, PAGE, Query};
use rows::Rows;

/// `/`
#[component]
pub fn Stations() -> impl IntoView {
    let t = &use_text().stations;
    let phone = use_phone();
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(|params| Query::read(|name| params.get_all(name).unwrap_or_default())));
    let filters = Memo::new(move |_| {
        query.with(|query| query.filters.clone()).unwrap_or_else(|| phone.prefs.with(|prefs| Filters::from(prefs)))
    });
    let near = Memo::new(move |_| {
        query.with(|query| query.near.clone()).or_else(|| phone.prefs.with(|prefs| prefs.landmark.clone()))
    });
    let from = Memo::new(move |_| {
        let landmark = near.with(|near| {
            let near = near.as_ref()?;
            phone.replica.with(|replica| replica.landmark(near).map(Landmark::position))
        });
        landmark.or_else(|| match phone.whereabouts.get() {
            Whereabouts::Here { position, .. } => Some(position),
            _ => None,
        })
    });
    let rows = Memo::new(move |_| {
        let now = phone.now.get();
        phone.replica.with(|replica| filters.with(|filters| Rows::compute(replica, filters, from.get(), now)))
    });
    let still_coming = use_still_coming();
    let content = live(move || {
        if phone.replica.with(Replica::is_blank) || still_coming.get() {
            view! { <Blank /> }.erase()
        } else if phone.replica.with(|replica| replica.stations().is_empty()) {
            view! { <NoStations /> }.erase()
        } else {
            view! { <Content query filters from rows /> }.erase()
        }
    });
    view! {
        <Masthead title=t.title />
        <Controls query filters near />
        {content}
    }
    .erase()
}

/// The list or the plot.
#[component]
fn Content(query: Memo<Query>, filters: Memo<Filters>, from: Memo<Option<Wgs84>>, rows: Memo<Rows>) -> impl IntoView {
    let t = &use_text().stations;
    let phone = use_phone();
    let plotted = Memo::new(move |_| query.with(|query| query.plot));
    let invite = live(move || {
        // After a refusal its own words stand there already.
        let asked = matches!(phone.whereabouts.get(), Whereabouts::Refused | Whereabouts::Unavailable);
        (from.get().is_none() && !asked).then(|| view! { <p class="muted invite">{t.invite_text}</p> }.erase())
    });
    let body = live(move || {
        if rows.with(|rows| rows.rows.is_empty()) {
            view! { <NoneMatch query filters /> }.erase()
        } else if plotted.get() {
            view! { <Plot query from rows /> }.erase()
        } else {
            view! { <List query rows /> }.erase()
        }
    });
    view! {
        {invite}
        {body}
    }
    .erase()
}

#[component]
fn List(query: Memo<Query>, rows: Memo<Rows>) -> impl IntoView {
    let t = &use_text().stations;
    let phone = use_phone();
    let lead = live(move || {
        phone.replica.with(|replica| {
            rows.with(|rows| {
                let row = rows.rows.get(rows.lead?)?;
                let station = replica.stations().get(row.at)?;
                let label = if row.status.is_open() { t.nearest } else { t.none_open };
                Some(view! { <Lead replica=replica.clone() station=station.clone() row=row.clone() now=rows.now label /> }.erase())
            })
        })
    });
    let pages = Memo::new(move |_| query.with(|query| query.page));
    let list = live(move || {
        phone.replica.with(|replica| {
            rows.with(|rows| {
                let others = rows.rows.iter().enumerate().filter(|(index, _)| Some(*index) != rows.lead);
                others
                    .take(pages.get() * PAGE)
                    .filter_map(|(_, row)| {
                        let station = replica.stations().get(row.at)?;
                        Some(view! { <Item station row now=rows.now offset=replica.offset() /> }.erase())
                    })
                    .collect_view()
            })
        })
    });
    let count = Memo::new(move |_| rows.with(|rows| rows.rows.len() - usize::from(rows.lead.is_some())));
    let heading = live(move || if rows.with(|rows| rows.lead.is_some()) { t.others } else { t.all });
    let more = live(move || {
        (count.get() > pages.get() * PAGE).then(|| {
            let href = query.with(|query| Query { page: query.page + 1, ..query.clone() }.href());
            view! {
                <a class="btn more" href=href data-noscroll="">
                    {t.more}
                </a>
            }
            .erase()
        })
    });
    view! {
        <div class="stations">
            {lead}
            <section class="others">
                <h2 class="line">
                    {heading} <span class="muted small">{live(move || (t.count)(count.get()))}</span>
                </h2>
                <ul class="rows">{list}</ul>
                {more}
            </section>
        </div>
    }
    .erase()
}

#[component]
fn NoneMatch(query: Memo<Query>, filters: Memo<Filters>) -> impl IntoView {
    let t = &use_text().stations;
    let phone = use_phone();
    // The link alone is enough where the filters stand in the address; the rest is for what the phone remembers.
    let clear = move |_| {
        phone.prefs.update(|prefs| {
            prefs.facilities.clear();
            prefs.open_now = false;
            prefs.night = false;
        });
    };
    let href =
        Signal::derive(move || query.with(|query| Query { filters: None, page: 1, at: None, ..query.clone() }.href()));
    view! {
        <div class="card empty">
            <h2>{t.none_match}</h2>
            <p>{t.none_match_text}</p>
            {live(move || (!filters.with(Filters::is_empty)).then(|| view! {
                <a class="btn" href=href on:click=clear>
                    {t.clear}
                </a>
            }.erase()))}
        </div>
    }
    .erase()
}

#[component]
fn NoStations() -> impl IntoView {
    let t = &use_text().stations;
    view! {
        <div class="card empty">
            <Icon glyph=Glyph::Station />
            <h2>{t.none}</h2>
            <p>{t.none_text}</p>
            <p>
                <code>"waypost import stations.csv"</code>
            </p>
        </div>
    }
    .erase()
}
