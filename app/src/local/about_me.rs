//! What the server has about this phone, and having it deleted there.

use std::cell::Cell;
use std::rc::Rc;

use gloo_net::http::Method;
use js_sys::Array;

use super::db::{self, DbError, Store};
use super::device::device;
use super::http::{self, Answer, Ask, Unreachable};
use super::lock::Patience;
use super::outbox::item::Item;
use super::{download, outbox, wipe};
use crate::json;
use crate::wire::device::DeviceCounts;

const URL: &str = "/api/v1/device";
const TIMEOUT_MS: u32 = 15_000;
/// How long what is on its way may take to arrive before everything is deleted.
const PATIENCE_MS: u32 = 5_000;

/// What the server knows, read and in its own words.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub view: DeviceCounts,
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
    let Ok(Answer { status: 200, text, .. }) = request(Method::GET).await else { return Err(NotTold::NoAnswer) };
    let view: DeviceCounts = json::read(&text).map_err(|_| NotTold::NoAnswer)?;
    if view.first_seen_at.is_none() { Err(NotTold::Unknown) } else { Ok(Known { view, text }) }
}

/// Offers the server's word as a file.
pub fn save(known: &Known) {
    let name = download::dated("waypost-device");
    // Where the browser allows no downloads, nothing happens; the counts are on the page.
    let _ = download::offer(&Array::of1(&known.text.as_str().into()), "application/json", &name);
}

/// Has everything deleted on the server that is not public, then on this phone. False if the server did not say that it is
/// done; then nothing is deleted here either.
///
/// # Errors
/// Those of [`wipe::wipe`].
pub async fn erase() -> Result<bool, DbError> {
    let outcome = Rc::new(Cell::new(None));
    let told = outcome.clone();
    let work = Box::pin(async move { told.set(Some(erase_now().await)) });
    // Not while something is on its way, which would arrive after all else is gone; but nobody waits for a photo on a bad
    // connection before what they want gone is gone.
    outbox::drain::alone(Patience::Until(PATIENCE_MS), work).await;
    match outcome.take() {
        Some(done) => done,
        None => erase_now().await,
    }
}

async fn erase_now() -> Result<bool, DbError> {
    // What may be on its way still is taken back first: the server keeps in mind that it was, also where it has not arrived.
    let items = match db::read(&[Store::Outbox]).await {
        Ok(tx) => tx.all::<Item>(Store::Outbox).await?.0,
        // Where the browser keeps nothing, nothing waits either.
        Err(DbError::Unavailable(_)) => Vec::new(),
        Err(error) => return Err(error),
    };
    for item in items.iter().filter(|item| item.put_begun && item.is_unsent()) {
        if !outbox::send::is_let_go(item.id).await {
            return Ok(false);
        }
    }
    let done = request(Method::DELETE).await.is_ok_and(|answer| answer.status == 204);
    if done {
        wipe::wipe().await?;
    }
    Ok(done)
}

async fn request(method: Method) -> Result<Answer, Unreachable> {
    let device = device().await.ok_or(Unreachable)?;
    let headers = [("authorization", &*device.token.bearer())];
    http::send(Ask { method, url: URL, headers: &headers, body: None, timeout_ms: TIMEOUT_MS }).await
}
