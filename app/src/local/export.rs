//! Everything unsent that another phone could send as one file, for that phone or a person who can help.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::db::{self, DbError, Store, row_text};
use super::outbox::item::Item;
use super::verify::Verification;
use super::{base64, clock, download};
use crate::json;

/// Offers a JSON file `{exported_at, drafts: […], reports: […], verifications: […], photos: {sha256: base64}, thumbs: {…}}`
/// for download, to be read by [`super::import`]. Rows are written as they lie in the database, also those this build cannot
/// read.
///
/// # Errors
/// [`DbError`]
pub async fn download_unsent() -> Result<(), DbError> {
    let now = clock::rfc3339(clock::now_millis(), clock::zone_offset());
    let file = unsent(&now).await?;
    download::offer(&file, "application/json", &download::dated("waypost"))
        .map_err(|_| DbError::Failed("the file could not be offered".to_owned()))
}

/// The file in pieces: photos are not joined into one string, which a small phone has no room for.
async fn unsent(now: &str) -> Result<Array, DbError> {
    let tx = db::read(&[Store::Drafts, Store::Outbox, Store::Verifications]).await?;
    let drafts: Vec<String> = tx.all_raw(Store::Drafts).await?.iter().filter_map(row_text).collect();
    let is_unsent = |row: &String| json::read::<Item>(row).map_or(true, |item| item.is_unsent());
    let reports: Vec<String> = tx.all_raw(Store::Outbox).await?.iter().filter_map(row_text).filter(is_unsent).collect();
    let is_unsaid = |row: &String| json::read::<Verification>(row).map_or(true, |said| said.is_unsent());
    let said = tx.all_raw(Store::Verifications).await?;
    let said: Vec<String> = said.iter().filter_map(row_text).filter(is_unsaid).collect();

    let pieces = Array::new();
    let put = |text: &str| {
        pieces.push(&JsValue::from_str(text));
    };
    put(&format!(
        "{{\"exported_at\":\"{now}\",\"drafts\":[{}],\"reports\":[{}],\"verifications\":[{}],\"photos\":{{",
        drafts.join(","),
        reports.join(","),
        said.join(",")
    ));
    // A row that this build cannot read may name any of them.
    let named = |hash: &str| drafts.iter().chain(&reports).any(|row| row.contains(hash));
    for (store, next) in [(Store::Photos, "},\"thumbs\":{"), (Store::Thumbs, "}}")] {
        let mut comma = "";
        for hash in db::read(&[store]).await?.keys(store).await?.into_iter().filter(|hash| named(hash)) {
            let value = db::read(&[store]).await?.get_raw(store, &hash).await?;
            let Some(bytes) = value.and_then(|value| value.dyn_into::<ArrayBuffer>().ok()) else { continue };
            put(&format!("{comma}\"{hash}\":\"{}\"", base64::encode(&Uint8Array::new(&bytes).to_vec())));
            comma = ",";
        }
        put(next);
    }
    Ok(pieces)
}
