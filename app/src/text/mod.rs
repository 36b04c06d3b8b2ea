//! Every word the interface says, one struct of strings a language: a missing key does not compile.
//!
//! Grouped by screen. A sentence with a number in it is a function, because languages order their parts differently.

mod en;
mod report;
mod zh;

pub use report::{MineText, ReportText, SyncText};

use crate::local::prefs::Lang;

/// One language's words.
#[derive(Debug)]
pub struct Text {
    pub common: Common,
    pub report: ReportText,
    pub mine: MineText,
    pub sync: SyncText,
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
    use leptos::prelude::GetUntracked;
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
