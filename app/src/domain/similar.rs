//! Whether a defect has been reported already: open reports of the same kind close by.

use super::geo::Wgs84;
use super::report::Category;

/// Farther away than this, in metres, it is another defect. Open reports tell their place to about 100 m only.
pub const RADIUS_M: f64 = 250.0;
/// Nobody compares more than this many on a phone.
pub const MOST: usize = 3;

/// The open reports that may be about the same defect: of the same category within [`RADIUS_M`], nearest first, at most
/// [`MOST`]. Each as its number in `open` with its distance in metres; of two equally far the earlier in `open` is first.
#[must_use]
pub fn similar(
    category: Category,
    place: Wgs84,
    open: &mut dyn Iterator<Item = (Category, Wgs84)>,
) -> Vec<(usize, f64)> {
    let mut found: Vec<(usize, f64)> = open
        .enumerate()
        .filter(|(_, (other, _))| *other == category)
        .map(|(at, (_, position))| (at, place.distance_m(position)))
        .filter(|(_, metres)| *metres <= RADIUS_M)
        .collect();
    found.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    found.truncate(MOST);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HERE: Wgs84 = Wgs84 { lat: 30.3172, lng: 120.1386 };

    /// So many metres to the north.
    fn north(metres: f64) -> Wgs84 {
        Wgs84 { lat: HERE.lat + metres / 111_195.08, lng: HERE.lng }
    }

    fn numbers(open: &[(Category, Wgs84)]) -> Vec<usize> {
        similar(Category::Road, HERE, &mut open.iter().copied()).into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn only_the_same_kind_of_defect_close_by_is_asked_about_nearest_first() {
        use Category as C;
        let road = |metres: f64| (C::Road, north(metres));
        for (open, expected) in [
            (vec![], vec![]),
            (vec![road(0.0)], vec![0]),
            (vec![(C::Manhole, north(0.0)), (C::Other, north(5.0))], vec![]),
            (vec![road(249.0), road(251.0), road(-249.0)], vec![0, 2]),
            (vec![road(200.0), (C::Tree, north(1.0)), road(20.0), road(-90.0)], vec![2, 3, 0]),
            (vec![road(40.0), road(30.0), road(20.0), road(10.0)], vec![3, 2, 1]),
            (vec![road(30.0), road(30.0)], vec![0, 1]),
            (vec![(C::Road, Wgs84 { lat: -30.3172, lng: -59.8614 })], vec![]),
        ] {
            assert_eq!(numbers(&open), expected, "{open:?}");
        }
    }

    fn open_reports() -> impl Strategy<Value = Vec<(Category, Wgs84)>> {
        let near = (0_usize..4, -0.004..0.004, -0.004..0.004);
        let one = near.prop_map(|(kind, lat, lng)| {
            (Category::ALL[kind], Wgs84 { lat: HERE.lat + lat, lng: HERE.lng + lng }.rounded())
        });
        proptest::collection::vec(one, 0..40)
    }

    proptest! {
        #[test]
        fn nothing_nearer_is_left_out_and_nothing_else_is_asked_about(open in open_reports()) {
            let found = similar(Category::Road, HERE, &mut open.iter().copied());
            let near = |at: &usize| open[*at].0 == Category::Road && HERE.distance_m(open[*at].1) <= RADIUS_M;
            prop_assert!(found.iter().all(|(at, metres)| near(at) && (*metres - HERE.distance_m(open[*at].1)).abs() < 1e-9));
            prop_assert!(found.windows(2).all(|pair| pair[0].1 <= pair[1].1));
            let fitting = (0..open.len()).filter(near).count();
            prop_assert_eq!(found.len(), fitting.min(MOST));
            if let Some((_, farthest)) = found.last() {
                let nearer = (0..open.len()).filter(|at| near(at) && HERE.distance_m(open[*at].1) < *farthest).count();
                prop_assert!(nearer < MOST);
            }
        }
    }
}
