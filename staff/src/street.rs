//! What the device keeps for a street corner without a network: what was read last, and the steps taken there. All of it
//! belongs to whoever is signed in, and goes when they sign out.

use js_sys::ArrayBuffer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use waypost_app::domain::ids::ReportId;
use waypost_app::local::db::{self, DbError, Store};
use waypost_app::local::photo::Shot;
use waypost_app::wire::staff::cases::{CaseChange, CaseView};

/// Cases that stay readable; beyond it the oldest reports go first.
const MOST_CASES: usize = 200;
/// What each kind of row's key begins with.
const CASE: &str = "case ";
const STEP: &str = "step ";
const PHOTO: &str = "photo ";
/// Where the service worker keeps pictures; see `staff-sw.js`.
const PICTURES: &str = "staff-photos";

/// A step that the server has not answered yet, or has refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub case: ReportId,
    /// For people.
    pub code: String,
    pub change: CaseChange,
    /// Why it was not accepted: it waits for a person then, not for a network.
    #[serde(default)]
    pub refused: Option<String>,
}

impl Held {
    /// The id of an event is made in the order of time, and so are the keys.
    fn key(&self) -> String {
        format!("{STEP}{}", self.change.event_id)
    }
}

async fn text_of(key: &str) -> Result<Option<String>, DbError> {
    let row = db::read(&[Store::Desk]).await?.get_raw(Store::Desk, key).await?;
    Ok(row.as_ref().and_then(db::row_text))
}

/// What was kept under a name; `None` also where it cannot be read: it is only a copy.
pub async fn kept<T: DeserializeOwned>(name: &str) -> Option<T> {
    let text = text_of(name).await.ok()??;
    serde_json::from_str(&text).ok()
}

/// Keeps a copy under a name.
///
/// # Errors
/// [`DbError`]; whoever only keeps a copy goes on without it.
pub async fn keep(name: &str, value: &impl Serialize) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    tx.put(Store::Desk, name, value)?;
    tx.commit().await
}

/// A case as it was read last.
pub async fn kept_case(id: ReportId) -> Option<CaseView> {
    kept(&format!("{CASE}{id}")).await
}

/// Keeps a case. Where there are very many, those of the oldest reports are dropped: ids are made in the order of time.
///
/// # Errors
/// [`DbError`]
pub async fn keep_case(case: &CaseView) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    let kept: Vec<String> = tx.keys(Store::Desk).await?.into_iter().filter(|key| key.starts_with(CASE)).collect();
    for key in kept.iter().take((kept.len() + 1).saturating_sub(MOST_CASES)) {
        tx.delete(Store::Desk, key)?;
    }
    tx.put(Store::Desk, &format!("{CASE}{}", case.row.id), case)?;
    tx.commit().await
}

/// Keeps a step; the photos that it names are kept already.
///
/// # Errors
/// [`DbError`]; then nothing is kept.
pub async fn hold(step: &Held) -> Result<(), DbError> {
    keep(&step.key(), step).await
}

/// Keeps a photo as soon as it is taken: a camera may cost the page its memory.
///
/// # Errors
/// [`DbError`]
pub async fn keep_photo(shot: &Shot) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    tx.put_raw(Store::Desk, &format!("{PHOTO}{}", shot.hash), &shot.bytes)?;
    tx.commit().await
}

/// Every step that is held, in the order in which they were taken.
///
/// # Errors
/// [`DbError`]
pub async fn held() -> Result<Vec<Held>, DbError> {
    let tx = db::read(&[Store::Desk]).await?;
    let mut steps = Vec::new();
    for key in tx.keys(Store::Desk).await?.into_iter().filter(|key| key.starts_with(STEP)) {
        let row = tx.get_raw(Store::Desk, &key).await?.as_ref().and_then(db::row_text);
        // One of a newer program stays where it is, for that program.
        steps.extend(row.and_then(|text| serde_json::from_str::<Held>(&text).ok()));
    }
    Ok(steps)
}

/// The bytes of a photo that was taken here and is not sent yet.
///
/// # Errors
/// [`DbError`]
pub async fn photo(hash: &str) -> Result<Option<ArrayBuffer>, DbError> {
    let row = db::read(&[Store::Desk]).await?.get_raw(Store::Desk, &format!("{PHOTO}{hash}")).await?;
    Ok(row.and_then(|row| row.dyn_into().ok()))
}

/// A step is answered, or given up: it goes.
///
/// # Errors
/// [`DbError`]
pub async fn release(step: &Held) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    tx.delete(Store::Desk, &step.key())?;
    tx.commit().await
}

/// Photos go that no held step names; not while one is being chosen for a step.
///
/// # Errors
/// [`DbError`]
pub async fn drop_loose_photos() -> Result<(), DbError> {
    let needed: Vec<String> = held().await?.into_iter().flat_map(|step| step.change.photos).collect();
    let tx = db::write(&[Store::Desk]).await?;
    for key in tx.keys(Store::Desk).await? {
        if key.strip_prefix(PHOTO).is_some_and(|hash| !needed.iter().any(|needed| needed == hash)) {
            tx.delete(Store::Desk, &key)?;
        }
    }
    tx.commit().await
}

/// Everything goes: whoever signs in next sees nothing of it.
///
/// # Errors
/// [`DbError`]
pub async fn clear() -> Result<(), DbError> {
    if let Ok(caches) = leptos::prelude::window().caches() {
        // Resolves whether or not there was one.
        let _ = wasm_bindgen_futures::JsFuture::from(caches.delete(PICTURES)).await;
    }
    let tx = db::write(&[Store::Desk]).await?;
    tx.clear(Store::Desk)?;
    tx.commit().await
}
