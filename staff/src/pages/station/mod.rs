//! One station: what is kept of it, its services, the days it is unlike itself, and its versions.

mod closures;
mod entrance;
mod fields;
mod rows;
mod services;
mod typed;

use leptos::prelude::*;
use waypost_app::local::spawn;
use waypost_app::router::{Step, go, use_address};
use waypost_app::wire::staff::stations::{Kept, ServiceDraft, StationDraft, StationList, StationRow, StationView};

pub use closures::{Targets, closures};
pub use fields::datum;
pub use rows::{Words, rows};
use typed::TypedStation;

use crate::ask::{self, Trouble};
use crate::desk::{Desk, use_desk};
use crate::keep::editor::Editor;
use crate::keep::undo::use_keeping;
use crate::keep::versions::versions;
use crate::markup::{Node, RwSignal, html, memo, react};
use crate::parts::Fault;

const URL: &str = "/api/v1/staff/stations";

/// The stations that a station can be linked with, or a market held at.
pub fn all_stations(desk: Desk) -> RwSignal<Vec<StationRow>> {
    let all = RwSignal::new(Vec::new());
    react(move || {
        spawn(async move {
            let outcome = ask::get::<StationList>(URL).await;
            desk.note(&outcome);
            if let Ok(list) = outcome {
                all.try_set(list.stations);
            }
        });
    });
    all
}

/// A station that is still to be made.
#[component]
pub fn NewStation() -> Node {
    let desk = use_desk();
    let t = &desk.t.stations.station;
    let address = use_address();
    let editor = Editor::<TypedStation>::make(&StationDraft::default());
    let form = editor.form("station");
    let made = move |kept: Kept<StationDraft>| {
        go(address, &format!("/staff/stations/{}", kept.id), Step::Replace);
    };
    html! {
        <div class="stack station-page">
            <a class="back" href="/staff/stations">
                {t.back}
            </a>
            <h1 class="page-title">{t.new}</h1>
            {editor.put_back()}
            {fields::fields(editor, &form, all_stations(desk), None)} <section class="card stack">
                <p class="muted">{t.save_first}</p>
                {editor.foot(&form, desk.t.stations.keep.save, made)}
            </section>
        </div>
    }
}

/// A station that is kept.
#[component]
pub fn StationPage(id: String) -> Node {
    let desk = use_desk();
    let keeping = use_keeping();
    let t = &desk.t.stations.station;
    let fault = RwSignal::new(String::new());
    let gone = RwSignal::new(false);
    let view = RwSignal::new(None::<StationView>);
    let url = format!("{URL}/{id}");
    react(move || {
        keeping.follow();
        let url = url.clone();
        spawn(async move {
            let outcome = ask::get::<StationView>(&url).await;
            desk.note(&outcome);
            match outcome {
                Ok(found) => {
                    let name = found.station.name.clone();
                    gone.try_set(false);
                    if view.try_set(Some(found)).is_none() {
                        desk.title.set(name);
                    }
                }
                Err(Trouble::Refused(problem)) if problem.status == 404 => {
                    gone.try_set(true);
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
        });
    });
    // Only that there is one is looked at: what is typed must not be drawn anew when it is read again.
    let is_here = memo(move || view.look(Option::is_some));
    html! {
        <div class="stack station-page">
            <a class="back" href="/staff/stations">
                {t.back}
            </a>
            <Fault words=fault />
            {move || gone.get().then(|| html! { <p class="notice" role="status">{t.gone}</p> })}
            {move || {
                let id = id.clone();
                (is_here.get() && !gone.get()).then(|| open(desk, id, view))
            }}
        </div>
    }
}

fn open(desk: Desk, id: String, view: RwSignal<Option<StationView>>) -> Node {
    let t = &desk.t.stations.station;
    let Some(now) = view.get_untracked() else { return Node::Nothing };
    let title = move || view.look(|view| view.as_ref().map(|view| view.station.name.clone()).unwrap_or_default());
    let slug = format!("/stations/{}", now.station.slug);
    let editor = Editor::<TypedStation>::change(kept(&now));
    let form = editor.form("station");
    let services = RwSignal::new(now.services.clone());
    let exceptions = RwSignal::new(now.exceptions.clone());
    let targets = RwSignal::new(targets(desk, &id, &now.services));
    let of = id.clone();
    react(move || {
        let Some(now) = view.get() else { return };
        editor.refresh(kept(&now));
        targets.set(self::targets(desk, &of, &now.services));
        services.set(now.services);
        exceptions.set(now.exceptions);
    });
    let linked_with = all_stations(desk);
    let asked = RwSignal::new(false);
    let retire = move |_| {
        if asked.get_untracked() {
            editor.retire(|| {});
        } else {
            asked.set(true);
        }
    };
    let verify_id = id.clone();
    html! {
        <header class="page-head">
            <h1 class="page-title">{title}</h1>
            <a href=slug rel="external">
                {t.view}
            </a>
        </header>
        {move || {
            let id = verify_id.clone();
            view.look(|view| view.as_ref().map(|view| standing(desk, id, view)))
        }}
        {editor.put_back()}
        {fields::fields(editor, &form, linked_with, Some(id.clone()))}
        <section class="card stack">{editor.foot(&form, desk.t.stations.keep.save, |_| {})}</section>
        {services::services(&id, services)}
        {closures(desk.t.stations.closure.title, targets, exceptions, &id)} {versions(id, editor)} <div>
            <button class="btn btn-danger" type="button" on:click=retire>
                {move || if asked.get() { t.retire_sure } else { t.retire }}
            </button>
        </div>
    }
}

/// When it was verified last, since when it is locked, and the button for whoever was there.
fn standing(desk: Desk, id: String, view: &StationView) -> Node {
    let t = &desk.t.stations.list;
    let (version, name) = (view.version, view.station.name.clone());
    let locked = view.locked_at.clone();
    html! {
        <div class="line" data-testid="standing">
            {super::stations::verified_words(desk, view.verified_at.as_deref())}
            {locked.map(|at| html! { <span class="tag tag-warn">{(t.locked)(&desk.ago(&at))}</span> })}
            {super::stations::verify_button(desk, id, version, name)}
        </div>
    }
}

fn kept(view: &StationView) -> Kept<StationDraft> {
    Kept { id: view.id.to_string(), version: view.version, entry: view.station.clone() }
}

/// The station itself and its services: whose hours an exception can be about.
fn targets(desk: Desk, id: &str, services: &[Kept<ServiceDraft>]) -> Targets {
    let mut all = vec![(id.to_owned(), desk.t.stations.closure.whole.to_owned())];
    all.extend(services.iter().map(|service| (service.id.clone(), service.entry.name.clone())));
    all
}
