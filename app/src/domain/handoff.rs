//! Handing a place over to a map app: the only way out for [`Gcj02`](super::geo::Gcj02) and [`Bd09`](super::geo::Bd09).
//!
//! Each link is the app's documented https address, which opens the installed app or else its web page. None carries
//! where the person is: the map app finds that out itself, or asks.

use std::fmt::Write as _;

use super::decimal::decimal;
use super::geo::Wgs84;

/// How the map services ask to be told who sends people to them.
const SENDER: &str = "waypost";

/// The map apps people have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapApp {
    /// 高德
    Amap,
    /// 百度
    Baidu,
    /// 腾讯
    Tencent,
    /// Whatever answers to `geo:` (RFC 5870), which works without the network.
    Any,
}

impl MapApp {
    pub const ALL: [Self; 4] = [Self::Amap, Self::Baidu, Self::Tencent, Self::Any];

    /// The address that leads to `place` in this app, called `name` there.
    #[must_use]
    pub fn link(self, place: Wgs84, name: &str) -> String {
        let name = encode(name);
        // Six digits are a tenth of a metre.
        let degrees = |value| decimal(value, 6);
        match self {
            Self::Amap => {
                let at = place.to_gcj02();
                format!(
                    "https://uri.amap.com/navigation?to={},{},{name}&mode=ride&coordinate=gaode&callnative=1&src={SENDER}",
                    degrees(at.lng),
                    degrees(at.lat)
                )
            }
            Self::Baidu => {
                let at = place.to_gcj02().to_bd09();
                format!(
                    "https://api.map.baidu.com/marker?location={},{}&title={name}&content={name}&coord_type=bd09ll&output=html&src=webapp.{SENDER}",
                    degrees(at.lat),
                    degrees(at.lng)
                )
            }
            Self::Tencent => {
                let at = place.to_gcj02();
                format!(
                    "https://apis.map.qq.com/uri/v1/marker?marker=coord:{},{};title:{name};addr:{name}&referer={SENDER}",
                    degrees(at.lat),
                    degrees(at.lng)
                )
            }
            Self::Any => format!("geo:{0},{1}?q={0},{1}({name})", degrees(place.lat), degrees(place.lng)),
        }
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Wgs84 = Wgs84 { lat: 30.3172, lng: 120.1386 };

    /// The two numbers that follow `marker` in a link.
    fn numbers(link: &str, marker: &str) -> (f64, f64) {
        let rest = link.split_once(marker).expect("the marker is in the link").1;
        let mut parts = rest.split([',', '&', ';', '?']);
        let mut next = || parts.next().expect("a number").parse::<f64>().expect("a number");
        (next(), next())
    }

    #[test]
    fn each_map_app_gets_its_own_datum_in_its_own_order() {
        let (gcj, bd) = (PLACE.to_gcj02(), PLACE.to_gcj02().to_bd09());
        let near = |(a, b): (f64, f64), (x, y): (f64, f64)| (a - x).abs() < 1e-6 && (b - y).abs() < 1e-6;
        assert!(near(numbers(&MapApp::Amap.link(PLACE, "驿站"), "to="), (gcj.lng, gcj.lat)));
        assert!(near(numbers(&MapApp::Tencent.link(PLACE, "驿站"), "coord:"), (gcj.lat, gcj.lng)));
        assert!(near(numbers(&MapApp::Baidu.link(PLACE, "驿站"), "location="), (bd.lat, bd.lng)));
        assert!(near(numbers(&MapApp::Any.link(PLACE, "驿站"), "geo:"), (PLACE.lat, PLACE.lng)));
    }

    #[test]
    fn a_link_says_which_datum_it_is_in() {
        assert!(MapApp::Amap.link(PLACE, "a").contains("coordinate=gaode"));
        assert!(MapApp::Baidu.link(PLACE, "a").contains("coord_type=bd09ll"));
    }

    #[test]
    fn a_name_cannot_break_out_of_a_link() {
        for app in MapApp::ALL {
            let link = app.link(PLACE, "“新新”&to=0,0 (B1)#?;\"<");
            assert!(
                link.contains("%E2%80%9C%E6%96%B0%E6%96%B0%E2%80%9D%26to%3D0%2C0%20%28B1%29%23%3F%3B%22%3C"),
                "{link}"
            );
            assert!(link.bytes().all(|byte| byte.is_ascii_graphic()), "{link}");
        }
    }
}
