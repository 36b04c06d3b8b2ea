//! What the device keeps for a street corner without a network: what was read last, and the steps taken there. All of it
//! belongs to whoever is signed in, and goes when they sign out.

use js_sys::ArrayBuffer;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsCast;
use waypost_app::domain::case::{DeclineReason, Step};
use waypost_app::domain::ids::{ReportId, StaffId};
use waypost_app::local::db::{self, DbError, Store, Tx};
use waypost_app::local::photo::Shot;
use waypost_app::wire::staff::cases::{CaseChange, CaseView};

/// Cases that stay readable; beyond it the oldest reports go first.
const MOST_CASES: usize = 200;
/// How long a photo stays that nothing names, in milliseconds: it may be on its way into a form, in another tab, too.
const LOOSE_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;
/// What each kind of row's key begins with.
const CASE: &str = "case ";
const STEP: &str = "step ";
const DRAFT: &str = "draft ";
const PHOTO: &str = "photo ";
/// When a photo was taken, in milliseconds since 1970.
const TAKEN: &str = "taken ";
/// Where the service worker keeps pictures; see `staff-sw.js`.
const PICTURES: &str = "staff-photos";

/// A step that the server has not answered yet, or has refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Who took it: it is sent for nobody else.
    #[serde(default)]
    pub by: Option<StaffId>,
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

/// What somebody writes of a step and has not taken yet: a camera, a phone call or a colleague's news may come between.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    pub note_public: String,
    pub note_internal: String,
    pub reason: Option<DeclineReason>,
    /// SHA-256 of photos that this device keeps.
    pub photos: Vec<String>,
}

impl Draft {
    /// What a step says that was not accepted, to be written further.
    #[must_use]
    pub fn of(change: &CaseChange) -> Self {
        Self {
            note_public: change.note_public.clone(),
            note_internal: change.note_internal.clone(),
            reason: change.reason,
            photos: change.photos.clone(),
        }
    }

    fn is_empty(&self) -> bool {
        let words = self.note_public.trim().is_empty() && self.note_internal.trim().is_empty();
        words && self.reason.is_none() && self.photos.is_empty()
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

fn draft_key(case: ReportId, step: Step) -> String {
    format!("{DRAFT}{case} {}", step.code())
}

/// What somebody was writing of a step with a case.
pub async fn draft(case: ReportId, step: Step) -> Option<Draft> {
    kept(&draft_key(case, step)).await
}

/// Keeps what somebody is writing of a step with a case; nothing, if it says nothing.
///
/// # Errors
/// [`DbError`]
pub async fn keep_draft(case: ReportId, step: Step, draft: &Draft) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    let key = draft_key(case, step);
    if draft.is_empty() {
        tx.delete(Store::Desk, &key)?;
    } else {
        tx.put(Store::Desk, &key, draft)?;
    }
    tx.commit().await
}

/// Keeps steps, all or none of them, in place of what was being written of them; the photos that they name are
/// kept already.
///
/// # Errors
/// [`DbError`]; then nothing is kept.
pub async fn hold(steps: &[Held]) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    for step in steps {
        tx.put(Store::Desk, &step.key(), step)?;
        tx.delete(Store::Desk, &draft_key(step.case, step.change.step))?;
    }
    tx.commit().await
}

/// Keeps a photo as soon as it is taken: a camera may cost the page its memory.
///
/// # Errors
/// [`DbError`]
pub async fn keep_photo(shot: &Shot) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    tx.put_raw(Store::Desk, &format!("{PHOTO}{}", shot.hash), &shot.bytes)?;
    tx.put(Store::Desk, &format!("{TAKEN}{}", shot.hash), &js_sys::Date::now())?;
    tx.commit().await
}

/// Every step that is held, in the order in which they were taken.
///
/// # Errors
/// [`DbError`]
pub async fn held() -> Result<Vec<Held>, DbError> {
    let tx = db::read(&[Store::Desk]).await?;
    let keys = tx.keys(Store::Desk).await?;
    // One of a newer program stays where it is, for that program.
    rows(&tx, &keys, STEP).await
}

/// Rows of one kind, those that can be read.
async fn rows<T: DeserializeOwned>(tx: &Tx, keys: &[String], kind: &str) -> Result<Vec<T>, DbError> {
    let mut found = Vec::new();
    for key in keys.iter().filter(|key| key.starts_with(kind)) {
        let row = tx.get_raw(Store::Desk, key).await?.as_ref().and_then(db::row_text);
        found.extend(row.and_then(|text| serde_json::from_str(&text).ok()));
    }
    Ok(found)
}

/// The bytes of a photo that was taken here and is not sent yet.
///
/// # Errors
/// [`DbError`]
pub async fn photo(hash: &str) -> Result<Option<ArrayBuffer>, DbError> {
    let row = db::read(&[Store::Desk]).await?.get_raw(Store::Desk, &format!("{PHOTO}{hash}")).await?;
    Ok(row.and_then(|row| row.dyn_into().ok()))
}

/// A step is answered, or given up: it goes, with its photos.
///
/// # Errors
/// [`DbError`]
pub async fn release(step: &Held) -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    tx.delete(Store::Desk, &step.key())?;
    let needed = needed(&tx).await?;
    for hash in step.change.photos.iter().filter(|hash| !needed.contains(*hash)) {
        tx.delete(Store::Desk, &format!("{PHOTO}{hash}"))?;
        tx.delete(Store::Desk, &format!("{TAKEN}{hash}"))?;
    }
    tx.commit().await
}

/// Photos that a step or somebody's writing names.
async fn needed(tx: &Tx) -> Result<Vec<String>, DbError> {
    let keys = tx.keys(Store::Desk).await?;
    let mut photos = Vec::new();
    for step in rows::<Held>(tx, &keys, STEP).await? {
        photos.extend(step.change.photos);
    }
    for draft in rows::<Draft>(tx, &keys, DRAFT).await? {
        photos.extend(draft.photos);
    }
    Ok(photos)
}

/// Photos go that nothing has named for a day.
///
/// # Errors
/// [`DbError`]
pub async fn drop_loose_photos() -> Result<(), DbError> {
    let tx = db::write(&[Store::Desk]).await?;
    let needed = needed(&tx).await?;
    for key in tx.keys(Store::Desk).await? {
        let Some(hash) = key.strip_prefix(PHOTO) else { continue };
        let taken = tx.get_raw(Store::Desk, &format!("{TAKEN}{hash}")).await?.as_ref().and_then(db::row_text);
        let taken = taken.and_then(|text| text.parse::<f64>().ok()).unwrap_or_default();
        if !needed.iter().any(|needed| needed == hash) && js_sys::Date::now() - taken > LOOSE_MS {
            tx.delete(Store::Desk, &key)?;
            tx.delete(Store::Desk, &format!("{TAKEN}{hash}"))?;
        }
    }
    tx.commit().await
}

/// Everything goes: whoever signs in next sees nothing of it.
///
/// # Errors
/// [`DbError`]
pub async fn clear() -> Result<(), DbError> {
    clear_but(None).await
}

/// The same; of `left`, if there is one, only that it was so stays under its name. Not one without the other: a browser may end
/// in between.
///
/// # Errors
/// [`DbError`]
pub async fn clear_but(left: Option<&str>) -> Result<(), DbError> {
    if let Ok(caches) = leptos::prelude::window().caches() {
        // Resolves whether or not there was one.
        let _ = wasm_bindgen_futures::JsFuture::from(caches.delete(PICTURES)).await;
    }
    let tx = db::write(&[Store::Desk]).await?;
    tx.clear(Store::Desk)?;
    if let Some(name) = left {
        tx.put(Store::Desk, name, &true)?;
    }
    tx.commit().await
}
