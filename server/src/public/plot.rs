//! Where the reports are: dots on the district's own extent, north up. No map is needed, and none is asked of anybody.

use std::fmt::Write as _;

use waypost_app::domain::decimal::decimal;
use waypost_app::domain::geo::Wgs84;
use waypost_app::domain::station::Landmark;
use waypost_app::local::prefs::Lang;
use waypost_app::text::{pick, words};
use waypost_app::wire::snapshot::Snapshot;

use super::shape::{shape, tone};
use super::words::Words;
use crate::shell::escape;
use crate::store::reports::public::PublicReport;

/// Width of the drawing, in its own units.
const WIDTH: f64 = 352.0;
/// Its height, as parts of its width.
const HEIGHTS: (f64, f64) = (0.7, 1.1);
/// Length of a degree of latitude, in metres.
const DEGREE_M: f64 = 111_195.0;
/// A district with only one station still has so many metres around it.
const LEAST_M: f64 = 1_500.0;
/// How far around one report is drawn, north and east.
const BESIDE_M: (f64, f64) = (750.0, 1_050.0);
/// How exact a rounded place is.
const EXACT_M: f64 = 75.0;
/// Names written beside their places: more would cover the dots.
const MOST_NAMES: usize = 8;
/// Places nearer to each other than this have one name.
const APART: f64 = 30.0;
/// Radius of what a thumb hits, where no other dot is near, and at least.
const TOUCH: (f64, f64) = (26.0, 9.0);
/// Lengths of the scale, in metres.
const SCALES_M: [f64; 8] = [100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 20_000.0];

/// A piece of the earth, from its south-western to its north-eastern corner.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Extent {
    low: Wgs84,
    high: Wgs84,
}

impl Extent {
    fn of(places: impl Iterator<Item = Wgs84>) -> Option<Self> {
        let mut extent: Option<Self> = None;
        for place in places {
            let Self { low, high } = extent.get_or_insert(Self { low: place, high: place });
            *low = Wgs84 { lat: low.lat.min(place.lat), lng: low.lng.min(place.lng) };
            *high = Wgs84 { lat: high.lat.max(place.lat), lng: high.lng.max(place.lng) };
        }
        extent
    }

    /// With as much around it as it is wide and high.
    fn grown(self) -> Self {
        let Self { low, high } = self;
        let least = LEAST_M * 2.0 / DEGREE_M;
        let lat = (high.lat - low.lat).max(least);
        let lng = (high.lng - low.lng).max(least / narrow(f64::midpoint(low.lat, high.lat)));
        Self {
            low: Wgs84 { lat: low.lat - lat, lng: low.lng - lng },
            high: Wgs84 { lat: high.lat + lat, lng: high.lng + lng },
        }
    }

    fn has(self, place: Wgs84) -> bool {
        (self.low.lat..=self.high.lat).contains(&place.lat) && (self.low.lng..=self.high.lng).contains(&place.lng)
    }
}

/// A degree of longitude, as parts of one of latitude.
fn narrow(lat: f64) -> f64 {
    lat.to_radians().cos().max(0.01)
}

/// How it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sheet {
    /// Its north-western corner.
    corner: Wgs84,
    /// A degree of longitude, as parts of one of latitude.
    narrow: f64,
    /// Units for a degree of latitude.
    scale: f64,
    height: f64,
}

impl Sheet {
    /// The district: all its stations and landmarks, the reports that are not far from them, and a margin. Without any, what is
    /// around the reports.
    pub(super) fn of(district: &Snapshot, reports: &[PublicReport]) -> Option<Self> {
        let stations = district.stations.iter().map(|station| Wgs84 { lat: station.lat, lng: station.lng });
        let landmarks = district.landmarks.iter().map(Landmark::position);
        let told = reports.iter().map(|report| report.position);
        let Some(own) = Extent::of(stations.chain(landmarks)) else { return Extent::of(told).map(Self::around) };
        // One report from another city must not make a speck of the district.
        let reach = own.grown();
        Extent::of([own.low, own.high].into_iter().chain(told.filter(|place| reach.has(*place)))).map(Self::around)
    }

    /// What is around one report.
    pub(super) fn beside(report: &PublicReport) -> Self {
        let (lat, lng) = (BESIDE_M.0 / DEGREE_M, BESIDE_M.1 / DEGREE_M / narrow(report.position.lat));
        let place = |sign: f64| Wgs84 { lat: report.position.lat + sign * lat, lng: report.position.lng + sign * lng };
        Self::around(Extent { low: place(-1.0), high: place(1.0) })
    }

    fn around(Extent { low, high }: Extent) -> Self {
        let middle = Wgs84 { lat: f64::midpoint(low.lat, high.lat), lng: f64::midpoint(low.lng, high.lng) };
        let narrow = narrow(middle.lat);
        let margin = |degrees: f64| (degrees * 1.16).max(LEAST_M / DEGREE_M);
        let (wide, high) = (margin((high.lng - low.lng) * narrow), margin(high.lat - low.lat));
        // Made wider or higher until it has a shape that a screen can hold.
        let wide = wide.max(high / HEIGHTS.1);
        let high = high.max(wide * HEIGHTS.0);
        let corner = Wgs84 { lat: middle.lat + high / 2.0, lng: middle.lng - wide / 2.0 / narrow };
        let scale = WIDTH / wide;
        Self { corner, narrow, scale, height: high * scale }
    }

    /// Right and down from the corner; `None` outside.
    fn point(&self, place: Wgs84) -> Option<(f64, f64)> {
        let x = (place.lng - self.corner.lng) * self.narrow * self.scale;
        let y = (self.corner.lat - place.lat) * self.scale;
        ((0.0..=WIDTH).contains(&x) && (0.0..=self.height).contains(&y)).then_some((x, y))
    }

    fn units(&self, metres: f64) -> f64 {
        metres / DEGREE_M * self.scale
    }
}

/// The drawing, and how many of the reports are not on it.
#[derive(Debug)]
pub(super) struct Drawing {
    pub(super) svg: String,
    pub(super) drawn: usize,
    pub(super) beyond: usize,
    /// How many places are named on it.
    pub(super) named: usize,
}

/// Draws reports, the latest first, on a sheet. `label` says in words what a dot stands for, and the dot leads to its report;
/// without it, there is one whose page this is, and how exact its place is.
pub(super) fn draw(
    (lang, t): (Lang, &Words),
    sheet: &Sheet,
    district: &Snapshot,
    reports: &[PublicReport],
    label: Option<&dyn Fn(&PublicReport) -> String>,
) -> Drawing {
    let dots = spread(sheet, reports);
    let mut svg = format!(
        "<svg viewBox=\"0 0 {} {}\" role=\"{}\" aria-label=\"{}\">",
        decimal(WIDTH, 0),
        decimal(sheet.height, 0),
        if label.is_some() { "group" } else { "img" },
        escape(t.plot_label)
    );
    // Writing to a String cannot fail.
    let named = names(&mut svg, lang, sheet, district, &dots).unwrap_or_default();
    let _ = frame(&mut svg, (lang, t), sheet);
    // What came last lies on top.
    for (at, (x, y, report)) in dots.iter().enumerate().rev() {
        let others = dots.iter().enumerate().filter(|(other, _)| *other != at);
        let nearest = others.map(|(_, (ox, oy, _))| (ox - x).hypot(oy - y)).fold(f64::INFINITY, f64::min);
        let touch = (nearest / 2.0).clamp(TOUCH.1, TOUCH.0);
        let _ = write!(
            svg,
            "<g class=\"at {}\" transform=\"translate({} {})\">",
            tone(report.state),
            decimal(*x, 1),
            decimal(*y, 1)
        );
        let _ = match label {
            Some(label) => write!(
                svg,
                "<a href=\"/reports/{}\" aria-label=\"{}\"><circle class=\"touch\" r=\"{}\"/>",
                escape(&report.code),
                escape(&label(report)),
                decimal(touch, 0)
            ),
            None => write!(svg, "<circle class=\"exact\" r=\"{}\"/>", decimal(sheet.units(EXACT_M), 1)),
        };
        let _ = write!(
            svg,
            "<circle class=\"halo\" r=\"8.6\"/><g transform=\"translate(-8 -8)\">{}</g>",
            shape(report.state)
        );
        svg.push_str(if label.is_some() { "</a></g>" } else { "</g>" });
    }
    svg.push_str("</svg>");
    Drawing { svg, drawn: dots.len(), beyond: reports.len() - dots.len(), named }
}

/// Where each report's dot is. Several at one rounded place stand around it, so that each can be seen.
fn spread<'a>(sheet: &Sheet, reports: &'a [PublicReport]) -> Vec<(f64, f64, &'a PublicReport)> {
    /// The angle by which the seeds of a sunflower turn: none hides another.
    const TURN: f64 = 2.399_963;
    let mut dots: Vec<(f64, f64, &PublicReport)> = Vec::new();
    for report in reports {
        let Some((x, y)) = sheet.point(report.position) else { continue };
        let before = dots.iter().filter(|(_, _, other)| other.position == report.position).count() as f64;
        let (radius, angle) = (11.0 * before.sqrt(), before * TURN);
        dots.push((x + radius * angle.cos(), y + radius * angle.sin(), report));
    }
    dots
}

/// A part of the drawing that is taken: left, right, top, bottom.
type Taken = (f64, f64, f64, f64);

/// Landmarks, and stations where there are few of them, by which people know where they are; none over another, nor over a dot.
fn names(
    svg: &mut String,
    lang: Lang,
    sheet: &Sheet,
    district: &Snapshot,
    dots: &[(f64, f64, &PublicReport)],
) -> Result<usize, std::fmt::Error> {
    let landmarks =
        district.landmarks.iter().map(|place| (pick(lang, &place.name, &place.name_en), place.lat, place.lng));
    let stations =
        district.stations.iter().map(|station| (pick(lang, &station.name, &station.name_en), station.lat, station.lng));
    let mut taken: Vec<Taken> = dots.iter().map(|(x, y, _)| (x - 9.0, x + 9.0, y - 9.0, y + 9.0)).collect();
    // North and the scale.
    taken.extend([(310.0, WIDTH, 0.0, 32.0), (0.0, 160.0, sheet.height - 26.0, sheet.height)]);
    let mut marks: Vec<(f64, f64)> = Vec::new();
    for (name, lat, lng) in landmarks.chain(stations) {
        if marks.len() >= MOST_NAMES {
            break;
        }
        let Some((x, y)) = sheet.point(Wgs84 { lat, lng }) else { continue };
        if marks.iter().any(|(ox, oy)| (ox - x).hypot(oy - y) < APART) {
            continue;
        }
        let Some((left, base)) = room(name, (x, y), sheet, &taken) else { continue };
        write!(
            svg,
            "<circle class=\"mark\" cx=\"{}\" cy=\"{}\" r=\"2\"/><text class=\"scale\" x=\"{}\" y=\"{}\">{}</text>",
            decimal(x, 1),
            decimal(y, 1),
            decimal(left, 1),
            decimal(base, 1),
            escape(name)
        )?;
        marks.push((x, y));
        taken.push((left, left + width(name), base - 11.0, base + 4.0));
    }
    Ok(marks.len())
}

/// About how wide a name is written.
fn width(name: &str) -> f64 {
    name.chars().map(|letter| if letter.is_ascii() { 6.6 } else { 12.0 }).sum()
}

/// Where a name may stand beside its place: right of it, left, above or below.
fn room(name: &str, (x, y): (f64, f64), sheet: &Sheet, taken: &[Taken]) -> Option<(f64, f64)> {
    let wide = width(name);
    let beside = [(x + 6.0, y + 4.0), (x - 6.0 - wide, y + 4.0), (x - wide / 2.0, y - 7.0), (x - wide / 2.0, y + 16.0)];
    beside.into_iter().find(|(left, base)| {
        let (right, top, bottom) = (left + wide, base - 11.0, base + 4.0);
        let within = *left >= 4.0 && right <= WIDTH - 4.0 && top >= 4.0 && bottom <= sheet.height - 4.0;
        within && !taken.iter().any(|(l, r, t, b)| *left < r + 2.0 && right > l - 2.0 && top < *b && bottom > *t)
    })
}

/// North, and how long a way is.
fn frame(svg: &mut String, (lang, t): (Lang, &Words), sheet: &Sheet) -> std::fmt::Result {
    let metres = SCALES_M.into_iter().rev().find(|metres| sheet.units(*metres) <= WIDTH / 3.0).unwrap_or(SCALES_M[0]);
    let (length, base) = (sheet.units(metres), sheet.height - 10.0);
    write!(
        svg,
        "<path class=\"needle\" d=\"M340 10v18M335 15l5-6 5 6\"/><text class=\"scale\" x=\"330\" y=\"24\" text-anchor=\"end\">{}</text>\
         <path class=\"needle\" d=\"M8 {y}v5h{length}v-5\"/><text class=\"scale\" x=\"{beside}\" y=\"{base}\">{}</text>",
        escape(t.north),
        escape(&words::distance(lang, metres)),
        y = decimal(base - 5.0, 1),
        base = decimal(base, 1),
        length = decimal(length, 1),
        beside = decimal(length + 14.0, 1),
    )
}

#[cfg(test)]
mod tests {
    use waypost_app::domain::ids::ReportId;
    use waypost_app::domain::report::{Category, ReportState};

    use super::*;
    use crate::public::words;

    fn landmark(name: &str, lat: f64, lng: f64) -> Landmark {
        Landmark { id: name.into(), name: name.to_owned(), name_en: String::new(), lat, lng }
    }

    fn report(lat: f64, lng: f64) -> PublicReport {
        PublicReport {
            id: ReportId(uuid::Uuid::nil()),
            code: "K7Q2".to_owned(),
            state: ReportState::Accepted,
            category: Category::Road,
            description: String::new(),
            position: Wgs84 { lat, lng },
            received_at_ms: 0,
            fixed_at_ms: None,
            photo: None,
        }
    }

    fn district(landmarks: Vec<Landmark>) -> Snapshot {
        Snapshot { landmarks, ..Snapshot::default() }
    }

    #[test]
    fn north_is_up_east_is_right_and_a_metre_is_as_long_both_ways() {
        let district = district(vec![landmark("a", 30.30, 120.10), landmark("b", 30.34, 120.16)]);
        let sheet = Sheet::of(&district, &[]).expect("a sheet");
        let (x, y) = sheet.point(Wgs84 { lat: 30.32, lng: 120.13 }).expect("within");
        assert!((x - WIDTH / 2.0).abs() < 0.01 && (y - sheet.height / 2.0).abs() < 0.01, "{x}, {y}");
        let north = sheet.point(Wgs84 { lat: 30.33, lng: 120.13 }).expect("within");
        let east =
            sheet.point(Wgs84 { lat: 30.32, lng: 120.13 + 0.01 / 30.32_f64.to_radians().cos() }).expect("within");
        assert!((north.0 - x).abs() < 0.01 && north.1 < y && (east.1 - y).abs() < 0.01);
        assert!((y - north.1 - (east.0 - x)).abs() < 0.01, "{north:?} and {east:?} from {x}, {y}");
        assert!((HEIGHTS.0 * WIDTH - 0.01..=HEIGHTS.1 * WIDTH + 0.01).contains(&sheet.height));
        assert_eq!(sheet.point(Wgs84 { lat: 30.5, lng: 120.13 }), None);
    }

    #[test]
    fn any_district_has_a_sheet_of_a_shape_that_a_screen_holds() {
        for places in [
            vec![(30.3, 120.1)],
            vec![(30.3, 120.1), (30.3, 120.9)],
            vec![(20.3, 120.1), (40.3, 120.1)],
            vec![(90.0, 0.0), (-90.0, 180.0)],
        ] {
            let district = district(places.iter().map(|(lat, lng)| landmark("x", *lat, *lng)).collect());
            let sheet = Sheet::of(&district, &[]).expect("a sheet");
            assert!(
                (HEIGHTS.0 * WIDTH - 0.01..=HEIGHTS.1 * WIDTH + 0.01).contains(&sheet.height),
                "{places:?}: {sheet:?}"
            );
            assert!(
                places.iter().all(|(lat, lng)| sheet.point(Wgs84 { lat: *lat, lng: *lng }).is_some()),
                "{places:?}"
            );
        }
        assert_eq!(Sheet::of(&Snapshot::default(), &[]), None);
    }

    #[test]
    fn several_at_one_place_stand_around_it_and_those_far_away_are_counted() {
        let district = district(vec![landmark("a", 30.30, 120.10), landmark("b", 30.34, 120.16)]);
        let mut reports: Vec<_> = (0..30).map(|_| report(30.32, 120.13)).collect();
        // One a little outside, for which the sheet grows, and one in another city.
        reports.extend([report(30.29, 120.13), report(31.0, 121.0)]);
        let sheet = Sheet::of(&district, &reports).expect("a sheet");
        let dots = spread(&sheet, &reports);
        for (at, (x, y, _)) in dots.iter().enumerate() {
            assert!(dots.iter().skip(at + 1).all(|(ox, oy, _)| (ox - x).hypot(oy - y) > 9.0), "{at}");
        }
        let drawing = draw((Lang::Zh, words::of(Lang::Zh)), &sheet, &district, &reports, Some(&|_| "<a>".to_owned()));
        assert_eq!((drawing.drawn, drawing.beyond), (31, 1));
        assert_eq!(drawing.svg.matches("aria-label=\"&lt;a&gt;\"").count(), 31);
    }
}
