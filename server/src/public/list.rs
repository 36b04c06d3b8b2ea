//! `/reports`: all of them, with what has been done about them in numbers.

use waypost_app::components::icon::Glyph;
use waypost_app::domain::report::{Category, ReportState};
use waypost_app::domain::time::{CHINA, Day, Minute};
use waypost_app::local::prefs::Lang;
use waypost_app::text::text;
use waypost_app::wire::snapshot::Snapshot;

use super::asked::{Asked, Period};
use super::counted::Counted;
use super::frame::icon;
use super::plot::{Sheet, draw};
use super::shape::pill;
use super::words::{self, Words};
use crate::shell::escape;
use crate::store::reports::public::{Group, PublicReport};

/// Reports on a page.
pub(super) const PAGE: usize = 20;
/// Most dots drawn: more could not be told apart.
pub(super) const PLOTTED: usize = 200;

/// What the page is drawn from.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub(super) lang: Lang,
    pub(super) asked: Asked,
    pub(super) now: Minute,
    /// Those of this page, and one more if there is another page.
    pub(super) reports: &'a [PublicReport],
    /// The latest that the filter lets through, and one more than are drawn if there are.
    pub(super) latest: &'a [PublicReport],
    pub(super) numbers: Counted,
    pub(super) district: &'a Snapshot,
}

impl Listed<'_> {
    /// The inside of the page.
    pub(super) fn html(&self) -> String {
        let t = words::of(self.lang);
        let head = format!(
            "<header class=\"page-head\"><h1 class=\"page-title\">{}</h1></header><p class=\"muted intro\">{}</p>",
            escape(t.title),
            escape(t.intro)
        );
        let narrowed = Asked { after: None, plot: false, ..self.asked } != Asked::default();
        if self.latest.is_empty() && !narrowed {
            return format!("{head}{}", Self::nothing(t, true));
        }
        let controls = format!("{}{}{}", self.states(t), self.periods(t), self.categories(t));
        let body = if self.latest.is_empty() { Self::nothing(t, false) } else { self.both(t) };
        format!("{head}<div class=\"controls\">{controls}</div>{}{body}", self.numbers(t))
    }

    fn nothing(t: &Words, at_all: bool) -> String {
        let (title, words, href, word) = if at_all {
            (t.none, t.none_text, "/report", t.report)
        } else {
            (t.none_match, "", "/reports?period=all", t.clear)
        };
        format!(
            "<div class=\"card empty\"><h2>{}</h2><p>{}</p><a class=\"btn\" href=\"{href}\">{}</a></div>",
            escape(title),
            escape(words),
            escape(word)
        )
    }

    fn states(&self, t: &Words) -> String {
        let choices = [None, Some(Group::Open), Some(Group::Fixed)].map(|group| {
            let word = match group {
                None => t.all,
                Some(Group::Open) => t.open,
                Some(Group::Fixed) => t.fixed,
            };
            self.choice(word, Asked { group, ..self.asked }, "")
        });
        format!("<nav class=\"seg\" aria-label=\"{}\">{}</nav>", escape(t.states), choices.concat())
    }

    fn periods(&self, t: &Words) -> String {
        let choices = Period::ALL.map(|period| self.choice((t.period)(period), Asked { period, ..self.asked }, ""));
        format!("<nav class=\"seg\" aria-label=\"{}\">{}</nav>", escape(t.periods), choices.concat())
    }

    /// The chosen one comes first: what is chosen must be seen without moving the row.
    fn categories(&self, t: &Words) -> String {
        let name = text(self.lang).report.category_name;
        let mut kinds: Vec<Option<Category>> = vec![None];
        kinds.extend(Category::ALL.map(Some));
        kinds.sort_by_key(|category| category.is_some() && *category != self.asked.category);
        let choice = |category: Option<Category>| {
            let word = category.map_or(t.all_categories, name);
            self.choice(word, Asked { category, ..self.asked }, " class=\"chip\"")
        };
        let choices: Vec<_> = kinds.into_iter().map(choice).collect();
        format!("<nav class=\"chips\" aria-label=\"{}\">{}</nav>", escape(t.categories), choices.concat())
    }

    fn choice(&self, word: &str, asked: Asked, class: &str) -> String {
        // Another choice begins with its own first page.
        let here = Asked { after: None, ..self.asked };
        let asked = Asked { after: None, ..asked };
        let current = if asked == here { " aria-current=\"true\"" } else { "" };
        format!("<a href=\"{}\"{class}{current}>{}</a>", escape(&asked.href()), escape(word))
    }

    fn numbers(&self, t: &Words) -> String {
        let Counted { received, fixed, median_halves } = self.numbers;
        let median = median_halves.map_or_else(|| t.unknown.to_owned(), |halves| days(t, halves));
        let cell =
            |word: &str, number: &str| format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(word), escape(number));
        let cells =
            [cell(t.received, &received.to_string()), cell(t.fixed, &fixed.to_string()), cell(t.median, &median)];
        format!("<dl class=\"card numbers\" aria-label=\"{}\">{}</dl>", escape(t.numbers), cells.concat())
    }

    /// The list and the plot: side by side where there is room, else the one that is asked for.
    fn both(&self, t: &Words) -> String {
        let views = [(t.list, false), (t.plot, true)].map(|(word, plot)| {
            let asked = Asked { plot, ..self.asked };
            let current = if plot == self.asked.plot { " aria-current=\"true\"" } else { "" };
            format!("<a href=\"{}\"{current}>{}</a>", escape(&asked.href()), escape(word))
        });
        let shown = if self.asked.plot { "shows-plot" } else { "shows-list" };
        format!(
            "<nav class=\"seg views\" aria-label=\"{}\">{}</nav><div class=\"reports {shown}\">\
             <div class=\"listed\">{}<p><a class=\"btn btn-quiet\" href=\"{}\" download>{}{}</a></p></div>{}</div>",
            escape(t.views),
            views.concat(),
            self.list(t),
            escape(&self.asked.csv()),
            icon(Glyph::Download),
            escape(t.csv),
            self.plot(t)
        )
    }

    fn list(&self, t: &Words) -> String {
        let newest = || {
            let href = Asked { after: None, ..self.asked }.href();
            format!("<a class=\"btn\" href=\"{}\">{}</a>", escape(&href), escape(t.newest))
        };
        if self.reports.is_empty() {
            return format!("<p class=\"notice\">{}</p>{}", escape(t.no_older), newest());
        }
        let shown = self.reports.get(..PAGE).unwrap_or(self.reports);
        let rows: Vec<_> = shown.iter().map(|report| self.row(t, report)).collect();
        let mut steps = String::new();
        if self.asked.after.is_some() {
            steps.push_str(&newest());
        }
        if let Some(last) = shown.last().filter(|_| self.reports.len() > PAGE) {
            let href = Asked { after: Some(last.place()), ..self.asked }.href();
            steps =
                format!("{steps}<a class=\"btn wide\" rel=\"next\" href=\"{}\">{}</a>", escape(&href), escape(t.older));
        }
        format!("<ul class=\"rows\">{}</ul><div class=\"btns steps\">{steps}</div>", rows.concat())
    }

    fn row(&self, t: &Words, report: &PublicReport) -> String {
        let photo = report.photo.as_ref().map_or_else(String::new, |photo| {
            format!(
                "<span class=\"thumb\"><img src=\"/api/v1/photos/{}?size=thumb\" width=\"72\" height=\"72\" alt=\"\" loading=\"lazy\"></span>",
                escape(photo.as_str())
            )
        });
        let words = if report.description.is_empty() {
            String::new()
        } else {
            format!("<span class=\"clip\">{}</span>", escape(&report.description))
        };
        format!(
            "<li><a class=\"row\" href=\"/reports/{}\">{photo}<span class=\"row-main\"><span class=\"line\"><strong>{}</strong>{}</span>{words}\
             <span class=\"muted small\">{}</span></span>{}</a></li>",
            escape(&report.code),
            escape((text(self.lang).report.category_name)(report.category)),
            pill(self.lang, report.state, "small"),
            escape(&format!("{} · {}", day(self.lang, report.received_at_ms, self.now), (t.code)(&report.code))),
            icon(Glyph::Next)
        )
    }

    fn plot(&self, t: &Words) -> String {
        let drawn = self.latest.get(..PLOTTED).unwrap_or(self.latest);
        let Some(sheet) = Sheet::of(self.district, drawn) else { return String::new() };
        let label = |report: &PublicReport| {
            let category = (text(self.lang).report.category_name)(report.category);
            let state = (text(self.lang).mine.state)(report.state);
            let on = day(self.lang, report.received_at_ms, self.now);
            format!("{category} · {state} · {on} · {}", (t.code)(&report.code))
        };
        let drawing = draw((self.lang, t), &sheet, self.district, drawn, Some(&label));
        let mut said = vec![(t.plot_text)(drawing.drawn)];
        said.extend((drawing.beyond > 0).then(|| (t.plot_beyond)(drawing.beyond)));
        said.extend((self.latest.len() > PLOTTED).then(|| (t.plot_most)(PLOTTED)));
        // Only what is there: a key to signs that nobody sees explains nothing.
        let mut states: Vec<_> = drawn.iter().map(|report| report.state).collect();
        states.sort_by_key(|state| ReportState::ALL.iter().position(|other| other == state));
        states.dedup();
        let key: Vec<_> =
            states.into_iter().map(|state| format!("<li>{}</li>", pill(self.lang, state, "small"))).collect();
        format!(
            "<figure class=\"card plot\">{}<figcaption><ul class=\"key\">{}</ul><p class=\"muted small\">{}</p></figcaption></figure>",
            drawing.svg,
            key.concat(),
            escape(&said.join(" "))
        )
    }
}

/// The day on which something was.
pub(super) fn day(lang: Lang, at_ms: i64, now: Minute) -> String {
    words::date(lang, on(at_ms), CHINA.day(now))
}

fn on(at_ms: i64) -> Day {
    CHINA.day(Minute::from_millis(at_ms))
}

/// So many halves of a working day.
pub(super) fn days(t: &Words, halves: u32) -> String {
    match halves {
        0 => t.same_day.to_owned(),
        _ if halves.is_multiple_of(2) => (t.working_days)(&(halves / 2).to_string(), halves == 2),
        _ => (t.working_days)(&format!("{}.5", halves / 2), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_said_as_people_say_them() {
        for (halves, zh, en) in [
            (0, "当天", "same day"),
            (1, "0.5 个工作日", "0.5 working days"),
            (2, "1 个工作日", "1 working day"),
            (5, "2.5 个工作日", "2.5 working days"),
        ] {
            assert_eq!((days(words::of(Lang::Zh), halves), days(words::of(Lang::En), halves)), (zh.into(), en.into()));
        }
    }
}
