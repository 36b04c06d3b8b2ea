//! What calendar files say: the server's feeds, and the file a phone makes from its own replica.

use super::{pick, text, words};
use crate::domain::geo::Wgs84;
use crate::domain::ical::{Calendar, occurrences};
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
    location: [&'a str; 3],
    place: Wgs84,
    page: [&'a str; 2],
    /// Puts what is told of an occurrence that begins at a moment.
    details: &'a dyn Fn(&mut Calendar, Minute),
}

impl Maker<'_> {
    /// The sessions of every market.
    #[must_use]
    pub fn markets(&self) -> String {
        let Self { replica, lang, .. } = *self;
        let district = replica.district();
        let name = [pick(lang, &district.name, &district.name_en), pick(lang, "公益市集", " community market")];
        let mut calendar = Calendar::new(name, replica.generated_at());
        for market in replica.markets() {
            let subject = Subject {
                id: market.id.as_str(),
                schedule: market.schedule.as_ref(),
                summary: pick(lang, &market.name, &market.name_en),
                location: [pick(lang, &market.place, &market.place_en), "", ""],
                place: market.position(),
                page: ["/market", ""],
                details: &|calendar, start| self.market_details(calendar, market, start),
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
        let mut calendar = Calendar::new([name, pick(lang, "的服务", ": services")], replica.generated_at());
        for service in replica.services_of(&station.id) {
            let subject = Subject {
                id: service.id.as_str(),
                schedule: service.schedule.as_ref(),
                summary: &words::service(lang, service),
                location: [
                    name,
                    pick(lang, &station.landmark, &station.landmark_en),
                    pick(lang, &station.address, &station.address_en),
                ],
                place: station.position(),
                page: ["/stations/", &station.slug],
                details: &|calendar, _| {
                    self.sample(calendar, service.sample);
                    calendar.join("\n", pick(lang, &service.provider, &service.provider_en));
                    calendar.join("\n", pick(lang, &service.note, &service.note_en));
                },
            };
            self.add(&mut calendar, &subject);
        }
        calendar.finish()
    }

    fn add(&self, calendar: &mut Calendar, subject: &Subject<'_>) {
        let Some(schedule) = self.replica.schedule(subject.schedule) else { return };
        let sequence = (self.rev_of)(subject.id);
        for occurrence in &occurrences(schedule, self.replica.horizon()) {
            calendar.begin(occurrence, subject.id, sequence, subject.place);
            calendar.line("SUMMARY:");
            if occurrence.cancelled {
                // Many calendars on phones do not show that an event is cancelled, so its own words say it.
                calendar.put(pick(self.lang, "取消：", "Cancelled: "));
            }
            calendar.put(subject.summary);
            calendar.line("LOCATION:");
            for part in subject.location {
                calendar.join(pick(self.lang, "，", ", "), part);
            }
            calendar.line("DESCRIPTION:");
            if let Some(exception) = occurrence.exception {
                calendar.put(pick(self.lang, &exception.reason, &exception.reason_en));
            }
            (subject.details)(calendar, occurrence.start);
            if !self.origin.is_empty() {
                calendar.line("URL:");
                calendar.put(self.origin);
                for part in subject.page {
                    calendar.put(part);
                }
            }
            calendar.end();
        }
    }

    fn sample(&self, calendar: &mut Calendar, sample: bool) {
        if sample {
            calendar.join("\n", pick(self.lang, "示例数据，未经核实", "Sample data, not verified"));
        }
    }

    /// A line a skill: what, who, when, how many places.
    fn market_details(&self, calendar: &mut Calendar, market: &Market, start: Minute) {
        let lang = self.lang;
        self.sample(calendar, market.sample);
        for skill in &market.skills {
            calendar.join("\n", pick(lang, &skill.name, &skill.name_en));
            calendar.join(" · ", pick(lang, &skill.person, &skill.person_en));
            if let (Some(from), Some(to)) = (skill.from_min, skill.to_min) {
                calendar.join(" · ", &words::span(lang, CHINA, start.plus(from.into()), start.plus(to.into())));
            }
            if let Some(places) = skill.places {
                calendar.join(" · ", &(text(lang).market.places)(places));
            }
        }
    }
}
