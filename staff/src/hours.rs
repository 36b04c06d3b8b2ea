//! Hours typed in Chinese or as a rule, with what they mean on the next two weeks' days: the one thing nobody may get wrong.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::Method;
use gloo_timers::future::TimeoutFuture;
use waypost_app::domain::time::{CHINA, Day};
use waypost_app::local::clock;
use waypost_app::local::prefs::Lang;
use waypost_app::local::spawn;
use waypost_app::text::words;
use waypost_app::wire::staff::stations::{DayHours, DayKind, HoursPreview, HoursWords, PreviewDay};

use crate::ask;
use crate::desk::{Desk, use_desk};
use crate::form::{Bound, Form};
use crate::markup::{Node, RwSignal, html, memo, react};
use crate::text::stations::Hours;

const URL: &str = "/api/v1/staff/hours/preview";
/// Until typing counts as paused, in milliseconds.
const PAUSE_MS: u32 = 350;

/// What is known of the words that stand there.
#[derive(Clone, Debug, PartialEq)]
enum Meaning {
    /// There are none.
    Empty,
    Reading,
    Read(HoursPreview),
    /// Nobody could be asked.
    NotAsked(String),
}

/// The field and, beneath it, its meaning. `may_be_words`: words that are not understood can be kept as they are.
pub fn hours(form: &Form, hint: &'static str, bound: Bound, may_be_words: bool) -> Node {
    let desk = use_desk();
    let meaning = RwSignal::new(Meaning::Empty);
    follow(desk, bound.clone(), meaning);
    let t = &desk.t.stations.hours;
    let field = form.area("hours", if hint.is_empty() { t.hint } else { hint }, "2", bound);
    html! {
        <div class="hours stack-s">
            {field} <div class="preview" role="group" aria-label=t.title data-testid="preview">
                <p class="preview-title">{t.title}</p>
                {move || meaning.look(|meaning| drawn(desk, meaning, may_be_words))}
            </div>
        </div>
    }
}

/// Asks what the words mean whenever typing pauses; an answer about words that are gone is dropped.
fn follow(desk: Desk, bound: Bound, meaning: RwSignal<Meaning>) {
    let turn = Rc::new(Cell::new(0_u32));
    // Whatever else is typed in the form changes nothing here.
    let words = memo(move || bound.get().trim().to_owned());
    react(move || {
        let words = words.get();
        let mine = turn.get().wrapping_add(1);
        turn.set(mine);
        if words.is_empty() {
            meaning.set(Meaning::Empty);
            return;
        }
        // What is shown stays until the new meaning is known: a page that jumps at each letter cannot be read.
        let first = meaning.look_untracked(|meaning| !matches!(meaning, Meaning::Read(_)));
        if first {
            meaning.set(Meaning::Reading);
        }
        let turn = turn.clone();
        spawn(async move {
            if mine > 1 {
                TimeoutFuture::new(PAUSE_MS).await;
            }
            if turn.get() != mine {
                return;
            }
            let outcome = ask::send::<HoursPreview>(Method::POST, URL, &HoursWords { words }).await;
            if turn.get() != mine {
                return;
            }
            desk.note(&outcome);
            meaning.try_set(match outcome {
                Ok(preview) => Meaning::Read(preview),
                Err(trouble) => Meaning::NotAsked(desk.words(&trouble)),
            });
        });
    });
}

fn drawn(desk: Desk, meaning: &Meaning, may_be_words: bool) -> Node {
    let t = &desk.t.stations.hours;
    let preview = match meaning {
        Meaning::Empty => return html! { <p class="muted">{t.empty}</p> },
        Meaning::Reading => return html! { <p class="muted" role="status">{t.reading}</p> },
        Meaning::NotAsked(why) => return html! { <p class="notice notice-warn" role="status">{why.clone()}</p> },
        Meaning::Read(preview) => preview,
    };
    if let Some(rule) = &preview.rule {
        let days: Vec<Node> = preview.days.iter().enumerate().map(|(at, day)| drawn_day(desk, at, day)).collect();
        return html! {
            <p class="muted small" role="status">
                {t.rule} " " <code data-testid="rule">{rule.clone()}</code>
            </p>
            <ol class="fortnight">{days}</ol>
        };
    }
    let unclear: Vec<Node> =
        preview.not_understood.iter().map(|words| html! { <li><mark>{words.clone()}</mark></li> }).collect();
    html! {
        <div class="notice notice-warn" role="status" data-testid="unclear">
            <p>{t.not_understood}</p>
            <ul class="stack-s">{unclear}</ul>
            {(!preview.reason.is_empty()).then(|| html! { <p class="small">{preview.reason.clone()}</p> })}
            {may_be_words.then(|| html! { <p>{t.kept_as_words}</p> })}
        </div>
    }
}

fn drawn_day(desk: Desk, at: usize, day: &PreviewDay) -> Node {
    let (lang, t) = (desk.lang, &desk.t.stations.hours);
    let kind = (t.kind)(day.kind);
    let look = match (&day.hours, day.kind) {
        (DayHours::Unknown { .. }, _) => "unknown",
        (DayHours::Closed, _) => "closed",
        _ => "open",
    };
    let special = matches!(day.kind, DayKind::DayOff | DayKind::WorkingWeekend | DayKind::NotAnnounced);
    let today = (at == 0).then(|| words::day(lang, Day(0), Day(0)));
    let said: Vec<Node> =
        day_words(t, lang, &day.hours).into_iter().map(|words| html! { <span class="span">{words}</span> }).collect();
    html! {
        <li data-hours=look data-special=special.then_some("true")>
            <span class="date">
                {date_words(lang, &day.date)} {today.map(|today| html! { <span class="today">{today}</span> })}
            </span>
            <span class="kind">{kind}</span>
            <span class="spans">{said}</span>
        </li>
    }
}

/// "11月24日 周二"; the text itself where it is no date.
fn date_words(lang: Lang, date: &str) -> String {
    let noon = clock::parse_rfc3339(&format!("{date}T12:00:00+08:00"));
    noon.map_or_else(|| date.to_owned(), |noon| words::date_and_weekday(lang, CHINA.day(noon)))
}

/// What is said of a day: its spans, or the one word.
fn day_words(t: &Hours, lang: Lang, hours: &DayHours) -> Vec<String> {
    match hours {
        DayHours::AllDay => vec![t.all_day.to_owned()],
        DayHours::Closed => vec![t.closed.to_owned()],
        DayHours::Unknown { reason } if reason.is_empty() => vec![t.unknown.to_owned()],
        DayHours::Unknown { reason } => vec![t.unknown.to_owned(), reason.clone()],
        DayHours::Open { spans } => spans
            .iter()
            .map(|(from, to)| match (clock::parse_rfc3339(from), clock::parse_rfc3339(to)) {
                (Some(from), Some(to)) => words::span(lang, CHINA, from, to),
                _ => format!("{from}–{to}"),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::text;

    #[test]
    fn a_day_says_its_spans_as_clocks_also_into_the_next_morning() {
        let t = &text(Lang::Zh).stations.hours;
        let spans = |list: &[(&str, &str)]| DayHours::Open {
            spans: list.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect(),
        };
        let two = spans(&[
            ("2026-11-24T09:00:00+08:00", "2026-11-24T11:30:00+08:00"),
            ("2026-11-24T22:00:00+08:00", "2026-11-25T02:00:00+08:00"),
        ]);
        assert_eq!(day_words(t, Lang::Zh, &two), ["09:00–11:30", "22:00–次日 02:00"]);
        let midnight = spans(&[("2026-11-24T09:00:00+08:00", "2026-11-25T00:00:00+08:00")]);
        assert_eq!(day_words(t, Lang::Zh, &midnight), ["09:00–24:00"]);
        assert_eq!(day_words(t, Lang::Zh, &DayHours::Closed), ["不开"]);
        let unknown = DayHours::Unknown { reason: "2027 年未公布".to_owned() };
        assert_eq!(day_words(t, Lang::Zh, &unknown), ["不知道", "2027 年未公布"]);
    }

    #[test]
    fn a_date_is_said_with_its_weekday_and_nonsense_as_it_is() {
        assert_eq!(date_words(Lang::Zh, "2026-11-24"), "11月24日 周二");
        assert_eq!(date_words(Lang::En, "2026-11-24"), "Tue 24 Nov");
        assert_eq!(date_words(Lang::Zh, "soon"), "soon");
    }
}
