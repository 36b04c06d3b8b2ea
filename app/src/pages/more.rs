//! Settings, and words about the program.

mod about_me;
mod install;

use std::sync::Arc;

use crate::markup::{Node, html};
use leptos::prelude::*;

use crate::components::ask_twice::AskTwice;
use crate::components::icon::{Glyph, Icon};
use crate::components::masthead::Masthead;
use crate::domain::night::NightShift;
use crate::local::prefs::{self, Lang, Theme};
use crate::local::{use_phone, wipe};
use crate::text::{use_text, words};
use about_me::AboutMe;
use install::Install;

/// `/more`
#[component]
pub fn More() -> Node {
    let t = &use_text().more;
    html! {
        <Masthead title=t.title />
        <div class="settings">
            <div class="stack">
                <Choices />
                <Shift />
                <Install />
            </div>
            <div class="stack">
                <a class="btn" href="/reports" rel="external">
                    <Icon glyph=Glyph::List />
                    {t.reports}
                </a>
                <OnThisPhone />
                <AboutMe />
                <Notices />
                <section class="stack-s">
                    <h2>{t.about}</h2>
                    <p>{t.about_text}</p>
                    <p class="muted small">
                        {t.version} " " <span class="num">{env!("CARGO_PKG_VERSION")}</span>
                    </p>
                </section>
            </div>
        </div>
    }
}

/// Language and theme: one plain form, taken over while the program runs.
#[component]
fn Choices() -> Node {
    let t = &use_text().more;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    let choose_lang = move |chosen: Lang| {
        if chosen == lang {
            return;
        }
        phone.prefs.update(|prefs| prefs.lang = chosen);
        // Kept before the page goes, not in an effect after it.
        if let Err(error) = prefs::save(&phone.prefs.get_untracked()) {
            phone.trouble.set(Some(error.into()));
        }
        // Fails only where scripts may not navigate at all.
        let _ = window().location().reload();
    };
    let choose_theme = move |theme: Theme| phone.prefs.update(|prefs| prefs.theme = theme);
    let languages = [(Lang::Zh, "中文"), (Lang::En, "English")].map(|(value, word)| {
        html! {
            <label lang=value.tag()>
                <input
                    type="radio"
                    name="lang"
                    value=value.tag()
                    checked=value == lang
                    on:change=move |_| choose_lang(value)
                />
                {word}
            </label>
        }
    });
    let themes = Theme::ALL.map(|value| {
        let word = match value {
            Theme::Auto => t.auto,
            Theme::Light => t.light,
            Theme::Dark => t.dark,
            Theme::Sunlight => t.sunlight,
        };
        let chosen = move || phone.prefs.look(|prefs| prefs.theme == value);
        html! {
            <label>
                <input
                    type="radio"
                    name="theme"
                    value=value.code()
                    checked=untrack(chosen)
                    prop:checked=chosen
                    on:change=move |_| choose_theme(value)
                />
                {word}
            </label>
        }
    });
    html! {
        <form class="card stack" method="post" action="/prefs" on:submit=|event| event.prevent_default()>
            <input type="hidden" name="back" value="/more" />
            <fieldset class="field">
                <legend>{t.language}</legend>
                <div class="seg">{languages.into_iter().collect_view()}</div>
            </fieldset>
            <fieldset class="field">
                <legend>{t.theme}</legend>
                <div class="seg seg-4">{themes.into_iter().collect_view()}</div>
                <p class="muted small">{t.sunlight_note}</p>
            </fieldset>
            <button class="btn btn-primary plain-only" type="submit">
                {t.save}
            </button>
        </form>
    }
}

/// From when to when a night shift lasts.
#[component]
fn Shift() -> Node {
    let t = &use_text().more;
    let phone = use_phone();
    let field = |label: &'static str, name: &'static str, part: fn(&mut NightShift) -> &mut i64| {
        let shown = move || {
            let mut shift = phone.prefs.look(|prefs| prefs.shift);
            let minute = *part(&mut shift);
            format!("{:02}:{:02}", minute / 60, minute % 60)
        };
        let change = move |event| {
            // An empty field is one that is still being filled in.
            if let Some(minute) = minute_of_day(&event_target_value(&event)) {
                phone.prefs.update(|prefs| *part(&mut prefs.shift) = minute);
            }
        };
        html! {
            <label class="field">
                {label}
                <input type="time" name=name value=untrack(shown) prop:value=shown on:change=change />
            </label>
        }
    };
    html! {
        <section class="card stack-s live-only" id="shift">
            <h2>{t.shift}</h2>
            <p class="muted">{t.shift_text}</p>
            <div class="times" role="group" aria-label=t.shift>
                {field(t.shift_from, "from", |shift| &mut shift.from)}
                {field(t.shift_to, "to", |shift| &mut shift.to)}
            </div>
        </section>
    }
}

/// `22:00` in minutes after midnight.
fn minute_of_day(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

#[component]
fn OnThisPhone() -> Node {
    let t = &use_text().more;
    let phone = use_phone();
    let lang = phone.prefs.get_untracked().lang;
    // A page the server drew knows nothing of this phone; its replica says so by being partial.
    let district = move || {
        let now = phone.now.get();
        phone.replica.look(|replica| {
            if replica.is_blank() || replica.is_partial() {
                t.storage_none.to_owned()
            } else {
                let as_of = words::as_of(lang, replica.offset(), replica.generated_at(), now);
                (t.storage_stations)(replica.stations().len(), &as_of)
            }
        })
    };
    let unsent = move || {
        let count = phone.unsent.get();
        (count > 0).then(|| {
            html! {
                <li>
                    <a href="/mine">{(t.storage_unsent)(count)}</a>
                </li>
            }
        })
    };
    let question = move || phone.shelf.look_untracked(|shelf| (t.wipe_question)(shelf.all_unsent()));
    html! {
        <section class="stack-s">
            <h2>{t.storage}</h2>
            <ul class="bullets">
                <li>{district}</li>
                {unsent}
                <li>{t.storage_reports}</li>
                <li>{t.storage_prefs}</li>
            </ul>
            <div class="live-only">
                <AskTwice label=t.wipe question=Arc::new(question) yes=t.wipe_yes act=Arc::new(|| Box::pin(wipe::wipe())) />
            </div>
            <h3>{t.privacy}</h3>
            <p>{t.privacy_text}</p>
        </section>
    }
}

#[component]
fn Notices() -> Node {
    let t = &use_text().more;
    let phone = use_phone();
    let sample = move || phone.replica.look(|replica| replica.district().sample);
    let calls =
        [(t.emergency_medical, "120"), (t.emergency_fire, "119"), (t.emergency_police, "110")].map(|(word, number)| {
            html! {
                <a class="btn" href=format!("tel:{number}")>
                    <Icon glyph=Glyph::Phone />
                    {word}
                    " "
                    <span class="num">{number}</span>
                </a>
            }
        });
    html! {
        <section class="stack-s">
            <h2>{t.notices}</h2>
            {move || sample().then(|| html! { <p>{t.notice_sample}</p> })}
            <p>{t.notice_emergency}</p>
            <div class="btns">{calls.into_iter().collect_view()}</div>
        </section>
    }
}
