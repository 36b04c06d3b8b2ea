//! Which unit is suggested for which reports.

use gloo_net::http::Method;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use uuid::Uuid;
use waypost_app::domain::ids::UnitId;
use waypost_app::domain::report::Category;
use waypost_app::local::spawn;
use waypost_app::wire::staff::routing::{Area, Route, Routes as List, RoutesChange};

use crate::ask::{self, Trouble};
use crate::desk::use_desk;
use crate::markup::{Node, RwSignal, each, html, react};
use crate::parts::{Fault, Line};
use crate::place::{self, Datum};
use crate::work::{Work, use_work};

const URL: &str = "/api/v1/staff/routes";
/// Of a new area, in metres.
const RADIUS_M: u32 = 500;

#[component]
pub fn Routes() -> Node {
    let desk = use_desk();
    let work = use_work();
    let t = &desk.t.routes;
    let list = RwSignal::new(List::default());
    let fault = RwSignal::new(String::new());
    let load = move || {
        spawn(async move {
            let outcome = ask::get::<List>(URL).await;
            desk.note(&outcome);
            match outcome {
                Ok(routes) => list.try_set(routes).map(|_| ()),
                Err(trouble) => fault.try_set(desk.words(&trouble)).map(|_| ()),
            };
        });
    };
    react(load);
    react(move || work.look_at_lists());
    let keep = move |routes: Vec<Route>| {
        fault.set(String::new());
        spawn(async move {
            let version = list.try_look_untracked(|list| list.version).unwrap_or_default();
            let outcome = ask::send::<List>(Method::PUT, URL, &RoutesChange { version, routes }).await;
            desk.note(&outcome);
            match outcome {
                Ok(routes) => {
                    list.try_set(routes);
                    desk.say(t.saved);
                }
                Err(Trouble::Conflict(_)) => {
                    fault.try_set(t.changed.to_owned());
                    load();
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
        });
    };
    let numbered = move || list.look(|list| list.routes.iter().cloned().enumerate().collect::<Vec<_>>());
    html! {
        <div class="stack narrow">
            <h1 class="page-title">{t.title}</h1>
            <p class="muted">{t.text}</p>
            <Fault words=fault />
            <p hidden=move || !list.look(|list| list.routes.is_empty())>{t.none}</p>
            <ol class="stack-s" data-testid="routes">
                {each(
                    numbered,
                    |(at, route)| format!("{at} {}", shown_of(route)),
                    move |(at, route)| {
                        let up = move |_| {
                            let mut routes = list.look_untracked(|list| list.routes.clone());
                            if at > 0 && at < routes.len() {
                                routes.swap(at - 1, at);
                                keep(routes);
                            }
                        };
                        let drop_it = move |_| {
                            let mut routes = list.look_untracked(|list| list.routes.clone());
                            if at < routes.len() {
                                routes.remove(at);
                                keep(routes);
                            }
                        };
                        html! {
                            <li class="card line">
                                <strong>{category(work, route.category)}</strong>
                                <span>
                                    {route
                                        .area
                                        .as_ref()
                                        .map_or_else(|| t.district.to_owned(), |area| (t.around)(&area.name, area.radius_m))}
                                </span>
                                <span>"→ " {move || work.unit_name(Some(route.unit))}</span>
                                <span class="btns push">
                                    {(at > 0)
                                        .then(|| html! {
                                            <button class="btn" type="button" aria-label=(t.up)(at + 1) on:click=up>
                                                "↑"
                                            </button>
                                        })}
                                    <button class="btn" type="button" aria-label=(t.drop)(at + 1) on:click=drop_it>
                                        "×"
                                    </button>
                                </span>
                            </li>
                        }
                    },
                )}
            </ol>
            <New
                add=std::sync::Arc::new(move |route| {
                    let mut routes = list.look_untracked(|list| list.routes.clone());
                    routes.push(route);
                    keep(routes);
                })
                fault
            />
        </div>
    }
}

fn category(work: Work, category: Option<Category>) -> &'static str {
    category.map_or(work.desk.t.routes.any, |category| work.category_name(category))
}

/// All that is shown of a rule.
fn shown_of(route: &Route) -> String {
    let kind = route.category.map_or("", Category::code);
    let area = route.area.as_ref().map(|area| format!("{} {} {} {}", area.name, area.lat, area.lng, area.radius_m));
    format!("{kind} {} {}", route.unit, area.unwrap_or_default())
}

type Add = std::sync::Arc<dyn Fn(Route) + Send + Sync>;

#[component]
fn New(add: Add, fault: RwSignal<String>) -> Node {
    let work = use_work();
    let t = &work.desk.t.routes;
    let kind = RwSignal::new(None::<Category>);
    let unit = RwSignal::new(None::<UnitId>);
    let [name, middle] = [(); 2].map(|()| RwSignal::new(String::new()));
    let radius = RwSignal::new(RADIUS_M.to_string());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(unit) = unit.get_untracked() else { return fault.set(t.needs_unit.to_owned()) };
        let called = name.get_untracked().trim().to_owned();
        let area = if called.is_empty() {
            None
        } else {
            let Some(place) = place::read(&middle.get_untracked(), Datum::Wgs84) else {
                return fault.set(t.place_bad.to_owned());
            };
            // The server says which radius it takes.
            let radius_m = radius.get_untracked().trim().parse().unwrap_or_default();
            Some(Area { name: called, lat: place.lat, lng: place.lng, radius_m })
        };
        add(Route { category: kind.get_untracked(), area, unit });
        name.set(String::new());
        middle.set(String::new());
    };
    let kinds: Vec<Node> = Category::ALL
        .into_iter()
        .map(|kind| html! { <option value=kind.code()>{work.category_name(kind)}</option> })
        .collect();
    html! {
        <form class="card stack" on:submit=submit>
            <h2>{t.new}</h2>
            <div class="two">
                <div class="field">
                    <label r#for="route-category">{t.category}</label>
                    <select
                        id="route-category"
                        on:change=move |event| kind.set(Category::from_code(&event_target_value(&event)))
                    >
                        <option value="">{t.any}</option>
                        {kinds}
                    </select>
                </div>
                <div class="field">
                    <label r#for="route-unit">{t.unit}</label>
                    <select
                        id="route-unit"
                        on:change=move |event| unit.set(Uuid::try_parse(&event_target_value(&event)).ok().map(UnitId))
                    >
                        <option value="">"—"</option>
                        {each(
                            move || work.units.get().unwrap_or_default(),
                            |unit| format!("{} {}", unit.id, unit.name),
                            |unit| html! { <option value=unit.id.to_string()>{unit.name}</option> },
                        )}
                    </select>
                </div>
            </div>
            <Line id="route-area" label=t.area value=name hint=t.area_hint />
            <div class="two" hidden=move || name.look(|name| name.trim().is_empty())>
                <Line id="route-place" label=t.place value=middle hint=t.place_hint />
                <Line id="route-radius" label=t.radius value=radius kind="number" />
            </div>
            <div>
                <button class="btn btn-primary" type="submit">
                    {t.add}
                </button>
            </div>
        </form>
    }
}
