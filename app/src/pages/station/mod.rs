//! Can I use it now, and how do I get in?

pub mod timetable;
pub mod verify;
pub mod week;

use crate::markup::{IntoNode, Memo, Node, html, memo, react};
use crate::router::use_address;
use leptos::prelude::*;

use crate::components::arrival::use_still_coming;
use crate::components::calendar::AddToCalendar;
use crate::components::icon::{Arrow, Glyph, Icon};
use crate::components::maps::MapLinks;
use crate::components::masthead::{Blank, Masthead};
use crate::components::page_head::MissingPage;
use crate::components::photo_strip::public_photo;
use crate::components::pill::Pill;
use crate::components::verified::Verified;
use crate::domain::geo::{Compass, Wgs84};
use crate::domain::schedule::Status;
use crate::domain::station;
use crate::domain::verification::Freshness;
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::{Phone, Whereabouts, position, use_phone};
use crate::text::{pick, use_text, words};
use timetable::Timetable;
use verify::Verify;
use week::DAYS;

/// `/stations/{slug}`
#[component]
pub fn Station() -> Node {
    let t = &use_text().station;
    let phone = use_phone();
    let address = use_address();
    let slug = memo(move || address.look(|address| address.slug().unwrap_or_default()));
    let found = memo(move || phone.replica.look(|replica| slug.look(|slug| replica.station_by_slug(slug).cloned())));
    let still_coming = use_still_coming();
    let content = move || {
        if let Some(station) = found.get() {
            html! { <Detail station /> }
        } else if still_coming.get() || phone.replica.look(Replica::is_blank) {
            html! { <Blank /> }
        } else {
            html! { <Missing /> }
        }
    };
    html! {
        <a class="back" href="/">
            <Icon glyph=Glyph::Back />
            {t.all}
        </a>
        {content}
    }
}

#[component]
fn Missing() -> Node {
    let t = &use_text().station;
    html! {
        <MissingPage />
        <Masthead title=t.missing />
        <div class="card empty">
            <p>{t.missing_text}</p>
            <a class="btn" href="/">
                {t.all}
            </a>
        </div>
    }
}

#[component]
fn Detail(station: station::Station) -> Node {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let place = station.position();
    let name = pick(lang, &station.name, &station.name_en).to_owned();
    react(move || position::follow_if_allowed(phone));
    let kept = station.clone();
    let status = memo(move || phone.replica.look(|replica| replica.station_status(&kept, phone.now.get())));
    let way = move || way_there(phone, place).map(|(metres, bearing)| html! { <Way metres bearing /> });
    let section = |heading: &'static str, body: Node| {
        html! {
            <section class="stack-s">
                <h2>{heading}</h2>
                {body}
            </section>
        }
    };
    let entrance = (!station.entrance.is_empty()).then(|| {
        let steps = station.entrance.iter().map(|step| {
            let text = pick(lang, &step.text, &step.text_en).to_owned();
            let photo = step.photo.as_ref().map(|hash| public_photo(hash.as_str(), text.clone()));
            html! {
                <li>
                    {text}
                    {photo}
                </li>
            }
        });
        section(t.entrance, html! { <ol class="steps">{steps.collect_view()}</ol> })
    });
    let access = pick(lang, &station.access, &station.access_en);
    let access = (!access.is_empty()).then(|| section(t.access, html! { <p>{access.to_owned()}</p> }));
    let facilities = (!station.facilities.is_empty()).then(|| {
        let tags = station.facilities.iter().map(|facility| {
            html! {
                <li class="tag">
                    <Icon glyph=Glyph::from(*facility) />
                    {words::facility(lang, *facility)}
                </li>
            }
        });
        section(t.facilities, html! { <ul class="tags">{tags.collect_view()}</ul> })
    });
    let linked = station.linked.clone();
    let linked = move || {
        let linked = linked.as_ref()?;
        phone.replica.look(|replica| {
            let other = replica.station(linked)?;
            let name = pick(lang, &other.name, &other.name_en).to_owned();
            let landmark = pick(lang, &other.landmark, &other.landmark_en).to_owned();
            Some(html! {
                <a class="card linked" href=format!("/stations/{}", other.slug)>
                    <span class="muted small">{t.linked}</span>
                    <strong>{name}</strong>
                    <span class="small">{landmark}</span>
                </a>
            })
        })
    };
    let schedule = station.schedule.clone();
    // Those of the week that is shown below.
    let changes = move || {
        phone.replica.look(|replica| {
            let (offset, schedule) = (replica.offset(), replica.schedule(schedule.as_ref()));
            let today = offset.day(phone.now.get());
            let coming = schedule.into_iter().flat_map(|schedule| schedule.exceptions_from(today, offset));
            let coming = coming.filter(|it| offset.day(it.start) < today.plus(DAYS));
            coming.map(|it| html! { <p class="notice">{words::exception(lang, offset, it)}</p> }).collect_view()
        })
    };
    let head = html! { <Masthead title=name.clone() /> };
    let first = html! {
        <section class="card card-main stack-s">
            <Now status />
            {changes}
            {way}
            <div class="stack-s go">
                <MapLinks place name main=true />
                <p class="muted small">{t.go_note}</p>
            </div>
        </section>
    };
    let (keeper, slug) = (station.id.clone(), station.slug.clone());
    let calendar = move || {
        let replica = phone.replica.get();
        let mut timed = replica.services_of(&keeper).filter(|service| service.schedule.is_some());
        timed.next().map(|_| html! { <AddToCalendar lang word=t.calendar slug=slug.clone() /> })
    };
    let verify = html! { <Verify slug=station.slug.clone() /> };
    let week = section(
        t.week,
        html! {
            <Timetable station=station.clone() />
            {calendar}
        },
    );
    html! {
        {head}
        <div class="station">
            <div class="stack">{first} {entrance} {access} {linked} {verify}</div>
            <div class="stack">{week} {facilities} <Facts station /></div>
        </div>
    }
}

/// The state in words, and what happens next.
#[component]
fn Now(status: Memo<Status>) -> Node {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    IntoNode::into_node(move || {
        let now = phone.now.get();
        let status = status.get();
        let offset = phone.replica.look(Replica::offset);
        let next = words::next_change(lang, &status, offset, now);
        let left = match &status {
            Status::Open { until: Some(end) } => Some((t.left)(&words::duration(lang, end.since(now)))),
            Status::Unknown { reason: None } => Some(t.no_schedule.to_owned()),
            _ => None,
        };
        html! {
            <p class="now">
                <Pill lang status next big=true />
                {left.map(|left| html! { <span class="muted">{left}</span> })}
            </p>
        }
    })
}

#[component]
fn Way(metres: f64, bearing: f64) -> Node {
    let lang = use_phone().prefs.get_untracked().lang;
    html! {
        <p class="line">
            <Arrow bearing=(bearing / 5.0).round() as i32 * 5 />
            <span class="num">{words::distance(lang, metres)}</span>
            <span class="muted">{words::compass(lang, Compass::from_bearing(bearing))}</span>
        </p>
    }
}

/// Metres and direction from where the person is, or from the landmark chosen instead.
fn way_there(phone: Phone, place: Wgs84) -> Option<(f64, f64)> {
    let chosen = phone.prefs.look(|prefs| prefs.landmark.clone());
    let from = match (chosen, phone.whereabouts.get()) {
        (Some(chosen), _) => phone.replica.look(|replica| replica.place(&chosen))?,
        (None, Whereabouts::Here { position, .. }) => position,
        (None, _) => return None,
    };
    Some((from.distance_m(place), from.bearing_deg(place)))
}

/// Address, phone, who runs it, where the data comes from, and whether anybody has confirmed it.
#[component]
fn Facts(station: station::Station) -> Node {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let fact = |word: &'static str, zh: &str, en: &str| {
        let said = pick(lang, zh, en).to_owned();
        (!said.is_empty()).then(|| html! { <div><dt>{word}</dt><dd>{said}</dd></div> })
    };
    let district = place_line(lang, &station);
    let call = (!station.phone.is_empty()).then(|| {
        let dial: String = station.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        html! {
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
    let verified_at = station.verified_at_min;
    let verified = move || html! { <Verified freshness=Freshness::of(verified_at, phone.now.get()) /> };
    html! {
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
                    {verified}
                </dd>
            </div>
        </dl>
    }
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
