//! The pictures of reports: bytes as long as only this phone has them, small ones for lists. One is read at a time, never
//! all of them: a long queue must fit into a small phone.

use js_sys::ArrayBuffer;
use wasm_bindgen::JsCast;

use super::changed;
use super::drafts::put_draft;
use super::item::Item;
use crate::domain::ids::PhotoHash;
use crate::domain::time::Minute;
use crate::local::db::{self, DbError, Store, Tx};
use crate::local::draft::{Draft, Fresh};
use crate::local::photo::Shot;
use crate::local::{Phone, clock, room};

/// Keeps a photo together with the draft that names it: both or neither.
///
/// # Errors
/// [`DbError::Full`] above all; the draft as it was kept before stays.
pub async fn save_photo(phone: Phone, draft: &Draft, shot: &Shot) -> Result<Draft, DbError> {
    keep_photo(phone, draft, shot, false).await
}

/// Keeps a painted-over photo in the place of the original, with the draft that already names it; the original and its
/// small picture leave the phone in the same transaction, unless another report has the very same photo.
///
/// # Errors
/// [`DbError`]; then everything stays as it was.
pub async fn replace_photo(phone: Phone, draft: &Draft, shot: &Shot) -> Result<Draft, DbError> {
    keep_photo(phone, draft, shot, true).await
}

async fn keep_photo(phone: Phone, draft: &Draft, shot: &Shot, in_place: bool) -> Result<Draft, DbError> {
    let kept = match try_to_keep(draft, shot, in_place).await {
        Err(DbError::Full) => match drop_unneeded_photos(Keep::Unsent).await {
            // What the server has can go before what it has not.
            Ok(()) => try_to_keep(draft, shot, in_place).await,
            // On a disk that is really full nothing can be removed either; what is said is still why.
            Err(_) => Err(DbError::Full),
        },
        kept => kept,
    }?;
    changed(phone).await;
    room::ask_to_persist();
    Ok(kept)
}

async fn try_to_keep(draft: &Draft, shot: &Shot, in_place: bool) -> Result<Draft, DbError> {
    let tx = db::write(&[Store::Drafts, Store::Outbox, Store::Photos, Store::Thumbs]).await?;
    let kept = put_photo(&tx, draft, shot).await?;
    if in_place {
        drop_unneeded(&tx, Keep::Recent).await?;
    }
    tx.commit().await?;
    Ok(kept)
}

async fn put_photo(tx: &Tx, draft: &Draft, shot: &Shot) -> Result<Draft, DbError> {
    tx.put_raw(Store::Photos, shot.hash.as_str(), &shot.bytes)?;
    tx.put_raw(Store::Thumbs, shot.hash.as_str(), &shot.thumb)?;
    put_draft(tx, draft, Fresh::PICTURES, Some(&shot.hash)).await
}

/// The bytes of a photo that the server does not have yet.
///
/// # Errors
/// [`DbError`]
pub async fn photo(hash: &PhotoHash) -> Result<Option<ArrayBuffer>, DbError> {
    picture(Store::Photos, hash).await
}

/// The small picture of a photo, for lists.
///
/// # Errors
/// [`DbError`]
pub async fn thumb(hash: &PhotoHash) -> Result<Option<ArrayBuffer>, DbError> {
    picture(Store::Thumbs, hash).await
}

async fn picture(store: Store, hash: &PhotoHash) -> Result<Option<ArrayBuffer>, DbError> {
    let value = db::read(&[store]).await?.get_raw(store, hash.as_str()).await?;
    Ok(value.and_then(|value| value.dyn_into().ok()))
}

/// Which photos of reports that have arrived stay here as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// None.
    Unsent,
    /// Those of the last days; see [`Item::keeps_photos`].
    Recent,
}

/// Removes photo bytes that no draft and no unsent report names, and small pictures that nothing names. The rows are
/// read in the same transaction, so a photo that is being added cannot be missed.
///
/// # Errors
/// [`DbError`]; then everything stays.
pub async fn drop_unneeded_photos(keep: Keep) -> Result<(), DbError> {
    let tx = db::write(&[Store::Drafts, Store::Outbox, Store::Photos, Store::Thumbs]).await?;
    drop_unneeded(&tx, keep).await?;
    tx.commit().await
}

async fn drop_unneeded(tx: &Tx, keep: Keep) -> Result<(), DbError> {
    let (drafts, strange_drafts) = tx.all::<Draft>(Store::Drafts).await?;
    let (items, strange_items) = tx.all::<Item>(Store::Outbox).await?;
    if strange_drafts + strange_items > 0 {
        // A row of a newer build may name any photo.
        return Ok(());
    }
    let mut needed: Vec<PhotoHash> = drafts.iter().flat_map(|draft| draft.photos.iter().cloned()).collect();
    let now = Minute::from_millis(clock::true_millis());
    let needs = |item: &&Item| item.is_unsent() || (keep == Keep::Recent && item.keeps_photos(now));
    needed.extend(items.iter().filter(needs).flat_map(Item::photos));
    let mut listed = needed.clone();
    listed.extend(items.iter().flat_map(Item::photos));
    for (store, wanted) in [(Store::Photos, &needed), (Store::Thumbs, &listed)] {
        for key in tx.keys(store).await? {
            if !PhotoHash::parse(&key).is_ok_and(|hash| wanted.contains(&hash)) {
                tx.delete(store, &key)?;
            }
        }
    }
    Ok(())
}
