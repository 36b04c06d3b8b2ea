//! The nearest station that is open, then all the others.

pub mod card;
pub mod controls;
pub mod plot;
pub mod query;
pub mod rows;

use crate::markup::{Memo, Node, html, memo};
use crate::router::use_address;
use leptos::prelude::*;

use crate::components::arrival::use_still_coming;
use crate::components::icon::{Glyph, Icon};
use crate::components::masthead::{Blank, Masthead};
use crate::domain::geo::Wgs84;
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
pub fn Stations() -> Node {
    let t = &use_text().stations;
    let phone = use_phone();
    let address = use_address();
    let query = memo(move || address.look(|address| Query::read(|name| address.get_all(name))));
    let filters = memo(move || {
        let asked = query.look(|query| query.filters.clone());
        phone.prefs.look(|prefs| match asked {
            Some(asked) => Filters { shift: prefs.shift, ..asked },
            None => Filters::from(prefs),
        })
    });
    let near = memo(move || {
        query.look(|query| query.near.clone()).or_else(|| phone.prefs.look(|prefs| prefs.landmark.clone()))
    });
    let from = memo(move || {
        let landmark = near.look(|near| {
            let near = near.as_ref()?;
            phone.replica.look(|replica| replica.place(near))
        });
        landmark.or_else(|| match phone.whereabouts.get() {
            Whereabouts::Here { position, .. } => Some(position),
            _ => None,
        })
    });
    let rows = memo(move || {
        let now = phone.now.get();
        phone.replica.look(|replica| filters.look(|filters| Rows::compute(replica, filters, from.get(), now)))
    });
    let still_coming = use_still_coming();
    let content = move || {
        if phone.replica.look(Replica::is_blank) || still_coming.get() {
            html! { <Blank /> }
        } else if phone.replica.look(|replica| replica.stations().is_empty()) && filters.look(Filters::is_empty) {
            html! { <NoStations /> }
        } else {
            html! { <Content query filters from rows /> }
        }
    };
    html! {
        <Masthead title=t.title />
        <Controls query filters near />
        {content}
    }
}

/// The list or the plot.
#[component]
fn Content(query: Memo<Query>, filters: Memo<Filters>, from: Memo<Option<Wgs84>>, rows: Memo<Rows>) -> Node {
    let t = &use_text().stations;
    let phone = use_phone();
    let plotted = memo(move || query.look(|query| query.plot));
    let invite = move || {
        // After a refusal its own words stand there already.
        let asked = matches!(phone.whereabouts.get(), Whereabouts::Refused | Whereabouts::Unavailable);
        (from.get().is_none() && !asked).then(|| html! { <p class="muted invite">{t.invite_text}</p> })
    };
    let body = move || {
        if rows.look(|rows| rows.rows.is_empty()) {
            html! { <NoneMatch query filters /> }
        } else if plotted.get() {
            html! { <Plot query from rows /> }
        } else {
            html! { <List query rows /> }
        }
    };
    html! {
        {invite}
        {body}
    }
}

#[component]
fn List(query: Memo<Query>, rows: Memo<Rows>) -> Node {
    let t = &use_text().stations;
    let phone = use_phone();
    let lead = move || {
        phone.replica.look(|replica| {
            rows.look(|rows| {
                let row = rows.rows.get(rows.lead?)?;
                let station = replica.stations().get(row.at)?;
                let label = if row.status.is_open() { t.nearest } else { t.none_open };
                Some(html! { <Lead replica=replica.clone() station=station.clone() row=row.clone() now=rows.now label /> })
            })
        })
    };
    let pages = memo(move || query.look(|query| query.page));
    let list = move || {
        phone.replica.look(|replica| {
            rows.look(|rows| {
                let others = rows.rows.iter().enumerate().filter(|(index, _)| Some(*index) != rows.lead);
                others
                    .take(pages.get() * PAGE)
                    .filter_map(|(_, row)| {
                        let station = replica.stations().get(row.at)?;
                        Some(html! { <Item station row now=rows.now offset=replica.offset() /> })
                    })
                    .collect_view()
            })
        })
    };
    let count = memo(move || rows.look(|rows| rows.rows.len() - usize::from(rows.lead.is_some())));
    let heading = move || if rows.look(|rows| rows.lead.is_some()) { t.others } else { t.all };
    let more = move || {
        (count.get() > pages.get() * PAGE).then(|| {
            let href = query.look(|query| Query { page: query.page + 1, ..query.clone() }.href());
            html! {
                <a class="btn more" href=href data-noscroll="">
                    {t.more}
                </a>
            }
        })
    };
    html! {
        <div class="stations">
            {lead}
            <section class="others" hidden=move || count.get() == 0>
                <h2 class="line">
                    {heading} <span class="muted small">{move || (t.count)(count.get())}</span>
                </h2>
                <ul class="rows">{list}</ul>
                {more}
            </section>
        </div>
    }
}

#[component]
fn NoneMatch(query: Memo<Query>, filters: Memo<Filters>) -> Node {
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
    let href = move || query.look(|query| Query { filters: None, page: 1, at: None, ..query.clone() }.href());
    html! {
        <div class="card empty">
            <h2>{t.none_match}</h2>
            <p>{t.none_match_text}</p>
            {move || (!filters.look(Filters::is_empty)).then(|| html! {
                <a class="btn" href=href on:click=clear>
                    {t.clear}
                </a>
            })}
        </div>
    }
}

#[component]
fn NoStations() -> Node {
    let t = &use_text().stations;
    html! {
        <div class="card empty">
            <Icon glyph=Glyph::Station />
            <h2>{t.none}</h2>
            <p>{t.none_text}</p>
            <p>
                <code>"waypost import stations.csv"</code>
            </p>
        </div>
    }
}
