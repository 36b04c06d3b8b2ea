//! One station: big at the head of the list, or as a line of it.

use crate::markup::{Node, html};
use leptos::prelude::*;

use super::rows::{Row, Way};
use crate::components::icon::{Arrow, Glyph, Icon};
use crate::components::maps::Navigate;
use crate::components::pill::Pill;
use crate::components::verified::Verified;
use crate::domain::arrival::Arrival;
use crate::domain::geo::Compass;
use crate::domain::schedule::Status;
use crate::domain::station::Station;
use crate::domain::time::{Minute, Offset};
use crate::domain::verification::Freshness;
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::use_phone;
use crate::text::{pick, use_text, words};

/// Offers said on the big card.
const OFFERS: usize = 3;

/// The station a person most likely wants: big, with the way there and what it offers today.
#[component]
pub fn Lead(
    replica: Replica,
    station: Station,
    row: Row,
    now: Minute,
    /// Why it stands here.
    #[prop(into)]
    label: String,
) -> Node {
    let text = use_text();
    let lang = use_phone().prefs.get_untracked().lang;
    let name = pick(lang, &station.name, &station.name_en).to_owned();
    let offers = offers_today(lang, &replica, &station, now);
    let offset = replica.offset();
    let exception = replica.schedule(station.schedule.as_ref()).and_then(|schedule| schedule.exception_at(now));
    let exception = exception.map(|it| html! { <p class="notice">{words::exception(lang, offset, it)}</p> });
    let freshness = Freshness::of(station.verified_at_min, now);
    // What is unknown anyway needs no second doubt.
    let certain = matches!(freshness, Freshness::Fresh(_)) || matches!(row.status, Status::Unknown { .. });
    html! {
        <section class="card card-main lead" aria-label=label.clone()>
            {(!row.status.is_open()).then(|| html! { <p class="muted" aria-hidden="true">{label.clone()}</p> })}
            <div class="lead-top">
                {row.way.map(|way| html! { <WayThere way /> })}
                <State status=row.status.clone() way=row.way now offset=replica.offset() />
                {(!certain).then(|| html! { <Verified freshness brief=true /> })}
            </div>
            <h2>{name.clone()}</h2>
            <p class="muted">{place(lang, &station)}</p>
            {exception}
            {(!offers.is_empty()).then(|| html! {
                <ul class="offers">
                    {offers.into_iter().map(|offer| html! { <li>{offer}</li> }).collect_view()}
                </ul>
            })}
            <div class="btns">
                <Navigate place=station.position() name=name />
                <a class="btn" href=format!("/stations/{}", station.slug)>
                    {text.common.details}
                    <Icon glyph=Glyph::Next />
                </a>
            </div>
        </section>
    }
}

/// A station as one line; the whole line is the link.
#[component]
pub fn Item<'a>(station: &'a Station, row: &'a Row, now: Minute, offset: Offset) -> Node {
    let lang = use_phone().prefs.get_untracked().lang;
    html! {
        <li>
            <a class="row" data-testid="station-row" href=format!("/stations/{}", station.slug)>
                {row.way.map(|way| html! { <WayThere way /> })}
                <div class="row-main">
                    <h3>{pick(lang, &station.name, &station.name_en).to_owned()}</h3>
                    <State status=row.status.clone() way=row.way now offset />
                </div>
                <Icon glyph=Glyph::Next />
            </a>
        </li>
    }
}

/// Arrow, distance, and the direction in words for those who cannot see an arrow.
#[component]
fn WayThere(way: Way) -> Node {
    let lang = use_phone().prefs.get_untracked().lang;
    html! {
        <span class="way">
            <Arrow bearing=way.bearing />
            <span class="num">{words::distance(lang, f64::from(way.metres))}</span>
            <span class="direction">{words::compass(lang, Compass::from_bearing(f64::from(way.bearing)))}</span>
        </span>
    }
}

#[component]
fn State(status: Status, way: Option<Way>, now: Minute, offset: Offset) -> Node {
    let t = &use_text().stations;
    let lang = use_phone().prefs.get_untracked().lang;
    let next = words::next_change(lang, &status, offset, now);
    let late = way.and_then(|way| match way.arrival {
        Arrival::InTime => None,
        Arrival::OnlyRiding => Some(t.late_walking),
        Arrival::TooLate => Some(t.late),
    });
    html! {
        <span class="state">
            <Pill lang status next />
            {late.map(|late| html! { <span class="late">{late}</span> })}
        </span>
    }
}

/// What to look for, or else the address.
fn place(lang: Lang, station: &Station) -> String {
    let landmark = pick(lang, &station.landmark, &station.landmark_en);
    if landmark.is_empty() { pick(lang, &station.address, &station.address_en) } else { landmark }.to_owned()
}

/// What is still to come or under way today: "今天 14:00–17:00 免费理发".
fn offers_today(lang: Lang, replica: &Replica, station: &Station, now: Minute) -> Vec<String> {
    let t = &crate::text::text(lang).stations;
    let offset = replica.offset();
    let today = offset.day(now);
    let mut offers: Vec<(Minute, String)> = Vec::new();
    for service in replica.services_of(&station.id) {
        let Some(schedule) = replica.schedule(service.schedule.as_ref()) else { continue };
        let what = words::service(lang, service);
        match schedule.open_at(now) {
            // What never ends is a facility, not an event of today.
            Some((_, end)) if end.since(now) >= 24 * 60 => {}
            Some((start, end)) => {
                let until = (t.now_until)(&words::moment(lang, offset, end, now));
                offers.push((start, format!("{what} · {until}")));
            }
            None => {
                offers.extend(schedule.open_on(today, offset).filter(|(start, _)| *start > now).map(|(start, end)| {
                    (start, format!("{} {} {what}", t.today, words::span(lang, offset, start, end)))
                }));
            }
        }
    }
    offers.sort_by_key(|(start, _)| *start);
    offers.into_iter().take(OFFERS).map(|(_, words)| words).collect()
}
