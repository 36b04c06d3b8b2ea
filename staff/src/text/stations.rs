//! Words about stations, markets, their hours and their versions.

use waypost_app::domain::market::SkillKind;
use waypost_app::wire::staff::stations::DayKind;

/// Everything of the pages on which the district is kept true.
#[derive(Debug)]
pub struct Stations {
    pub list: List,
    pub moving: Moving,
    pub station: StationText,
    pub hours: Hours,
    pub service: ServiceText,
    pub closure: ClosureText,
    pub market: MarketText,
    pub keep: Keep,
    /// What a field is called, by its name on the wire.
    pub field: fn(&str) -> &'static str,
    /// What the server says of a field, in this language; `None` where it is said as it is.
    pub fault: fn(&str) -> Option<&'static str>,
}

/// The stations, the one to look at next first.
#[derive(Debug)]
pub struct List {
    pub title: &'static str,
    pub text: &'static str,
    pub search: &'static str,
    pub search_hint: &'static str,
    pub new: &'static str,
    pub edit: &'static str,
    pub edit_of: fn(&str) -> String,
    pub verify: &'static str,
    pub verify_of: fn(&str) -> String,
    pub verified: fn(&str) -> String,
    pub locked: fn(&str) -> String,
    pub sample: &'static str,
    pub unclear: &'static str,
    pub no_hours: &'static str,
    pub none: &'static str,
    pub count: fn(usize) -> String,
    pub markets: &'static str,
}

/// Files in and out.
#[derive(Debug)]
pub struct Moving {
    /// A cell of the file, and what is wrong with it.
    pub fault: fn(&str, &str) -> String,
    pub title: &'static str,
    pub export: &'static str,
    pub import: &'static str,
    pub import_text: &'static str,
    pub file: &'static str,
    pub overwrite: &'static str,
    pub trying: &'static str,
    pub would: &'static str,
    pub keep: &'static str,
    pub keep_sure: &'static str,
    pub sample_goes: fn(usize) -> String,
    pub kept: &'static str,
    pub nothing: &'static str,
    pub refused: &'static str,
}

/// One station.
#[derive(Debug)]
pub struct StationText {
    pub new: &'static str,
    pub back: &'static str,
    pub view: &'static str,
    pub name: &'static str,
    pub slug_hint: &'static str,
    pub place: &'static str,
    pub place_hint: &'static str,
    pub place_bad: &'static str,
    pub datum: &'static str,
    pub datums: [&'static str; 3],
    pub here: &'static str,
    pub here_failed: &'static str,
    pub entrance_hint: &'static str,
    pub add_step: &'static str,
    pub step_up: fn(usize) -> String,
    pub remove_step: fn(usize) -> String,
    /// A step has no words.
    pub step_bad: &'static str,
    pub photo: &'static str,
    pub step_photo: fn(usize) -> String,
    pub other_photo: &'static str,
    pub remove_photo: fn(usize) -> String,
    pub english: &'static str,
    pub more: &'static str,
    pub not_linked: &'static str,
    pub linked_hint: &'static str,
    pub retire: &'static str,
    pub retire_sure: &'static str,
    pub retired: &'static str,
    pub gone: &'static str,
    pub save_first: &'static str,
}

/// Typed hours and what they mean.
#[derive(Debug)]
pub struct Hours {
    pub hint: &'static str,
    pub title: &'static str,
    pub empty: &'static str,
    pub reading: &'static str,
    pub not_understood: &'static str,
    pub kept_as_words: &'static str,
    pub rule: &'static str,
    pub closed: &'static str,
    pub all_day: &'static str,
    pub unknown: &'static str,
    /// Ends on the next day.
    pub next_day: &'static str,
    pub kind: fn(DayKind) -> &'static str,
}

/// What a station offers.
#[derive(Debug)]
pub struct ServiceText {
    pub title: &'static str,
    pub none: &'static str,
    pub new: &'static str,
    pub price_hint: &'static str,
    pub price_bad: &'static str,
}

/// Days unlike the rule.
#[derive(Debug)]
pub struct ClosureText {
    pub title: &'static str,
    pub text: &'static str,
    pub none: &'static str,
    pub new: &'static str,
    pub hours_hint: &'static str,
    pub whole: &'static str,
    pub closed: &'static str,
}

/// Markets with their skills and people.
#[derive(Debug)]
pub struct MarketText {
    pub title: &'static str,
    pub new: &'static str,
    pub none: &'static str,
    pub hours_hint: &'static str,
    pub no_station: &'static str,
    pub skills: &'static str,
    pub skill: fn(usize) -> String,
    pub add_skill: &'static str,
    pub remove_skill: &'static str,
    pub minutes_hint: &'static str,
    pub number_bad: &'static str,
    pub kind: fn(SkillKind) -> &'static str,
    pub closures: &'static str,
}

/// Saving, what others did meanwhile, taking back, and versions.
#[derive(Debug)]
pub struct Keep {
    pub why: &'static str,
    pub why_hint: &'static str,
    pub save: &'static str,
    pub saving: &'static str,
    pub add: &'static str,
    pub edit: &'static str,
    pub remove: &'static str,
    pub close: &'static str,
    pub saved: &'static str,
    pub removed: &'static str,
    pub same: &'static str,
    pub undo: &'static str,
    pub undone: &'static str,
    pub undo_late: &'static str,
    pub redo: &'static str,
    pub dismiss: &'static str,
    pub overtaken: fn(&str, &str) -> String,
    pub overtaken_import: &'static str,
    pub overtaken_gone: &'static str,
    pub overtaken_text: &'static str,
    pub theirs: &'static str,
    pub mine: &'static str,
    /// What was typed before a session ended stands in the form again.
    pub put_back: &'static str,
    /// Drops that.
    pub as_it_is: &'static str,
    pub from_to: fn(&str, &str) -> String,
    pub empty: &'static str,
    pub yes: &'static str,
    pub no: &'static str,
    pub versions: &'static str,
    pub no_versions: &'static str,
    pub by: fn(&str, &str) -> String,
    pub made: &'static str,
    pub retired: &'static str,
    pub took_back: &'static str,
    pub take: &'static str,
    pub taken: &'static str,
    pub older: &'static str,
}
