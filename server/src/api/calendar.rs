//! `GET /calendar/market.ics`: the markets of the coming weeks for people's own calendars (RFC 5545).

use std::fmt::Write;

use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use icalendar::{Calendar, CalendarDateTime, Component, Event, EventLike, Property};
use serde::Deserialize;
use waypost_app::domain::market::{Market, Skill};
use waypost_app::domain::time::{CHINA, Minute};
use waypost_app::local::prefs::Lang;
use waypost_app::text::pick;

use crate::error::Error;
use crate::snapshots::View;
use crate::state::AppState;

const TZID: &str = "Asia/Shanghai";

/// China has kept one offset without summer time since 1991, so one observance describes the zone.
const VTIMEZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\nBEGIN:STANDARD\r\nDTSTART:19910915T000000\r\n\
     TZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";

#[derive(Debug, Deserialize)]
pub struct Asked {
    /// `zh` or `en`; Chinese if missing.
    lang: Option<String>,
}

/// One event for each session.
///
/// # Errors
/// Those of the snapshot.
pub async fn market(State(state): State<AppState>, Query(asked): Query<Asked>) -> Result<impl IntoResponse, Error> {
    let view = state.snapshots.view().await?;
    let lang = asked.lang.as_deref().and_then(Lang::from_tag).unwrap_or_default();
    let page = state.config.public_url.as_ref().map(|url| format!("{}/market", url.as_str()));
    let body = feed(&view, lang, state.clock.now(), page.as_deref())?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"market.ics\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    Ok((headers, body))
}

fn feed(view: &View, lang: Lang, now: DateTime<Utc>, page: Option<&str>) -> anyhow::Result<String> {
    let snapshot = view.snapshot();
    let name = match lang {
        Lang::Zh => format!("{}公益市集", snapshot.district.name),
        Lang::En => format!("Community market, {}", pick(lang, &snapshot.district.name, &snapshot.district.name_en)),
    };
    let mut calendar = Calendar::empty();
    for (key, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Waypost//Waypost//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("X-WR-TIMEZONE", TZID),
    ] {
        calendar.append_property(Property::new(key, value));
    }
    calendar.name(&name);
    let frame = calendar.to_string();
    let (head, tail) = frame.split_once("END:VCALENDAR").unwrap_or((&frame, ""));

    // The crate cannot write a component without UID and DTSTAMP, which a VTIMEZONE must not have.
    let mut feed = String::from(head);
    feed.push_str(VTIMEZONE);
    for (position, market) in snapshot.markets.iter().enumerate() {
        let sessions = snapshot
            .schedules
            .iter()
            .find(|schedule| Some(&schedule.id) == market.schedule.as_ref())
            .map(|schedule| schedule.open.as_slice())
            .unwrap_or_default();
        let sequence = u32::try_from(view.market_rev(position).unwrap_or_default()).unwrap_or(u32::MAX);
        for (start, end) in sessions {
            let mut event = Event::new();
            event
                .uid(&format!("{}-{}@waypost", market.id, local(*start)?.format("%Y%m%d")))
                .sequence(sequence)
                .timestamp(now)
                .starts(in_zone(*start)?)
                .ends(in_zone(*end)?)
                .summary(pick(lang, &market.name, &market.name_en))
                .location(pick(lang, &market.place, &market.place_en))
                .description(&description(market, lang, *start))
                .append_property(Property::new("GEO", format!("{:.6};{:.6}", market.lat, market.lng)));
            if let Some(page) = page {
                event.url(page);
            }
            feed.push_str(&event.try_into_string()?);
        }
    }
    feed.push_str("END:VCALENDAR");
    feed.push_str(tail);
    Ok(feed)
}

/// One line a skill: when, what, who, how many places.
fn description(market: &Market, lang: Lang, start: Minute) -> String {
    let mut lines = String::new();
    if market.sample {
        lines.push_str(match lang {
            Lang::Zh => "示例数据，未经核实\n",
            Lang::En => "Sample data, not verified\n",
        });
    }
    for skill in &market.skills {
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "{}", line(skill, lang, start));
    }
    lines.trim_end().to_owned()
}

fn line(skill: &Skill, lang: Lang, start: Minute) -> String {
    let mut line = pick(lang, &skill.name, &skill.name_en).to_owned();
    let person = pick(lang, &skill.person, &skill.person_en);
    if !person.is_empty() {
        let _ = write!(line, " · {person}");
    }
    if let (Some(from), Some(to)) = (skill.from_min, skill.to_min) {
        let clock = |minutes: u16| CHINA.clock(start.plus(minutes.into()));
        let _ = write!(line, " · {}–{}", clock(from), clock(to));
    }
    if let Some(places) = skill.places {
        let _ = match lang {
            Lang::Zh => write!(line, " · {places} 个名额"),
            Lang::En => write!(line, " · {places} places"),
        };
    }
    line
}

fn in_zone(at: Minute) -> anyhow::Result<CalendarDateTime> {
    Ok(CalendarDateTime::WithTimezone { date_time: local(at)?, tzid: TZID.to_owned() })
}

fn local(at: Minute) -> anyhow::Result<chrono::NaiveDateTime> {
    let wall = DateTime::from_timestamp(at.plus(CHINA.0.into()).0.saturating_mul(60), 0);
    Ok(wall.ok_or_else(|| anyhow::anyhow!("a session lies beyond the calendar"))?.naive_utc())
}
