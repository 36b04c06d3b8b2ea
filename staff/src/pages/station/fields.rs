//! The fields of a station, its hours before everything else.

use waypost_app::domain::ids::StationId;
use waypost_app::domain::station::Facility;
use waypost_app::local::locate::locate;
use waypost_app::local::spawn;
use waypost_app::text::words;
use waypost_app::wire::staff::stations::StationRow;

use super::entrance::entrance;
use super::typed::TypedStation;
use crate::desk::{Desk, use_desk};
use crate::form::{Bound, Form};
use crate::hours::hours;
use crate::keep::editor::Editor;
use crate::markup::{Node, RwSignal, html};
use crate::place::{self, Datum};

/// What is kept of a station, to be typed. `stations`: which it can be linked with.
pub(super) fn fields(
    editor: Editor<TypedStation>,
    form: &Form,
    stations: RwSignal<Vec<StationRow>>,
    id: Option<String>,
) -> Node {
    let desk = use_desk();
    let t = &desk.t.stations.station;
    let line = |name: &'static str, at: fn(&mut TypedStation) -> &mut String| form.line(name, "", editor.bind(at));
    let area = |name, at: fn(&mut TypedStation) -> &mut String| form.area(name, "", "3", editor.bind(at));
    let slug = form.line("slug", t.slug_hint, editor.bind(|it| &mut it.draft.slug));
    html! {
        <section class="card stack">
            {line("name", |it| &mut it.draft.name)}
            {hours(form, "", editor.bind(|it| &mut it.draft.hours), true)}
        </section>
        <section class="card stack columns">
            {position(desk, editor, form)} {line("address", |it| &mut it.draft.address)}
            {line("landmark", |it| &mut it.draft.landmark)} {line("district", |it| &mut it.draft.district)}
            {facilities(desk, editor)} {entrance(editor, form)} {area("access", |it| &mut it.draft.access)}
            {form.input("phone", (form.t.field)("phone"), "", "tel", editor.bind(|it| &mut it.draft.phone))}
            {linked(desk, editor, form, stations, id)}
        </section>
        <details class="card fold">
            <summary>{t.more}</summary>
            <div class="stack columns">
                {line("operator", |it| &mut it.draft.operator)} {area("about", |it| &mut it.draft.about)}
                {line("source", |it| &mut it.draft.source)} {slug}
            </div>
        </details>
        <details class="card fold">
            <summary>{t.english}</summary>
            <div class="stack columns">
                {line("name_en", |it| &mut it.draft.name_en)} {line("address_en", |it| &mut it.draft.address_en)}
                {line("landmark_en", |it| &mut it.draft.landmark_en)}
                {line("district_en", |it| &mut it.draft.district_en)}
                {area("access_en", |it| &mut it.draft.access_en)} {line("operator_en", |it| &mut it.draft.operator_en)}
                {area("about_en", |it| &mut it.draft.about_en)} {line("source_en", |it| &mut it.draft.source_en)}
            </div>
        </details>
    }
}

fn position(desk: Desk, editor: Editor<TypedStation>, form: &Form) -> Node {
    let t = &desk.t.stations.station;
    let here = move |_| {
        spawn(async move {
            match locate().await {
                Ok(fix) => editor.typed.update(|it| {
                    it.datum = Datum::Wgs84;
                    it.position = place::written(fix.position);
                }),
                Err(_) => desk.say(t.here_failed),
            }
        });
    };
    let datum = datum(
        form,
        t.datum,
        t.datums,
        Bound::new(
            move || editor.typed.look(|it| it.datum.code().to_owned()),
            move |code| editor.typed.update(|it| it.datum = Datum::from_code(&code).unwrap_or_default()),
        ),
    );
    html! {
        {form.input("position", t.place, t.place_hint, "text", editor.bind(|it| &mut it.position))} {datum}
        <div>
            <button class="btn" type="button" on:click=here>
                {t.here}
            </button>
        </div>
    }
}

/// From which map the coordinates beside it come.
pub fn datum(form: &Form, label: &'static str, words: [&'static str; 3], bound: Bound) -> Node {
    let options = move || {
        let named = Datum::ALL.into_iter().zip(words);
        named.map(|(datum, word)| (datum.code().to_owned(), word.to_owned())).collect()
    };
    form.select("datum", label, "", options, bound)
}

fn facilities(desk: Desk, editor: Editor<TypedStation>) -> Node {
    let chips: Vec<Node> = Facility::ALL
        .into_iter()
        .map(|facility| {
            let has = move || editor.typed.look(|it| it.draft.facilities.contains(&facility));
            let toggle = move |_| {
                editor.typed.update(|it| {
                    let all = &mut it.draft.facilities;
                    match all.iter().position(|one| *one == facility) {
                        Some(at) => drop(all.remove(at)),
                        None => all.push(facility),
                    }
                });
            };
            html! {
                <label class="chip">
                    <input type="checkbox" prop:checked=has on:change=toggle />
                    {words::facility(desk.lang, facility)}
                </label>
            }
        })
        .collect();
    html! {
        <fieldset class="field wide">
            <legend>{(desk.t.stations.field)("facilities")}</legend>
            <div class="choices">{chips}</div>
        </fieldset>
    }
}

/// The other half of a pair.
fn linked(
    desk: Desk,
    editor: Editor<TypedStation>,
    form: &Form,
    stations: RwSignal<Vec<StationRow>>,
    id: Option<String>,
) -> Node {
    let t = &desk.t.stations;
    let none = t.station.not_linked;
    let options = move || {
        let others = stations.look(|stations| {
            let others = stations.iter().filter(|row| Some(row.id.as_str()) != id.as_deref());
            let mut all: Vec<(String, String)> = others.map(|row| (row.id.to_string(), row.name.clone())).collect();
            all.sort_by(|(_, one), (_, other)| one.cmp(other));
            all
        });
        let mut all = vec![(String::new(), none.to_owned())];
        all.extend(others);
        all
    };
    let bound = Bound::new(
        move || editor.typed.look(|it| it.draft.linked.as_ref().map(StationId::to_string).unwrap_or_default()),
        move |id| {
            editor.typed.update(|it| it.draft.linked = (!id.is_empty()).then_some(StationId(id)));
        },
    );
    form.select("linked", (t.field)("linked"), t.station.linked_hint, options, bound)
}
