//! One request to our server, with an end to its patience.

use gloo_net::http::{Method, RequestBuilder};
use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, RequestCache};

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
    Ok(Answer {
        status: response.status(),
        etag: headers.get("etag"),
        date: headers
            .get("date")
            .map(|date| js_sys::Date::parse(&date))
            .filter(|at| at.is_finite())
            .map(|at| at as i64),
        upload_offset: headers.get("upload-offset").and_then(|value| value.trim().parse().ok()),
        retry_after_s: headers.get("retry-after").and_then(|value| retry_after(&value)),
        text,
    })
}

/// `Retry-After` in its two forms: seconds, or a date.
fn retry_after(value: &str) -> Option<u32> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(seconds);
    }
    let at = js_sys::Date::parse(value);
    at.is_finite().then(|| ((at - js_sys::Date::now()) / 1000.0).clamp(0.0, f64::from(u32::MAX)) as u32)
}
