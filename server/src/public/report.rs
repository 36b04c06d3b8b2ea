//! `/reports/{code}`: one report, for everybody, at an address that stays.

use waypost_app::components::icon::Glyph;
use waypost_app::domain::decimal::decimal;
use waypost_app::domain::geo::{Compass, Wgs84};
use waypost_app::domain::time::{CHINA, Minute};
use waypost_app::local::prefs::Lang;
use waypost_app::text::{pick, text, words as said};
use waypost_app::wire::snapshot::Snapshot;

use super::frame::icon;
use super::list::{day, days};
use super::plot::{Sheet, draw};
use super::shape::{pill, shape, tone};
use super::words::{self, Words};
use crate::clock::rfc3339_ms;
use crate::schedule::calendar::Calendar;
use crate::schedule::working_days;
use crate::shell::escape;
use crate::store::reports::public::{Picture, PublicEvent, PublicReport, Whole};

/// Nearer than this a place is beside another: positions are no more exact.
const BESIDE_M: f64 = 150.0;
/// Up to here a place is told by a landmark, even if a station is nearer.
const KNOWN_M: f64 = 1_000.0;

/// What the page is drawn from.
#[derive(Debug)]
pub(super) struct Shown<'a> {
    pub(super) lang: Lang,
    pub(super) now: Minute,
    pub(super) whole: &'a Whole,
    pub(super) district: &'a Snapshot,
    pub(super) calendar: &'a Calendar,
}

impl Shown<'_> {
    /// "路面破损 · 处理中 · 编号 K7Q2".
    pub(super) fn title(&self) -> String {
        let report = &self.whole.report;
        let category = (text(self.lang).report.category_name)(report.category);
        let state = (text(self.lang).mine.state)(report.state);
        format!("{category} · {state} · {}", (words::of(self.lang).code)(&report.code))
    }

    /// The inside of the page.
    pub(super) fn html(&self) -> String {
        let (t, report) = (words::of(self.lang), &self.whole.report);
        let description = if report.description.is_empty() {
            format!("<p class=\"muted\">{}</p>", escape(t.wordless))
        } else {
            format!("<p class=\"said\">{}</p>", escape(&report.description))
        };
        let others = match self.whole.followed_by {
            0 => String::new(),
            count => format!("<p class=\"notice\">{}</p>", escape(&(t.followed_by)(count))),
        };
        format!(
            "{}<header class=\"page-head one-head\"><h1 class=\"page-title\">{}</h1><p class=\"muted\">{}</p></header>\
             <div class=\"one\"><div class=\"stack\">{}{description}{others}{}</div><div class=\"stack\">{}{}</div></div>\
             <p class=\"way-on\"><a class=\"btn\" href=\"/report\">{}{}</a></p>",
            back(t),
            escape((text(self.lang).report.category_name)(report.category)),
            escape(&(t.code)(&report.code)),
            pill(self.lang, report.state, "pill-big"),
            self.pictures(t),
            self.timeline(t),
            self.facts(t),
            icon(Glyph::Camera),
            escape(t.report)
        )
    }

    fn pictures(&self, t: &Words) -> String {
        let Whole { before, after, .. } = self.whole;
        if before.is_empty() && after.is_empty() {
            return String::new();
        }
        let side = |title: &str, alt: fn(usize, usize) -> String, pictures: &[Picture]| {
            if pictures.is_empty() {
                return String::new();
            }
            let of = pictures.len();
            let shown: Vec<_> =
                pictures.iter().enumerate().map(|(at, picture)| photo(picture, &alt(at + 1, of))).collect();
            format!("<figure><figcaption>{}</figcaption>{}</figure>", escape(title), shown.concat())
        };
        let (title, alt) = if after.is_empty() { (t.reported, t.reported_alt) } else { (t.before, t.before_alt) };
        format!(
            "<section class=\"pictures\" aria-label=\"{}\">{}{}</section>",
            escape(t.pictures),
            side(title, alt, before),
            side(t.after, t.after_alt, after)
        )
    }

    fn timeline(&self, t: &Words) -> String {
        let steps: Vec<_> = self.whole.timeline.iter().map(|event| self.step(event)).collect();
        format!(
            "<section class=\"stack-s\"><h2>{}</h2><ol class=\"timeline worked\">{}</ol></section>",
            escape(t.history),
            steps.concat()
        )
    }

    fn step(&self, event: &PublicEvent) -> String {
        let at = Minute::from_millis(event.at_ms);
        let note = if event.note.is_empty() {
            String::new()
        } else {
            format!("<span class=\"note\">{}</span>", escape(&event.note))
        };
        format!(
            "<li class=\"{}\"><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">{}</svg><strong>{}</strong>\
             <time class=\"muted\" datetime=\"{}\">{}</time>{note}</li>",
            tone(event.state),
            shape(event.state),
            escape((text(self.lang).mine.state)(event.state)),
            rfc3339_ms(event.at_ms),
            escape(&format!("{} {}", day(self.lang, event.at_ms, self.now), CHINA.clock(at)))
        )
    }

    fn facts(&self, t: &Words) -> String {
        let report = &self.whole.report;
        let took = report.fixed_at_ms.map_or_else(String::new, |fixed_at_ms| {
            let took = working_days::passed(self.calendar, report.received_at_ms, fixed_at_ms);
            format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(t.took), escape(&days(t, took.saturating_mul(2))))
        });
        let Wgs84 { lat, lng } = report.position;
        let near = self.near(t).map_or_else(String::new, |words| format!("<dd>{}</dd>", escape(&words)));
        let only = std::slice::from_ref(report);
        let drawing = draw((self.lang, t), &Sheet::beside(report), self.district, only, None);
        // Where nothing has a name there is nothing to go by.
        let drawing = if drawing.named > 0 {
            format!("<figure class=\"card plot\">{}</figure>", drawing.svg)
        } else {
            String::new()
        };
        format!(
            "<section class=\"stack-s\"><dl class=\"facts\">{took}<div><dt>{}</dt>{near}\
             <dd class=\"num\">{}, {}</dd><dd class=\"muted small\">{}</dd></div></dl>{drawing}</section>",
            escape(t.where_it_is),
            decimal(lat, 3),
            decimal(lng, 3),
            escape(t.rounded)
        )
    }

    /// By what it is near, measured from the rounded place: says no more than that does.
    fn near(&self, t: &Words) -> Option<String> {
        let place = self.whole.report.position;
        let measured = |name, lat, lng| {
            let from = Wgs84 { lat, lng };
            (from.distance_m(place), from, name)
        };
        let landmarks = self.district.landmarks.iter();
        let landmarks = landmarks.map(|at| measured(pick(self.lang, &at.name, &at.name_en), at.lat, at.lng));
        let stations = self.district.stations.iter();
        let stations = stations.map(|at| measured(pick(self.lang, &at.name, &at.name_en), at.lat, at.lng));
        let nearest = |(a, ..): &(f64, Wgs84, &str), (b, ..): &(f64, Wgs84, &str)| a.total_cmp(b);
        // A landmark is what more people know, if there is one not too far.
        let landmark = landmarks.min_by(nearest);
        let known = landmark.filter(|(metres, ..)| *metres < KNOWN_M);
        let (metres, from, name) = known.or_else(|| stations.chain(landmark).min_by(nearest))?;
        if metres < BESIDE_M {
            return Some((t.beside)(name));
        }
        let direction = said::compass(self.lang, Compass::from_bearing(from.bearing_deg(place)));
        let hundreds = (metres / 100.0).round() * 100.0;
        Some((t.near)(name, direction, &said::distance(self.lang, hundreds)))
    }
}

/// Back to all of them.
pub(super) fn back(t: &Words) -> String {
    format!("<a class=\"back\" href=\"/reports\">{}{}</a>", icon(Glyph::Back), escape(t.title))
}

/// The small picture, which leads to the large one; on a large screen the large one at once.
fn photo(picture: &Picture, alt: &str) -> String {
    let (hash, Picture { width, height, .. }) = (escape(picture.hash.as_str()), picture);
    format!(
        "<a href=\"/api/v1/photos/{hash}\"><picture><source media=\"(min-width: 60rem)\" srcset=\"/api/v1/photos/{hash}\">\
         <img src=\"/api/v1/photos/{hash}?size=thumb\" width=\"{width}\" height=\"{height}\" alt=\"{}\" loading=\"lazy\"></picture></a>",
        escape(alt)
    )
}

/// What is said of a report that is followed through another.
pub(super) fn merged(lang: Lang, code: &str, into: &PublicReport) -> (String, String) {
    let t = words::of(lang);
    let title = (t.merged)(code, &into.code);
    let main = format!(
        "{}<header class=\"page-head\"><h1 class=\"page-title\">{}</h1></header><div class=\"card stack\"><p>{}</p>{}\
         <p><a class=\"btn btn-primary\" href=\"/reports/{}\">{} · {}</a></p></div>",
        back(t),
        escape(&title),
        escape(t.merged_text),
        pill(lang, into.state, "pill-big"),
        escape(&into.code),
        escape((text(lang).report.category_name)(into.category)),
        escape(&(t.code)(&into.code))
    );
    (title, main)
}
