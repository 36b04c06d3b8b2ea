//! Can I use it now, and how do I get in?

pub mod timetable;
pub mod week;

use crate::components::erase::{Erase, live};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::components::arrival::use_still_coming;
use crate::components::icon::{Arrow, Glyph, Icon};
use crate::components::maps::MapLinks;
use crate::components::masthead::{Blank, Masthead};
use crate::components::page_head::MissingPage;
use crate::components::pill::Pill;
use crate::domain::geo::{Compass, Wgs84};
use crate::domain::schedule::Status;
use crate::domain::station::{self, Landmark};
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::{Phone, Whereabouts, use_phone};
use crate::text::{pick, use_text, words};
use timetable::Timetable;

/// `/stations/{slug}`
#[component]
pub fn Station() -> impl IntoView {
    let t = &use_text().station;
    let phone = use_phone();
    let params = use_params_map();
    let slug = Memo::new(move |_| params.with(|params| params.get("slug").unwrap_or_default()));
    let found =
        Memo::new(move |_| phone.replica.with(|replica| slug.with(|slug| replica.station_by_slug(slug).cloned())));
    let still_coming = use_still_coming();
    let content = live(move || {
        if let Some(station) = found.get() {
            view! { <Detail station /> }.erase()
        } else if still_coming.get() || phone.replica.with(Replica::is_blank) {
            view! { <Blank /> }.erase()
        } else {
            view! { <Missing /> }.erase()
        }
    });
    view! {
        <a class="back" href="/">
            <Icon glyph=Glyph::Back />
            {t.all}
        </a>
        {content}
    }
    .erase()
}

#[component]
fn Missing() -> impl IntoView {
    let t = &use_text().station;
    view! {
        <MissingPage />
        <Masthead title=t.missing />
        <div class="card empty">
            <p>{t.missing_text}</p>
            <a class="btn" href="/">
                {t.all}
            </a>
        </div>
    }
    .erase()
}

#[component]
fn Detail(station: station::Station) -> impl IntoView {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let place = station.position();
    let name = pick(lang, &station.name, &station.name_en).to_owned();
    let schedule = station.schedule.clone();
    let status = Memo::new(move |_| phone.replica.with(|replica| replica.status(schedule.as_ref(), phone.now.get())));
    let way = live(move || way_there(phone, place).map(|(metres, bearing)| view! { <Way metres bearing /> }.erase()));
    let section = |heading: &'static str, body: AnyView| {
        view! {
            <section class="stack-s">
                <h2>{heading}</h2>
                {body}
            </section>
        }
        .erase()
    };
    let entrance = (!station.entrance.is_empty()).then(|| {
        let steps = station.entrance.iter().map(|step| {
            let text = pick(lang, &step.text, &step.text_en).to_owned();
            view! { <li>{text}</li> }
        });
        section(t.entrance, view! { <ol class="steps">{steps.collect_view()}</ol> }.erase())
    });
    let access = pick(lang, &station.access, &station.access_en);
    let access = (!access.is_empty()).then(|| section(t.access, view! { <p>{access.to_owned()}</p> }.erase()));
    let facilities = (!station.facilities.is_empty()).then(|| {
        let tags = station.facilities.iter().map(|facility| {
            view! {
                <li class="tag">
                    <Icon glyph=Glyph::from(*facility) />
                    {words::facility(lang, *facility)}
                </li>
            }
        });
        section(t.facilities, view! { <ul class="tags">{tags.collect_view()}</ul> }.erase())
    });
    let linked = station.linked.clone();
    let linked = live(move || {
        let linked = linked.as_ref()?;
        phone.replica.with(|replica| {
            let other = replica.station(linked)?;
            let name = pick(lang, &other.name, &other.name_en).to_owned();
            let landmark = pick(lang, &other.landmark, &other.landmark_en).to_owned();
            Some(
                view! {
                    <a class="card linked" href=format!("/stations/{}", other.slug)>
                        <span class="muted small">{t.linked}</span>
                        <strong>{name}</strong>
                        <span class="small">{landmark}</span>
                    </a>
                }
                .erase(),
            )
        })
    });
    let head = view! { <Masthead title=name.clone() /> };
    let first = view! {
        <section class="card card-main stack-s">
            <Now status />
            {way}
            <div class="stack-s go">
                <MapLinks place name main=true />
                <p class="muted small">{t.go_note}</p>
            </div>
        </section>
    }
    .erase();
    let week = section(t.week, view! { <Timetable station=station.clone() /> }.erase());
    view! {
        {head}
        <div class="station">
            <div class="stack">{first} {entrance} {access} {linked}</div>
            <div class="stack">{week} {facilities} <Facts station /></div>
        </div>
    }
    .erase()
}

/// The state in words, and what happens next.
#[component]
fn Now(status: Memo<Status>) -> impl IntoView {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    live(move || {
        let now = phone.now.get();
        let status = status.get();
        let offset = phone.replica.with(Replica::offset);
        let next = words::next_change(lang, &status, offset, now);
        let left = match &status {
            Status::Open { until: Some(end) } => Some((t.left)(&words::duration(lang, end.since(now)))),
            Status::Unknown { reason: None } => Some(t.no_schedule.to_owned()),
            _ => None,
        };
        view! {
            <p class="now">
                <Pill lang status next big=true />
                {left.map(|left| view! { <span class="muted">{left}</span> })}
            </p>
        }
        .erase()
    })
}

#[component]
fn Way(metres: f64, bearing: f64) -> impl IntoView {
    let lang = use_phone().prefs.get_untracked().lang;
    view! {
        <p class="line">
            <Arrow bearing=(bearing / 5.0).round() as i32 * 5 />
            <span class="num">{words::distance(lang, metres)}</span>
            <span class="muted">{words::compass(lang, Compass::from_bearing(bearing))}</span>
        </p>
    }
    .erase()
}

/// Metres and direction from where the person is, or from the landmark chosen instead.
fn way_there(phone: Phone, place: Wgs84) -> Option<(f64, f64)> {
    let chosen = phone.prefs.with(|prefs| prefs.landmark.clone());
    let from = match (chosen, phone.whereabouts.get()) {
        (Some(chosen), _) => phone.replica.with(|replica| replica.landmark(&chosen).map(Landmark::position))?,
        (None, Whereabouts::Here { position, .. }) => position,
        (None, _) => return None,
    };
    Some((from.distance_m(place), from.bearing_deg(place)))
}

/// Address, phone, who runs it, where the data comes from, and whether anybody has confirmed it.
#[component]
fn Facts(station: station::Station) -> impl IntoView {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let offset = phone.replica.with_untracked(Replica::offset);
    let fact = |word: &'static str, zh: &str, en: &str| {
        let said = pick(lang, zh, en).to_owned();
        (!said.is_empty()).then(|| view! { <div><dt>{word}</dt><dd>{said}</dd></div> })
    };
    let district = place_line(lang, &station);
    let call = (!station.phone.is_empty()).then(|| {
        let dial: String = station.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        view! {
            <div>
                <dt>{t.phone}</dt>
                <dd>
                    <a class="btn" href=format!("tel:{dial}")>
                        <Icon glyph=Glyph::Phone />
                        {station.phone.clone()}
                    </a>
                </dd>
            </div>
        }
    });
    let verified = station
        .verified_at_min
        .map_or_else(|| t.unverified.to_owned(), |at| (t.verified)(&words::date_with_year(lang, offset.day(at))));
    view! {
        <dl class="card facts">
            {call}
            {fact(t.about, &station.about, &station.about_en)}
            {fact(t.landmark, &station.landmark, &station.landmark_en)}
            {fact(t.address, &district, &district)}
            {fact(t.operator, &station.operator, &station.operator_en)}
            <div>
                <dt>{t.source}</dt>
                <dd>
                    {pick(lang, &station.source, &station.source_en).to_owned()}
                    <span class="verified">{verified}</span>
                </dd>
            </div>
        </dl>
    }
    .erase()
}

/// The address, with its subdistrict where it does not name it.
fn place_line(lang: Lang, station: &station::Station) -> String {
    let address = pick(lang, &station.address, &station.address_en);
    let district = pick(lang, &station.district, &station.district_en);
    if district.is_empty() || address.contains(district) {
        address.to_owned()
    } else if lang == Lang::En {
        format!("{address}, {district}")
    } else {
        format!("{district} {address}")
    }
}
