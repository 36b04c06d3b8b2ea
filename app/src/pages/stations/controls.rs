//! Filters, and from where to measure: one plain form that works by itself, taken over while the program runs.

use crate::markup::{Memo, Node, html, memo, react};
use crate::router::{Step, go, use_address};
use leptos::prelude::*;

use super::query::{Filters, Query};
use crate::components::icon::{Glyph, Icon};
use crate::components::places::{Named, places};
use crate::domain::ids::LandmarkId;
use crate::domain::night::NightShift;
use crate::domain::station::Facility;
use crate::local::prefs::Prefs;
use crate::local::{Whereabouts, compass, position, use_phone};
use crate::text::{use_text, words};

/// `query` is the address, `filters` and `near` what counts after what the phone remembers.
#[component]
pub fn Controls(query: Memo<Query>, filters: Memo<Filters>, near: Memo<Option<LandmarkId>>) -> Node {
    let t = &use_text().stations;
    let remember = use_remember(query);
    let filter = move |change: &dyn Fn(&mut Filters)| {
        let mut changed = filters.get_untracked();
        change(&mut changed);
        remember(&|prefs: &mut Prefs| {
            prefs.facilities.clone_from(&changed.facilities);
            prefs.open_now = changed.open_now;
            prefs.night = changed.night;
        });
    };
    let remember = use_remember(query);
    let choose =
        move |landmark: Option<LandmarkId>| remember(&|prefs: &mut Prefs| prefs.landmark.clone_from(&landmark));

    html! {
        <form class="controls" method="get" action="/" on:submit=|event| event.prevent_default()>
            {move || query.look(|query| query.plot).then(|| html! { <input type="hidden" name="view" value="plot" /> })}
            <div class="chips" role="group" aria-label=t.filters>
                <FilterChips filters filter />
            </div>
            {move || filters.look(|filters| filters.night.then_some(filters.shift)).map(|shift| html! { <ShiftHours shift /> })}
            <Place query near choose />
        </form>
    }
}

/// Changes what the phone remembers, and takes out of the address what would overrule it.
fn use_remember(query: Memo<Query>) -> impl Fn(&dyn Fn(&mut Prefs)) + Clone {
    let phone = use_phone();
    let address = use_address();
    move |change: &dyn Fn(&mut Prefs)| {
        let shown = query.get_untracked();
        phone.prefs.update(|prefs| {
            // What the address asked for was on the screen, so it is what the change is made to.
            if let Some(filters) = &shown.filters {
                prefs.facilities.clone_from(&filters.facilities);
                prefs.open_now = filters.open_now;
                prefs.night = filters.night;
            }
            if let Some(near) = &shown.near {
                prefs.landmark = Some(near.clone());
            }
            change(prefs);
        });
        let plain = Query { filters: None, near: None, page: 1, ..shown.clone() };
        if plain != shown {
            go(address, &plain.href(), Step::Replace);
        }
    }
}

/// What "night shift" means, and where to change it.
#[component]
fn ShiftHours(shift: NightShift) -> Node {
    let t = &use_text().stations;
    let clock = |minute: i64| format!("{}:{:02}", minute / 60, minute % 60);
    html! {
        <p class="line small">
            <span class="muted">{(t.night_hours)(&format!("{}–{}", clock(shift.from), clock(shift.to)))}</span>
            <a class="btn btn-quiet live-only" href="/more#shift">
                {t.night_change}
            </a>
        </p>
    }
}

#[component]
fn FilterChips(filters: Memo<Filters>, filter: impl Fn(&dyn Fn(&mut Filters)) + Clone + Send + Sync + 'static) -> Node {
    let t = &use_text().stations;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    // Only what some station has, and what is chosen: no chip leads to an empty list.
    let kinds = memo(move || {
        phone.replica.look(|replica| {
            let offered = |kind: &Facility| {
                replica.stations().iter().any(|station| station.facilities.contains(kind))
                    || replica.snapshot().services.iter().any(|service| service.kind == *kind)
            };
            let chosen = filters.look(|filters| filters.facilities.clone());
            Facility::ALL.into_iter().filter(|kind| chosen.contains(kind) || offered(kind)).collect::<Vec<_>>()
        })
    });
    let (open, night, kind) = (filter.clone(), filter.clone(), filter);
    html! {
        <Chip
            name="open"
            value="1"
            word=t.open_now
            checked=Signal::derive(move || filters.look(|filters| filters.open_now))
            toggle=move || open(&|filters| filters.open_now = !filters.open_now)
        />
        <Chip
            name="night"
            value="1"
            word=t.night
            checked=Signal::derive(move || filters.look(|filters| filters.night))
            toggle=move || night(&|filters| filters.night = !filters.night)
        />
        {move || {
            kinds
                .get()
                .into_iter()
                .map(|facility| {
                    let kind = kind.clone();
                    html! {
                        <Chip
                            name="has"
                            value=facility.code()
                            word=words::facility(lang, facility)
                            checked=Signal::derive(move || {
                                filters.look(|filters| filters.facilities.contains(&facility))
                            })
                            toggle=move || kind(&|filters| filters.toggle(facility))
                        />
                    }
                })
                .collect_view()
        }}
    }
}

#[component]
fn Chip(
    name: &'static str,
    value: &'static str,
    word: &'static str,
    checked: Signal<bool>,
    toggle: impl Fn() + 'static,
) -> Node {
    html! {
        <label class="chip">
            <input
                type="checkbox"
                name=name
                value=value
                checked=checked.get_untracked()
                prop:checked=checked
                on:change=move |_| toggle()
            />
            {word}
        </label>
    }
}

#[component]
fn Place(
    query: Memo<Query>,
    near: Memo<Option<LandmarkId>>,
    choose: impl Fn(Option<LandmarkId>) + Clone + Send + Sync + 'static,
) -> Node {
    let (t, places_words) = (&use_text().stations, &use_text().report);
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    react(move || position::follow_if_allowed(phone));
    // Where the browser wants a tap for it, this is refused without a word, and the button asks again.
    react(move || {
        if matches!(phone.whereabouts.get(), Whereabouts::Here { .. }) {
            compass::start();
        }
    });
    let forget = choose.clone();
    let locate = move |_| {
        forget(None);
        position::follow(phone);
        compass::start();
    };
    let located = move || near.look(Option::is_none) && matches!(phone.whereabouts.get(), Whereabouts::Here { .. });
    let word = move || match phone.whereabouts.get() {
        Whereabouts::Asking => html! { {t.locating} },
        Whereabouts::Here { accuracy_m, .. } if located() => {
            let radius = words::distance(lang, accuracy_m.max(10.0));
            html! {
                <span class="sr-only">{t.located}</span>
                "±"
                {radius}
            }
        }
        _ => html! { {t.locate} },
    };
    let plotted = move || query.look(|query| query.plot);
    let other_view = move || query.look(|query| Query { plot: !query.plot, at: None, page: 1, ..query.clone() }.href());
    let trouble = move || match phone.whereabouts.get() {
        _ if near.look(Option::is_some) => None,
        Whereabouts::Refused => Some(t.refused),
        Whereabouts::Unavailable => Some(t.unavailable),
        Whereabouts::NotAsked | Whereabouts::Asking | Whereabouts::Here { .. } => None,
    };
    // A memo: a refresh that changes no place must not rebuild the list under somebody's finger.
    let listed = memo(move || phone.replica.look(|replica| places(replica, lang)));
    let chosen = move || near.look(|near| near.as_ref().map(ToString::to_string).unwrap_or_default());
    let group = move |label: &'static str, entries: Vec<Named>| {
        let options = entries.into_iter().map(|(id, _, name)| {
            let selected = untrack(chosen) == id;
            html! { <option value=id selected=selected>{name}</option> }
        });
        (options.len() > 0).then(|| html! { <optgroup label=label>{options.collect_view()}</optgroup> })
    };
    let options = move || {
        let [landmarks, stations] = listed.get();
        html! {
            {group(places_words.landmarks, landmarks)}
            {group(places_words.stations, stations)}
        }
    };
    html! {
        <div class="place">
            <button class="btn live-only" type="button" aria-pressed=move || located().to_string() on:click=locate>
                <Icon glyph=Glyph::Locate />
                {word}
            </button>
            <select
                class="select"
                name="near"
                aria-label=t.from
                prop:value=chosen
                on:change=move |event| {
                    let value = event_target_value(&event);
                    choose((!value.is_empty()).then_some(LandmarkId(value)));
                }
            >
                <option value="">{t.choose_place}</option>
                {options}
            </select>
            <button class="btn plain-only" type="submit">
                {t.apply}
            </button>
            <a class="btn" href=other_view data-noscroll="">
                {move || html! { <Icon glyph=if plotted() { Glyph::List } else { Glyph::Plot } /> }}
                {move || if plotted() { t.list } else { t.plot }}
            </a>
        </div>
        <div role="status">{move || trouble().map(|words| html! { <p class="notice">{words}</p> })}</div>
    }
}
