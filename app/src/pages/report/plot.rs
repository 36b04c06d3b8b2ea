//! A small plot to put the report's place right: the ring of uncertainty, and a dot to drag. North is up.

#![expect(unreachable_pub, reason = "leptos makes the props of every component public")]

use crate::markup::{Node, RwSignal, html, memo};
use leptos::ev::PointerEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::editor::use_editor;
use crate::domain::decimal::decimal;
use crate::domain::geo::Wgs84;
use crate::domain::trig::cos;
use crate::local::draft::Place;

/// One press of an arrow, in metres.
const STEP_M: f64 = 5.0;
/// Half the width of the drawing, in its own units.
const HALF: f64 = 100.0;

/// Metres from a place to the east and to the north.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Offset {
    east: f64,
    north: f64,
}

/// Metres in a degree of latitude (mean meridian).
const METRES_PER_DEGREE: f64 = 111_195.08;

fn offset(from: Wgs84, to: Wgs84) -> Offset {
    Offset {
        east: (to.lng - from.lng) * METRES_PER_DEGREE * cos(from.lat.to_radians()),
        north: (to.lat - from.lat) * METRES_PER_DEGREE,
    }
}

/// The place so far away; `from` itself where there is none (at a pole).
fn displaced(from: Wgs84, by: Offset) -> Wgs84 {
    let lat = from.lat + by.north / METRES_PER_DEGREE;
    let lng = from.lng + by.east / (METRES_PER_DEGREE * cos(from.lat.to_radians()));
    // To about a centimetre: nobody points more exactly.
    let round = |degrees: f64| (degrees * 1e7).round() / 1e7;
    Wgs84::new(round(lat), round(lng)).unwrap_or(from)
}

/// How many metres the drawing shows from its middle to its edge.
fn radius_m(centre: Place) -> f64 {
    (centre.accuracy_m.unwrap_or(60.0) * 1.6).clamp(40.0, 2000.0)
}

/// Kept within the drawing.
fn clamped(by: Offset, radius: f64) -> Offset {
    Offset { east: by.east.clamp(-radius, radius), north: by.north.clamp(-radius, radius) }
}

#[component]
pub(super) fn Plot() -> Node {
    let editor = use_editor();
    let t = editor.t;
    let dragging = RwSignal::new(false);
    // Metres from the middle, and the metres the drawing reaches.
    let shown = memo(move || {
        let centre = editor.centre.get()?;
        let place = editor.draft.look(|draft| draft.place)?;
        Some((offset(centre.position, place.position), radius_m(centre)))
    });
    let put = move |by: Offset| {
        if let Some(centre) = editor.centre.get_untracked() {
            editor.move_to(displaced(centre.position, clamped(by, radius_m(centre))));
        }
    };
    let point = move |event: &PointerEvent| {
        let Some(svg) = event.current_target().and_then(|it| it.dyn_into::<Element>().ok()) else { return };
        let Some(centre) = editor.centre.get_untracked() else { return };
        let rect = svg.get_bounding_client_rect();
        let (width, height) = (rect.width().max(1.0), rect.height().max(1.0));
        let radius = radius_m(centre);
        put(Offset {
            east: ((f64::from(event.client_x()) - rect.left()) / width - 0.5) * 2.0 * radius,
            north: (0.5 - (f64::from(event.client_y()) - rect.top()) / height) * 2.0 * radius,
        });
    };
    let down = move |event: PointerEvent| {
        event.prevent_default();
        if let Some(svg) = event.current_target().and_then(|it| it.dyn_into::<Element>().ok()) {
            // So that the finger may leave the drawing; without it dragging just ends at the edge.
            let _ = svg.set_pointer_capture(event.pointer_id());
        }
        dragging.set(true);
        point(&event);
    };
    let step = move |east: f64, north: f64| {
        move |_| {
            if let Some((at, _)) = shown.get_untracked() {
                put(Offset { east: at.east + east * STEP_M, north: at.north + north * STEP_M });
            }
        }
    };
    let scale = move || shown.get().map_or(1.0, |(_, radius)| HALF / radius);
    let pin = move || {
        let at = shown.get().map_or(Offset { east: 0.0, north: 0.0 }, |(at, _)| at);
        format!("translate({} {})", decimal(at.east * scale(), 1), decimal(-at.north * scale(), 1))
    };
    let ring = move || {
        let accuracy = editor.centre.get().and_then(|centre| centre.accuracy_m);
        accuracy.map(|metres| html! { <circle class="ring" r=decimal((metres * scale()).max(2.0), 1) /> })
    };
    let [north, east, south, west] = t.plot_move;
    html! {
        <div class="place-plot live-only" hidden=move || shown.look(Option::is_none)>
            <svg
                viewBox="-100 -100 200 200"
                role="img"
                aria-label=t.plot
                data-testid="place-plot"
                on:pointerdown=down
                on:pointermove=move |event| {
                    if dragging.get_untracked() {
                        point(&event);
                    }
                }
                on:pointerup=move |_| dragging.set(false)
                on:pointercancel=move |_| dragging.set(false)
            >
                <path class="cross" d="M-100 0H100M0-100V100" />
                {ring}
                <circle class="middle" r="3" />
                <g transform=pin>
                    <circle class="halo" r="14" />
                    <circle class="pin" r="7" />
                </g>
            </svg>
            <div class="place-side">
                <p class="muted small">{t.plot_hint}</p>
                <div class="arrows">
                    <button class="btn north" type="button" aria-label=north on:click=step(0.0, 1.0)>
                        "↑"
                    </button>
                    <button class="btn west" type="button" aria-label=west on:click=step(-1.0, 0.0)>
                        "←"
                    </button>
                    <button class="btn east" type="button" aria-label=east on:click=step(1.0, 0.0)>
                        "→"
                    </button>
                    <button class="btn south" type="button" aria-label=south on:click=step(0.0, -1.0)>
                        "↓"
                    </button>
                </div>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_dot_moved_by_so_many_metres_is_so_far_away(
            lat in -60.0..60.0, lng in -179.0..179.0, east in -2000.0..2000.0, north in -2000.0..2000.0,
        ) {
            let from = Wgs84::new(lat, lng).unwrap();
            let to = displaced(from, Offset { east, north });
            prop_assert!((from.distance_m(to) - f64::hypot(east, north)).abs() < 3.0);
            let back = offset(from, to);
            prop_assert!((back.east - east).abs() < 0.05 && (back.north - north).abs() < 0.05);
        }

        #[test]
        fn the_dot_stays_on_the_drawing(east in -1e9..1e9, north in -1e9..1e9, accuracy in 0.0..1e6) {
            let position = Wgs84::new(30.3, 120.1).unwrap();
            let source = crate::local::draft::PlaceSource::Fix;
            let radius = radius_m(Place { position, accuracy_m: Some(accuracy), source });
            let kept = clamped(Offset { east, north }, radius);
            prop_assert!(kept.east.abs() <= radius && kept.north.abs() <= radius && radius <= 2000.0);
        }
    }
}
