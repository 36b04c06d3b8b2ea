//! Every word the interface says, one struct of strings a language: a missing key does not compile.
//!
//! Grouped by screen. A sentence with a number in it is a function, because languages order their parts differently;
//! what is said of numbers and times in general is in [`words`].

pub mod calendar;
mod en;
mod report;
pub mod words;
mod zh;

pub use report::{MineText, ReportText, SyncText};

use crate::local::prefs::Lang;
use crate::wire::device::DeviceCounts;

/// One language's words.
#[derive(Debug)]
pub struct Text {
    pub common: Common,
    pub report: ReportText,
    pub mine: MineText,
    pub sync: SyncText,
    pub stations: Stations,
    pub station: Station,
    pub market: Market,
    pub more: More,
    pub not_found: NotFound,
}

/// Words that more than one screen uses.
#[derive(Debug)]
pub struct Common {
    pub app_name: &'static str,
    pub stations: &'static str,
    pub market: &'static str,
    pub report: &'static str,
    pub mine: &'static str,
    pub more: &'static str,
    pub skip: &'static str,
    pub main_nav: &'static str,
    pub unsent: fn(usize) -> String,
    pub unseen: fn(usize) -> String,
    pub loading: &'static str,
    pub navigate: &'static str,
    pub details: &'static str,
    pub amap: &'static str,
    pub baidu: &'static str,
    pub tencent: &'static str,
    pub any_map: &'static str,
    pub sample_title: &'static str,
    pub sample_text: &'static str,
    pub update_ready: &'static str,
    pub update_now: &'static str,
    pub updated_now: &'static str,
    pub updated: fn(&str) -> String,
    pub offline: fn(&str) -> String,
    pub offline_blank: &'static str,
    pub too_old: &'static str,
    pub blank_title: &'static str,
    pub blank_text: &'static str,
    pub blank_offline_title: &'static str,
    pub blank_offline_text: &'static str,
    pub data_too_old: fn(&str) -> String,
    pub clock_ahead: fn(&str) -> String,
    pub clock_behind: fn(&str) -> String,
    pub unverified: &'static str,
}

/// The list of stations.
#[derive(Debug)]
pub struct Stations {
    pub title: &'static str,
    pub filters: &'static str,
    pub open_now: &'static str,
    pub night: &'static str,
    pub apply: &'static str,
    pub locate: &'static str,
    pub locating: &'static str,
    pub located: &'static str,
    pub refused: &'static str,
    pub unavailable: &'static str,
    pub from: &'static str,
    pub choose_place: &'static str,
    pub invite_text: &'static str,
    pub list: &'static str,
    pub plot: &'static str,
    pub nearest: &'static str,
    pub none_open: &'static str,
    pub late: &'static str,
    pub late_walking: &'static str,
    /// The hours of the night shift.
    pub night_hours: fn(&str) -> String,
    pub night_change: &'static str,
    pub today: &'static str,
    pub now_until: fn(&str) -> String,
    pub others: &'static str,
    pub all: &'static str,
    pub more: &'static str,
    pub count: fn(usize) -> String,
    pub plot_label: &'static str,
    pub plot_middle: &'static str,
    pub plot_beyond: fn(usize) -> String,
    pub plot_hint: &'static str,
    pub north: &'static str,
    pub none_match: &'static str,
    pub none_match_text: &'static str,
    pub clear: &'static str,
    pub none: &'static str,
    pub none_text: &'static str,
}

/// One station.
#[derive(Debug)]
pub struct Station {
    pub all: &'static str,
    pub left: fn(&str) -> String,
    pub go_note: &'static str,
    pub entrance: &'static str,
    pub access: &'static str,
    pub facilities: &'static str,
    pub week: &'static str,
    pub day: &'static str,
    pub open: &'static str,
    pub services: &'static str,
    pub calendar: &'static str,
    pub closed: &'static str,
    pub all_day: &'static str,
    pub unknown: &'static str,
    pub no_schedule: &'static str,
    pub linked: &'static str,
    pub phone: &'static str,
    pub address: &'static str,
    pub landmark: &'static str,
    pub operator: &'static str,
    pub about: &'static str,
    pub source: &'static str,
    /// How long ago.
    pub verified: fn(&str) -> String,
    /// Months ago.
    pub verified_older: fn(i64) -> String,
    pub verified_stale: &'static str,
    pub unverified: &'static str,
    pub reported_locked: &'static str,
    pub on_the_spot: &'static str,
    pub confirm: &'static str,
    pub locked: &'static str,
    pub noted: &'static str,
    pub not_noted: &'static str,
    pub arrived: &'static str,
    pub arrived_locked: &'static str,
    pub not_taken: &'static str,
    pub undo: &'static str,
    pub undone: &'static str,
    pub undone_late: &'static str,
    pub missing: &'static str,
    pub missing_text: &'static str,
}

/// The skills market.
#[derive(Debug)]
pub struct Market {
    pub title: &'static str,
    pub next: &'static str,
    pub on_now: &'static str,
    pub skills: &'static str,
    pub whole: &'static str,
    pub places: fn(u16) -> String,
    pub sessions: &'static str,
    pub session_day: &'static str,
    pub struck_day: &'static str,
    pub calendar: &'static str,
    pub last: &'static str,
    pub none: &'static str,
    pub none_text: &'static str,
    pub beyond: &'static str,
    pub beyond_text: fn(&str) -> String,
    pub station: &'static str,
}

/// Settings and words about the program.
#[derive(Debug)]
pub struct More {
    pub title: &'static str,
    pub reports: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
    pub auto: &'static str,
    pub light: &'static str,
    pub dark: &'static str,
    pub sunlight: &'static str,
    pub sunlight_note: &'static str,
    pub save: &'static str,
    pub shift: &'static str,
    pub shift_text: &'static str,
    pub shift_from: &'static str,
    pub shift_to: &'static str,
    pub install: &'static str,
    pub install_text: &'static str,
    pub install_now: &'static str,
    pub install_hint: &'static str,
    pub storage: &'static str,
    pub storage_stations: fn(usize, &str) -> String,
    pub storage_none: &'static str,
    pub storage_unsent: fn(usize) -> String,
    pub storage_reports: &'static str,
    pub storage_prefs: &'static str,
    pub about_me: &'static str,
    pub about_me_text: &'static str,
    pub about_me_look: &'static str,
    pub about_me_asking: &'static str,
    pub about_me_offline: &'static str,
    pub about_me_unknown: &'static str,
    pub about_me_found: fn(&DeviceCounts) -> String,
    /// First seen, last seen, and days without use after which the phone is forgotten.
    pub about_me_since: fn(&str, &str, u32) -> String,
    pub about_me_save: &'static str,
    pub erase: &'static str,
    pub erase_question: &'static str,
    pub erase_yes: &'static str,
    pub install_first: fn(usize) -> String,
    pub install_drain: &'static str,
    pub install_export: &'static str,
    pub wipe: &'static str,
    pub wipe_question: fn(usize) -> String,
    pub wipe_yes: &'static str,
    pub privacy: &'static str,
    pub privacy_text: &'static str,
    pub notices: &'static str,
    pub notice_sample: &'static str,
    pub notice_emergency: &'static str,
    pub emergency_medical: &'static str,
    pub emergency_fire: &'static str,
    pub emergency_police: &'static str,
    pub about: &'static str,
    pub about_text: &'static str,
    pub version: &'static str,
}

/// A page that does not exist.
#[derive(Debug)]
pub struct NotFound {
    pub title: &'static str,
    pub text: &'static str,
    pub home: &'static str,
}

/// The words of a language.
#[must_use]
pub const fn text(lang: Lang) -> &'static Text {
    match lang {
        Lang::Zh => &zh::TEXT,
        Lang::En => &en::TEXT,
    }
}

/// The words of the page being drawn. A change of language reloads the page, so this is not a signal.
#[must_use]
pub fn use_text() -> &'static Text {
    text(crate::local::use_phone().prefs.get_untracked().lang)
}

/// The Chinese or the English of a datum; where there is no English, the Chinese.
#[must_use]
pub fn pick<'a>(lang: Lang, zh: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::En if !en.is_empty() => en,
        Lang::Zh | Lang::En => zh,
    }
}
