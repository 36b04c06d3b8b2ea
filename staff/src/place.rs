//! A position as somebody types or pastes it, from whichever map it comes.

use waypost_app::domain::geo::{Bd09, Gcj02, Wgs84};

/// From which map coordinates come: Chinese maps shift theirs by half a kilometre and more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Datum {
    /// As GPS gives them, and as they are kept.
    #[default]
    Wgs84,
    Gcj02,
    Bd09,
}

impl Datum {
    pub const ALL: [Self; 3] = [Self::Wgs84, Self::Gcj02, Self::Bd09];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Wgs84 => "wgs84",
            Self::Gcj02 => "gcj02",
            Self::Bd09 => "bd09",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|datum| datum.code() == code)
    }
}

/// A position as it is typed.
#[must_use]
pub fn written(place: Wgs84) -> String {
    format!("{}, {}", place.lat, place.lng)
}

/// The place that two numbers name. Latitude comes first; pickers of Chinese maps give longitude first, and where the first
/// number can be no latitude they are taken at their word.
#[must_use]
pub fn read(text: &str, datum: Datum) -> Option<Wgs84> {
    let numbers: Vec<f64> = text
        .split([',', '，', '、', ' ', '\t', '\u{3000}'])
        .filter(|part| !part.is_empty())
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let [first, second] = numbers.try_into().ok()?;
    let (lat, lng) = if f64::abs(first) > 90.0 { (second, first) } else { (first, second) };
    let typed = Wgs84::new(lat, lng)?;
    // To a decimetre; more would be digits that the conversion has made up.
    let tidy = |place: Wgs84| Wgs84 { lat: (place.lat * 1e6).round() / 1e6, lng: (place.lng * 1e6).round() / 1e6 };
    Some(match datum {
        Datum::Wgs84 => typed,
        Datum::Gcj02 => tidy(Gcj02 { lat, lng }.to_wgs84()),
        Datum::Bd09 => tidy(Bd09 { lat, lng }.to_wgs84()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_to_the_last_digit() {
        for place in [Wgs84 { lat: 30.3172, lng: 120.1386 }, Wgs84 { lat: 30.317_245_678_9, lng: 120.0 }] {
            assert_eq!(read(&written(place), Datum::Wgs84), Some(place));
        }
    }

    #[test]
    fn either_order_and_any_comma_are_read_and_nonsense_is_not() {
        let place = Some(Wgs84 { lat: 30.3172, lng: 120.1386 });
        for text in ["30.3172,120.1386", "120.1386,30.3172", "30.3172，120.1386", " 30.3172  120.1386 "] {
            assert_eq!(read(text, Datum::Wgs84), place, "{text}");
        }
        for text in ["", "30.3172", "30.3172, 120.1386, 8", "here", "91, 181", "NaN, 120", "120, inf"] {
            assert_eq!(read(text, Datum::Wgs84), None, "{text}");
        }
    }

    #[test]
    fn coordinates_of_chinese_maps_come_back_to_where_gps_says() {
        let place = Wgs84 { lat: 30.3172, lng: 120.1386 };
        let (amap, baidu) = (place.to_gcj02(), place.to_gcj02().to_bd09());
        for (lat, lng, datum) in [(amap.lat, amap.lng, Datum::Gcj02), (baidu.lat, baidu.lng, Datum::Bd09)] {
            let found = read(&format!("{lat}, {lng}"), datum).expect("a place");
            assert!(found.distance_m(place) < 1.0, "{datum:?} is {} m off", found.distance_m(place));
            assert!(read(&format!("{lat}, {lng}"), Datum::Wgs84).expect("a place").distance_m(place) > 400.0);
        }
    }

    #[test]
    fn codes_name_their_datum() {
        for datum in Datum::ALL {
            assert_eq!(Datum::from_code(datum.code()), Some(datum));
        }
        assert_eq!(Datum::from_code("mars"), None);
    }
}
