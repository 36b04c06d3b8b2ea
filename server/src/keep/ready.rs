//! What staff write, checked and with its hours read.

use chrono::NaiveDate;
use waypost_app::domain::schedule::Horizon;
use waypost_app::domain::time::Day;
use waypost_app::wire::problem::FieldError;
use waypost_app::wire::staff::stations::{Entry, ExceptionDraft, MarketDraft, ServiceDraft, StationDraft};

use crate::hours::{Asker, HoursError};
use crate::import::cells::{self, Datum};
use crate::import::made_slug;
use crate::import::reason::Reason;
use crate::schedule::exceptions::{Days, Times};
use crate::schedule::rule::RuleError;

/// Most skills of one market.
const MAX_SKILLS: usize = 100;
/// Most steps on the way in.
const MAX_STEPS: usize = 20;

/// An entry that can be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    pub(super) entry: Entry,
    /// The rule of its schedule; `None` where there is none.
    pub(super) rule: Option<String>,
}

/// Checks every field, and reads the hours. Takes as long as a rule may: not on a thread that answers requests.
///
/// # Errors
/// Every field that cannot be accepted.
pub fn make_ready(entry: Entry, asker: &mut Asker, window: Horizon) -> Result<Ready, Vec<FieldError>> {
    let mut check = Check { faults: Vec::new(), asker, window };
    let (entry, rule) = match entry {
        Entry::Station(mut draft) => {
            let rule = check.station(&mut draft);
            (Entry::Station(draft), rule)
        }
        Entry::Service(mut draft) => {
            let rule = check.service(&mut draft);
            (Entry::Service(draft), rule)
        }
        Entry::Market(mut draft) => {
            let rule = check.market(&mut draft);
            (Entry::Market(draft), rule)
        }
        Entry::Exception(mut draft) => {
            check.exception(&mut draft);
            (Entry::Exception(draft), None)
        }
    };
    if check.faults.is_empty() { Ok(Ready { entry, rule }) } else { Err(check.faults) }
}

/// The days of an exception.
pub(super) fn days_of(draft: &ExceptionDraft) -> Option<Days> {
    Days::new(day(&draft.first)?, day(&draft.last)?).ok()
}

fn day(date: &str) -> Option<Day> {
    let date: NaiveDate = date.trim().parse().ok()?;
    Some(Day(date.signed_duration_since(NaiveDate::default()).num_days()))
}

struct Check<'a> {
    faults: Vec<FieldError>,
    asker: &'a mut Asker,
    window: Horizon,
}

impl Check<'_> {
    fn fault(&mut self, field: &str, message: impl Into<String>) {
        self.faults.push(FieldError { field: field.to_owned(), message: message.into() });
    }

    /// Leaves a text as it is kept.
    fn tidy(&mut self, field: &str, text: &mut String, read: fn(&str) -> Result<String, Reason>) {
        match read(text) {
            Ok(read) => *text = read,
            Err(reason) => self.fault(field, reason.to_string()),
        }
    }

    fn texts<const N: usize>(&mut self, texts: [(&str, &mut String); N]) {
        for (field, text) in texts {
            self.tidy(field, text, cells::text);
        }
    }

    fn place(&mut self, lat: f64, lng: f64) {
        if let Err(reason) = cells::place(lat, lng, Datum::Wgs84) {
            self.fault("lat", reason.to_string());
        }
    }

    /// The rule of some words, which stand in its spelling then. Words that are not understood stay where they may.
    fn hours(&mut self, words: &mut String, may_be_words: bool) -> Option<String> {
        self.tidy("hours", words, cells::text);
        if words.is_empty() {
            return None;
        }
        let reason = match self.asker.read(words) {
            Ok(read) => match (read.rule(), read.over(self.window)) {
                (Some(rule), Ok(_)) => {
                    rule.clone_into(words);
                    return Some(rule.to_owned());
                }
                (Some(_), Err(error)) => error.to_string(),
                (None, _) => "are not understood".to_owned(),
            },
            Err(HoursError::Rule(error @ RuleError::TooLong)) => {
                self.fault("hours", error.to_string());
                return None;
            }
            Err(error) => error.to_string(),
        };
        if !may_be_words {
            self.fault("hours", reason);
        }
        None
    }

    fn station(&mut self, draft: &mut StationDraft) -> Option<String> {
        self.tidy("name", &mut draft.name, cells::name);
        self.tidy("phone", &mut draft.phone, cells::phone);
        self.texts([
            ("name_en", &mut draft.name_en),
            ("address", &mut draft.address),
            ("address_en", &mut draft.address_en),
            ("landmark", &mut draft.landmark),
            ("landmark_en", &mut draft.landmark_en),
            ("district", &mut draft.district),
            ("district_en", &mut draft.district_en),
            ("access", &mut draft.access),
            ("access_en", &mut draft.access_en),
            ("operator", &mut draft.operator),
            ("operator_en", &mut draft.operator_en),
            ("about", &mut draft.about),
            ("about_en", &mut draft.about_en),
            ("source", &mut draft.source),
            ("source_en", &mut draft.source_en),
        ]);
        if draft.slug.trim().is_empty() {
            draft.slug = made_slug(&draft.name);
        } else {
            self.tidy("slug", &mut draft.slug, cells::slug);
        }
        self.place(draft.lat, draft.lng);
        let mut seen = Vec::new();
        draft.facilities.retain(|facility| {
            !seen.contains(facility) && {
                seen.push(*facility);
                true
            }
        });
        if draft.entrance.len() > MAX_STEPS {
            self.fault("entrance", format!("has {} steps; {MAX_STEPS} at most", draft.entrance.len()));
        }
        for step in &mut draft.entrance {
            self.texts([("entrance", &mut step.text), ("entrance", &mut step.text_en)]);
        }
        self.hours(&mut draft.hours, true)
    }

    fn service(&mut self, draft: &mut ServiceDraft) -> Option<String> {
        self.tidy("name", &mut draft.name, cells::name);
        self.texts([
            ("name_en", &mut draft.name_en),
            ("provider", &mut draft.provider),
            ("provider_en", &mut draft.provider_en),
            ("note", &mut draft.note),
            ("note_en", &mut draft.note_en),
        ]);
        self.hours(&mut draft.hours, false)
    }

    fn market(&mut self, draft: &mut MarketDraft) -> Option<String> {
        self.tidy("name", &mut draft.name, cells::name);
        self.texts([
            ("name_en", &mut draft.name_en),
            ("place", &mut draft.place),
            ("place_en", &mut draft.place_en),
            ("last", &mut draft.last),
            ("last_en", &mut draft.last_en),
        ]);
        self.place(draft.lat, draft.lng);
        if draft.skills.len() > MAX_SKILLS {
            self.fault("skills", format!("has {} entries; {MAX_SKILLS} at most", draft.skills.len()));
        }
        for skill in &mut draft.skills {
            self.tidy("skills", &mut skill.name, cells::name);
            self.texts([
                ("skills", &mut skill.name_en),
                ("skills", &mut skill.person),
                ("skills", &mut skill.person_en),
            ]);
            if let (Some(from), Some(to)) = (skill.from_min, skill.to_min)
                && from >= to
            {
                self.fault("skills", format!("{} ends before it begins", skill.name));
            }
        }
        self.hours(&mut draft.hours, false)
    }

    fn exception(&mut self, draft: &mut ExceptionDraft) {
        self.texts([("reason", &mut draft.reason), ("reason_en", &mut draft.reason_en)]);
        for (field, date) in [("first", &mut draft.first), ("last", &mut draft.last)] {
            *date = date.trim().to_owned();
            if day(date).is_none() {
                self.faults
                    .push(FieldError { field: field.to_owned(), message: "must be a date, 2026-11-24".to_owned() });
            }
        }
        if let (Some(first), Some(last)) = (day(&draft.first), day(&draft.last))
            && let Err(error) = Days::new(first, last)
        {
            self.fault("last", error.to_string());
        }
        match Times::parse(&draft.hours) {
            Ok(times) => draft.hours = times.to_string(),
            Err(error) => self.fault("hours", error.to_string()),
        }
    }
}
