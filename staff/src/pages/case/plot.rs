//! Where a case lies among its like: the case in the middle, north is up, rings of 100 and 250 m.

use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::similar::RADIUS_M;
use waypost_app::text::words;

use crate::markup::{Node, html};
use crate::work::Work;

/// Half a side of the drawing, in metres.
const REACH_M: f64 = 300.0;
/// Metres of a degree of latitude.
const DEGREE_M: f64 = 111_195.08;

/// Metres to the east and to the south.
fn offset(here: Wgs84, there: Wgs84) -> (f64, f64) {
    let east = (there.lng - here.lng) * DEGREE_M * here.lat.to_radians().cos();
    (east, (here.lat - there.lat) * DEGREE_M)
}

pub(super) fn draw(work: Work, here: Wgs84, accuracy_m: Option<f64>) -> Node {
    let t = work.t;
    let side = 2.0 * REACH_M;
    let blur = accuracy_m
        .filter(|metres| *metres > 12.0)
        .map(|metres| html! { <circle class="blur" r=format!("{:.0}", metres.min(REACH_M)) /> });
    let others = move || -> Vec<Node> {
        work.similar.look(|cases| {
            cases
                .iter()
                .map(|other| {
                    let (x, y) = offset(here, Wgs84 { lat: other.lat, lng: other.lng });
                    html! { <circle class="other" cx=format!("{x:.0}") cy=format!("{y:.0}") r="10" /> }
                })
                .collect()
        })
    };
    html! {
        <svg class="plot" viewBox=format!("{} {} {side} {side}", -REACH_M, -REACH_M) role="img" aria-label=t.plot>
            <circle class="ring" r="100" />
            <circle class="ring" r=RADIUS_M.to_string() />
            <text x="4" y="-104">{words::distance(work.desk.lang, 100.0)}</text>
            <text x="4" y="-254">{words::distance(work.desk.lang, RADIUS_M)}</text>
            {blur} {others}
            <circle class="here" r="13" />
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plot_agrees_with_the_distance_over_ground() {
        let here = Wgs84 { lat: 30.3172, lng: 120.1386 };
        for (lat, lng) in [(30.3192, 120.1386), (30.3172, 120.1406), (30.3160, 120.1370)] {
            let there = Wgs84 { lat, lng };
            let (x, y) = offset(here, there);
            assert!((x.hypot(y) - here.distance_m(there)).abs() < 0.5, "{lat} {lng}");
        }
        assert!(offset(here, Wgs84 { lat: 30.32, lng: 120.1386 }).1 < 0.0, "north is up");
    }
}
