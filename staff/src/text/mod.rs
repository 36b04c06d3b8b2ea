//! Every word of the staff's interface, one struct of strings a language: a missing key does not compile.

mod en;
mod zh;

use waypost_app::domain::report::{Category, ReportState};
use waypost_app::domain::staff::Role;
use waypost_app::local::prefs::Lang;

/// One language's words.
#[derive(Debug)]
pub struct Text {
    pub frame: Frame,
    pub door: Door,
    pub account: Account,
    pub people: PeopleText,
    pub queue: Queue,
    pub case: Case,
    pub keys: &'static [(&'static str, &'static str)],
}

/// What stands around every page, and what is said of the network.
#[derive(Debug)]
pub struct Frame {
    pub name: &'static str,
    pub skip: &'static str,
    pub nav: &'static str,
    pub queue: &'static str,
    pub people: &'static str,
    pub account: &'static str,
    pub offline: &'static str,
    /// Steps that wait on this device.
    pub waiting: fn(usize) -> String,
    pub send_now: &'static str,
    /// Steps that collided with somebody else's.
    pub stuck: fn(usize) -> String,
    pub loading: &'static str,
    pub retry: &'static str,
    pub later: fn(u32) -> String,
    pub no_network: &'static str,
    pub not_kept: fn(&str) -> String,
    pub refused: fn(&str) -> String,
    pub back: &'static str,
    pub close: &'static str,
    pub missing: &'static str,
    pub missing_text: &'static str,
    pub role: fn(Role) -> &'static str,
}

/// Signing in, and the set-up link.
#[derive(Debug)]
pub struct Door {
    pub title: &'static str,
    pub name: &'static str,
    pub password: &'static str,
    pub code: &'static str,
    pub code_hint: &'static str,
    pub sign_in: &'static str,
    pub signing_in: &'static str,
    pub wrong: &'static str,
    pub code_wrong: &'static str,
    pub wait: fn(u32) -> String,
    pub setup: &'static str,
    pub setup_text: &'static str,
    pub setup_name: &'static str,
    pub setup_name_hint: &'static str,
    pub setup_password: &'static str,
    pub setup_rule: &'static str,
    pub setup_again: &'static str,
    pub setup_differ: &'static str,
    pub setup_save: &'static str,
    pub setup_done: &'static str,
    pub setup_dead: &'static str,
    pub password_weak: &'static str,
    pub name_bad: &'static str,
}

/// The own account: second factor, devices, password, sign-out.
#[derive(Debug)]
pub struct Account {
    pub title: &'static str,
    pub second: &'static str,
    pub second_must: &'static str,
    pub second_text: &'static str,
    pub second_on: &'static str,
    pub second_off: &'static str,
    pub second_begin: &'static str,
    pub second_scan: &'static str,
    pub second_qr: &'static str,
    pub second_type: &'static str,
    pub second_open: &'static str,
    pub second_code: &'static str,
    pub second_confirm: &'static str,
    pub second_wrong: &'static str,
    pub second_drop: &'static str,
    pub recovery: &'static str,
    pub recovery_text: &'static str,
    pub recovery_done: &'static str,
    pub devices: &'static str,
    pub this_device: &'static str,
    pub unknown_device: &'static str,
    /// When it was seen last, how long ago.
    pub seen: fn(&str) -> String,
    pub revoke: &'static str,
    pub password: &'static str,
    pub password_old: &'static str,
    pub password_new: &'static str,
    pub password_change: &'static str,
    pub password_changed: &'static str,
    pub password_wrong: &'static str,
    pub language: &'static str,
    pub sign_out: &'static str,
    /// Steps that would be lost.
    pub sign_out_lose: fn(usize) -> String,
    pub sign_out_yes: &'static str,
    pub sign_out_offline: &'static str,
}

/// Who is on the staff, for admins.
#[derive(Debug)]
pub struct PeopleText {
    pub title: &'static str,
    pub new: &'static str,
    pub name: &'static str,
    pub role: &'static str,
    pub unit: &'static str,
    pub add: &'static str,
    pub link: fn(&str) -> String,
    pub link_until: fn(&str) -> String,
    pub copy: &'static str,
    pub copied: &'static str,
    pub reset: &'static str,
    pub drop_second: &'static str,
    pub disable: &'static str,
    pub enable: &'static str,
    pub disabled: &'static str,
    pub not_joined: &'static str,
    pub signed_out: &'static str,
    pub second: &'static str,
    pub invite: &'static str,
    pub invite_text: &'static str,
    pub invite_make: &'static str,
    pub invite_code: &'static str,
    pub invite_qr: &'static str,
}

/// The queue.
#[derive(Debug)]
pub struct Queue {
    pub title: &'static str,
    pub kept: fn(&str) -> String,
    pub empty: &'static str,
    pub empty_text: &'static str,
    pub search: &'static str,
    pub all: &'static str,
    pub overdue: &'static str,
    pub count: fn(usize) -> String,
    pub more: &'static str,
    pub state: fn(ReportState) -> &'static str,
    pub category: fn(Category) -> &'static str,
    pub any_category: &'static str,
    pub any_unit: &'static str,
    pub filter_state: &'static str,
    pub filter_category: &'static str,
    pub filter_unit: &'static str,
    /// How long it is past.
    pub late: fn(&str) -> String,
    /// How long there is.
    pub left: fn(&str) -> String,
    pub no_deadline: &'static str,
    pub unassigned: &'static str,
    pub no_photo: &'static str,
    pub select: fn(&str) -> String,
    pub selected: fn(usize) -> String,
    pub clear: &'static str,
    pub bulk_done: fn(usize, usize) -> String,
    pub changed: &'static str,
    pub choose: &'static str,
    pub choose_text: &'static str,
    pub keys: &'static str,
    pub filters: &'static str,
    pub filter_save: &'static str,
    pub filter_name: &'static str,
    pub filter_remove: fn(&str) -> String,
    pub gone_from_list: &'static str,
}

/// One case.
#[derive(Debug)]
pub struct Case {
    pub back: &'static str,
    pub photos: &'static str,
    pub photo: fn(usize) -> String,
    pub after_photo: fn(usize) -> String,
    pub no_photo: &'static str,
    pub place: &'static str,
    pub plot: fn(usize) -> String,
    pub accuracy: fn(&str) -> String,
    pub similar: &'static str,
    pub no_similar: &'static str,
    pub merge_into: &'static str,
    pub history: &'static str,
    pub reporter: &'static str,
    pub system: &'static str,
    pub internal: &'static str,
    pub public_view: &'static str,
    pub actions: &'static str,
    pub accept: &'static str,
    pub assign: &'static str,
    pub start: &'static str,
    pub fix: &'static str,
    pub decline: &'static str,
    pub reopen: &'static str,
    pub note: &'static str,
    pub merge: &'static str,
    pub undo: &'static str,
    pub undo_none: &'static str,
    pub assign_title: &'static str,
    pub assign_none: &'static str,
    pub fix_title: &'static str,
    pub fix_photo: &'static str,
    pub fix_reason: &'static str,
    pub fix_need: &'static str,
    pub decline_title: &'static str,
    pub decline_words: &'static str,
    pub note_title: &'static str,
    pub note_public: &'static str,
    pub note_internal: &'static str,
    pub note_need: &'static str,
    pub templates: &'static str,
    pub template_save: &'static str,
    pub send: &'static str,
    pub cancel: &'static str,
    pub saved: &'static str,
    pub kept_here: &'static str,
    pub waiting: &'static str,
    /// Who, how long ago, to what.
    pub conflict: fn(&str, &str, &str) -> String,
    pub conflict_mine: fn(&str) -> String,
    pub conflict_again: &'static str,
    pub conflict_drop: &'static str,
    pub refused: fn(&str) -> String,
    pub not_kept: &'static str,
    pub offline_never_read: &'static str,
    pub photo_bad: &'static str,
    pub received: fn(&str) -> String,
    pub due: fn(&str) -> String,
}

/// The words of a language.
#[must_use]
pub const fn text(lang: Lang) -> &'static Text {
    match lang {
        Lang::Zh => &zh::TEXT,
        Lang::En => &en::TEXT,
    }
}
