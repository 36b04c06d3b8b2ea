//! Requests to `/api/v1/staff`, and what can come of them.

use gloo_net::http::Method;
use js_sys::ArrayBuffer;
use leptos::prelude::window;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;
use wasm_bindgen::JsValue;
use waypost_app::local::http::{self, Ask};
use waypost_app::wire::problem::Problem;

/// Until an answer must be here, in milliseconds.
const PATIENCE_MS: u32 = 15_000;
/// The same for a photo, which may be half a megabyte over one bar of signal.
const PHOTO_PATIENCE_MS: u32 = 90_000;
/// The same where a whole file is sent and read through.
const FILE_PATIENCE_MS: u32 = 120_000;

/// Why a request did not do what was asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// No answer came, or not from our server: it may be tried again, and does nothing twice.
    Offline,
    /// No answer came to what was to change something: it may have been done, or not.
    Unanswered,
    /// Our server did it, and says so in words that this program does not know: it is older or newer than the server.
    Unreadable,
    /// The server has no time now; seconds after which it may be tried again.
    Later(u32),
    /// 401: signed out, or not let in.
    SignedOut(Problem),
    /// 409, with the body, which says what it collided with.
    Conflict(String),
    /// Any other refusal.
    Refused(Problem),
}

impl Trouble {
    /// Whether the same request may do better later.
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(self, Self::Offline | Self::Unanswered | Self::Later(_))
    }

    /// The first field that the server could not accept.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        let (Self::Refused(problem) | Self::SignedOut(problem)) = self else { return None };
        problem.errors.first().map(|error| error.field.as_str())
    }
}

/// What an answer means.
fn judge(status: u16, retry_after_s: Option<u32>, text: String) -> Result<String, Trouble> {
    let problem = || serde_json::from_str(&text).unwrap_or(Problem { status, ..Problem::default() });
    match status {
        200..=299 => Ok(text),
        401 => Err(Trouble::SignedOut(problem())),
        409 => Err(Trouble::Conflict(text)),
        429 | 500..=599 => Err(Trouble::Later(http::asked_s(status, retry_after_s, &text).unwrap_or(10))),
        400..=499 => Err(Trouble::Refused(problem())),
        // A captive portal sends browsers elsewhere; ours never does.
        _ => Err(Trouble::Offline),
    }
}

/// What it means that no answer came.
fn lost(method: &Method, url: &str, was_online: bool) -> Trouble {
    // Nothing leaves a device that knows of no network.
    if *method == Method::GET || !was_online || may_be_repeated(url) { Trouble::Offline } else { Trouble::Unanswered }
}

/// Whether sending to it again does nothing twice: steps with cases have ids of their own, and photos are known by what is
/// in them; the others only ask.
fn may_be_repeated(url: &str) -> bool {
    (url.starts_with("/api/v1/staff/cases/") && url.ends_with("/events"))
        || url.starts_with("/api/v1/staff/photos/")
        || url.ends_with("/hours/preview")
        || url.contains("dry_run=true")
}

async fn text(method: Method, url: &str, body: Option<JsValue>) -> Result<String, Trouble> {
    let headers = if body.is_some() { &[("content-type", "application/json")][..] } else { &[] };
    carry(Ask { method, url, headers, body, timeout_ms: PATIENCE_MS }).await
}

async fn carry(ask: Ask<'_>) -> Result<String, Trouble> {
    let lost = lost(&ask.method, ask.url, window().navigator().on_line());
    let answer = http::send(ask).await.map_err(|_| lost)?;
    judge(answer.status, answer.retry_after_s, answer.text)
}

/// A body that is no JSON comes from something that stands in our server's place, which has done nothing.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, Trouble> {
    serde_json::from_str(text)
        .map_err(|fault| if fault.classify() == Category::Data { Trouble::Unreadable } else { Trouble::Offline })
}

/// The same where the answer has nothing to say: then it is empty.
fn read_nothing(text: &str) -> Result<(), Trouble> {
    if text.is_empty() { Ok(()) } else { read::<IgnoredAny>(text).map(|_| ()) }
}

/// Asks for something.
///
/// # Errors
/// [`Trouble`]
pub async fn get<T: DeserializeOwned>(url: &str) -> Result<T, Trouble> {
    read(&text(Method::GET, url, None).await?)
}

/// Sends something and reads the answer.
///
/// # Errors
/// [`Trouble`]
pub async fn send<T: DeserializeOwned>(method: Method, url: &str, body: &impl Serialize) -> Result<T, Trouble> {
    read(&send_text(method, url, body).await?)
}

/// Sends something whose answer has nothing to say.
///
/// # Errors
/// [`Trouble`]
pub async fn tell(method: Method, url: &str, body: &impl Serialize) -> Result<(), Trouble> {
    read_nothing(&send_text(method, url, body).await?)
}

/// Sends a file as it is.
///
/// # Errors
/// [`Trouble`]
pub async fn send_file<T: DeserializeOwned>(url: &str, file: JsValue) -> Result<T, Trouble> {
    let headers = &[("content-type", "application/octet-stream")];
    let ask = Ask { method: Method::POST, url, headers, body: Some(file), timeout_ms: FILE_PATIENCE_MS };
    read(&carry(ask).await?)
}

async fn send_text(method: Method, url: &str, body: &impl Serialize) -> Result<String, Trouble> {
    let body = serde_json::to_string(body).map_err(|_| Trouble::Offline)?;
    text(method, url, Some(JsValue::from(body))).await
}

/// Sends the bytes of a photo.
///
/// # Errors
/// [`Trouble`]
pub async fn put_photo(url: &str, jpeg: &ArrayBuffer) -> Result<(), Trouble> {
    let headers = &[("content-type", "image/jpeg")];
    let ask = Ask { method: Method::PUT, url, headers, body: Some(jpeg.into()), timeout_ms: PHOTO_PATIENCE_MS };
    read_nothing(&carry(ask).await?)
}

/// Asks for something without a body, such as that a thing be gone.
///
/// # Errors
/// [`Trouble`]
pub async fn bare(method: Method, url: &str) -> Result<(), Trouble> {
    read_nothing(&text(method, url, None).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_means_one_thing() {
        let judged = |status| judge(status, Some(7), String::new());
        assert_eq!(judged(200), Ok(String::new()));
        assert_eq!(judged(204), Ok(String::new()));
        assert!(matches!(judged(401), Err(Trouble::SignedOut(_))));
        assert!(matches!(judged(409), Err(Trouble::Conflict(_))));
        for status in [400, 403, 404, 413, 422] {
            assert!(matches!(judged(status), Err(Trouble::Refused(problem)) if problem.status == status), "{status}");
        }
        for status in [429, 500, 502, 503] {
            assert_eq!(judged(status), Err(Trouble::Later(7)), "{status}");
        }
        assert_eq!(judged(302), Err(Trouble::Offline));
    }

    #[test]
    fn of_what_is_lost_only_a_change_that_may_have_been_done_is_unanswered() {
        let (post, cases) = (Method::POST, "/api/v1/staff/cases/0192f0a0-7c3e-7aaa-8bbb-1234567890ab");
        assert_eq!(lost(&Method::GET, "/api/v1/staff/stations", true), Trouble::Offline);
        assert_eq!(lost(&post, "/api/v1/staff/stations", true), Trouble::Unanswered);
        assert_eq!(lost(&post, "/api/v1/staff/stations", false), Trouble::Offline);
        assert_eq!(lost(&post, &format!("{cases}/events"), true), Trouble::Offline);
        assert_eq!(lost(&post, &format!("{cases}/link"), true), Trouble::Unanswered);
        assert!(Trouble::Unanswered.passes() && !Trouble::Unreadable.passes());
    }

    #[test]
    fn an_answer_in_unknown_words_is_told_from_one_that_is_not_the_servers() {
        assert_eq!(read::<u32>("7"), Ok(7));
        assert_eq!(read::<u32>(r#"{"a":1}"#), Err(Trouble::Unreadable));
        assert_eq!(read::<u32>("<title>Wi-Fi</title>"), Err(Trouble::Offline));
        assert_eq!(read_nothing(""), Ok(()));
        assert_eq!(read_nothing(r#"{"a":1}"#), Ok(()));
        assert_eq!(read_nothing("<title>Wi-Fi</title>"), Err(Trouble::Offline));
    }

    #[test]
    fn a_refusal_names_its_first_field() {
        let text = r#"{"title":"Unauthorized","status":401,"errors":[{"field":"code","message":"is needed"}]}"#;
        let refused = judge(401, None, text.to_owned()).expect_err("a refusal");
        assert_eq!(refused.field(), Some("code"));
        assert!(!refused.passes());
    }
}
