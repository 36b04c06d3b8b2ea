//! The week as a table: a row a day, its opening hours and its services.

use crate::markup::{Node, html, memo};
use leptos::prelude::*;

use super::week::{DAYS, Hours, hours};
use crate::domain::schedule::Schedule;
use crate::domain::station::Station;
use crate::domain::time::{Day, Offset};
use crate::local::prefs::Lang;
use crate::local::replica::Replica;
use crate::local::use_phone;
use crate::text::{pick, text, use_text, words};

/// The week from today on. Redrawn when the day or the data changes, not every minute.
#[component]
pub fn Timetable(station: Station) -> Node {
    let t = &use_text().station;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let today = memo(move || phone.replica.look(Replica::offset).day(phone.now.get()));
    let rows = move || {
        let today = today.get();
        phone.replica.look(|replica| {
            let offset = replica.offset();
            let opening = replica.schedule(station.schedule.as_ref());
            (0..DAYS)
                .map(|ahead| {
                    let day = today.plus(ahead);
                    let open = opening.map(|schedule| hours(schedule, day, offset, replica.horizon()));
                    let words = open_words(lang, offset, open.unwrap_or(Hours::Unknown(None)));
                    let struck = opening.map(|schedule| struck(lang, offset, schedule, day)).unwrap_or_default();
                    let services = services(lang, replica, &station, day);
                    html! {
                        <tr class=if ahead == 0 { "today" } else { "" }>
                            <th scope="row">
                                {day_words(lang, day, today)} <span class="muted small">{words::date(lang, day)}</span>
                            </th>
                            <td>
                                {struck.view()}
                                {words.into_iter().map(|line| html! { <span class="span">{line}</span> }).collect_view()}
                            </td>
                            <td>
                                {services
                                    .into_iter()
                                    .map(|(what, struck, when)| {
                                        html! {
                                            <span class="service">
                                                {what} {struck.view()}
                                                {when
                                                    .into_iter()
                                                    .map(|span| html! { <span class="span muted">{span}</span> })
                                                    .collect_view()}
                                            </span>
                                        }
                                    })
                                    .collect_view()}
                            </td>
                        </tr>
                    }
                })
                .collect_view()
        })
    };
    html! {
        <table class="week card">
            <thead>
                <tr>
                    <th scope="col">{t.day}</th>
                    <th scope="col">{t.open}</th>
                    <th scope="col">{t.services}</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

fn day_words(lang: Lang, day: Day, today: Day) -> String {
    if day == today { text(lang).stations.today.to_owned() } else { words::weekday(lang, day).to_owned() }
}

fn open_words(lang: Lang, offset: Offset, hours: Hours) -> Vec<String> {
    let t = &text(lang).station;
    match hours {
        Hours::Unknown(reason) => vec![reason.unwrap_or_else(|| t.unknown.to_owned())],
        Hours::Closed => vec![t.closed.to_owned()],
        Hours::AllDay => vec![t.all_day.to_owned()],
        Hours::Open(spans) => spans.into_iter().map(|(from, to)| words::span(lang, offset, from, to)).collect(),
    }
}

/// What an exception takes away on a day, and why.
#[derive(Default)]
struct Struck {
    spans: Vec<String>,
    why: String,
}

impl Struck {
    fn view(self) -> Node {
        let spans = self.spans.into_iter().map(|span| html! { <s class="span">{span}</s> }).collect_view();
        let why = (!self.why.is_empty()).then(|| html! { <span class="span why">{self.why}</span> });
        html! {
            {spans}
            {why}
        }
    }
}

fn struck(lang: Lang, offset: Offset, schedule: &Schedule, day: Day) -> Struck {
    let spans = schedule.struck_on(day, offset).map(|(from, to)| words::span(lang, offset, from, to)).collect();
    let why = schedule.exception_on(day, offset).map(|it| pick(lang, &it.reason, &it.reason_en).to_owned());
    Struck { spans, why: why.unwrap_or_default() }
}

/// What is given on a day or would have been, and when.
fn services(lang: Lang, replica: &Replica, station: &Station, day: Day) -> Vec<(String, Struck, Vec<String>)> {
    let offset = replica.offset();
    replica
        .services_of(&station.id)
        .filter_map(|service| {
            let schedule = replica.schedule(service.schedule.as_ref())?;
            let struck = struck(lang, offset, schedule, day);
            let when = match hours(schedule, day, offset, replica.horizon()) {
                Hours::Closed | Hours::Unknown(None) if struck.spans.is_empty() => return None,
                Hours::Closed | Hours::Unknown(None) => Vec::new(),
                hours => open_words(lang, offset, hours),
            };
            Some((words::service(lang, service), struck, when))
        })
        .collect()
}
