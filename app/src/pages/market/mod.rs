//! When and where is the next one, and who mends my kettle?

pub mod month;

use crate::markup::{IntoNode, Node, html, memo};
use leptos::prelude::*;

use crate::components::arrival::use_still_coming;
use crate::components::calendar::AddToCalendar;
use crate::components::icon::{Glyph, Icon};
use crate::components::maps::Navigate;
use crate::components::masthead::{Blank, Masthead};
use crate::domain::market;
use crate::domain::time::{Minute, Offset};
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::use_phone;
use crate::text::{pick, text, use_text, words};
use month::{Kind, weeks};

/// `/market`
#[component]
pub fn Market() -> Node {
    let t = &use_text().market;
    let phone = use_phone();
    let still_coming = use_still_coming();
    // The next session of each market, soonest first; those without a date come last.
    let markets = memo(move || {
        let now = phone.now.get();
        phone.replica.look(|replica| {
            let mut markets: Vec<_> = replica
                .markets()
                .iter()
                .map(|market| {
                    let schedule = replica.schedule(market.schedule.as_ref());
                    (schedule.and_then(|schedule| schedule.current_or_next(now)), market.clone())
                })
                .collect();
            markets.sort_by_key(|(session, _)| session.map_or(Minute(i64::MAX), |(start, _)| start));
            markets
        })
    });
    let content = move || {
        if phone.replica.look(Replica::is_blank) || still_coming.get() {
            html! { <Blank /> }
        } else if markets.look(Vec::is_empty) {
            html! {
                <div class="card empty">
                    <Icon glyph=Glyph::Market />
                    <h2>{t.none}</h2>
                    <p>{t.none_text}</p>
                </div>
            }
        } else {
            Node::Many(markets.get().into_iter().map(|(session, market)| html! { <One market session /> }).collect())
        }
    };
    html! {
        <Masthead title=t.title />
        {content}
    }
}

#[component]
fn One(market: market::Market, session: Option<(Minute, Minute)>) -> Node {
    let t = &use_text().market;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let name = pick(lang, &market.name, &market.name_en).to_owned();
    let label = name.clone();
    let place = pick(lang, &market.place, &market.place_en).to_owned();
    let offset = phone.replica.look_untracked(Replica::offset);
    let held_at = market.station.clone();
    let held_at = move || {
        let id = held_at.as_ref()?;
        phone.replica.look(|replica| {
            let station = replica.station(id)?;
            Some(html! {
                <a class="btn" href=format!("/stations/{}", station.slug)>
                    {t.station}
                </a>
            })
        })
    };
    let last = pick(lang, &market.last, &market.last_en).to_owned();
    let skills = (!market.skills.is_empty()).then(|| {
        let tiles = market.skills.iter().cloned().map(|skill| html! { <Skill skill session offset /> });
        html! {
            <section class="stack-s">
                <h2>{t.skills}</h2>
                <ul class="tiles skills">{tiles.collect_view()}</ul>
            </section>
        }
    });
    let schedule = market.schedule.clone();
    let changed = market.schedule.clone();
    let changes = move || {
        let today = offset.day(phone.now.get());
        phone.replica.look(|replica| {
            let schedule = replica.schedule(changed.as_ref());
            let coming = schedule.into_iter().flat_map(|schedule| schedule.exceptions_from(today, offset));
            let said = coming.map(|it| html! { <p class="notice">{words::exception(lang, offset, it)}</p> });
            said.collect_view()
        })
    };
    html! {
        <div class="market">
            <div class="stack">
                <section class="card card-main next stack-s" aria-label=label>
                    <When session offset />
                    {changes}
                    <p class="marked">
                        <Icon glyph=Glyph::Pin />
                        <span>{place}</span>
                    </p>
                    <p class="muted">{name.clone()}</p>
                    <div class="btns">
                        <Navigate place=market.position() name=name />
                        <AddToCalendar lang word=t.calendar />
                        {held_at}
                    </div>
                </section>
                {skills}
            </div>
            <div class="stack">
                <section class="stack-s">
                    <h2>{t.sessions}</h2>
                    {move || {
                        let now = phone.now.get();
                        phone.replica.look(|replica| {
                            let schedule = replica.schedule(schedule.as_ref());
                            html! { <Leaf weeks=weeks(schedule, replica.offset(), replica.horizon(), now) /> }
                        })
                    }}
                </section>
                {(!last.is_empty()).then(|| html! {
                    <section class="stack-s">
                        <h2>{t.last}</h2>
                        <p>{last}</p>
                    </section>
                })}
            </div>
        </div>
    }
}

/// The day and the hours of the session, and how far off it is.
#[component]
fn When(session: Option<(Minute, Minute)>, offset: Offset) -> Node {
    let t = &use_text().market;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    IntoNode::into_node(move || {
        let now = phone.now.get();
        let Some((start, end)) = session else {
            let known_to = phone.replica.look(|replica| offset.day(replica.horizon().end.plus(-1)));
            return html! {
                <h2>{t.beyond}</h2>
                <p>{(t.beyond_text)(&words::date(lang, known_to))}</p>
            };
        };
        let (day, today) = (offset.day(start), offset.day(now));
        let how_far = if start <= now { t.on_now.to_owned() } else { words::in_days(lang, day, today) };
        html! {
            <p class="line">
                <span class="muted">{t.next}</span>
                <strong class="tag">{how_far}</strong>
            </p>
            <h2 class="when">
                <span>{words::date_and_weekday(lang, day)}</span> " " <span class="num">{words::span(lang, offset, start, end)}</span>
            </h2>
        }
    })
}

/// Who does what, from when to when, for how many.
#[component]
fn Skill(skill: market::Skill, session: Option<(Minute, Minute)>, offset: Offset) -> Node {
    let lang = use_phone().prefs.get_untracked().lang;
    let person = pick(lang, &skill.person, &skill.person_en).to_owned();
    let details = [hours(lang, &skill, session, offset), skill.places.map(|places| (text(lang).market.places)(places))];
    html! {
        <li class="tile">
            <Icon glyph=Glyph::from(skill.kind) />
            <h3>{pick(lang, &skill.name, &skill.name_en).to_owned()}</h3>
            {(!person.is_empty()).then(|| html! { <span>{person}</span> })}
            {details
                .into_iter()
                .flatten()
                .map(|detail| html! { <span class="muted small">{detail}</span> })
                .collect_view()}
        </li>
    }
}

/// When a skill is there; without a date only whether it stays throughout.
fn hours(lang: Lang, skill: &market::Skill, session: Option<(Minute, Minute)>, offset: Offset) -> Option<String> {
    if skill.from_min.is_none() && skill.to_min.is_none() {
        return Some(text(lang).market.whole.to_owned());
    }
    let (start, end) = session?;
    let from = start.plus(skill.from_min.map_or(0, i64::from));
    let to = skill.to_min.map_or(end, |to| start.plus(i64::from(to)));
    Some(words::span(lang, offset, from, to))
}

/// A calendar leaf. The day of a session is said in words, not only by its colour.
#[component]
fn Leaf(weeks: Vec<[month::Square; 7]>) -> Node {
    let t = &use_text().market;
    let lang = use_phone().prefs.get_untracked().lang;
    let head = weeks.first().map(|week| {
        week.map(|square| html! { <th scope="col">{words::weekday(lang, square.day)}</th> }).into_iter().collect_view()
    });
    let rows = weeks
        .into_iter()
        .enumerate()
        .map(|(index, week)| {
            let squares = week.into_iter().enumerate().map(|(weekday, square)| {
                let class = match square.kind {
                    Kind::Past => "past",
                    Kind::Plain => "",
                    Kind::Today => "now",
                    Kind::Session => "session",
                    Kind::Struck => "struck",
                    Kind::Unknown => "unknown",
                };
                let date = square.day.date();
                // The first square and each first of the month name it, the others only count.
                let first = (index == 0 && weekday == 0) || date.day == 1;
                let number = if first { words::date(lang, square.day) } else { date.day.to_string() };
                let session = match square.kind {
                    Kind::Session => Some(t.session_day),
                    Kind::Struck => Some(t.struck_day),
                    Kind::Past | Kind::Plain | Kind::Today | Kind::Unknown => None,
                };
                let session = session.map(|words| html! { <span class="sr-only">{words}</span> });
                html! {
                    <td class=class aria-current=(square.kind == Kind::Today).then_some("date")>
                        <span class="square">{number}</span>
                        {session}
                    </td>
                }
            });
            html! { <tr>{squares.collect_view()}</tr> }
        })
        .collect_view();
    html! {
        <table class="leaf card">
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
