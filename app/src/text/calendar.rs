//! What calendar files say: the server's feeds, and the file a phone makes from its own replica.

use super::{pick, words};
use crate::domain::geo::Wgs84;
use crate::domain::ical::{Calendar, Event, occurrences};
use crate::domain::ids::ScheduleId;
use crate::domain::market::Market;
use crate::domain::station::Station;
use crate::domain::time::{CHINA, Minute};
use crate::local::prefs::Lang;
use crate::local::replica::Replica;

/// Who makes a file, and from what.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "holds a function")]
pub struct Maker<'a> {
    pub replica: &'a Replica,
    pub lang: Lang,
    pub now: Minute,
    /// Where the pages are, `https://…`; empty where that is not known.
    pub origin: &'a str,
    /// The revision at which the service or market of an id last changed, or a later one.
    pub rev_of: &'a dyn Fn(&str) -> i64,
}

/// What all occurrences of something have in common.
struct Subject<'a> {
    id: &'a str,
    schedule: Option<&'a ScheduleId>,
    summary: &'a str,
    location: &'a str,
    place: Wgs84,
    page: &'a str,
    /// Adds what is told of an occurrence that begins at a moment.
    details: &'a dyn Fn(&mut String, Minute),
}

impl Maker<'_> {
    /// The sessions of every market.
    #[must_use]
    pub fn markets(&self) -> String {
        let Self { replica, lang, .. } = *self;
        let district = replica.district();
        let mut calendar = self.calendar(&match lang {
            Lang::Zh => format!("{}公益市集", district.name),
            Lang::En => format!("{} community market", pick(lang, &district.name, &district.name_en)),
        });
        for market in replica.markets() {
            let subject = Subject {
                id: market.id.as_str(),
                schedule: market.schedule.as_ref(),
                summary: pick(lang, &market.name, &market.name_en),
                location: pick(lang, &market.place, &market.place_en),
                place: market.position(),
                page: "/market",
                details: &|text, start| market_details(text, lang, market, start),
            };
            self.add(&mut calendar, &subject);
        }
        calendar.finish()
    }

    /// The services of a station.
    #[must_use]
    pub fn services(&self, station: &Station) -> String {
        let Self { replica, lang, .. } = *self;
        let name = pick(lang, &station.name, &station.name_en);
        let mut calendar = self.calendar(&match lang {
            Lang::Zh => format!("{name}的服务"),
            Lang::En => format!("Services at {name}"),
        });
        let mut location = name.to_owned();
        let comma = pick(lang, "，", ", ");
        join(&mut location, comma, pick(lang, &station.landmark, &station.landmark_en));
        join(&mut location, comma, pick(lang, &station.address, &station.address_en));
        let page = format!("/stations/{}", station.slug);
        for service in replica.services_of(&station.id) {
            let details = |text: &mut String, _| {
                sample(text, lang, service.sample);
                join(text, "\n", pick(lang, &service.provider, &service.provider_en));
                join(text, "\n", pick(lang, &service.note, &service.note_en));
            };
            let subject = Subject {
                id: service.id.as_str(),
                schedule: service.schedule.as_ref(),
                summary: &words::service(lang, service),
                location: &location,
                place: station.position(),
                page: &page,
                details: &details,
            };
            self.add(&mut calendar, &subject);
        }
        calendar.finish()
    }

    fn calendar(&self, name: &str) -> Calendar {
        Calendar::new(name, self.now)
    }

    fn add(&self, calendar: &mut Calendar, subject: &Subject<'_>) {
        let Some(schedule) = self.replica.schedule(subject.schedule) else { return };
        let url = if self.origin.is_empty() { String::new() } else { self.origin.to_owned() + subject.page };
        let sequence = (self.rev_of)(subject.id);
        for occurrence in occurrences(schedule, self.replica.horizon()) {
            let mut summary = subject.summary.to_owned();
            let mut description = String::new();
            if let Some(exception) = occurrence.exception {
                description.push_str(pick(self.lang, &exception.reason, &exception.reason_en));
            }
            (subject.details)(&mut description, occurrence.start);
            if occurrence.cancelled {
                // Many calendars on phones do not show that an event is cancelled, so its own words say it.
                summary.insert_str(0, pick(self.lang, "取消：", "Cancelled: "));
            }
            let event = Event {
                keeper: subject.id,
                sequence,
                summary: &summary,
                location: subject.location,
                description: &description,
                place: subject.place,
                url: &url,
            };
            calendar.add(&occurrence, &event);
        }
    }
}

/// Adds a part, if there is anything in it.
fn join(text: &mut String, between: &str, part: &str) {
    if !text.is_empty() && !part.is_empty() {
        text.push_str(between);
    }
    text.push_str(part);
}

fn sample(text: &mut String, lang: Lang, sample: bool) {
    if sample {
        join(text, "\n", pick(lang, "示例数据，未经核实", "Sample data, not verified"));
    }
}

/// A line a skill: what, who, when, how many places.
fn market_details(text: &mut String, lang: Lang, market: &Market, start: Minute) {
    sample(text, lang, market.sample);
    for skill in &market.skills {
        join(text, "\n", pick(lang, &skill.name, &skill.name_en));
        join(text, " · ", pick(lang, &skill.person, &skill.person_en));
        if let (Some(from), Some(to)) = (skill.from_min, skill.to_min) {
            join(text, " · ", &words::span(lang, CHINA, start.plus(from.into()), start.plus(to.into())));
        }
        if let Some(places) = skill.places {
            join(text, " · ", &(super::text(lang).market.places)(places));
        }
    }
}
