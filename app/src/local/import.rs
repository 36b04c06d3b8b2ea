//! Taking up what another phone could not send: the file that [`super::export`] makes.

use js_sys::{Array, ArrayBuffer, JSON, Object, Reflect, Uint8Array};
use serde::Serialize;
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::db::{self, DbError, Store, Tx};
use super::draft::Draft;
use super::outbox::item::Item;
use super::outbox::{self, drain};
use super::verify::Verification;
use super::{Phone, base64};
use crate::domain::ids::PhotoHash;
use crate::json::FromJson;

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Drafts, reports and what was said of stations that are on this phone now.
    pub taken: usize,
    /// That were here already.
    pub known: usize,
    /// Rows and photos that cannot be read.
    pub strange: usize,
}

/// Keeps the drafts, the reports and what was said of stations in a file beside those that are here, all or nothing, and
/// sets off sending. Nothing here is replaced. `None` if the file is not one of ours.
///
/// # Errors
/// [`DbError`], above all a full disk; then nothing of the file was taken.
pub async fn take(phone: Phone, file: &web_sys::File) -> Result<Option<Taken>, DbError> {
    let Some(content) = read(file).await else { return Ok(None) };
    let mut taken = Taken::default();
    // One transaction: a photo that no row names yet would be taken for one that nobody needs.
    let stores = [Store::Drafts, Store::Outbox, Store::Verifications, Store::Photos, Store::Thumbs];
    let tx = db::write(&stores).await?;
    for (store, name) in [(Store::Photos, "photos"), (Store::Thumbs, "thumbs")] {
        pictures(&tx, &content, store, name, &mut taken).await?;
    }
    // What was saved there may be a draft here, and the other way round.
    let names = [tx.keys(Store::Drafts).await?, tx.keys(Store::Outbox).await?].concat();
    for draft in read_rows::<Draft>(&content, "drafts", &mut taken) {
        keep(&tx, Store::Drafts, &draft.id.to_string(), &draft, &names, &mut taken)?;
    }
    for item in read_rows::<Item>(&content, "reports", &mut taken).into_iter().map(Item::carried_over) {
        keep(&tx, Store::Outbox, &item.key(), &item, &names, &mut taken)?;
    }
    let names = tx.keys(Store::Verifications).await?;
    let said = read_rows::<Verification>(&content, "verifications", &mut taken);
    for said in said.into_iter().map(Verification::carried_over) {
        keep(&tx, Store::Verifications, &said.id.to_string(), &said, &names, &mut taken)?;
    }
    tx.commit().await?;
    outbox::changed(phone).await;
    drain::kick(phone, true);
    Ok(Some(taken))
}

async fn read(file: &web_sys::File) -> Option<JsValue> {
    let text = JsFuture::from(file.text()).await.ok()?.as_string()?;
    let content = JSON::parse(&text).ok().filter(JsValue::is_object)?;
    let ours = ["drafts", "reports"].iter().all(|name| Array::is_array(&field(&content, name)));
    (ours && field(&content, "photos").is_object()).then_some(content)
}

fn field(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A list of the file, as far as it can be read.
fn read_rows<T: FromJson>(content: &JsValue, name: &str, taken: &mut Taken) -> Vec<T> {
    let rows = field(content, name).dyn_into::<Array>().map(|rows| rows.to_vec()).unwrap_or_default();
    let (rows, strange) = db::rows(&rows);
    taken.strange += strange;
    rows
}

/// Keeps a row, unless one of that name was here already.
fn keep<T: Serialize>(
    tx: &Tx,
    store: Store,
    key: &str,
    row: &T,
    names: &[String],
    taken: &mut Taken,
) -> Result<(), DbError> {
    if names.iter().any(|name| name == key) {
        taken.known += 1;
    } else {
        tx.put(store, key, row)?;
        taken.taken += 1;
    }
    Ok(())
}

/// Keeps pictures by their names. A photo counts only if its name is its hash.
async fn pictures(tx: &Tx, content: &JsValue, store: Store, name: &str, taken: &mut Taken) -> Result<(), DbError> {
    let Ok(all) = field(content, name).dyn_into::<Object>() else { return Ok(()) };
    for entry in Object::entries(&all).iter() {
        let entry: Array = entry.unchecked_into();
        let hash = entry.get(0).as_string().and_then(|name| PhotoHash::parse(&name).ok());
        let bytes = entry.get(1).as_string().and_then(|text| base64::decode(&text));
        let (Some(hash), Some(bytes)) = (hash, bytes) else {
            taken.strange += 1;
            continue;
        };
        if store == Store::Photos && PhotoHash::from_digest(&Sha256::digest(&bytes)) != hash {
            taken.strange += 1;
            continue;
        }
        if tx.get_raw(store, hash.as_str()).await?.is_some() {
            continue;
        }
        let bytes: ArrayBuffer = Uint8Array::from(bytes.as_slice()).buffer();
        tx.put_raw(store, hash.as_str(), &bytes)?;
    }
    Ok(())
}
