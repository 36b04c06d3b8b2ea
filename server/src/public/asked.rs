//! Which reports a page is asked for, as its address says it.

use axum::http::Uri;
use percent_encoding::percent_decode_str;
use uuid::Uuid;
use waypost_app::domain::ids::ReportId;
use waypost_app::domain::report::Category;
use waypost_app::domain::time::{CHINA, Minute};

use crate::store::reports::public::{Filter, Group, Place};

/// How far back the reports go, by the day on which they were received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Period {
    Month,
    Quarter,
    #[default]
    Year,
    Always,
}

impl Period {
    pub(super) const ALL: [Self; 4] = [Self::Month, Self::Quarter, Self::Year, Self::Always];

    const fn code(self) -> &'static str {
        match self {
            Self::Month => "30d",
            Self::Quarter => "90d",
            Self::Year => "365d",
            Self::Always => "all",
        }
    }

    /// Days with today, `None` without an end.
    const fn days(self) -> Option<i64> {
        match self {
            Self::Month => Some(30),
            Self::Quarter => Some(90),
            Self::Year => Some(365),
            Self::Always => None,
        }
    }

    /// From the first minute of a day on, so that what is asked for is the same all day.
    fn since_ms(self, now: Minute) -> i64 {
        let Some(days) = self.days() else { return i64::MIN };
        CHINA.midnight(CHINA.day(now).plus(1 - days)).0.saturating_mul(60_000)
    }
}

/// Everything that the address of the list says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) group: Option<Group>,
    pub(super) category: Option<Category>,
    pub(super) period: Period,
    /// On a small screen: the plot and not the list.
    pub(super) plot: bool,
    /// Where the page before ended.
    pub(super) after: Option<Place>,
}

/// The name of a part of the address that says nothing we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misread(pub(super) &'static str);

impl Asked {
    /// Reads an address. What it says besides is for others, such as whoever counts visits from elsewhere.
    pub(super) fn read(uri: &Uri) -> Result<Self, Misread> {
        let mut asked = Self::default();
        for pair in uri.query().unwrap_or_default().split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            // A form sends what was left open as nothing.
            if value.is_empty() {
                continue;
            }
            match name {
                "state" => asked.group = Some(group(&value).ok_or(Misread("state"))?),
                "category" => asked.category = Some(Category::from_code(&value).ok_or(Misread("category"))?),
                "period" => {
                    let period = Period::ALL.into_iter().find(|period| period.code() == value);
                    asked.period = period.ok_or(Misread("period"))?;
                }
                "view" => asked.plot = plot(&value).ok_or(Misread("view"))?,
                "after" => asked.after = Some(place(&value).ok_or(Misread("after"))?),
                _ => {}
            }
        }
        Ok(asked)
    }

    pub(super) fn filter(&self, now: Minute) -> Filter {
        Filter { group: self.group, category: self.category, since_ms: self.period.since_ms(now) }
    }

    /// The address of the list that says this.
    pub(super) fn href(&self) -> String {
        self.at("/reports")
    }

    /// The same reports as a file: all of them, however they are shown.
    pub(super) fn csv(&self) -> String {
        Self { plot: false, after: None, ..*self }.at("/reports.csv")
    }

    fn at(&self, path: &str) -> String {
        let mut parts = Vec::new();
        parts.extend(self.group.map(|group| format!("state={}", group_code(group))));
        parts.extend(self.category.map(|category| format!("category={}", category.code())));
        parts.extend((self.period != Period::default()).then(|| format!("period={}", self.period.code())));
        parts.extend(self.plot.then(|| "view=plot".to_owned()));
        parts.extend(self.after.map(|place| format!("after={}.{}", place.received_at_ms, place.id)));
        if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
    }
}

const fn group_code(group: Group) -> &'static str {
    match group {
        Group::Open => "open",
        Group::Fixed => "fixed",
    }
}

fn group(code: &str) -> Option<Group> {
    Group::ALL.into_iter().find(|group| group_code(*group) == code)
}

fn plot(code: &str) -> Option<bool> {
    match code {
        "list" => Some(false),
        "plot" => Some(true),
        _ => None,
    }
}

fn place(text: &str) -> Option<Place> {
    let (at, id) = text.split_once('.')?;
    let id = (id.len() == 36).then(|| Uuid::try_parse(id).ok()).flatten()?;
    Some(Place { received_at_ms: at.parse().ok()?, id: ReportId(id) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Asked, Misread> {
        Asked::read(&format!("/reports?{query}").parse().expect("an address"))
    }

    #[test]
    fn an_address_says_what_it_was_made_from() {
        let id = ReportId(Uuid::from_u128(7));
        for asked in [
            Asked::default(),
            Asked { group: Some(Group::Open), category: Some(Category::Tree), ..Asked::default() },
            Asked { period: Period::Always, plot: true, ..Asked::default() },
            Asked { group: Some(Group::Fixed), after: Some(Place { received_at_ms: -5, id }), ..Asked::default() },
        ] {
            assert_eq!(Asked::read(&asked.href().parse().expect("an address")), Ok(asked), "{}", asked.href());
        }
        assert_eq!(Asked::default().href(), "/reports");
        assert_eq!(read("state=&category=&utm_source=x&%ff=%ff"), Ok(Asked::default()));
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (query, name) in [
            ("state=received", "state"),
            ("state=open&category=house", "category"),
            ("period=2d", "period"),
            ("view=map", "view"),
            ("after=5", "after"),
            ("after=5.x", "after"),
            ("after=99999999999999999999.00000000-0000-7000-8000-000000000000", "after"),
            ("after=%00", "after"),
        ] {
            assert_eq!(read(query), Err(Misread(name)), "{query}");
        }
    }

    #[test]
    fn a_period_begins_with_a_day_in_china() {
        let now = Minute::from_millis(1_795_482_030_000);
        assert_eq!(Period::Month.since_ms(now).rem_euclid(86_400_000), 16 * 3_600_000);
        assert_eq!(Period::Always.since_ms(now), i64::MIN);
    }
}
