//! `GET /api/v1/stations/{slug}/hours`: when a station is open, evaluated for any window of days.

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use waypost_app::domain::schedule::{Horizon, State as Is};
use waypost_app::domain::time::{CHINA, DAY, Day, Minute};
use waypost_app::local::prefs::Lang;
use waypost_app::text::text;

use crate::clock::{parse_moment, rfc3339_minute};
use crate::error::{Error, bad_request, not_found};
use crate::schedule::effective::Base;
use crate::schedule::rule::Interval;
use crate::state::AppState;

/// Longest window, in days.
const MAX_DAYS: i64 = 92;
/// Window when no end is given, in days.
const DEFAULT_DAYS: i64 = 7;

#[derive(Debug, Deserialize)]
pub struct Window {
    /// A date or a moment (RFC 3339); today if missing.
    from: Option<String>,
    /// A date or a moment; seven days later if missing. Not itself part of the window.
    to: Option<String>,
}

/// When a station is open between two moments.
#[derive(Debug, Serialize)]
pub struct Hours {
    slug: String,
    /// In OSM syntax; `null` where nobody has said.
    rule: Option<String>,
    from: String,
    to: String,
    /// Follow each other without gaps from `from` to `to`.
    intervals: Vec<HoursInterval>,
}

/// One stretch of one state.
#[derive(Debug, Serialize)]
pub struct HoursInterval {
    start: String,
    end: String,
    state: Is,
    /// The rule's own words, the reason of an exception, or why nobody can say; mostly empty.
    comment: String,
}

/// The intervals of `[from, to)`.
///
/// # Errors
/// 404 for a station that does not exist, 400 for a window that cannot be read.
pub async fn hours(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(window): Query<Window>,
) -> Result<Json<Hours>, Error> {
    let view = state.snapshots.view().await?;
    let station = view
        .snapshot()
        .stations
        .iter()
        .find(|station| station.slug == slug)
        .ok_or_else(|| not_found(format!("There is no station called {slug}.")))?;
    let window = window.horizon(CHINA.day(state.clock.minute()))?;
    let (rule, stretches) = view.hours(station.id.as_str(), window);
    let rule = rule.map(str::to_owned);
    let words = match station.hours_words.as_str() {
        "" => "未登记开放时间 / opening hours not given".to_owned(),
        words => words.to_owned(),
    };
    let calendar = view.calendar().clone();
    let evaluated = rule.clone();
    let intervals = tokio::task::spawn_blocking(move || {
        let base = match evaluated {
            Some(rule) => Base::read(&rule, &calendar).unwrap_or_else(|error| Base::Unknown(error.to_string())),
            None => Base::Unknown(words),
        };
        base.intervals_or_unknown(&stretches, window, ToString::to_string)
    });
    let mut intervals = intervals.await.map_err(anyhow::Error::from)?;
    if let Some(locked_at) = station.locked_at_min {
        unknown_from(&mut intervals, locked_at, window.end);
    }
    Ok(Json(Hours {
        slug,
        rule,
        from: rfc3339_minute(window.start),
        to: rfc3339_minute(window.end),
        intervals: intervals
            .into_iter()
            .map(|interval| HoursInterval {
                start: rfc3339_minute(interval.start),
                end: rfc3339_minute(interval.end),
                state: interval.state,
                comment: interval.comment,
            })
            .collect(),
    }))
}

/// Nobody knows any more, because people have reported the door locked.
fn unknown_from(intervals: &mut Vec<Interval>, locked_at: Minute, end: Minute) {
    let Some(start) = intervals.first().map(|first| first.start.max(locked_at)).filter(|start| *start < end) else {
        return;
    };
    intervals.retain(|interval| interval.start < start);
    if let Some(last) = intervals.last_mut() {
        last.end = last.end.min(start);
    }
    let comment = [Lang::Zh, Lang::En].map(|lang| text(lang).station.reported_locked).join(" / ");
    intervals.push(Interval { start, end, state: Is::Unknown, comment });
}

impl Window {
    fn horizon(&self, today: Day) -> Result<Horizon, Error> {
        let start = match &self.from {
            Some(text) => moment("from", text)?,
            None => CHINA.midnight(today),
        };
        let end = match &self.to {
            Some(text) => moment("to", text)?,
            None => start.plus(DEFAULT_DAYS * DAY),
        };
        if end <= start {
            return Err(bad_request("to must be later than from"));
        }
        if end.since(start) > MAX_DAYS * DAY {
            return Err(bad_request(format!("the window may span {MAX_DAYS} days at most")));
        }
        Ok(Horizon { start, end })
    }
}

fn moment(name: &str, text: &str) -> Result<Minute, Error> {
    // An unescaped plus sign in a query arrives as a space.
    parse_moment(&text.replace(' ', "+")).map_err(|error| bad_request(format!("{name}: {error}")))
}
