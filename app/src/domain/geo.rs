//! Places and the ways between them.
//!
//! Everything stored and sent is [`Wgs84`]. Chinese map apps shift their maps: [`Gcj02`] (Amap, Tencent) and [`Bd09`]
//! (Baidu) exist only to hand a place over to them, and the types allow the conversion once, in one direction.

use super::trig::{asin, atan2, cos, sin};
use std::f64::consts::PI;

use crate::json::FromJson;

/// Mean radius of the earth in metres (IUGG).
const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A place in WGS-84 decimal degrees: what GPS gives and what is stored.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize, FromJson)]
pub struct Wgs84 {
    pub lat: f64,
    pub lng: f64,
}

/// A place in GCJ-02, the datum of Amap and Tencent maps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gcj02 {
    pub lat: f64,
    pub lng: f64,
}

/// A place in BD-09, Baidu's datum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bd09 {
    pub lat: f64,
    pub lng: f64,
}

/// One of eight directions, as people say them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compass {
    North,
    NorthEast,
    East,
    SouthEast,
    South,
    SouthWest,
    West,
    NorthWest,
}

impl Compass {
    const CLOCKWISE: [Self; 8] = [
        Self::North,
        Self::NorthEast,
        Self::East,
        Self::SouthEast,
        Self::South,
        Self::SouthWest,
        Self::West,
        Self::NorthWest,
    ];

    /// The direction nearest to a bearing in degrees clockwise from north.
    #[must_use]
    pub fn from_bearing(degrees: f64) -> Self {
        // Rounded into 0–7; a NaN bearing becomes north.
        let eighth = (turned(degrees) / 45.0).round() as usize % 8;
        Self::CLOCKWISE[eighth]
    }
}

/// The same angle as a number of `[0, 360]` degrees. The standard library's remainder of floats is large, and exact for what is
/// no angle of ours.
fn turned(degrees: f64) -> f64 {
    degrees - (degrees / 360.0).floor() * 360.0
}

impl Wgs84 {
    /// A place on earth: finite, latitude within ±90 and longitude within ±180.
    #[must_use]
    pub fn new(lat: f64, lng: f64) -> Option<Self> {
        ((-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lng)).then_some(Self { lat, lng })
    }

    /// Metres along the great circle.
    #[must_use]
    pub fn distance_m(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let half_lat = (lat2 - lat1) / 2.0;
        let half_lng = (other.lng - self.lng).to_radians() / 2.0;
        let square = |x: f64| x * x;
        let a = square(sin(half_lat)) + cos(lat1) * cos(lat2) * square(sin(half_lng));
        // Rounding may carry `a` a hair past 1 for opposite points.
        2.0 * EARTH_RADIUS_M * asin(a.min(1.0).sqrt())
    }

    /// The direction to set off in, in degrees clockwise from north, `[0, 360)`.
    #[must_use]
    pub fn bearing_deg(self, other: Self) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let lng = (other.lng - self.lng).to_radians();
        let y = sin(lng) * cos(lat2);
        let x = cos(lat1) * sin(lat2) - sin(lat1) * cos(lat2) * cos(lng);
        let degrees = turned(atan2(y, x).to_degrees());
        // A tiny negative angle rounds up to exactly 360.
        if degrees >= 360.0 { 0.0 } else { degrees }
    }

    /// The same place as Amap and Tencent draw it. Outside mainland China their maps are not shifted.
    #[must_use]
    pub fn to_gcj02(self) -> Gcj02 {
        if !self.in_shifted_area() {
            return Gcj02 { lat: self.lat, lng: self.lng };
        }
        let (d_lat, d_lng) = gcj_shift(self.lat, self.lng);
        Gcj02 { lat: self.lat + d_lat, lng: self.lng + d_lng }
    }

    /// Whether Chinese maps shift this place: the bounding box every published implementation uses.
    #[must_use]
    pub fn in_shifted_area(self) -> bool {
        (0.8293..=55.8271).contains(&self.lat) && (72.004..=137.8347).contains(&self.lng)
    }

    /// Rounded to about 100 m, for what strangers may see.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self { lat: (self.lat * 1e3).round() / 1e3, lng: (self.lng * 1e3).round() / 1e3 }
    }
}

impl Gcj02 {
    /// The same place as Baidu draws it.
    #[must_use]
    pub fn to_bd09(self) -> Bd09 {
        const TURN: f64 = PI * 3000.0 / 180.0;
        let radius = (self.lng * self.lng + self.lat * self.lat).sqrt() + 0.000_02 * sin(self.lat * TURN);
        let angle = atan2(self.lat, self.lng) + 0.000_003 * cos(self.lng * TURN);
        Bd09 { lat: radius * sin(angle) + 0.006, lng: radius * cos(angle) + 0.0065 }
    }

    /// Back to WGS-84, to within a millimetre. Used once, on import of data that says it is GCJ-02.
    #[must_use]
    pub fn to_wgs84(self) -> Wgs84 {
        let mut guess = Wgs84 { lat: self.lat, lng: self.lng };
        // The shift changes slowly, so each step shrinks the error about a thousandfold.
        for _ in 0..6 {
            let shifted = guess.to_gcj02();
            guess = Wgs84 { lat: guess.lat - (shifted.lat - self.lat), lng: guess.lng - (shifted.lng - self.lng) };
        }
        guess
    }
}

impl Bd09 {
    /// Back to GCJ-02, to within a millimetre. Used once, on import of data that says it is BD-09.
    #[must_use]
    pub fn to_gcj02(self) -> Gcj02 {
        let mut guess = Gcj02 { lat: self.lat - 0.006, lng: self.lng - 0.0065 };
        // Baidu turns and stretches so little that each step shrinks the error about fiftyfold.
        for _ in 0..8 {
            let drawn = guess.to_bd09();
            guess = Gcj02 { lat: guess.lat - (drawn.lat - self.lat), lng: guess.lng - (drawn.lng - self.lng) };
        }
        guess
    }

    /// Back to WGS-84, to within a millimetre.
    #[must_use]
    pub fn to_wgs84(self) -> Wgs84 {
        self.to_gcj02().to_wgs84()
    }
}

/// The GCJ-02 shift in degrees at a place, after the published formula over the Krasovsky 1940 ellipsoid.
fn gcj_shift(lat: f64, lng: f64) -> (f64, f64) {
    const SEMI_MAJOR_M: f64 = 6_378_245.0;
    const ECCENTRICITY_SQUARED: f64 = 0.006_693_421_622_965_943;

    let (x, y) = (lng - 105.0, lat - 35.0);
    let wave = |t: f64, first: f64, second: f64| (20.0 * sin(t * first) + 20.0 * sin(t * second)) * 2.0 / 3.0;
    let ripple = wave(x, 6.0 * PI, 2.0 * PI);
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + ripple
        + (20.0 * sin(y * PI) + 40.0 * sin(y / 3.0 * PI)) * 2.0 / 3.0
        + (160.0 * sin(y / 12.0 * PI) + 320.0 * sin(y * PI / 30.0)) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + ripple
        + (20.0 * sin(x * PI) + 40.0 * sin(x / 3.0 * PI)) * 2.0 / 3.0
        + (150.0 * sin(x / 12.0 * PI) + 300.0 * sin(x / 30.0 * PI)) * 2.0 / 3.0;

    let radians = lat.to_radians();
    let magic = 1.0 - ECCENTRICITY_SQUARED * sin(radians) * sin(radians);
    let root = magic.sqrt();
    let meridian = SEMI_MAJOR_M * (1.0 - ECCENTRICITY_SQUARED) / (magic * root);
    ((north / meridian).to_degrees(), (east / (SEMI_MAJOR_M / root * cos(radians))).to_degrees())
}

#[cfg(test)]
mod tests;
