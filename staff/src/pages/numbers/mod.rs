//! The district in numbers: each drawing has the same as a table beneath it.

mod hours;
mod shapes;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use waypost_app::domain::decimal::decimal;
use waypost_app::domain::time::CHINA;
use waypost_app::local::{clock, spawn};
use waypost_app::router::{Step, go, use_address};
use waypost_app::text::words;
use waypost_app::wire::staff::numbers::{Numbers as Found, UnitNumbers, WeekNumbers};

use crate::ask;
use crate::desk::{Desk, use_desk};
use crate::markup::{Node, RwSignal, html, react};
use crate::parts::{Fault, Line};
use shapes::{HEIGHT, WIDTH, bars, halves, percent};

#[component]
pub fn Numbers() -> Node {
    let desk = use_desk();
    let t = &desk.t.numbers;
    let address = use_address();
    let named = |name: &str| address.look_untracked(|address| address.get(name).unwrap_or_default());
    let [from, to, week] = ["from", "to", "week"].map(|name| RwSignal::new(named(name)));
    let found = RwSignal::new(None::<Found>);
    let place = RwSignal::new(None::<String>);
    let fault = RwSignal::new(String::new());
    react(move || {
        let query =
            address.look(|address| query(["from", "to", "week"].map(|name| address.get(name).unwrap_or_default())));
        spawn(async move {
            let outcome = ask::get::<Found>(&format!("/api/v1/staff/numbers{query}")).await;
            desk.note(&outcome);
            match outcome {
                Ok(numbers) => {
                    fault.try_set(String::new());
                    // What was left out stands in the fields then.
                    from.try_set(numbers.from.clone());
                    to.try_set(numbers.to.clone());
                    week.try_set(numbers.coverage.monday.clone());
                    found.try_set(Some(numbers));
                }
                Err(trouble) if trouble.field().is_some() => {
                    fault.try_set(t.date_bad.to_owned());
                }
                Err(trouble) => {
                    fault.try_set(desk.words(&trouble));
                }
            }
        });
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let query = query([from, to, week].map(RwSignal::get_untracked));
        go(address, &format!("/staff/numbers{query}"), Step::Within);
    };
    html! {
        <div class="stack numbers">
            <h1 class="page-title">{t.title}</h1>
            <form class="card stack period" on:submit=submit>
                <Line id="from" label=t.from value=from kind="date" />
                <Line id="to" label=t.to value=to kind="date" />
                <Line id="week" label=t.week value=week kind="date" hint=t.week_hint />
                <div>
                    <button class="btn btn-primary" type="submit">
                        {t.show}
                    </button>
                </div>
            </form>
            <Fault words=fault />
            {move || found.get().map(|found| drawn(desk, &found, place))}
        </div>
    }
}

/// The days that are asked about, as they stand in an address; what is empty is left out.
fn query([from, to, week]: [String; 3]) -> String {
    let given = [("from", from), ("to", to), ("week", week)].into_iter().filter(|(_, day)| !day.is_empty());
    let parts: Vec<String> = given.map(|(name, day)| format!("{name}={}", tame(&day))).collect();
    if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
}

/// Only what a date is made of: anything else has no business in an address.
fn tame(day: &str) -> String {
    day.chars().filter(|letter| letter.is_ascii_digit() || *letter == '-').collect()
}

fn drawn(desk: Desk, found: &Found, place: RwSignal<Option<String>>) -> Node {
    let t = &desk.t.numbers;
    let sheet = format!("/api/v1/staff/numbers.csv{}", query([found.from.clone(), found.to.clone(), String::new()]));
    html! {
        <p>
            <a class="btn" href=sheet download rel="external" data-testid="sheet">
                {t.sheet}
            </a>
            <span class="muted small">{t.sheet_text}</span>
        </p>
        {weeks(desk, &found.weeks)}
        {units(desk, &found.units)}
        {doors(desk, &found.weeks)}
        {hours::coverage(desk, found.coverage.clone(), place)}
    }
}

/// The day a week begins: "11月23日"; the text itself where it is none.
fn begins(desk: Desk, monday: &str) -> String {
    let noon = clock::parse_rfc3339(&format!("{monday}T12:00:00+08:00"));
    noon.map_or_else(|| monday.to_owned(), |noon| words::date(desk.lang, CHINA.day(noon)))
}

/// Bars of each week, with the number on each and the weeks beneath.
fn chart(
    desk: Desk,
    weeks: &[WeekNumbers],
    of: [fn(&WeekNumbers) -> u32; 2],
    kinds: [&'static str; 2],
    second: &'static str,
) -> Node {
    let groups: Vec<Vec<u32>> = weeks.iter().map(|week| of.iter().map(|of| of(week)).collect()).collect();
    let (drawn, _) = bars(&groups);
    let mut pieces = Vec::new();
    let number = |number: f64| decimal(number, 1);
    for ((group, values), week) in drawn.iter().zip(&groups).zip(weeks) {
        for (at, (bar, value)) in group.iter().zip(values).enumerate() {
            let class = format!("column {}", if at == 0 { "column-a" } else { second });
            let middle = bar.x + bar.width / 2.0;
            pieces.push(html! {
                <rect
                    class=class
                    x=number(bar.x)
                    y=number(bar.y)
                    width=number((bar.width - 2.0).max(1.0))
                    height=number(bar.height)
                    rx="3"
                />
                <text class="mark" x=number(middle) y=number(bar.y - 6.0) text-anchor="middle">
                    {value.to_string()}
                </text>
            });
        }
        let middle =
            group.first().zip(group.last()).map_or(0.0, |(first, last)| f64::midpoint(first.x, last.x + last.width));
        pieces.push(html! {
            <text class="mark mark-week" x=number(middle) y=number(HEIGHT + 20.0) text-anchor="middle">
                {begins(desk, &week.monday)}
            </text>
        });
    }
    let legend: Vec<Node> = ["column-a", second]
        .into_iter()
        .zip(kinds)
        .map(|(class, word)| {
            html! {
                <span class="legend">
                    <svg viewBox="0 0 16 16" aria-hidden="true">
                        <rect class=format!("column {class}") width="16" height="16" rx="3" />
                    </svg>
                    {word}
                </span>
            }
        })
        .collect();
    let view = format!("0 -24 {} {}", decimal(WIDTH, 0), decimal(HEIGHT + 52.0, 0));
    // The table beneath says the same.
    html! {
        <p class="line small">{legend}</p>
        <div class="drawing latest" tabindex="0">
            <svg class="chart" viewBox=view aria-hidden="true">
                <path class="ground" d=format!("M0 {HEIGHT}h{WIDTH}") />
                {pieces}
            </svg>
        </div>
    }
}

/// A table: a head, and rows whose first cell is their name.
fn table(caption: &'static str, head: &[&'static str], rows: Vec<Vec<String>>) -> Node {
    let head: Vec<Node> = head.iter().map(|word| html! { <th scope="col">{*word}</th> }).collect();
    let row = |cells: Vec<String>| {
        let mut cells = cells.into_iter();
        let name = cells.next().unwrap_or_default();
        let rest: Vec<Node> = cells.map(|cell| html! { <td>{cell}</td> }).collect();
        html! {
            <tr>
                <th scope="row">{name}</th>
                {rest}
            </tr>
        }
    };
    let rows: Vec<Node> = rows.into_iter().map(row).collect();
    html! {
        <div class="drawing" tabindex="0">
            <table class="figures">
                <caption class="sr-only">{caption}</caption>
                <thead>
                    <tr>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn weeks(desk: Desk, weeks: &[WeekNumbers]) -> Node {
    let t = &desk.t.numbers;
    let mut rows: Vec<Vec<String>> = weeks
        .iter()
        .map(|week| vec![(t.week_from)(&begins(desk, &week.monday)), week.received.to_string(), week.fixed.to_string()])
        .collect();
    let sum = |of: fn(&WeekNumbers) -> u32| weeks.iter().map(|week| u64::from(of(week))).sum::<u64>().to_string();
    rows.push(vec![t.total.to_owned(), sum(|week| week.received), sum(|week| week.fixed)]);
    html! {
        <section class="card stack" data-testid="weeks">
            <h2>{t.reports}</h2>
            {chart(desk, weeks, [|week| week.received, |week| week.fixed], [t.received, t.fixed], "column-b")}
            {table(t.reports, &[t.week_of, t.received, t.fixed], rows)}
        </section>
    }
}

fn units(desk: Desk, units: &[UnitNumbers]) -> Node {
    let t = &desk.t.numbers;
    let row = |unit: &UnitNumbers| {
        let name = if unit.name.is_empty() { t.no_unit.to_owned() } else { unit.name.clone() };
        let median = unit.median_working_days.map_or_else(|| t.no_visits.to_owned(), |days| (t.days)(&halves(days)));
        vec![name, median, unit.fixed.to_string(), unit.open.to_string(), unit.overdue.to_string()]
    };
    let said = if units.is_empty() {
        html! { <p class="muted">{t.nobody}</p> }
    } else {
        table(t.units, &[t.unit, t.median, t.fixed, t.open, t.overdue], units.iter().map(row).collect())
    };
    html! {
        <section class="card stack" data-testid="unit-numbers">
            <h2>{t.units}</h2>
            <p class="muted">{t.units_text}</p>
            {medians(units)} {said}
        </section>
    }
}

/// Lying bars of how long each unit takes; the longest is as wide as there is room.
fn medians(units: &[UnitNumbers]) -> Node {
    let took: Vec<(&str, f64)> = units
        .iter()
        .filter_map(|unit| Some((unit.name.as_str(), unit.median_working_days?)))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    if took.is_empty() {
        return Node::Nothing;
    }
    let most = took.iter().map(|(_, days)| *days).fold(1.0, f64::max);
    let pieces: Vec<Node> = took
        .iter()
        .enumerate()
        .map(|(at, (name, days))| {
            let y = at as f64 * 44.0;
            html! {
                <text class="mark" x="0" y=decimal(y + 14.0, 0)>
                    {(*name).to_owned()}
                </text>
                <rect
                    class="column column-b"
                    x="0"
                    y=decimal(y + 20.0, 0)
                    width=decimal((560.0 * days / most).max(2.0), 1)
                    height="14"
                    rx="3"
                />
                <text class="mark" x=decimal((560.0 * days / most).max(2.0) + 8.0, 1) y=decimal(y + 32.0, 0)>
                    {halves(*days)}
                </text>
            }
        })
        .collect();
    html! {
        <div class="drawing" tabindex="0">
            <svg
                class="chart"
                viewBox=format!("0 0 640 {}", decimal(took.len() as f64 * 44.0, 0))
                aria-hidden="true"
            >
                {pieces}
            </svg>
        </div>
    }
}

fn doors(desk: Desk, weeks: &[WeekNumbers]) -> Node {
    let t = &desk.t.numbers;
    let rate = |locked, confirmed| percent(locked, confirmed).unwrap_or_else(|| t.no_visits.to_owned());
    let row = |name: String, confirmed: u32, locked: u32| {
        vec![name, confirmed.to_string(), locked.to_string(), rate(locked, confirmed)]
    };
    let mut rows: Vec<Vec<String>> =
        weeks.iter().map(|week| row((t.week_from)(&begins(desk, &week.monday)), week.confirmed, week.locked)).collect();
    let sum = |of: fn(&WeekNumbers) -> u32| weeks.iter().map(of).fold(0, u32::saturating_add);
    rows.push(row(t.total.to_owned(), sum(|week| week.confirmed), sum(|week| week.locked)));
    html! {
        <section class="card stack" data-testid="doors">
            <h2>{t.doors}</h2>
            <p class="muted">{t.doors_text}</p>
            {chart(desk, weeks, [|week| week.confirmed, |week| week.locked], [t.confirmed, t.locked], "column-bad")}
            {table(t.doors, &[t.week_of, t.confirmed, t.locked, t.rate], rows)}
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_dates_get_into_an_address() {
        let of = |days: [&str; 3]| query(days.map(str::to_owned));
        assert_eq!(of(["", "", ""]), "");
        assert_eq!(of(["2026-11-01", "", "2026-11-24"]), "?from=2026-11-01&week=2026-11-24");
        assert_eq!(of(["2026&x=1#", "", ""]), "?from=20261");
    }
}
