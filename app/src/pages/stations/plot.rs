//! What is around: dots on three rings, north up. No map is needed, so it works with the network gone.

use crate::markup::{Memo, Node, html, memo};
use crate::router::{Step, go, use_address};
use leptos::prelude::*;

use super::card::Lead;
use super::query::Query;
use super::rows::{Row, Rows};
use crate::domain::decimal::decimal;
use crate::domain::geo::Wgs84;
use crate::domain::schedule::Status;
use crate::domain::station::Station;
use crate::domain::trig::{cos, sin};
use crate::local::replica::Replica;
use crate::local::use_phone;
use crate::text::{pick, use_text, words};

/// Radius of the drawing's outer ring, in its own units; one ring is a third of it.
const RADIUS: f64 = 150.0;
/// Half of the drawing's side.
const HALF: f64 = 176.0;
/// The rings, in metres.
const RINGS_M: [f64; 3] = [250.0, 1000.0, 3000.0];
/// Most dots drawn: more could not be told apart under a thumb.
const MOST_DOTS: usize = 60;

/// Where a place stands on the drawing, right and down from its middle; `None` beyond the last ring. Each ring has a
/// scale of its own, so that the next corner and the next neighbourhood are both seen.
fn dot(from: Wgs84, to: Wgs84) -> Option<(f64, f64)> {
    let metres = from.distance_m(to);
    let ring = RADIUS / RINGS_M.len() as f64;
    let mut inner = 0.0;
    for (index, outer) in RINGS_M.into_iter().enumerate() {
        if metres <= outer {
            let within = (metres - inner) / (outer - inner);
            // The root spreads what is nearest, where most of the dots are.
            let within = if index == 0 { within.sqrt() } else { within };
            let radius = ring * (index as f64 + within);
            let angle = from.bearing_deg(to).to_radians();
            return Some((radius * sin(angle), -radius * cos(angle)));
        }
        inner = outer;
    }
    None
}

/// The middle of all stations, where nobody says where they are.
fn middle(replica: &Replica) -> Option<Wgs84> {
    let stations = replica.stations();
    let count = stations.len() as f64;
    let (lat, lng) =
        stations.iter().fold((0.0, 0.0), |(lat, lng), station| (lat + station.lat / count, lng + station.lng / count));
    Wgs84::new(lat, lng).filter(|_| !stations.is_empty())
}

/// The drawing, and under it the card of the dot that was tapped, or of the station that leads.
#[component]
pub fn Plot(query: Memo<Query>, from: Memo<Option<Wgs84>>, rows: Memo<Rows>) -> Node {
    let t = &use_text().stations;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let middle = memo(move || from.get().or_else(|| phone.replica.look(middle)));
    let dots = move || {
        let Some(middle) = middle.get() else { return Vec::new() };
        phone.replica.look(|replica| {
            rows.look(|rows| {
                let placed = rows.rows.iter().filter_map(|row| {
                    let station = replica.stations().get(row.at)?;
                    let (x, y) = dot(middle, station.position())?;
                    let metres = middle.distance_m(station.position());
                    Some(html! { <Dot query station row metres x y /> })
                });
                placed.take(MOST_DOTS).collect::<Vec<_>>()
            })
        })
    };
    let rings = RINGS_M.into_iter().enumerate().map(|(index, metres)| {
        let radius = RADIUS * (index as f64 + 1.0) / RINGS_M.len() as f64;
        html! {
            <circle class="ring" r=decimal(radius, 0) />
            <text class="scale" x="4" y=decimal(radius - 5.0, 0)>
                {words::distance(lang, metres)}
            </text>
        }
    });
    let beyond = memo(move || {
        let Some(middle) = middle.get() else { return 0 };
        phone.replica.look(|replica| {
            rows.look(|rows| {
                let places = rows.rows.iter().filter_map(|row| replica.stations().get(row.at));
                places.filter(|station| dot(middle, station.position()).is_none()).count()
            })
        })
    });
    let card = move || {
        phone.replica.look(|replica| {
            rows.look(|rows| {
                let at = |row: &&Row| {
                    let slug = replica.stations().get(row.at).map(|station| &station.slug);
                    query.look(|query| query.at.is_some() && query.at.as_ref() == slug)
                };
                let row = rows.rows.iter().find(at).or_else(|| rows.rows.get(rows.lead.unwrap_or(0)))?;
                let station = replica.stations().get(row.at)?;
                let label = pick(lang, &station.name, &station.name_en).to_owned();
                Some(html! { <Lead replica=replica.clone() station=station.clone() row=row.clone() now=rows.now label /> })
            })
        })
    };
    let view_box = [-HALF, -HALF, 2.0 * HALF, 2.0 * HALF].map(|side| decimal(side, 0)).join(" ");
    let drawing = html! {
        <svg viewBox=view_box role="group" aria-label=t.plot_label>
            {rings.collect_view()}
            <text class="scale" text-anchor="middle" y="-160">
                {t.north}
            </text>
            <path class="you" d="M0-10 7.5 9 0 5-7.5 9z" />
            {dots}
        </svg>
    };
    let chosen = move || {
        let at = query.look(|query| query.at.clone())?;
        phone.replica.look(|replica| {
            let station = replica.station_by_slug(&at)?;
            Some(pick(lang, &station.name, &station.name_en).to_owned())
        })
    };
    let caption = move || {
        let middle = if from.get().is_none() { t.plot_middle } else { "" };
        let beyond = if beyond.get() > 0 { (t.plot_beyond)(beyond.get()) } else { String::new() };
        [t.plot_hint, middle, &beyond].join(" ").trim_end().to_owned()
    };
    html! {
        <div class="stations plotted">
            <figure class="card plot">
                {drawing} <figcaption class="muted small">{caption}</figcaption>
            </figure>
            // Only what was chosen is read out, not each step that changes its distance.
            <p class="sr-only" role="status">
                {chosen}
            </p>
            {card}
        </div>
    }
}

/// One station on the drawing: its shape says its state, and a tap shows its card.
#[component]
fn Dot<'a>(query: Memo<Query>, station: &'a Station, row: &'a Row, metres: f64, x: f64, y: f64) -> Node {
    let lang = use_phone().prefs.get_untracked().lang;
    let address = use_address();
    let at = (station.slug.clone(), station.slug.clone());
    let href = Signal::derive(move || query.look(|query| Query { at: Some(at.0.clone()), ..query.clone() }.href()));
    let chosen = move || query.look(|query| query.at.as_ref() == Some(&at.1)).then_some("true");
    let name = pick(lang, &station.name, &station.name_en);
    let label = format!("{name}, {}, {}", words::state(lang, &row.status), words::distance(lang, metres));
    let class = match row.status {
        Status::Open { .. } => "dot dot-open",
        Status::ClosingSoon { .. } => "dot dot-soon",
        Status::Closed { .. } => "dot dot-closed",
        Status::Unknown { .. } => "dot dot-unknown",
    };
    // The router only follows links outside of drawings.
    let go = move |event: leptos::ev::MouseEvent| {
        event.prevent_default();
        go(address, &href.get_untracked(), Step::Within);
    };
    html! {
        <g class=class transform=format!("translate({} {})", decimal(x, 1), decimal(y, 1))>
            <a href=href aria-label=label aria-current=chosen on:click=go>
                <circle class="touch" r="26" />
                <circle class="halo" r="15" />
                <circle class="shape" r="9" />
            </a>
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ring_stands_where_its_distance_says() {
        let here = Wgs84 { lat: 30.3172, lng: 120.1386 };
        let north = |metres: f64| Wgs84 { lat: here.lat + (metres / 6_371_008.8_f64).to_degrees(), lng: here.lng };
        for (metres, up) in [(0.0, 0.0), (62.5, 25.0), (250.0, 50.0), (1000.0, 100.0), (2000.0, 125.0), (2999.0, 150.0)]
        {
            let (x, y) = dot(here, north(metres)).expect("within the rings");
            assert!(x.abs() < 0.1 && (y + up).abs() < 0.1, "{metres} m at {x}, {y}");
        }
        assert_eq!(dot(here, north(3010.0)), None);
        let east = Wgs84 { lat: here.lat, lng: here.lng + 0.001 };
        assert!(dot(here, east).is_some_and(|(x, y)| x > 10.0 && y.abs() < 0.1));
    }
}
