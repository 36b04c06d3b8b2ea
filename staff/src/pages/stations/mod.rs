//! The stations, the one to look at next first: what is open, when each was verified, and "somebody of us was there".

pub mod moving;

use gloo_net::http::Method;
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::JsCast;
use waypost_app::components::pill::Pill;
use waypost_app::domain::schedule::{CLOSING_SOON, State, Status};
use waypost_app::domain::time::{CHINA, Minute};
use waypost_app::domain::verification::Freshness;
use waypost_app::local::{clock, spawn};
use waypost_app::text::{pick, words};
use waypost_app::wire::staff::stations::{StationDraft, StationList, StationRow};
use web_sys::HtmlElement;

use crate::ask::{self, Trouble};
use crate::desk::{Desk, use_desk};
use crate::keep::editor::who;
use crate::keep::undo::use_keeping;
use crate::markup::{Node, RwSignal, each, html, memo, react};
use crate::parts::Fault;
use moving::Moving;

const URL: &str = "/api/v1/staff/stations?order=worklist";

#[derive(Debug, Serialize)]
struct Seen {
    version: i64,
}

#[component]
pub fn Stations() -> Node {
    let desk = use_desk();
    let keeping = use_keeping();
    let t = &desk.t.stations.list;
    let rows = RwSignal::new(Vec::<StationRow>::new());
    let read = RwSignal::new(false);
    let search = RwSignal::new(String::new());
    let fault = RwSignal::new(String::new());
    let load = move || {
        spawn(async move {
            let outcome = ask::get::<StationList>(URL).await;
            desk.note(&outcome);
            match outcome {
                Ok(list) => {
                    read.try_set(true);
                    let place = place_of_focus();
                    rows.try_set(list.stations);
                    give_focus_back(place);
                    None
                }
                Err(trouble) => fault.try_set(desk.words(&trouble)),
            };
        });
    };
    react(move || {
        keeping.follow();
        load();
    });
    react(move || {
        // What was said of a station until a moment is over then.
        let now = desk.now.get();
        let over = |row: &StationRow| row.until_min.is_some_and(|until| until <= now);
        if rows.look_untracked(|rows| rows.iter().any(over)) {
            load();
        }
    });
    let found = memo(move || {
        let wanted = search.get();
        rows.look(|rows| rows.iter().filter(|row| matches(row, &wanted)).cloned().collect::<Vec<_>>())
    });
    let count = move || if read.get() { (t.count)(found.look(Vec::len)) } else { desk.t.frame.loading.to_owned() };
    html! {
        <div class="stack">
            <header class="page-head">
                <h1 class="page-title">{t.title}</h1>
                <div class="btns">
                    <a class="btn" href="/staff/markets">
                        {t.markets}
                    </a>
                    <a class="btn btn-primary" href="/staff/stations/new">
                        {t.new}
                    </a>
                </div>
            </header>
            <p class="muted">{t.text}</p>
            <div class="field">
                <label r#for="search">{t.search}</label>
                <input
                    id="search"
                    r#type="search"
                    autocomplete="off"
                    placeholder=t.search_hint
                    prop:value=move || search.get()
                    on:input=move |event| search.set(event_target_value(&event))
                />
                <p class="muted small" role="status" data-testid="count">
                    {count}
                </p>
            </div>
            <Fault words=fault />
            {move || {
                (read.get() && found.look(Vec::is_empty)).then(|| html! { <p class="card empty">{t.none}</p> })
            }}
            <ul class="stations-list" data-testid="stations">
                {each(move || found.get(), shown_of, move |row| drawn(desk, row))}
            </ul>
            <Moving />
        </div>
    }
}

/// How many rows stand before the one that has the focus.
fn place_of_focus() -> Option<u32> {
    let mut row = document().active_element()?.closest(".station-row").ok()??;
    let mut before = 0;
    while let Some(other) = row.previous_element_sibling() {
        row = other;
        before += 1;
    }
    Some(before)
}

/// A row that was verified goes to the end and its focus is lost: the one that now stands in its place gets it, which is the
/// next to look at.
fn give_focus_back(place: Option<u32>) {
    let Some(place) = place else { return };
    request_animation_frame(move || {
        let document = document();
        let is_lost = document.active_element().is_none_or(|it| Some(it) == document.body().map(Into::into));
        let rows = document.query_selector_all(".station-row .verify").ok();
        let next = rows.and_then(|rows| rows.item(place)).and_then(|it| it.dyn_into::<HtmlElement>().ok());
        if let Some(next) = next.filter(|_| is_lost) {
            let _ = next.focus();
        }
    });
}

/// Whether a station is what somebody looks for: all their words, in any of what is known by sight.
fn matches(row: &StationRow, wanted: &str) -> bool {
    let all = [&row.name, &row.name_en, &row.district, &row.slug, &row.hours, &row.usual, &row.usual_en]
        .map(|text| text.to_lowercase())
        .join("\n");
    wanted.to_lowercase().split_whitespace().all(|word| all.contains(word))
}

/// All that is shown of a station: a row is drawn anew when it changes.
fn shown_of(row: &StationRow) -> String {
    let state = match row.state {
        State::Open => "open",
        State::Closed => "closed",
        State::Unknown => "unknown",
    };
    let moment = |at: &Option<String>| at.clone().unwrap_or_default();
    let until = row.until_min.map_or(0, |at| at.0);
    format!("{} {} {state} {until} {} {}", row.id, row.version, moment(&row.verified_at), moment(&row.locked_at))
}

/// What the server has said of a station, as it is said to people at a moment.
fn status(row: &StationRow, now: Minute) -> Status {
    match (row.state, row.until_min) {
        (State::Open, Some(until)) if until.since(now) <= CLOSING_SOON => Status::ClosingSoon { until },
        (State::Open, until) => Status::Open { until },
        (State::Closed, opens) => Status::Closed { opens },
        (State::Unknown, _) => Status::Unknown { reason: None },
    }
}

fn drawn(desk: Desk, row: StationRow) -> Node {
    let t = &desk.t.stations.list;
    let href = format!("/staff/stations/{}", row.id);
    let usual = pick(desk.lang, &row.usual, &row.usual_en);
    let hours = match (if usual.is_empty() { row.hours.as_str() } else { usual }, row.hours_understood) {
        ("", _) => html! { <span class="muted">{t.no_hours}</span> },
        (hours, true) => html! { <span class="muted hours-words">{hours.to_owned()}</span> },
        (hours, false) => {
            html! { <span class="tag tag-warn">{t.unclear}</span> " " <span class="hours-words">{hours.to_owned()}</span> }
        }
    };
    let locked = row.locked_at.clone().map(|at| {
        html! { <span class="tag tag-warn">{move || (t.locked)(&desk.ago(&at))}</span> }
    });
    let verify = verify_button(desk, row.id.to_string(), row.version, row.name.clone());
    let (name, edit, district) = (row.name.clone(), (t.edit_of)(&row.name), row.district.clone());
    let (sample, verified) = (row.sample, row.verified_at.clone());
    let pill = move || {
        let now = desk.now.get();
        let status = status(&row, now);
        let next = words::next_change(desk.lang, &status, CHINA, now);
        html! { <Pill lang=desk.lang status next /> }
    };
    html! {
        <li class="card station-row" data-testid="station">
            <div class="stack-s">
                <div class="line">
                    <h2>{name}</h2>
                    <span class="muted">{district}</span>
                    {sample.then(|| html! { <span class="tag">{t.sample}</span> })}
                </div>
                <div class="line">{locked} {pill}</div>
                <p>{hours}</p>
                {move || verified_words(desk, verified.as_deref())}
            </div>
            <div class="btns">
                {verify}
                <a class="btn" href=href aria-label=edit>
                    {t.edit}
                </a>
            </div>
        </li>
    }
}

/// How old the last confirmation is.
pub fn verified_words(desk: Desk, at: Option<&str>) -> Node {
    let freshness = Freshness::of(at.and_then(clock::parse_rfc3339), desk.now.get());
    let age = match freshness {
        Freshness::Fresh(_) => "fresh",
        Freshness::Older(_) => "older",
        Freshness::Stale | Freshness::Never => "none",
    };
    html! {
        <span class="verified" data-age=age>
            {words::verified(desk.lang, freshness)}
        </span>
    }
}

/// "核实了": one tap by whoever was there.
pub fn verify_button(desk: Desk, id: String, version: i64, name: String) -> Node {
    let keeping = use_keeping();
    let t = &desk.t.stations.list;
    let busy = RwSignal::new(false);
    let label = (t.verify_of)(&name);
    let verify = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let id = id.clone();
        spawn(async move {
            let url = format!("/api/v1/staff/stations/{id}/verified");
            let outcome: Result<StationDraft, _> = ask::send(Method::POST, &url, &Seen { version }).await;
            busy.try_set(false);
            desk.note(&outcome);
            match outcome {
                Ok(station) => {
                    desk.say((t.verified)(&station.name));
                    keeping.kept_latest(&id, desk.t.stations.keep.saved).await;
                }
                Err(trouble) => {
                    let overtaken = match &trouble {
                        Trouble::Conflict(text) => serde_json::from_str(text).ok(),
                        _ => None,
                    };
                    desk.say(overtaken.map_or_else(|| desk.words(&trouble), |overtaken| who(desk, &overtaken)));
                    // What somebody else did is seen then.
                    keeping.again();
                }
            }
        });
    };
    html! {
        <button
            class="btn verify"
            type="button"
            aria-label=label
            aria-disabled=move || busy.get().then_some("true")
            on:click=verify
        >
            {t.verify}
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(state: State, until_min: Option<Minute>) -> StationRow {
        StationRow {
            id: "st-1".into(),
            version: 3,
            slug: "qiao-xi".to_owned(),
            name: "桥西小站".to_owned(),
            name_en: "Qiaoxi".to_owned(),
            district: "小河街道".to_owned(),
            lat: 30.3,
            lng: 120.1,
            hours: "Mo-Fr 09:00-17:00".to_owned(),
            hours_understood: true,
            usual: "周一至周五 9:00–17:00".to_owned(),
            usual_en: "Mon–Fri 9:00–17:00".to_owned(),
            facilities: Vec::new(),
            linked: None,
            verified_at: None,
            locked_at: None,
            state,
            until_min,
            sample: false,
        }
    }

    #[test]
    fn a_station_is_found_by_any_of_its_words_together() {
        let row = row(State::Open, None);
        for wanted in ["", " ", "桥西", "小河", "QIAOXI 09:00", "qiao-xi", "周五 桥西"] {
            assert!(matches(&row, wanted), "{wanted}");
        }
        for wanted in ["河东", "桥西 河东"] {
            assert!(!matches(&row, wanted), "{wanted}");
        }
    }

    #[test]
    fn what_the_server_said_is_said_as_of_now() {
        let now = Minute(1_000);
        let status = |state, until: Option<i64>| status(&row(state, until.map(Minute)), now);
        assert_eq!(status(State::Open, Some(1_030)), Status::ClosingSoon { until: Minute(1_030) });
        assert_eq!(status(State::Open, Some(1_031)), Status::Open { until: Some(Minute(1_031)) });
        assert_eq!(status(State::Open, None), Status::Open { until: None });
        assert_eq!(status(State::Closed, Some(1_500)), Status::Closed { opens: Some(Minute(1_500)) });
        assert_eq!(status(State::Unknown, None), Status::Unknown { reason: None });
    }

    #[test]
    fn a_row_is_drawn_anew_when_anything_shown_of_it_changes() {
        let before = row(State::Open, None);
        let changed = |change: fn(&mut StationRow)| {
            let mut after = before.clone();
            change(&mut after);
            shown_of(&after) != shown_of(&before)
        };
        assert!(changed(|row| row.version = 4));
        assert!(changed(|row| row.state = State::Closed));
        assert!(changed(|row| row.until_min = Some(Minute(7))));
        assert!(changed(|row| row.locked_at = Some("2026-11-24T08:30:00+08:00".to_owned())));
        assert!(changed(|row| row.verified_at = Some("2026-11-24T08:30:00+08:00".to_owned())));
    }
}
