//! Which cases are looked at: one tap for the usual questions, the rest folded away.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::domain::staff::Role;

use crate::desk::use_desk;
use crate::filter::{Filter, Saved};
use crate::markup::{Node, RwSignal, each, html, react};
use crate::parts::Line;
use crate::work::{Work, use_work};

/// States that have a button of their own, in the order of the work.
const STATES: [ReportState; 8] = [
    ReportState::Received,
    ReportState::Accepted,
    ReportState::Assigned,
    ReportState::InProgress,
    ReportState::Reopened,
    ReportState::Fixed,
    ReportState::Confirmed,
    ReportState::Declined,
];

#[component]
pub(super) fn Filters() -> Node {
    let work = use_work();
    let t = work.t;
    let states: Vec<Node> = STATES.into_iter().map(|state| state_button(work, state)).collect();
    html! {
        <div class="chips" role="group" aria-label=t.filters data-testid="states">
            {chip(
                move || t.open.to_owned(),
                // Words without a state are looked for in every state.
                move || work.filter.look(|filter| filter.state.is_none() && !filter.overdue && filter.words.is_empty()),
                move || work.choose(Filter {
                    state: None,
                    overdue: false,
                    words: String::new(),
                    ..work.filter.get_untracked()
                }),
            )}
            {chip(
                move || numbered(t.overdue, work.counts.look(|counts| counts.overdue)),
                move || work.filter.look(|filter| filter.overdue),
                move || work.choose(Filter { state: None, overdue: true, ..work.filter.get_untracked() }),
            )} {states}
        </div>
        <div class="chips" hidden=move || work.saved.look(Vec::is_empty) role="group" aria-label=t.saved>
            {each(
                move || work.saved.get(),
                |saved| saved.name.clone(),
                move |saved| {
                    let Saved { name, filter } = saved;
                    let drops = (t.drop_filter)(&name);
                    let (label, gone) = (name.clone(), name);
                    let same = filter.clone();
                    html! {
                        <span class="saved">
                            {chip(
                                move || label.clone(),
                                move || work.filter.look(|now| *now == same),
                                move || work.choose(filter.clone()),
                            )}
                            <button
                                class="btn btn-quiet"
                                type="button"
                                aria-label=drops
                                on:click=move |_| {
                                    let mut saved = work.saved.get_untracked();
                                    saved.retain(|other| other.name != gone);
                                    work.keep_filters(saved);
                                }
                            >
                                "×"
                            </button>
                        </span>
                    }
                },
            )}
        </div>
        <details class="more-filters">
            <summary>{t.search}</summary>
            <Search />
        </details>
    }
}

fn numbered(word: &str, count: i64) -> String {
    if count == 0 { word.to_owned() } else { format!("{word} {count}") }
}

fn state_button(work: Work, state: ReportState) -> Node {
    chip(
        move || numbered(work.state_name(state), work.counts.look(|counts| counts.of(&[state]))),
        move || work.filter.look(|filter| filter.state == Some(state)),
        move || work.choose(Filter { state: Some(state), overdue: false, ..work.filter.get_untracked() }),
    )
}

fn chip(
    word: impl Fn() -> String + Send + Sync + 'static,
    is_on: impl Fn() -> bool + Send + Sync + 'static,
    act: impl Fn() + Send + Sync + 'static,
) -> Node {
    html! {
        <button
            class="chip"
            type="button"
            aria-pressed=move || if is_on() { "true" } else { "false" }
            on:click=move |_| act()
        >
            {word}
        </button>
    }
}

/// Words, unit and category; and a name to keep them under.
#[component]
fn Search() -> Node {
    let desk = use_desk();
    let work = use_work();
    let t = work.t;
    let [words, name] = [(); 2].map(|()| RwSignal::new(String::new()));
    // A kept filter brings its words with it.
    react(move || words.set(work.filter.look(|filter| filter.words.clone())));
    let find = move |event: SubmitEvent| {
        event.prevent_default();
        work.choose(Filter { words: words.get_untracked(), ..work.filter.get_untracked() });
    };
    let keep = move |event: SubmitEvent| {
        event.prevent_default();
        let name_now = name.get_untracked().trim().to_owned();
        if !name_now.is_empty() {
            let mut saved = work.saved.get_untracked();
            saved.retain(|other| other.name != name_now);
            saved.push(Saved { name: name_now, filter: work.filter.get_untracked() });
            work.keep_filters(saved);
            name.set(String::new());
        }
    };
    let categories: Vec<Node> = Category::ALL
        .into_iter()
        .map(|category| {
            let is_chosen = move || work.filter.look(|filter| filter.category == Some(category));
            html! {
                <option value=category.code() prop:selected=is_chosen>
                    {work.category_name(category)}
                </option>
            }
        })
        .collect();
    let sees_all = move || desk.role() != Some(Role::Unit);
    html! {
        <div class="card stack-s">
            <form class="search-line" role="search" on:submit=find>
                <Line id="search" label=t.search value=words kind="search" hint=t.search_hint />
                <button class="btn" type="submit">
                    {t.search}
                </button>
            </form>
            <div class="two">
                {move || sees_all().then(|| html! {
                    <div class="field">
                        <label r#for="filter-unit">{t.unit}</label>
                        <select
                            id="filter-unit"
                            on:change=move |event| {
                                let unit = Uuid::try_parse(&event_target_value(&event)).ok().map(UnitId);
                                work.choose(Filter { unit, ..work.filter.get_untracked() });
                            }
                        >
                            <option value="" prop:selected=move || work.filter.look(|filter| filter.unit.is_none())>
                                {t.all_units}
                            </option>
                            {each(
                                move || work.units.get().unwrap_or_default(),
                                |unit| format!("{} {}", unit.id, unit.name),
                                move |unit| {
                                    let id = unit.id;
                                    let is_chosen = move || work.filter.look(|filter| filter.unit == Some(id));
                                    html! {
                                        <option value=id.to_string() prop:selected=is_chosen>
                                            {unit.name}
                                        </option>
                                    }
                                },
                            )}
                        </select>
                    </div>
                })}
                <div class="field">
                    <label r#for="filter-category">{t.category}</label>
                    <select
                        id="filter-category"
                        on:change=move |event| {
                            let category = Category::from_code(&event_target_value(&event));
                            work.choose(Filter { category, ..work.filter.get_untracked() });
                        }
                    >
                        <option value="" prop:selected=move || work.filter.look(|filter| filter.category.is_none())>
                            {t.all_categories}
                        </option>
                        {categories}
                    </select>
                </div>
            </div>
            <form class="search-line" on:submit=keep>
                <Line id="filter-name" label=t.saved_name value=name />
                <button class="btn" type="submit">
                    {t.save_filter}
                </button>
            </form>
        </div>
    }
}
