//! Taking up what another phone could not send: the file that [`super::export`] makes.

use js_sys::{Array, ArrayBuffer, JSON, Object, Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::db::{self, DbError, Store, Tx};
use super::draft::Draft;
use super::outbox::item::Item;
use super::outbox::{self, drain};
use super::{Phone, base64};
use crate::domain::ids::PhotoHash;

/// What became of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Drafts and reports that are on this phone now.
    pub taken: usize,
    /// That were here already.
    pub known: usize,
    /// Rows and photos that cannot be read.
    pub strange: usize,
}

/// Keeps the drafts and reports of a file beside those that are here, all or nothing, and sets off sending. Nothing here
/// is replaced. `None` if the file is not one of ours.
///
/// # Errors
/// [`DbError`], above all a full disk; then nothing of the file was taken.
pub async fn take(phone: Phone, file: &web_sys::File) -> Result<Option<Taken>, DbError> {
    let Some(content) = read(file).await else { return Ok(None) };
    let mut taken = Taken::default();
    // One transaction: a photo that no row names yet would be taken for one that nobody needs.
    let tx = db::write(&[Store::Drafts, Store::Outbox, Store::Photos, Store::Thumbs]).await?;
    for (store, name) in [(Store::Photos, "photos"), (Store::Thumbs, "thumbs")] {
        pictures(&tx, &content, store, name, &mut taken).await?;
    }
    let names = [tx.keys(Store::Drafts).await?, tx.keys(Store::Outbox).await?].concat();
    for row in list(&content, "drafts") {
        match db::from_row::<Draft>(&row) {
            Ok(draft) if names.contains(&draft.id.to_string()) => taken.known += 1,
            Ok(draft) => {
                tx.put(Store::Drafts, &draft.id.to_string(), &draft)?;
                taken.taken += 1;
            }
            Err(_) => taken.strange += 1,
        }
    }
    for row in list(&content, "reports") {
        match db::from_row::<Item>(&row) {
            Ok(item) if names.contains(&item.key()) => taken.known += 1,
            Ok(item) => {
                tx.put(Store::Outbox, &item.key(), &item.carried_over())?;
                taken.taken += 1;
            }
            Err(_) => taken.strange += 1,
        }
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

fn list(content: &JsValue, name: &str) -> Vec<JsValue> {
    field(content, name).dyn_into::<Array>().map(|rows| rows.iter().collect()).unwrap_or_default()
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
