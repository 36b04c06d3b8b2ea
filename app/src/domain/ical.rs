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
     METHOD:PUBLISH\r\nX-WR-TIMEZONE:Asia/Shanghai";
/// China has kept one offset without summer time since 1991, so one observance describes the zone.
const ZONE: &str = "\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19910915T000000\r\n\
     TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE";

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
        let (from, to) = (CHINA.midnight(day), CHINA.midnight(day.plus(1)));
        if from >= window.end {
            break;
        }
        let exception = schedule.exceptions.iter().find(|exception| exception.start <= from && from < exception.end);
        let usual = exception.map(|exception| exception.usual.as_slice()).unwrap_or_default();
        let mut nth = 0;
        for (spans, by_rule) in [(usual, true), (schedule.open.as_slice(), false)] {
            for span in spans {
                let (start, end) = *span;
                let counted = !by_rule && (start == window.start || usual.contains(span));
                if start < from || start >= to || counted {
                    continue;
                }
                let cancelled = by_rule && !schedule.open.contains(span);
                if end < window.end && end.since(start) < DAY {
                    let exception = exception.filter(|_| cancelled || !by_rule);
                    found.push(Occurrence { start, end, nth, cancelled, exception });
                }
                nth += 1;
            }
        }
    }
    found
}

/// A calendar file being written: a property is begun with [`Calendar::line`], then its text is put in parts.
#[derive(Clone, Debug)]
pub struct Calendar {
    text: String,
    /// When it is made.
    now: Minute,
    /// The property that is written as soon as it has any text.
    pending: &'static str,
    /// Octets of the last line.
    width: usize,
}

impl Calendar {
    /// An empty calendar; its name is given in parts.
    #[must_use]
    pub fn new(name: [&str; 2], now: Minute) -> Self {
        let mut calendar = Self { text: HEAD.to_owned(), now, pending: "", width: 0 };
        for property in ["NAME:", "X-WR-CALNAME:"] {
            calendar.line(property);
            for part in name {
                calendar.put(part);
            }
        }
        calendar.text.push_str(ZONE);
        calendar
    }

    /// Begins the event of an occurrence of a service or market. `sequence` is greater after each change of it.
    pub fn begin(&mut self, occurrence: &Occurrence<'_>, keeper: &str, sequence: i64, place: Wgs84) {
        // Writing to a String cannot fail.
        let _ = write!(
            self.text,
            "\r\nBEGIN:VEVENT\r\nDTSTAMP:{}Z\r\nDTSTART;TZID=Asia/Shanghai:{}\r\nDTEND;TZID=Asia/Shanghai:{}\r\n\
             SEQUENCE:{}\r\nSTATUS:{}\r\nGEO:{};{}",
            wall(Offset(0), self.now),
            wall(CHINA, occurrence.start),
            wall(CHINA, occurrence.end),
            sequence.clamp(0, i32::MAX.into()),
            if occurrence.cancelled { "CANCELLED" } else { "CONFIRMED" },
            decimal(place.lat, 6),
            decimal(place.lng, 6),
        );
        self.line("UID:");
        self.put(keeper);
        self.put("-");
        self.put(&date(CHINA.day(occurrence.start)));
        if occurrence.nth > 0 {
            self.put("-");
            self.put(&(occurrence.nth + 1).to_string());
        }
        self.put("@waypost");
    }

    /// Ends the event.
    pub fn end(&mut self) {
        self.text.push_str("\r\nEND:VEVENT");
    }

    /// Begins a property, such as `SUMMARY:`. It is left out if no text follows.
    pub fn line(&mut self, property: &'static str) {
        self.pending = property;
    }

    /// Adds a part, if there is anything in it, after `between` where it is not the first.
    pub fn join(&mut self, between: &str, part: &str) {
        if self.pending.is_empty() && !part.is_empty() {
            self.put(between);
        }
        self.put(part);
    }

    /// Adds text, escaped and folded.
    pub fn put(&mut self, text: &str) {
        let mut utf8 = [0; 4];
        for c in text.chars() {
            let written = match c {
                '\n' => "\\n",
                ',' => "\\,",
                ';' => "\\;",
                '\\' => "\\\\",
                // Not allowed at all, and nobody sees them.
                _ if c.is_control() && c != '\t' => continue,
                _ => c.encode_utf8(&mut utf8),
            };
            if !self.pending.is_empty() {
                self.text.push_str("\r\n");
                self.text.push_str(self.pending);
                self.width = self.pending.len();
                self.pending = "";
            }
            if self.width + written.len() > WIDTH {
                self.text.push_str("\r\n ");
                self.width = 1;
            }
            self.text.push_str(written);
            self.width += written.len();
        }
    }

    /// The whole file.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.text.push_str("\r\nEND:VCALENDAR\r\n");
        self.text
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
