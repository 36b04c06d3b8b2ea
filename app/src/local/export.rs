//! Everything unsent as one file, for another phone or a person who can help.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use super::db::{self, DbError, Store, row_text};
use super::outbox::item::Item;
use super::{clock, download};
use crate::json;

/// Offers a JSON file `{exported_at, drafts: […], reports: […], photos: {sha256: base64}}` for download. Rows are
/// written as they lie in the database, also those this build cannot read.
///
/// # Errors
/// [`DbError`]
pub async fn download_unsent() -> Result<(), DbError> {
    let now = clock::rfc3339(clock::now_millis(), clock::zone_offset());
    let file = unsent(&now).await?;
    // The day is enough in a name, and colons are not allowed in some.
    let name = format!("waypost-{}.json", now.get(..10).unwrap_or_default());
    download::offer(&file, "application/json", &name)
        .map_err(|_| DbError::Failed("the file could not be offered".to_owned()))
}

/// The file in pieces: photos are not joined into one string, which a small phone has no room for.
async fn unsent(now: &str) -> Result<Array, DbError> {
    let tx = db::read(&[Store::Drafts, Store::Outbox]).await?;
    let drafts: Vec<String> = tx.all_raw(Store::Drafts).await?.iter().filter_map(row_text).collect();
    let is_unsent = |row: &String| json::read::<Item>(row).map_or(true, |item| item.is_unsent());
    let reports: Vec<String> = tx.all_raw(Store::Outbox).await?.iter().filter_map(row_text).filter(is_unsent).collect();

    let pieces = Array::new();
    let put = |text: &str| {
        pieces.push(&JsValue::from_str(text));
    };
    put(&format!(
        "{{\"exported_at\":\"{now}\",\"drafts\":[{}],\"reports\":[{}],\"photos\":{{",
        drafts.join(","),
        reports.join(",")
    ));
    // Bytes are only kept for what is unsent, so all of them belong here.
    let mut comma = "";
    for hash in db::read(&[Store::Photos]).await?.keys(Store::Photos).await? {
        let value = db::read(&[Store::Photos]).await?.get_raw(Store::Photos, &hash).await?;
        let Some(bytes) = value.and_then(|value| value.dyn_into::<ArrayBuffer>().ok()) else { continue };
        put(&format!("{comma}\"{hash}\":\"{}\"", base64(&Uint8Array::new(&bytes).to_vec())));
        comma = ",";
    }
    put("}}");
    Ok(pieces)
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..4 {
            if digit > chunk.len() {
                text.push('=');
            } else {
                text.push(char::from(DIGITS[(bits >> (18 - 6 * digit)) as usize & 63]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn bytes_are_written_as_in_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xff, 0xfe, 0xfd]), "//79");
    }
}
