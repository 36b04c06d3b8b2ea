//! Calendar files (RFC 5545), for people's own calendars.
//!
//! The feeds of the server and the file that a phone makes without the network are written here. Both give the same
//! session the same UID, so a calendar that has read one knows it again in the other.

use std::fmt::Write;

use super::decimal::decimal;
use super::geo::Wgs84;
use super::schedule::{Exception, Horizon, Schedule};
use super::time::{CHINA, DAY, Day, Minute, Offset};

/// Octets of a line, without its break.
const WIDTH: usize = 75;
/// Days looked at however wide a window is: what comes over the network must not keep a phone busy.
const MOST_DAYS: i64 = 366;

const HEAD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Waypost//Waypost//EN\r\nCALSCALE:GREGORIAN\r\n\
     METHOD:PUBLISH\r\nX-WR-TIMEZONE:Asia/Shanghai\r\nREFRESH-INTERVAL;VALUE=DURATION:PT6H\r\nX-PUBLISHED-TTL:PT6H\r\n";
/// China has kept one offset without summer time since 1991, so one observance describes the zone.
const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19910915T000000\r\n\
     TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

/// One time that something takes place, or would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence<'a> {
    pub start: Minute,
    pub end: Minute,
    /// Which of those that begin on its day, from 0. What the rule alone has on that day is counted first, so that an
    /// exception renumbers nothing.
    pub nth: usize,
    /// What the rule has here, an exception strikes out.
    pub cancelled: bool,
    /// The exception that strikes it out, or that puts it here.
    pub exception: Option<&'a Exception>,
}

/// What a schedule has in a window, day by day.
///
/// Not among them is what lasts a day or longer, and what the window may have cut off: the night that had begun before
/// it, and what reaches to its end.
#[must_use]
pub fn occurrences(schedule: &Schedule, window: Horizon) -> Vec<Occurrence<'_>> {
    let mut found = Vec::new();
    for ahead in 0..MOST_DAYS {
        let day = CHINA.day(window.start).plus(ahead);
        if CHINA.midnight(day) >= window.end {
            break;
        }
        let exception = schedule.exception_on(day, CHINA);
        let usual = exception.map(|exception| exception.usual.as_slice()).unwrap_or_default();
        let usual: Vec<_> = usual.iter().filter(|(start, _)| CHINA.day(*start) == day).copied().collect();
        let open: Vec<_> = schedule.open_on(day, CHINA).filter(|(start, _)| *start > window.start).collect();
        let others = open.iter().filter(|span| !usual.contains(span));
        for (nth, span) in usual.iter().chain(others).enumerate() {
            let (start, end) = *span;
            let cancelled = !open.contains(span);
            if end < window.end && end.since(start) < DAY {
                let exception = exception.filter(|_| cancelled || nth >= usual.len());
                found.push(Occurrence { start, end, nth, cancelled, exception });
            }
        }
    }
    found
}

/// What is told of an occurrence.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Of the service or market it is an occurrence of.
    pub keeper: &'a str,
    /// Greater after each change.
    pub sequence: i64,
    pub summary: &'a str,
    pub location: &'a str,
    pub description: &'a str,
    pub place: Wgs84,
    /// The page about it; may be empty.
    pub url: &'a str,
}

/// A calendar file being written.
#[derive(Clone, Debug)]
pub struct Calendar {
    text: String,
    /// When it is written.
    stamp: String,
}

impl Calendar {
    /// An empty calendar.
    #[must_use]
    pub fn new(name: &str, now: Minute) -> Self {
        let mut calendar = Self { text: HEAD.to_owned(), stamp: wall(Offset(0), now) + "Z" };
        calendar.line("NAME:", name);
        calendar.line("X-WR-CALNAME:", name);
        calendar.text.push_str(ZONE);
        calendar
    }

    /// Adds an occurrence.
    pub fn add(&mut self, occurrence: &Occurrence<'_>, event: &Event<'_>) {
        let day = date(CHINA.day(occurrence.start));
        let nth = if occurrence.nth == 0 { String::new() } else { format!("-{}", occurrence.nth + 1) };
        let sequence = event.sequence.clamp(0, i32::MAX.into());
        let geo = [event.place.lat, event.place.lng].map(|degrees| decimal(degrees, 6)).join(";");
        self.text.push_str("BEGIN:VEVENT\r\n");
        self.line("UID:", &format!("{}-{day}{nth}@waypost", event.keeper));
        // Writing to a String cannot fail.
        let _ = write!(
            self.text,
            "DTSTAMP:{}\r\nDTSTART;TZID=Asia/Shanghai:{}\r\nDTEND;TZID=Asia/Shanghai:{}\r\n\
             SEQUENCE:{sequence}\r\nSTATUS:{}\r\nGEO:{geo}\r\n",
            self.stamp,
            wall(CHINA, occurrence.start),
            wall(CHINA, occurrence.end),
            if occurrence.cancelled { "CANCELLED" } else { "CONFIRMED" },
        );
        for (name, value) in [
            ("SUMMARY:", event.summary),
            ("LOCATION:", event.location),
            ("DESCRIPTION:", event.description),
            ("URL:", event.url),
        ] {
            if !value.is_empty() {
                self.line(name, value);
            }
        }
        self.text.push_str("END:VEVENT\r\n");
    }

    /// The whole file.
    #[must_use]
    pub fn finish(self) -> String {
        self.text + "END:VCALENDAR\r\n"
    }

    /// One property, escaped and folded.
    fn line(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let mut width = name.len();
        let mut utf8 = [0; 4];
        for c in value.chars() {
            let written = match c {
                '\n' => "\\n",
                ',' => "\\,",
                ';' => "\\;",
                '\\' => "\\\\",
                // Not allowed at all, and nobody sees them.
                _ if c.is_control() && c != '\t' => continue,
                _ => c.encode_utf8(&mut utf8),
            };
            if width + written.len() > WIDTH {
                self.text.push_str("\r\n ");
                width = 1;
            }
            self.text.push_str(written);
            width += written.len();
        }
        self.text.push_str("\r\n");
    }
}

fn date(day: Day) -> String {
    let date = day.date();
    format!("{:04}{:02}{:02}", date.year, date.month, date.day)
}

fn wall(offset: Offset, at: Minute) -> String {
    let minute = offset.minute_of_day(at);
    format!("{}T{:02}{:02}00", date(offset.day(at)), minute / 60, minute % 60)
}

#[cfg(test)]
mod tests;
