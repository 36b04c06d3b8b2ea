//! Calendar files as two programs read them that know nothing of what wrote them, nor of each other.

use std::str::FromStr;

use calcard::icalendar::{
    ICalendarComponent, ICalendarComponentType, ICalendarParameterName, ICalendarProperty, ICalendarStatus,
    ICalendarValue,
};
use calcard::{Entry, Parser};
use icalendar::{Calendar, CalendarDateTime, Component, DatePerhapsTime, EventLike};

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub uid: String,
    pub sequence: i64,
    /// Wall time in Shanghai, `2026-12-12 09:00`.
    pub start: String,
    pub end: String,
    pub cancelled: bool,
    pub summary: String,
    pub location: String,
    pub description: String,
    pub url: String,
}

/// The name of a calendar and its events, once both readers agree on every one.
pub fn read(file: &str) -> (String, Vec<Event>) {
    let (first, second) = (by_icalendar(file), by_calcard(file));
    assert_eq!(first, second);
    let mut uids: Vec<&str> = first.1.iter().map(|event| event.uid.as_str()).collect();
    uids.sort_unstable();
    assert!(uids.windows(2).all(|pair| pair[0] != pair[1]), "two events have one UID: {uids:?}");
    first
}

fn by_icalendar(file: &str) -> (String, Vec<Event>) {
    let calendar = Calendar::from_str(file).unwrap_or_else(|error| panic!("{error}\n{file}"));
    let when = |date: Option<DatePerhapsTime>| match date {
        Some(DatePerhapsTime::DateTime(CalendarDateTime::WithTimezone { date_time, tzid })) => {
            assert_eq!(tzid, "Asia/Shanghai");
            date_time.format("%Y-%m-%d %H:%M").to_string()
        }
        other => panic!("not a time in a zone: {other:?}"),
    };
    let events = calendar.events().map(|event| Event {
        uid: event.get_uid().expect("a UID").to_owned(),
        sequence: event.get_sequence().expect("a sequence").into(),
        start: when(event.get_start()),
        end: when(event.get_end()),
        cancelled: event.property_value("STATUS") == Some("CANCELLED"),
        summary: event.get_summary().unwrap_or_default().to_owned(),
        location: event.get_location().unwrap_or_default().to_owned(),
        description: event.get_description().unwrap_or_default().to_owned(),
        url: event.get_url().unwrap_or_default().to_owned(),
    });
    (calendar.get_name().expect("a name").to_owned(), events.collect())
}

fn by_calcard(file: &str) -> (String, Vec<Event>) {
    let mut parser = Parser::new(file);
    let Entry::ICalendar(calendar) = parser.entry() else { panic!("not a calendar: {file}") };
    assert!(matches!(parser.entry(), Entry::Eof), "something follows the calendar: {file}");
    let of_type = |kind| calendar.components.iter().filter(move |it| it.component_type == kind);
    assert_eq!(of_type(ICalendarComponentType::VTimezone).count(), 1);
    let events = of_type(ICalendarComponentType::VEvent).map(|event| Event {
        uid: text(event, &ICalendarProperty::Uid),
        sequence: value(event, &ICalendarProperty::Sequence).and_then(ICalendarValue::as_integer).expect("a sequence"),
        start: wall(event, &ICalendarProperty::Dtstart),
        end: wall(event, &ICalendarProperty::Dtend),
        cancelled: event.status() == Some(&ICalendarStatus::Cancelled),
        summary: text(event, &ICalendarProperty::Summary),
        location: text(event, &ICalendarProperty::Location),
        description: text(event, &ICalendarProperty::Description),
        url: text(event, &ICalendarProperty::Url),
    });
    (text(&calendar.components[0], &ICalendarProperty::Name), events.collect())
}

fn value<'a>(component: &'a ICalendarComponent, property: &ICalendarProperty) -> Option<&'a ICalendarValue> {
    let entry = component.property(property)?;
    assert_eq!(entry.values.len(), 1, "{property:?}: {entry:?}");
    entry.values.first()
}

fn text(component: &ICalendarComponent, property: &ICalendarProperty) -> String {
    value(component, property).and_then(ICalendarValue::as_text).unwrap_or_default().to_owned()
}

fn wall(component: &ICalendarComponent, property: &ICalendarProperty) -> String {
    let entry = component.property(property).expect("a time");
    let zone = entry.parameters(&ICalendarParameterName::Tzid).next().and_then(|it| it.as_text());
    assert_eq!(zone, Some("Asia/Shanghai"), "{entry:?}");
    let at = value(component, property).and_then(ICalendarValue::as_partial_date_time).expect("a time");
    assert_eq!((at.second, at.tz_hour), (Some(0), None));
    let part = |part: Option<u8>| part.expect("a whole time");
    let (month, day, hour, minute) = (part(at.month), part(at.day), part(at.hour), part(at.minute));
    format!("{}-{month:02}-{day:02} {hour:02}:{minute:02}", at.year.expect("a year"))
}
