use proptest::prelude::*;

use super::*;

#[test]
fn degrees_are_read_as_people_and_spreadsheets_write_them() {
    for (cell, number) in [
        ("30.3172", 30.3172),
        (" 120.1386 ", 120.1386),
        ("30,3172", 30.3172),
        ("３０．３１７２", 30.3172),
        ("30.3172°", 30.3172),
        ("-12", -12.0),
    ] {
        assert_eq!(degrees(cell), Ok(number), "{cell}");
    }
    for cell in ["", "abc", "30.3172N", "NaN", "inf", "30,317,2", "30°19′02″", "1e999"] {
        assert!(degrees(cell).is_err(), "{cell}");
    }
}

#[test]
fn a_place_is_converted_once_from_the_datum_it_is_given_in() {
    let ledi = Wgs84 { lat: 30.3172, lng: 120.1386 };
    let gcj = ledi.to_gcj02();
    let bd = gcj.to_bd09();
    for (lat, lng, datum) in
        [(ledi.lat, ledi.lng, Datum::Wgs84), (gcj.lat, gcj.lng, Datum::Gcj02), (bd.lat, bd.lng, Datum::Bd09)]
    {
        let got = place(lat, lng, datum).expect("a place");
        assert!(got.distance_m(ledi) < 0.02, "{datum:?}: {got:?}");
    }
}

#[test]
fn coordinates_that_cannot_be_meant_are_refused_with_the_reason() {
    for (lat, lng, datum, reason) in [
        (120.1386, 30.3172, Datum::Wgs84, "looks swapped"),
        (120.1386, 30.3172, Datum::Gcj02, "looks swapped"),
        // On earth, but no less swapped.
        (87.6, 43.8, Datum::Wgs84, "looks swapped"),
        (91.0, 200.0, Datum::Wgs84, "out of range"),
        (30.0, 181.0, Datum::Wgs84, "out of range"),
        (0.0, 0.0, Datum::Wgs84, "Atlantic"),
        (51.5, -0.12, Datum::Gcj02, "outside China"),
        (-33.9, 151.2, Datum::Bd09, "outside China"),
    ] {
        let got = place(lat, lng, datum).expect_err("refused");
        assert!(got.to_string().contains(reason), "{lat} {lng}: {got}");
    }
    assert!(place(51.5, -0.12, Datum::Wgs84).is_ok(), "a place abroad is a place");
}

#[test]
fn a_datum_is_known_by_its_names() {
    for (cell, known) in [
        ("", Datum::Wgs84),
        ("WGS84", Datum::Wgs84),
        ("wgs-84", Datum::Wgs84),
        ("GCJ-02", Datum::Gcj02),
        ("高德", Datum::Gcj02),
        ("bd09", Datum::Bd09),
        ("百度", Datum::Bd09),
    ] {
        assert_eq!(datum(cell), Ok(known), "{cell}");
    }
    assert!(datum("cgcs2000").expect_err("refused").to_string().contains("cgcs2000"));
}

#[test]
fn facilities_are_known_by_code_and_by_chinese_words() {
    use Facility::{Charging, LegalAid, OrderHolding, Other, Toilet, Water};
    for (cell, known) in [
        ("charging;water", vec![Charging, Water]),
        ("充电；饮水、厕所,法律援助", vec![Charging, Water, Toilet, LegalAid]),
        ("Order Holding; order_holding; 存单", vec![OrderHolding]),
        (" ; ", vec![]),
        ("其他", vec![Other]),
    ] {
        assert_eq!(facilities(cell), Ok(known), "{cell}");
    }
    let reason = facilities("充电;直升机坪").expect_err("refused").to_string();
    assert!(reason.starts_with("直升机坪 not known") && reason.contains("charging 充电"), "{reason}");
}

#[test]
fn a_number_that_excel_has_shortened_is_refused() {
    for cell in ["1.38E+10", "1.38e+10", "5.71889E+11"] {
        assert!(phone(cell).is_err(), "{cell}");
    }
    for cell in ["0571-88888888", "+86 571 8888", "13800000000", "88888888转8001", "E+ Hotline", ""] {
        assert_eq!(phone(cell).as_deref(), Ok(cell));
    }
}

#[test]
fn a_given_slug_is_plain() {
    assert_eq!(slug(" Xinxin-1 ").as_deref(), Ok("xinxin-1"));
    for cell in ["新新", "a b", "-a", "a/b", "", "../x", &"a".repeat(MAX_SLUG + 1)] {
        assert!(slug(cell).is_err(), "{cell}");
    }
}

#[test]
fn words_keep_their_lines_but_nothing_that_cannot_be_shown() {
    assert_eq!(text(" a\nb ").as_deref(), Ok("a\nb"));
    assert!(text("a\u{7}b").expect_err("refused").to_string().contains("U+0007"));
    assert!(text(&"长".repeat(MAX_TEXT)).is_ok());
    assert!(text(&"长".repeat(MAX_TEXT + 1)).is_err());
    assert_eq!(name(" 新新\n首护 ").as_deref(), Ok("新新 首护"));
    assert!(name("  ").is_err() && name(&"名".repeat(MAX_NAME + 1)).is_err());
}

fn step() -> impl Strategy<Value = EntranceStep> {
    let words = prop_oneof!["[a-z \\[\\]{}|]{0,6}", "[从右转门\n]{0,6}"];
    (words.clone(), words).prop_map(|(text, text_en)| EntranceStep {
        text: text.trim().to_owned(),
        text_en: text_en.trim().to_owned(),
        photo: None,
    })
}

proptest! {
    #[test]
    fn steps_read_back_as_they_were(steps in proptest::collection::vec(step(), 0..4)) {
        let cell = entrance_cell(&steps).expect("a cell");
        prop_assert_eq!(entrance(&cell), Ok(steps));
    }

    #[test]
    fn no_cell_panics(cell in any::<String>()) {
        let _ = (degrees(&cell), facilities(&cell), entrance(&cell), phone(&cell), slug(&cell), name(&cell), datum(&cell));
    }

    #[test]
    fn no_coordinates_panic(lat in any::<f64>(), lng in any::<f64>()) {
        for datum in [Datum::Wgs84, Datum::Gcj02, Datum::Bd09] {
            if let Ok(place) = place(lat, lng, datum) {
                prop_assert!(Wgs84::new(place.lat, place.lng).is_some());
            }
        }
    }
}
