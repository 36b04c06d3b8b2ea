//! One request to our server, with an end to its patience.

use gloo_net::http::{Method, RequestBuilder};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, RequestCache};

use crate::json;
use crate::wire::problem::Problem;

/// A request before it is sent.
#[derive(Debug)]
pub struct Ask<'a> {
    pub method: Method,
    pub url: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
    pub body: Option<JsValue>,
    /// Until the whole answer must be here.
    pub timeout_ms: u32,
}

/// What came back, from our server or from something that stands in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    /// The server's clock, in milliseconds since 1970, from `Date`.
    pub date: Option<i64>,
    /// From `Retry-After`.
    pub retry_after_s: Option<u32>,
    /// From `Upload-Offset`: bytes of a photo that the server has.
    pub upload_offset: Option<u32>,
    pub text: String,
}

/// No complete answer came: no network, a cut connection, or too slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer")]
pub struct Unreachable;

/// The longest wait that somebody may ask for who is not our server, in seconds.
const STRANGERS_WAIT_S: u32 = 300;

/// Whether a failure was said by our server, in its own form.
#[must_use]
pub fn is_ours(status: u16, text: &str) -> bool {
    json::read::<Problem>(text).is_ok_and(|problem| problem.status == status)
}

/// In how many seconds whoever answered so wants to see us again. A stranger's word counts only while it is about minutes: it
/// may be said in another network, and outlast it by a day.
#[must_use]
pub fn asked_s(status: u16, retry_after_s: Option<u32>, text: &str) -> Option<u32> {
    retry_after_s.filter(|seconds| *seconds <= STRANGERS_WAIT_S || is_ours(status, text))
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// [`Unreachable`]
pub async fn send(ask: Ask<'_>) -> Result<Answer, Unreachable> {
    let abort = AbortController::new().map_err(|_| Unreachable)?;
    let mut builder = RequestBuilder::new(ask.url)
        .method(ask.method)
        // The browser's own cache would answer in the server's place, and hide a 304.
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&abort.signal()));
    for (name, value) in ask.headers {
        builder = builder.header(name, value);
    }
    let request = match ask.body {
        Some(body) => builder.body(body),
        None => builder.build(),
    }
    .map_err(|_| Unreachable)?;

    // Dropping the timeout cancels it.
    let _patience = Timeout::new(ask.timeout_ms, move || abort.abort());
    let response = request.send().await.map_err(|_| Unreachable)?;
    let headers = response.headers();
    let text = response.text().await.map_err(|_| Unreachable)?;
    let date =
        headers.get("date").map(|date| js_sys::Date::parse(&date)).filter(|at| at.is_finite()).map(|at| at as i64);
    Ok(Answer {
        status: response.status(),
        etag: headers.get("etag"),
        upload_offset: headers.get("upload-offset").and_then(|value| value.trim().parse().ok()),
        retry_after_s: headers.get("retry-after").and_then(|value| retry_after(&value, date)),
        date,
        text,
    })
}

/// `Retry-After` in its two forms: seconds, or a date, which is one of the server's clock, as `now` is.
fn retry_after(value: &str, now: Option<i64>) -> Option<u32> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(seconds);
    }
    let at = js_sys::Date::parse(value);
    let now = now.map_or_else(js_sys::Date::now, |now| now as f64);
    at.is_finite().then(|| ((at - now) / 1000.0).clamp(0.0, f64::from(u32::MAX)) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_server_is_waited_for_longer_than_minutes() {
        let ours = r#"{"title":"Service Unavailable","status":503,"detail":"","errors":[]}"#;
        let page = "<h1>503</h1>";
        assert_eq!(asked_s(503, Some(3600), ours), Some(3600));
        assert_eq!(asked_s(502, Some(3600), ours), None, "of another failure");
        assert_eq!(asked_s(503, Some(3600), page), None);
        assert_eq!(asked_s(503, Some(300), page), Some(300));
        assert_eq!(asked_s(503, None, ours), None);
    }
}
