//! What a person has chosen, kept on the phone.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

use super::storage::{self, StorageError};
use crate::domain::ids::LandmarkId;
use crate::domain::night::NightShift;
use crate::domain::station::Facility;
use crate::json::{self, FromJson};

/// A complete language of the interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Lang {
    #[default]
    Zh,
    En,
}

impl Lang {
    /// The tag for `<html lang>`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    /// Reads `zh`, `zh-CN`, `en`, `en-GB` …; `None` for a language we do not speak.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("zh") {
            Some(Self::Zh)
        } else if primary.eq_ignore_ascii_case("en") {
            Some(Self::En)
        } else {
            None
        }
    }
}

/// How the screen is coloured; stands as `data-theme` on `<html>`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, FromJson)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the phone is set.
    #[default]
    Auto,
    Light,
    Dark,
    /// Pure black on white, no greys, heavier type: for a screen in the sun.
    Sunlight,
}

impl Theme {
    pub const ALL: [Self; 4] = [Self::Auto, Self::Light, Self::Dark, Self::Sunlight];

    /// The value of `data-theme` and of the cookie.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Sunlight => "sunlight",
        }
    }

    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// Everything chosen. Unknown or missing fields fall back to the default, so older and newer builds read each other's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJson)]
#[serde(default)]
pub struct Prefs {
    pub lang: Lang,
    pub theme: Theme,
    /// Facilities a station must have to be listed.
    pub facilities: Vec<Facility>,
    /// List only what is open now.
    pub open_now: bool,
    /// List only what is open through the night shift.
    pub night: bool,
    pub shift: NightShift,
    /// Stands in for GPS.
    pub landmark: Option<LandmarkId>,
}

/// Read by `/prefs.js` before the first paint; the names `lang` and `theme` are part of that.
const KEY: &str = "waypost.prefs";
/// The server's pages are drawn from these.
const COOKIE_SECONDS: u32 = 31_536_000;

/// What was chosen on this phone, if anything was.
#[must_use]
pub fn load() -> Option<Prefs> {
    json::read(&storage::get(KEY)?).ok()
}

/// Keeps what was chosen, and tells the server's pages the part they need.
///
/// # Errors
/// [`StorageError`]; the choice then lasts until the page closes.
pub fn save(prefs: &Prefs) -> Result<(), StorageError> {
    set_cookie("lang", prefs.lang.tag(), COOKIE_SECONDS);
    set_cookie("theme", prefs.theme.code(), COOKIE_SECONDS);
    let text = serde_json::to_string(prefs).map_err(|_| StorageError::Blocked)?;
    storage::set(KEY, &text)
}

fn html_document() -> Option<HtmlDocument> {
    web_sys::window()?.document()?.dyn_into().ok()
}

/// Takes back what the server was told.
pub(super) fn forget_cookies() {
    set_cookie("lang", "", 0);
    set_cookie("theme", "", 0);
}

fn set_cookie(name: &str, value: &str, seconds: u32) {
    let secure =
        web_sys::window().and_then(|window| window.location().protocol().ok()).is_some_and(|it| it == "https:");
    let secure = if secure { "; secure" } else { "" };
    if let Some(document) = html_document() {
        // A browser that refuses cookies gets the server's default, which is only seen on the very first visit.
        let _ = document.set_cookie(&format!("{name}={value}; path=/; max-age={seconds}; samesite=lax{secure}"));
    }
}

/// Whether the server was told this preference.
pub(super) fn has_cookie(name: &str) -> bool {
    let cookies = html_document().and_then(|document| document.cookie().ok()).unwrap_or_default();
    cookies.split(';').any(|cookie| cookie.trim().split('=').next() == Some(name))
}
