//! A week, hour by hour: how many stations are open, and when there is none.

use leptos::prelude::*;
use waypost_app::domain::time::CHINA;
use waypost_app::local::clock;
use waypost_app::text::words;
use waypost_app::wire::staff::numbers::{Coverage, PlaceCoverage};

use super::shapes::{gaps, shade};
use super::table;
use crate::desk::Desk;
use crate::markup::{Node, RwSignal, html};

/// Side of an hour, in the drawing's own units, and the room for the names of days.
const SIDE: usize = 28;
const NAMES: usize = 92;

/// `chosen` is the name of the place that is looked at, which stays when another week is shown.
pub(super) fn coverage(desk: Desk, found: Coverage, chosen: RwSignal<Option<String>>) -> Node {
    let t = &desk.t.numbers;
    let name = move |place: &PlaceCoverage| match place.name.as_deref() {
        None => t.whole.to_owned(),
        Some("") => t.no_district.to_owned(),
        Some(name) => name.to_owned(),
    };
    let options: Vec<Node> = found
        .places
        .iter()
        .enumerate()
        .map(|(at, place)| {
            let same = place.name.clone();
            html! {
                <option value=at.to_string() prop:selected=move || chosen.look(|chosen| *chosen == same)>
                    {name(place)}
                </option>
            }
        })
        .collect();
    let days = days(desk, &found.monday);
    let places = found.places;
    let names: Vec<Option<String>> = places.iter().map(|place| place.name.clone()).collect();
    // A place without a station this week is not among them: then it is the first, as the field says.
    let shown = move || {
        let name = chosen.get();
        let place = places.iter().find(|place| place.name == name).or(places.first());
        place.map(|place| of_place(desk, place, &days))
    };
    html! {
        <section class="card stack" data-testid="coverage">
            <h2>{t.coverage}</h2>
            <p class="muted">{t.coverage_text}</p>
            <div class="field">
                <label r#for="place">{t.place}</label>
                <select
                    id="place"
                    on:change=move |event| {
                        let at: usize = event_target_value(&event).parse().unwrap_or_default();
                        chosen.set(names.get(at).cloned().flatten());
                    }
                >
                    {options}
                </select>
            </div>
            {shown}
        </section>
    }
}

/// The week's seven days, as they are said.
fn days(desk: Desk, monday: &str) -> Vec<String> {
    let Some(noon) = clock::parse_rfc3339(&format!("{monday}T12:00:00+08:00")) else { return Vec::new() };
    let first = CHINA.day(noon);
    (0..7).map(|ahead| words::date_and_weekday(desk.lang, first.plus(ahead))).collect()
}

fn of_place(desk: Desk, place: &PlaceCoverage, days: &[String]) -> Node {
    let t = &desk.t.numbers;
    let most = place.open.iter().copied().max().unwrap_or_default();
    let mut pieces = Vec::new();
    for hour in (0..24).step_by(3) {
        pieces.push(html! {
            <text class="mark" x=(NAMES + hour * SIDE).to_string() y="14">
                {hour.to_string()}
            </text>
        });
    }
    let mut rows = Vec::new();
    for (at, (day, hours)) in days.iter().zip(place.open.chunks(24)).enumerate() {
        let y = 22 + at * SIDE;
        pieces.push(html! {
            <text class="mark" x="0" y=(y + 19).to_string()>
                {day.clone()}
            </text>
        });
        for (hour, open) in hours.iter().enumerate() {
            let x = NAMES + hour * SIDE;
            pieces.push(html! {
                <rect
                    class=format!("hour hour-{}", shade(*open, most))
                    x=x.to_string()
                    y=y.to_string()
                    width=(SIDE - 2).to_string()
                    height=(SIDE - 2).to_string()
                    rx="4"
                />
                <text class="mark mark-hour" x=(x + SIDE / 2 - 1).to_string() y=(y + 18).to_string() text-anchor="middle">
                    {open.to_string()}
                </text>
            });
        }
        let said: Vec<String> = gaps(hours).into_iter().map(|(from, to)| format!("{from}:00–{to}:00")).collect();
        rows.push(vec![day.clone(), if said.is_empty() { t.no_gap.to_owned() } else { said.join(", ") }]);
    }
    let view = format!("0 0 {} {}", NAMES + 24 * SIDE, 24 + 7 * SIDE);
    html! {
        <p>{(t.stations)(place.stations, place.unknown)}</p>
        <div class="drawing" tabindex="0">
            <svg class="chart week-hours" viewBox=view aria-hidden="true">
                {pieces}
            </svg>
        </div>
        {table(t.gaps, &[t.day, t.gaps], rows)}
    }
}
