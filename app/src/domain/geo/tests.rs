use proptest::prelude::*;

use super::*;

const EARTH_HALF_AROUND_M: f64 = PI * EARTH_RADIUS_M;

fn place(lat: f64, lng: f64) -> Wgs84 {
    Wgs84::new(lat, lng).expect("a place on earth")
}

fn anywhere() -> impl Strategy<Value = Wgs84> {
    (-90.0..=90.0, -180.0..=180.0).prop_map(|(lat, lng)| place(lat, lng))
}

/// Away from the poles, where "east" loses its meaning.
fn inhabited() -> impl Strategy<Value = Wgs84> {
    (-65.0..=65.0, -179.0..=179.0).prop_map(|(lat, lng)| place(lat, lng))
}

/// Inside the shifted box, at least 0.02° from its edge: the shift is no function that could be undone there.
fn in_china() -> impl Strategy<Value = Wgs84> {
    (0.85..=55.8, 72.03..=137.81).prop_map(|(lat, lng)| place(lat, lng))
}

/// Where one arrives after so many metres in a direction: the textbook formula, independent of the code under test.
fn arrive(from: Wgs84, bearing_deg: f64, metres: f64) -> Wgs84 {
    let (lat, angle, bearing) = (from.lat.to_radians(), metres / EARTH_RADIUS_M, bearing_deg.to_radians());
    let new_lat = (lat.sin() * angle.cos() + lat.cos() * angle.sin() * bearing.cos()).asin();
    let turned = (bearing.sin() * angle.sin() * lat.cos()).atan2(angle.cos() - lat.sin() * new_lat.sin());
    Wgs84 { lat: new_lat.to_degrees(), lng: (from.lng + turned.to_degrees() + 540.0).rem_euclid(360.0) - 180.0 }
}

/// Degrees between two bearings, the short way round.
fn turn(a: f64, b: f64) -> f64 {
    let apart = (a - b).rem_euclid(360.0);
    apart.min(360.0 - apart)
}

#[test]
fn published_distances_are_met() {
    // The first is the example of the Python package `haversine`, which uses the same radius; the second is Rosetta
    // Code's, given there for a radius of 6372.8 km; the others follow from the definition of the radius.
    let quarter = EARTH_HALF_AROUND_M / 2.0;
    for (from, to, metres) in [
        (place(45.7597, 4.8422), place(48.8567, 2.3508), 392_217.259_559_400_6),
        (place(36.12, -86.67), place(33.94, -118.40), 2_887_259.950_607_111 / 6_372_800.0 * 6_371_008.8),
        (place(0.0, 0.0), place(0.0, 90.0), quarter),
        (place(-12.0, 77.0), place(90.0, 0.0), quarter / 90.0 * 102.0),
        (place(30.0, 120.0), place(-30.0, -60.0), EARTH_HALF_AROUND_M),
        (place(0.0, 179.5), place(0.0, -179.5), quarter / 90.0),
    ] {
        let got = from.distance_m(to);
        assert!((got - metres).abs() < 0.01, "{from:?} to {to:?}: {got}, not {metres}");
    }
}

#[test]
fn bearings_follow_the_compass_rose() {
    let here = place(30.3172, 120.1386);
    for (dlat, dlng, degrees, direction) in [
        (0.01, 0.0, 0.0, Compass::North),
        (0.0, 0.01, 90.0, Compass::East),
        (-0.01, 0.0, 180.0, Compass::South),
        (0.0, -0.01, 270.0, Compass::West),
    ] {
        let bearing = here.bearing_deg(place(here.lat + dlat, here.lng + dlng));
        assert!(turn(bearing, degrees) < 0.01, "{direction:?}: {bearing}");
        assert_eq!(Compass::from_bearing(bearing), direction);
    }
}

#[test]
fn each_compass_direction_is_an_eighth_around_its_bearing() {
    for (at, direction) in Compass::CLOCKWISE.into_iter().enumerate() {
        let centre = at as f64 * 45.0;
        for off in [-22.4, 0.0, 22.4] {
            assert_eq!(Compass::from_bearing(centre + off), direction, "{centre} {off}");
            assert_eq!(Compass::from_bearing(centre + off - 360.0), direction, "{centre} {off} a turn before");
        }
    }
    assert_eq!(Compass::from_bearing(337.5), Compass::North);
    assert_eq!(Compass::from_bearing(f64::NAN), Compass::North);
}

#[test]
fn published_points_are_shifted_as_published() {
    for (wgs, lat, lng) in [
        (place(31.177_427_6, 121.527_210_6), 31.175_303_983_645_97, 121.531_541_859_215),
        (place(22.543_847, 113.912_316), 22.540_796_131_694_766, 113.917_176_480_836_3),
        (place(39.911_954, 116.377_817), 39.913_345_455_360_69, 116.384_047_224_556_57),
    ] {
        let got = wgs.to_gcj02();
        assert!((got.lat - lat).abs() < 1e-9 && (got.lng - lng).abs() < 1e-9, "{wgs:?}: {got:?}");
    }
    let bd = Gcj02 { lat: 39.915, lng: 116.404 }.to_bd09();
    assert!((bd.lat - 39.921_336_993_510_21).abs() < 1e-9, "{bd:?}");
    assert!((bd.lng - 116.410_369_493_710_29).abs() < 1e-9, "{bd:?}");
}

#[test]
fn mixing_up_the_datums_at_gongshu_misses_by_half_a_kilometre_or_more() {
    let here = place(30.3172, 120.1386);
    let gcj = here.to_gcj02();
    let bd = gcj.to_bd09();
    let missed = (here.distance_m(place(gcj.lat, gcj.lng)), here.distance_m(place(bd.lat, bd.lng)));
    assert!((missed.0 - 521.0).abs() < 5.0 && (missed.1 - 1160.0).abs() < 5.0, "{missed:?}");
}

#[test]
fn places_abroad_are_not_shifted() {
    for (lat, lng) in [(51.5, -0.12), (-33.9, 151.2), (40.7, -74.0), (56.0, 110.0), (0.5, 110.0), (35.0, 71.9)] {
        assert_eq!(place(lat, lng).to_gcj02(), Gcj02 { lat, lng });
        assert_eq!(Gcj02 { lat, lng }.to_wgs84(), place(lat, lng));
    }
}

#[test]
fn only_numbers_on_earth_make_a_place() {
    for (lat, lng) in [(90.0, 180.0), (-90.0, -180.0), (0.0, -0.0)] {
        assert!(Wgs84::new(lat, lng).is_some(), "{lat} {lng}");
    }
    for (lat, lng) in [
        (90.000_001, 0.0),
        (-91.0, 0.0),
        (0.0, 180.000_001),
        (0.0, -181.0),
        (f64::NAN, 0.0),
        (0.0, f64::NAN),
        (f64::INFINITY, 0.0),
        (0.0, f64::NEG_INFINITY),
    ] {
        assert_eq!(Wgs84::new(lat, lng), None, "{lat} {lng}");
    }
}

proptest! {
    #[test]
    fn a_distance_is_the_same_both_ways_and_never_more_than_half_around(a in anywhere(), b in anywhere()) {
        let there = a.distance_m(b);
        prop_assert!((0.0..=EARTH_HALF_AROUND_M + 0.001).contains(&there));
        prop_assert!((there - b.distance_m(a)).abs() < 1e-6);
    }

    #[test]
    fn the_distance_from_a_place_to_itself_is_zero(a in anywhere()) {
        prop_assert!(a.distance_m(a).abs() < f64::EPSILON);
    }

    #[test]
    fn a_detour_is_never_shorter(a in anywhere(), b in anywhere(), c in anywhere()) {
        // Near the far side of the earth the arcsine costs about a metre's ten-thousandth.
        prop_assert!(a.distance_m(c) <= a.distance_m(b) + b.distance_m(c) + 0.5);
    }

    #[test]
    fn a_bearing_is_at_least_zero_and_less_than_a_full_turn(a in anywhere(), b in anywhere()) {
        prop_assert!((0.0..360.0).contains(&a.bearing_deg(b)));
    }

    #[test]
    fn going_the_given_way_for_the_given_distance_arrives(from in inhabited(), way in 0.0..360.0, metres in 1.0..2e6) {
        let to = arrive(from, way, metres);
        prop_assert!((from.distance_m(to) - metres).abs() < 1e-3);
        // Two places a metre apart are known to about 1e-9 of a metre across, hence the tolerance.
        prop_assert!(turn(from.bearing_deg(to), way) < 1e-5, "{} {way}", from.bearing_deg(to));
    }

    #[test]
    fn within_walking_distance_the_way_back_is_the_opposite_way(
        from in inhabited(), way in 0.0..360.0, metres in 1.0..3000.0,
    ) {
        let to = arrive(from, way, metres);
        // Meridians converge: 3 km east at 65° north turns the way back by 0.06°.
        prop_assert!(turn(from.bearing_deg(to), to.bearing_deg(from) + 180.0) < 0.1);
    }

    #[test]
    fn a_compass_direction_is_within_an_eighth_of_the_bearing(bearing in -720.0..720.0) {
        let direction = Compass::from_bearing(bearing);
        let at = Compass::CLOCKWISE.into_iter().position(|d| d == direction).expect("one of eight");
        prop_assert!(turn(bearing, at as f64 * 45.0) <= 22.5 + 1e-9);
    }

    #[test]
    fn a_place_shifted_and_shifted_back_is_within_a_millimetre(a in in_china()) {
        prop_assert!(a.to_gcj02().to_wgs84().distance_m(a) < 0.001);
        prop_assert!(a.to_gcj02().to_bd09().to_wgs84().distance_m(a) < 0.001);
    }

    #[test]
    fn the_shift_is_some_hundred_metres_and_baidus_goes_on_top(a in in_china()) {
        let gcj = a.to_gcj02();
        let shift = a.distance_m(Wgs84 { lat: gcj.lat, lng: gcj.lng });
        prop_assert!((1.0..1500.0).contains(&shift), "{shift}");
        let bd = gcj.to_bd09();
        let more = Wgs84 { lat: gcj.lat, lng: gcj.lng }.distance_m(Wgs84 { lat: bd.lat, lng: bd.lng });
        prop_assert!((500.0..1500.0).contains(&more), "{more}");
    }

    #[test]
    fn what_strangers_see_is_within_a_hundred_metres_and_tells_nothing_finer(a in anywhere()) {
        let seen = a.rounded();
        prop_assert!(seen.distance_m(a) < 100.0);
        prop_assert_eq!(seen.rounded(), seen);
        prop_assert!(((seen.lat * 1e3).round() - seen.lat * 1e3).abs() < 1e-6);
        prop_assert!(((seen.lng * 1e3).round() - seen.lng * 1e3).abs() < 1e-6);
    }
}
