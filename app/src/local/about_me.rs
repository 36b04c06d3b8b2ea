//! What the server has about this phone, and having it deleted there.

use gloo_net::http::Method;
use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};

use super::db::DbError;
use super::device::device;
use super::http::{self, Answer, Ask, Unreachable};
use super::{clock, download, wipe};

const URL: &str = "/api/v1/device";
const TIMEOUT_MS: u32 = 15_000;

/// What the server knows, counted, and in its own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    pub reports: usize,
    pub photos: usize,
    /// Photos of which only a part has arrived.
    pub uploads: usize,
    pub verifications: usize,
    /// RFC 3339 with offset.
    pub first_seen_at: String,
    pub last_seen_at: String,
    /// Days without use after which the server forgets the phone.
    pub forgotten_after_days: usize,
    text: String,
}

/// Why the server's word is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotTold {
    /// No answer came, or none of our server's.
    NoAnswer,
    /// It knows nothing of this phone.
    Unknown,
}

/// Asks the server.
///
/// # Errors
/// [`NotTold`]
pub async fn ask() -> Result<Known, NotTold> {
    let answer = request(Method::GET).await.map_err(|Unreachable| NotTold::NoAnswer)?;
    if matches!(answer.status, 401 | 404) {
        return Err(NotTold::Unknown);
    }
    let content = JSON::parse(&answer.text).ok().filter(|_| answer.status == 200).ok_or(NotTold::NoAnswer)?;
    let field = |name: &str| Reflect::get(&content, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let count = |name: &str| field(name).dyn_into::<Array>().map_or(0, |rows| rows.length() as usize);
    let words = |name: &str| field(name).as_string();
    Ok(Known {
        reports: count("reports"),
        photos: count("photos"),
        uploads: count("uploads"),
        verifications: count("verifications"),
        first_seen_at: words("first_seen_at").ok_or(NotTold::NoAnswer)?,
        last_seen_at: words("last_seen_at").ok_or(NotTold::NoAnswer)?,
        forgotten_after_days: field("forgotten_after_days").as_f64().unwrap_or_default() as usize,
        text: answer.text,
    })
}

/// Offers the server's word as a file.
pub fn save(known: &Known) {
    let name = format!("waypost-device-{}.json", &clock::rfc3339(clock::now_millis(), clock::zone_offset())[..10]);
    // Where the browser allows no downloads, nothing happens; the counts are on the page.
    let _ = download::offer(&Array::of1(&known.text.as_str().into()), "application/json", &name);
}

/// Has everything deleted on the server that is not public, then on this phone.
///
/// # Errors
/// [`DbError::Failed`] if the server did not say that it is done, and then nothing is deleted here; or those of
/// [`wipe::wipe`].
pub async fn erase() -> Result<(), DbError> {
    let answer = request(Method::DELETE).await;
    if answer.is_ok_and(|answer| answer.status == 204) {
        wipe::wipe().await
    } else {
        Err(DbError::Failed("no answer from the server".to_owned()))
    }
}

async fn request(method: Method) -> Result<Answer, Unreachable> {
    let device = device().await.ok_or(Unreachable)?;
    let headers = [("authorization", &*device.token.bearer())];
    http::send(Ask { method, url: URL, headers: &headers, body: None, timeout_ms: TIMEOUT_MS }).await
}
