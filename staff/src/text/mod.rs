//! Every word of the staff's interface, one struct of strings a language: a missing key does not compile.

mod en;
pub mod numbers;
mod routes;
pub mod stations;
pub mod units;
mod work;
mod zh;

pub use routes::RoutesText;
pub use work::WorkText;

use waypost_app::domain::staff::Role;
use waypost_app::local::prefs::Lang;

/// One language's words.
#[derive(Debug)]
pub struct Text {
    pub frame: Frame,
    pub door: Door,
    pub account: Account,
    pub people: PeopleText,
    pub join: JoinText,
    pub work: WorkText,
    pub routes: RoutesText,
    pub stations: stations::Stations,
    pub units: units::UnitsText,
    pub numbers: numbers::NumbersText,
}

/// What stands around every page, and what is said of the network.
#[derive(Debug)]
pub struct Frame {
    pub name: &'static str,
    pub skip: &'static str,
    pub nav: &'static str,
    pub work: &'static str,
    pub people: &'static str,
    pub account: &'static str,
    pub offline: &'static str,
    pub loading: &'static str,
    pub later: fn(u32) -> String,
    pub no_network: &'static str,
    /// No answer came to a change.
    pub unanswered: &'static str,
    /// The server's answer is not one that this program knows.
    pub unreadable: &'static str,
    pub refused: fn(&str) -> String,
    pub missing: &'static str,
    pub missing_text: &'static str,
    pub to_queue: &'static str,
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
    /// The server does not know yet that somebody has signed out here.
    pub untold: &'static str,
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
}

/// Who is on the staff, for admins.
#[derive(Debug)]
pub struct PeopleText {
    pub title: &'static str,
    pub new: &'static str,
    pub name: &'static str,
    pub role: &'static str,
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

/// Joining the stations' list of couriers.
#[derive(Debug)]
pub struct JoinText {
    pub title: &'static str,
    pub text: &'static str,
    pub name: &'static str,
    pub phone: &'static str,
    pub send: &'static str,
    pub done: &'static str,
    pub offline: &'static str,
    /// The field that the server does not take.
    pub wrong: fn(&str) -> &'static str,
    pub leave: &'static str,
    pub bare: &'static str,
}

/// The words of a language.
#[must_use]
pub const fn text(lang: Lang) -> &'static Text {
    match lang {
        Lang::Zh => &zh::TEXT,
        Lang::En => &en::TEXT,
    }
}
