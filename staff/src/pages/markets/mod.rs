//! The markets: when and where, who does what, and the days they are unlike themselves.

mod typed;

use leptos::prelude::*;
use waypost_app::domain::ids::StationId;
use waypost_app::local::spawn;
use waypost_app::wire::staff::stations::{ExceptionDraft, Kept, MarketDraft, MarketList, StationRow};

use super::station::{Targets, Words, all_stations, closures, datum, rows};
use crate::ask;
use crate::desk::{Desk, use_desk};
use crate::form::{Bound, Form};
use crate::hours::hours;
use crate::keep::editor::Editor;
use crate::keep::undo::use_keeping;
use crate::markup::{Node, RwSignal, each, html, memo, react};
use crate::parts::Fault;
use crate::place::Datum;
use typed::{KINDS, TypedMarket, TypedSkill, code};

#[component]
pub fn Markets() -> Node {
    let desk = use_desk();
    let keeping = use_keeping();
    let t = &desk.t.stations;
    let markets = RwSignal::new(Vec::<Kept<MarketDraft>>::new());
    let exceptions = RwSignal::new(Vec::<Kept<ExceptionDraft>>::new());
    let targets = RwSignal::new(Targets::new());
    let fault = RwSignal::new(String::new());
    react(move || {
        keeping.follow();
        spawn(async move {
            let outcome = ask::get::<MarketList>("/api/v1/staff/markets").await;
            desk.note(&outcome);
            match outcome {
                Ok(list) => {
                    let named = list.markets.iter().map(|market| (market.id.clone(), market.entry.name.clone()));
                    targets.try_set(named.collect());
                    exceptions.try_set(list.exceptions);
                    markets.try_set(list.markets);
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
        });
    });
    let stations = all_stations(desk);
    // An exception needs something to be one of. Only whether there is one is looked at: what is typed is not to be drawn
    // anew when the list is read again.
    let first = memo(move || targets.look(|targets| targets.first().map(|(id, _)| id.clone())));
    let other = move || first.get().map(|id| closures(t.market.closures, targets, exceptions, &id));
    html! {
        <div class="stack station-page">
            <a class="back" href="/staff/stations">
                {t.station.back}
            </a>
            <h1 class="page-title">{t.market.title}</h1>
            <Fault words=fault />
            <section class="card stack" data-testid="markets">
                <h2 class="sr-only">{t.market.title}</h2>
                {rows(
                    "market",
                    Words { none: t.market.none, new: t.market.new },
                    markets,
                    MarketDraft::default(),
                    move |draft: &MarketDraft| {
                        let parts = [&draft.name, &draft.place, &draft.hours];
                        let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
                        parts.join(" · ")
                    },
                    move |editor, form| fields(desk, editor, form, stations),
                )}
            </section>
            {other}
        </div>
    }
}

fn fields(desk: Desk, editor: Editor<TypedMarket>, form: &Form, stations: RwSignal<Vec<StationRow>>) -> Node {
    let t = &desk.t.stations;
    let line = |name: &'static str, at: fn(&mut TypedMarket) -> &mut String| form.line(name, "", editor.bind(at));
    let from = Bound::new(
        move || editor.typed.look(|it| it.datum.code().to_owned()),
        move |code| editor.typed.update(|it| it.datum = Datum::from_code(&code).unwrap_or_default()),
    );
    let held = Bound::new(
        move || editor.typed.look(|it| it.draft.station.as_ref().map(StationId::to_string).unwrap_or_default()),
        move |id| editor.typed.update(|it| it.draft.station = (!id.is_empty()).then_some(StationId(id))),
    );
    let options = move || {
        let mut all = vec![(String::new(), t.market.no_station.to_owned())];
        stations.look(|stations| all.extend(stations.iter().map(|row| (row.id.to_string(), row.name.clone()))));
        all
    };
    html! {
        {line("name", |it| &mut it.draft.name)}
        {hours(form, t.market.hours_hint, editor.bind(|it| &mut it.draft.hours), false)}
        {line("place", |it| &mut it.draft.place)}
        {form.input("position", t.station.place, t.station.place_hint, "text", editor.bind(|it| &mut it.position))}
        {datum(form, t.station.datum, t.station.datums, from)}
        {form.select("station", (t.field)("station"), "", options, held)} {skills(desk, editor, form)}
        {line("last", |it| &mut it.draft.last)}
        <details class="fold">
            <summary>{t.station.english}</summary>
            <div class="stack">
                {line("name_en", |it| &mut it.draft.name_en)} {line("place_en", |it| &mut it.draft.place_en)}
                {line("last_en", |it| &mut it.draft.last_en)}
            </div>
        </details>
    }
}

/// Who does what, a group of fields each.
fn skills(desk: Desk, editor: Editor<TypedMarket>, form: &Form) -> Node {
    let t = &desk.t.stations.market;
    let numbers = move || editor.typed.look(|it| (0..it.skills.len()).collect::<Vec<usize>>());
    let each_form = form.clone();
    let fault = form.fault_words("skills");
    html! {
        <fieldset class="field wide" id=form.id("skills") tabindex="-1">
            <legend>{t.skills}</legend>
            <ul class="kept-rows">
                {each(numbers, usize::to_string, move |at| skill(desk, editor, &each_form, at))}
            </ul>
            <p class="error" role="alert">
                {move || fault().unwrap_or_default()}
            </p>
            <div>
                <button
                    class="btn"
                    type="button"
                    on:click=move |_| editor.typed.update(|it| it.skills.push(TypedSkill::default()))
                >
                    {t.add_skill}
                </button>
            </div>
        </fieldset>
    }
}

fn skill(desk: Desk, editor: Editor<TypedMarket>, form: &Form, at: usize) -> Node {
    let t = &desk.t.stations;
    // Ids of their own: the faults of the list are said beneath it.
    let form = Form { prefix: form.id(&format!("skill-{at}")), ..form.clone() };
    let text = |of: fn(&mut TypedSkill) -> &mut String| Bound::at(editor.typed, |it| &mut it.skills, at, of);
    let line = |name: &'static str, of: fn(&mut TypedSkill) -> &mut String| form.line(name, "", text(of));
    let number = |name: &'static str, hint: &'static str, of: fn(&mut TypedSkill) -> &mut String| {
        form.input(name, (t.field)(name), hint, "number", text(of))
    };
    let kinds =
        move || KINDS.into_iter().map(|kind| (code(kind).to_owned(), (t.market.kind)(kind).to_owned())).collect();
    let kind = Bound::new(
        move || editor.typed.look(|it| it.skills.get(at).map(|skill| code(skill.kind)).unwrap_or_default().to_owned()),
        move |chosen| {
            let found = KINDS.into_iter().find(|kind| code(*kind) == chosen).unwrap_or_default();
            editor.typed.update(|it| {
                if let Some(skill) = it.skills.get_mut(at) {
                    skill.kind = found;
                }
            });
        },
    );
    let remove = move |_| {
        editor.typed.update(|it| {
            if at < it.skills.len() {
                it.skills.remove(at);
            }
        });
    };
    html! {
        <li class="inner stack" data-testid="skill">
            <h3>{(t.market.skill)(at + 1)}</h3>
            <div class="stack columns">
                {form.select("kind", (t.field)("kind"), "", kinds, kind)} {line("name", |it| &mut it.name)}
                {line("person", |it| &mut it.person)} {number("places", "", |it| &mut it.places)}
                {number("from_min", t.market.minutes_hint, |it| &mut it.from)}
                {number("to_min", t.market.minutes_hint, |it| &mut it.to)} {line("name_en", |it| &mut it.name_en)}
                {line("person_en", |it| &mut it.person_en)}
            </div>
            <div>
                <button class="btn" type="button" on:click=remove>
                    {t.market.remove_skill}
                </button>
            </div>
        </li>
    }
}
